//! A tenant's policies: what is known of each, when it was last captured, and the buttons that capture one or all.

pub mod row;

use std::rc::Rc;

use contract::api::{MAX_ROWS, PolicyRow, PolicyRows, StartRun, Started};
use contract::ids::{PolicyId, RunKey, TenantId, TenantSeq};
use contract::run::{CAPTURE_ALL, CAPTURE_POLICY, Run};
use gloo_timers::callback::Interval;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::ages::{Age, ago_time};
use crate::api::{self, ApiError};
use crate::cards::bar::ring;
use crate::cards::widget::Summary;
use crate::errors::{
    CouldNotLoadProps, DeadEndProps, could_not_load, dead_end, ways_on, words as error_words,
};
use crate::feed::Feed;
use crate::fetched::{Fetched, use_fetched};
use crate::hooks::{use_effect_with, use_state, use_state_eq};
use crate::i18n::format::{holds, lowercase, number};
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};
use crate::live::{Action, use_feed, use_live};
use crate::parts::{self, Column, ColumnKind, Empty, Look, banner, button};
use crate::policies::row::{PolicyLine, PolicyLineProps, PolicyOf};
use crate::route::Route;
use crate::runs::words;
use crate::sorted::SortedMap;

/// While captures go on, the list is asked for again at most this often.
const EVERY_MS: u32 = 3_000;

/// Nothing in the stream says that the list was read from Graph: a page that waits for it asks this often.
const LIST_WANTED_MS: u32 = 2_000;

pub(crate) const COLUMNS: [Column; 6] = [
    Column::new(Text::ColumnPolicy, None, ColumnKind::Words),
    Column::new(Text::ColumnFamily, Some("172"), ColumnKind::Words),
    Column::new(Text::ColumnPlatform, Some("104"), ColumnKind::Words),
    Column::new(Text::ColumnVersions, Some("92"), ColumnKind::Number),
    Column::new(Text::ColumnLastCaptured, Some("276"), ColumnKind::Words),
    Column::new(Text::ColumnActions, Some("172"), ColumnKind::Hidden),
];

/// See [`Policies`].
#[derive(Clone, PartialEq, Properties)]
pub struct PoliciesProps {
    /// Whose. Another tenant is another component (by its key).
    pub tenant_id: TenantId,
    /// Only this family.
    #[prop_or_default]
    pub family: Option<String>,
}

/// The policies of a tenant, as far as they are read.
struct All {
    rows: Vec<PolicyOf>,
    /// Says what is true of the whole list.
    last: Rc<PolicyRows>,
    has_more: bool,
}

impl All {
    fn of(fetched: &Fetched<PolicyRows>) -> Option<All> {
        Some(All {
            rows: fetched.pages.iter().flat_map(PolicyOf::all).collect(),
            last: Rc::clone(fetched.pages.last()?),
            has_more: fetched.has_more(),
        })
    }
}

/// What makes the list another one: the captures of this tenant moved on.
fn version(feed: &Feed, tenant_id: TenantId) -> (Option<TenantSeq>, u64) {
    let runs = feed.runs_of(tenant_id);
    let captures = || {
        runs.iter()
            .filter(|run| run.operation == CAPTURE_ALL || run.operation == CAPTURE_POLICY)
    };
    let seq = captures().map(|run| run.status_seq).max();
    let n_processed = captures()
        .filter(|run| run.status.is_active())
        .filter_map(|run| run.counts.processed)
        .sum();
    (seq, n_processed)
}

/// The page.
#[component]
pub fn Policies(props: &PoliciesProps) -> Html {
    let tenant_id = props.tenant_id;
    let live = use_live();
    let feed = use_feed();
    let n_pages = use_state_eq(|| 1_usize);
    let search = use_state(String::new);
    // Starts that wait for their answer, and the runs that answered them.
    let starting = use_state_eq(Vec::<Option<PolicyId>>::new);
    let started = use_state_eq(SortedMap::<PolicyId, RunKey>::default);
    let fetched = use_fetched(
        version(&feed, tenant_id),
        *n_pages,
        EVERY_MS,
        move |after| api::policies(tenant_id, after),
    );
    let all = All::of(&fetched);
    let list_is_wanted = all
        .as_ref()
        .is_some_and(|all| all.last.listed_at.is_none() || all.last.list_error.is_some());
    {
        let again = fetched.again.clone();
        use_effect_with(list_is_wanted, move |wanted| {
            let interval = wanted.then(|| Interval::new(LIST_WANTED_MS, move || again.emit(())));
            move || drop(interval)
        });
    }

    let active: Vec<Rc<Run>> = feed
        .active()
        .into_iter()
        .filter(|run| run.tenant_id == tenant_id)
        .collect();
    let capture_all = active
        .iter()
        .find(|run| run.operation == CAPTURE_ALL)
        .cloned();

    let tenant = feed.tenant(tenant_id).cloned();
    if let Some(error) = &fetched.error {
        if matches!(error.status(), Some(403 | 404)) {
            return html! { { dead_end(&DeadEndProps { icon: Icon::Lock, title: t(Text::TenantNotYours), body: t(Text::NotYoursBody), children: html! { <>{ ways_on() }</> } }) } };
        }
        if all.is_none() {
            return html! {
                <>
                    <h1 class="ta-visually-hidden">{ t(Text::Policies) }</h1>
                    { could_not_load(&CouldNotLoadProps { title: t(Text::PoliciesFailedToLoad), error: error.clone(), again: fetched.again.clone() }) }
                </>
            };
        }
    }
    let may_start = tenant
        .as_ref()
        .is_none_or(|tenant| tenant.roles.iter().any(|role| role.may_start()));
    let onstart = {
        let (live, starting, started) = (live.clone(), starting.clone(), started.clone());
        Callback::from(move |policy: Option<PolicyId>| {
            let mut now = (*starting).clone();
            now.push(policy);
            starting.set(now.clone());
            let then = {
                let (starting, started) = (starting.setter(), started.clone());
                Callback::from(move |answer: Result<Started, ApiError>| {
                    starting.set(
                        now.iter()
                            .filter(|waiting| **waiting != policy)
                            .copied()
                            .collect(),
                    );
                    if let (Ok(answer), Some(policy)) = (answer, policy) {
                        let mut runs = (*started).clone();
                        runs.insert(policy, answer.run.key());
                        started.set(runs);
                    }
                })
            };
            let operation = if policy.is_some() {
                CAPTURE_POLICY
            } else {
                CAPTURE_ALL
            };
            let body = StartRun {
                operation: operation.to_owned(),
                target: policy,
            };
            live.send(Action::Start {
                tenant_id,
                body,
                then,
            });
        })
    };
    let live_run = |row: &PolicyRow| -> Option<Rc<Run>> {
        let named = started
            .get(&row.id)
            .or(row.run.as_ref())
            .and_then(|key| feed.run(key));
        let is_its_own = |run: &&Rc<Run>| run.status.is_active() && run.operation == CAPTURE_POLICY;
        named
            .filter(is_its_own)
            .or_else(|| {
                active
                    .iter()
                    .find(|run| is_its_own(run) && run.target == row.name)
            })
            .cloned()
    };
    let is_old = Age::of(feed.freshness()).is_old();
    let value = all.as_ref();
    let families = families(value);
    let others_captured =
        value.is_some_and(|all| all.rows.iter().any(|row| row.captured_at.is_some()));
    let needle = lowercase(search.trim_ascii());
    let shown: Vec<PolicyOf> = value.map_or_else(Vec::new, |all| {
        let is_shown = |row: &&PolicyOf| {
            props
                .family
                .as_ref()
                .is_none_or(|family| row.family == *family)
                && holds(&format!("{} {}", row.name, row.platform), &needle)
        };
        all.rows.iter().filter(is_shown).cloned().collect()
    });
    let is_starting_all = starting.contains(&None);
    let tenant_name: AttrValue = tenant.map(|tenant| tenant.name.into()).unwrap_or_default();
    html! {
        <>
            <header class="ta-head">
                <div class="ta-head__text">
                    <h1>{ t(Text::Policies) }</h1>
                    { line(value, &tenant_name, families.len(), is_old) }
                </div>
                <div class="ta-head__acts" data-turns="">
                    { capture_all_button(capture_all.as_ref(), value, may_start, is_starting_all, &onstart) }
                </div>
            </header>
            { list_error(value, fetched.error.as_ref()) }
            if !may_start { <p class="ta-muted">{ t(Text::MayNotStart) }</p> }
            <div class="ta-side">
                <nav class="ta-families" aria-label={t(Text::Families)}>
                    <ul>
                        { family_link(tenant_id, None, t(Text::AllFamilies), value.map(|all| all.rows.len()), props.family.is_none()) }
                        { for families.iter().map(|(family, n)| {
                            let is_here = props.family.as_ref() == Some(family);
                            family_link(tenant_id, Some(family.clone()), words::family(family), Some(*n), is_here)
                        }) }
                    </ul>
                </nav>
                <div>
                    <div class="ta-tools">
                        { parts::search(t(Text::SearchPolicies), t(Text::SearchPolicies), &search) }
                    </div>
                    <div class="ta-table-box">
                        if value.is_some() && shown.is_empty() {
                            { empty(value) }
                        } else {
                            <table role="table" class="ta-table ta-table--policies" aria-busy={value.is_none().then_some("true")}>
                                <caption class="ta-visually-hidden">{ t(Text::PoliciesOf(&tenant_name)) }</caption>
                                { parts::head(&COLUMNS) }
                                <tbody role="rowgroup">
                                    if value.is_none() { { parts::bones(6) } }
                                    { for shown.iter().map(|row| html! {
                                        <PolicyLine key={row.id.0} ..PolicyLineProps { row: row.clone(), live_run: live_run(row), others_captured, may_start,
                                            is_old, is_starting: starting.contains(&Some(row.id)), onstart: onstart.clone() } />
                                    }) }
                                </tbody>
                            </table>
                        }
                    </div>
                    if let Some(all) = value.filter(|all| all.last.total > 0) {
                        { foot(all, shown.len(), &n_pages) }
                    }
                </div>
            </div>
        </>
    }
}

fn families(all: Option<&All>) -> SortedMap<String, usize> {
    let mut families = SortedMap::default();
    for row in all.iter().flat_map(|all| &all.rows) {
        *families.get_or_default(row.family.clone()) += 1;
    }
    families
}

fn line(all: Option<&All>, tenant: &AttrValue, n_families: usize, is_old: bool) -> Html {
    html! {
        <p class="ta-dots ta-muted">
            <span><bdi>{ tenant }</bdi></span>
            if let Some(all) = all {
                <span>{ t(Text::NPolicies(all.last.total)) }{ " " }if n_families > 0 { { t(Text::InFamilies(n_families as u64)) } }</span>
                if let Some(at) = all.last.listed_at {
                    <span>{ t(Text::ListRead) }{ " " }{ ago_time(at, is_old) }</span>
                } else {
                    <span>{ t(Text::ListNeverRead) }</span>
                }
            }
        </p>
    }
}

fn capture_all_button(
    running: Option<&Rc<Run>>,
    all: Option<&All>,
    may_start: bool,
    is_starting: bool,
    onstart: &Callback<Option<PolicyId>>,
) -> Html {
    if let Some(run) = running
        && let Some(to) = Route::of_run(run)
    {
        let summary = Summary::of(std::slice::from_ref(run));
        let words = match (run.counts.processed, run.counts.total) {
            (Some(done), Some(total)) => t(Text::CapturingOf { done, total }),
            _ => t(Text::CapturingQueued),
        };
        return html! {
            <a class="ta-button" href={to.path()}>{ ring(summary.done, summary.failed) }{ words }</a>
        };
    }
    let words = match all {
        _ if is_starting => t(Text::Starting),
        Some(all) if all.last.total > 0 => t(Text::CaptureAllN(all.last.total)),
        _ => t(Text::CaptureAllShort),
    };
    let onclick = onstart.reform(|_| None);
    html! {
        <button class="ta-button" data-kind="ink" type="button" disabled={!may_start || is_starting} {onclick}
            title={(!may_start).then(|| t(Text::MayNotStart))}>
            { glyph(Icon::Capture) }{ words }
        </button>
    }
}

fn list_error(all: Option<&All>, error: Option<&ApiError>) -> Html {
    let of_graph = all
        .and_then(|all| all.last.list_error.as_ref())
        .map(|error| (Text::ListFailed, AttrValue::from(error.message.clone())));
    // A session that ended has a banner of its own.
    let of_ours = error
        .filter(|error| !error.is_signed_out())
        .map(|error| (Text::OldList, error_words(error)));
    let Some((what, why)) = of_ours.or(of_graph) else {
        return html! {};
    };
    banner(
        "warning",
        Some("status"),
        Icon::Partial,
        t(what),
        Some(why),
        html! {},
    )
}

fn family_link(
    tenant_id: TenantId,
    family: Option<String>,
    words: AttrValue,
    n: Option<usize>,
    is_here: bool,
) -> Html {
    html! {
        <li key={family.clone().unwrap_or_default()}>
            <a href={(Route::Policies { tenant_id, family }).path()} aria-current={is_here.then(|| AttrValue::from("true"))}>
                { words }<span class="ta-count">{ n.map(|n| number(n as u64)) }</span>
            </a>
        </li>
    }
}

fn empty(all: Option<&All>) -> Html {
    let (title, body) = match all.filter(|all| all.rows.is_empty()) {
        Some(all) if all.last.listed_at.is_some() => (Text::NoPolicies, Text::NoPoliciesBody),
        Some(_) => (Text::NoListYet, Text::NoListYetBody),
        None => (Text::NoPoliciesMatch, Text::NoPoliciesMatchBody),
    };
    parts::empty(Empty {
        icon: Some(Icon::Policy),
        tone: None,
        level: "h2",
        title: t(title),
        body: t(body),
        acts: html! {},
    })
}

fn foot(all: &All, n_shown: usize, n_pages: &crate::hooks::UseStateHandle<usize>) -> Html {
    let n_pages = n_pages.clone();
    let more = Callback::from(move |_| n_pages.set(*n_pages + 1));
    let n_more = all.last.total.saturating_sub(all.rows.len() as u64);
    html! {
        <footer class="ta-table__foot">
            <span>{ t(Text::NPoliciesShownOf { n: n_shown as u64, m: all.last.total }) }</span>
            <span>
                if all.has_more {
                    { button(Look::Small, None, t(Text::ShowMoreItems(n_more.min(u64::from(MAX_ROWS)))), more) }
                }
            </span>
        </footer>
    }
}
