//! What stands on the pages alone: the items of a run, the rows of policies, the fields of the door, the preferences.

use std::rc::Rc;

use contract::api::{ItemRows, PolicyRow, PolicyRows};
use contract::ids::{ItemId, PolicyId, Rev};
use contract::run::{Item, Outcome, RunError, RunStatus};
use yew::{Callback, Html, NodeRef, component, html};

use crate::cards::preferences::Preferences;
use crate::door::{FieldProps, alarm, field};
use crate::errors::{DeadEndProps, dead_end, ways_on};
use crate::gallery::runs::{ago, counts, run};
use crate::gallery::{section, shown};
use crate::hooks::{UseStateHandle, use_once, use_state};
use crate::i18n::{Text, t};
use crate::icons::Icon;
use crate::parts::head;
use crate::policies::COLUMNS;
use crate::policies::row::{PolicyLine, PolicyLineProps, PolicyOf};
use crate::runs::items::{Items, ItemsProps};

/// The parts of pages.
#[component]
pub(super) fn Pages() -> Html {
    let items = use_once(items);
    let policies = use_once(policies);
    let (typed, empty) = (use_state(|| "operator".to_owned()), use_state(String::new));
    let nowhere = dead_end(&DeadEndProps {
        icon: Icon::Unknown,
        title: t(Text::NotFound),
        body: t(Text::NotFoundBody("/nowhere")),
        children: ways_on(),
    });
    html! {
        <>
            { section("pages", "Parts of pages", html! {
                <>
                    { shown("items", html! { <Items ..ItemsProps { pages: vec![Rc::clone(&items)], counts: counts(9, 4, 2, 1), onmore: None } /> }) }
                    { shown("policies", table(&policies)) }
                    { shown("preferences", html! { <Preferences /> }) }
                    { shown("dead-end", nowhere) }
                </>
            }) }
            { section("door", "The door", html! {
                <>
                    { shown("field", a_field("field-plain", "text", &typed, None, None, false)) }
                    { shown("field-help", a_field("field-help", "password", &empty, None, Some(Text::PasswordHelp(12)), false)) }
                    { shown("field-wrong", a_field("field-wrong", "password", &empty, Some(Text::EnterPassword), None, false)) }
                    { shown("field-fixed", a_field("field-fixed", "text", &typed, None, None, true)) }
                    { shown("alarm", alarm(t(Text::WrongCredentials))) }
                </>
            }) }
        </>
    }
}

fn a_field(
    id: &'static str,
    kind: &'static str,
    value: &UseStateHandle<String>,
    error: Option<Text<'_>>,
    help: Option<Text<'_>>,
    is_fixed: bool,
) -> Html {
    let word = if kind == "text" {
        Text::Name
    } else {
        Text::Password
    };
    field(&FieldProps {
        id: id.into(),
        label: t(word),
        kind,
        autocomplete: "off",
        value: value.clone(),
        error: error.map(t),
        help: help.map(t),
        is_invalid: false,
        is_fixed,
        node: NodeRef::default(),
    })
}

fn error(message: &str) -> Option<RunError> {
    Some(RunError {
        code: "graph_forbidden".to_owned(),
        message: message.to_owned(),
        retryable: false,
        request_id: Some("5f1c0f0a-8d0e-4a86-9d0c-0b6a3c1f7e21".to_owned()),
    })
}

/// One item of each outcome, and some more that went well.
fn items() -> Rc<ItemRows> {
    let outcomes = [
        Outcome::Failed,
        Outcome::Failed,
        Outcome::Unknown,
        Outcome::Inflight,
        Outcome::Pending,
        Outcome::Skipped,
        Outcome::Succeeded,
        Outcome::Succeeded,
        Outcome::Succeeded,
    ];
    let one = |(idx, outcome): (u32, Outcome)| {
        let is_begun = outcome != Outcome::Pending;
        let is_settled = is_begun && outcome != Outcome::Inflight;
        Item {
            item_id: ItemId(i64::from(idx) + 1),
            item_idx: idx,
            policy_id: PolicyId(i64::from(idx) + 1),
            name: format!("WIN - BitLocker, ring {idx}"),
            family: "configurationPolicies".to_owned(),
            outcome,
            attempts: u32::from(is_begun),
            begun_at: is_begun.then(|| ago(9)),
            settled_at: is_settled.then(|| ago(8)),
            version: (outcome == Outcome::Succeeded).then_some(2),
            changed: idx == 6,
            error: (outcome == Outcome::Failed)
                .then(|| error("Graph refused to show this policy."))
                .flatten(),
        }
    };
    let rows = (0..).zip(outcomes).map(one).collect();
    Rc::new(ItemRows {
        rev: Rev(1),
        rows,
        next: None,
    })
}

/// Each state of a policy: its name says which.
fn policies() -> Rc<PolicyRows> {
    let policy = |id, name: &str| PolicyRow {
        id: PolicyId(id),
        graph_id: id.to_string(),
        family: "configurationPolicies".to_owned(),
        name: name.to_owned(),
        platform: "windows10".to_owned(),
        n_versions: 3,
        captured_at: Some(ago(90)),
        changed: false,
        error: None,
        run: None,
        gone_since: None,
    };
    let key = run(40, RunStatus::Failed, counts(1, 0, 1, 0)).key();
    let rows = vec![
        policy(1, "Unchanged"),
        PolicyRow {
            changed: true,
            ..policy(2, "Changed")
        },
        PolicyRow {
            changed: true,
            n_versions: 1,
            ..policy(3, "Captured for the first time")
        },
        PolicyRow {
            captured_at: None,
            n_versions: 0,
            ..policy(4, "Never captured, and others are")
        },
        PolicyRow {
            error: error("Graph refused to show this policy."),
            run: Some(key),
            ..policy(5, "Its capture failed")
        },
        PolicyRow {
            gone_since: Some(ago(600)),
            ..policy(6, "Gone from Graph")
        },
        policy(7, "Being captured"),
        policy(8, "Its start waits for an answer"),
    ];
    Rc::new(PolicyRows {
        total: rows.len() as u64,
        rows,
        next: None,
        listed_at: Some(ago(3)),
        list_error: None,
    })
}

fn table(policies: &Rc<PolicyRows>) -> Html {
    let at_it = Rc::new(run(41, RunStatus::Running, counts(1, 0, 0, 0)));
    html! {
        <div class="ta-table-box">
            <table role="table" class="ta-table ta-table--policies">
                <caption class="ta-visually-hidden">{ "Policies" }</caption>
                { head(&COLUMNS) }
                <tbody role="rowgroup">
                    { for PolicyOf::all(policies).map(|row| {
                        let live_run = (row.id == PolicyId(7)).then(|| Rc::clone(&at_it));
                        let (key, is_starting) = (row.id.0, row.id == PolicyId(8));
                        html! {
                            <PolicyLine {key} ..PolicyLineProps { row, live_run, others_captured: true, is_starting, may_start: true,
                                is_old: false, onstart: Callback::noop() } />
                        }
                    }) }
                </tbody>
            </table>
        </div>
    }
}
