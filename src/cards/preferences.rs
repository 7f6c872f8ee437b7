//! Which runs become cards, for all and for some; and the way to what this browser alone does (`device.js`).

use contract::ids::TenantId;
use contract::preferences::{Rule, Tell};
use yew::{AttrValue, Callback, Html, component, html};

use crate::cards::page::{choose_operation, choose_tenant};
use crate::feed::{Feed, NoticeKind};
use crate::hooks::use_state;
use crate::i18n::{Text, t};
use crate::icons::Icon;
use crate::live::{Action, use_feed, use_live};
use crate::parts::{Look, button, choice};
use crate::route::whole_number;
use crate::runs::words;

/// In the order of the choice, each with its value there.
const TELLS: [(Tell, &str); 4] = [
    (Tell::Usual, ""),
    (Tell::All, "all"),
    (Tell::Mine, "mine"),
    (Tell::None, "none"),
];

/// The panel.
#[component]
pub fn Preferences() -> Html {
    let live = use_live();
    let feed = use_feed();
    let tenant = use_state(String::new);
    let operation = use_state(String::new);
    let tell = use_state(|| Tell::None);
    let put = {
        let live = live.clone();
        Callback::from(move |rule: Rule| {
            live.send(Action::Prefer(with(live.picture().feed.rules(), rule)));
        })
    };
    let everywhere = feed.rules().iter().find(|rule| is_everywhere(rule));
    let everywhere = everywhere.cloned().unwrap_or(Rule {
        tenant_id: None,
        operation: None,
        tell: Tell::Usual,
    });
    let add = {
        let (tenant, operation, tell, put) =
            (tenant.clone(), operation.clone(), *tell, put.clone());
        Callback::from(move |_| {
            put.emit(Rule {
                tenant_id: whole_number(&tenant).map(TenantId),
                operation: (!operation.is_empty()).then(|| String::clone(&operation)),
                tell,
            });
        })
    };
    // What the server did not take is drawn anew, as it is.
    let is_refused =
        |notice: &&crate::feed::Notice| matches!(notice.kind, NoticeKind::PreferFailed { .. });
    let key = feed.notices().iter().filter(is_refused).count();
    html! {
        <div class="ta-prefs" {key}>
            <h3>{ t(Text::PrefsCards) }</h3>
            { row(&everywhere, &t(Text::PrefsEverywhere), &put, html! {}) }
            { for feed.rules().iter().filter(|rule| !is_everywhere(rule)).map(|rule| {
                let (live, gone) = (live.clone(), rule.clone());
                let remove = Callback::from(move |_| {
                    let rules = live.picture().feed.rules().iter().filter(|rule| !is_about(rule, &gone)).cloned().collect();
                    live.send(Action::Prefer(rules));
                });
                row(rule, &about(&feed, rule), &put, button(Look::Ghost, Some(Icon::Cross), t(Text::PrefsRemove), remove))
            }) }
            <h3>{ t(Text::PrefsSome) }</h3>
            <div class="ta-prefs__row">
                { choose_tenant(&feed, Some(String::clone(&tenant)), &tenant.setter_callback()) }
                { choose_operation(&feed, Some(String::clone(&operation)), &operation.setter_callback()) }
                { tells(Text::PrefsTell, *tell, &tell.setter_callback()) }
                { button(Look::Small, None, t(Text::PrefsAdd), add) }
            </div>
            <h3>{ t(Text::PrefsDevice) }</h3>
            <button class="ta-button" type="button" data-help="">{ t(Text::PrefsDeviceOpen) }</button>
        </div>
    }
}

/// A rule: for what, which runs become cards, and what that hides.
fn row(rule: &Rule, about: &str, put: &Callback<Rule>, remove: Html) -> Html {
    let changed = rule.clone();
    let onchoose = put.reform(move |tell| Rule {
        tell,
        ..changed.clone()
    });
    let hides = match rule.tell {
        Tell::All | Tell::Usual => None,
        Tell::Mine => Some(Text::PrefsHidesOthers),
        Tell::None => Some(Text::PrefsHidesAll),
    };
    html! {
        <div class="ta-prefs__row">
            { tells(Text::PrefsOf(about), rule.tell, &onchoose) }{ remove }
            if let Some(hides) = hides { <p class="ta-muted">{ t(hides) }</p> }
        </div>
    }
}

fn tells(word: Text<'_>, chosen: Tell, onchoose: &Callback<Tell>) -> Html {
    let value = |tell: &Tell| TELLS.iter().find(|(one, _)| one == tell);
    let mut options = TELLS[1..].iter().map(|(tell, value)| {
        let words = match tell {
            Tell::All => Text::TellAll,
            Tell::Mine => Text::TellMine,
            Tell::None | Tell::Usual => Text::TellNone,
        };
        ((*value).to_owned(), t(words))
    });
    let chosen = value(&chosen).map(|(_, value)| (*value).to_owned());
    let onchoose = onchoose.reform(|value: String| {
        let found = TELLS.iter().find(|(_, one)| *one == value);
        found.map_or(Tell::Usual, |(tell, _)| *tell)
    });
    choice(word, Text::TellUsual, &mut options, chosen, &onchoose)
}

fn is_everywhere(rule: &Rule) -> bool {
    rule.tenant_id.is_none() && rule.operation.is_none()
}

fn is_about(rule: &Rule, other: &Rule) -> bool {
    rule.tenant_id == other.tenant_id && rule.operation == other.operation
}

/// The rules with one changed in its place, or added at the end.
fn with(rules: &[Rule], rule: Rule) -> Vec<Rule> {
    let mut rules = rules.to_vec();
    match rules.iter_mut().find(|known| is_about(known, &rule)) {
        Some(known) => *known = rule,
        None => rules.push(rule),
    }
    rules
}

/// "Capture all policies in all tenants".
fn about(feed: &Feed, rule: &Rule) -> AttrValue {
    let operation = rule.operation.as_deref();
    let tenant = rule.tenant_id.and_then(|id| feed.tenant(id));
    t(Text::RuleFor {
        what: &operation.map_or_else(|| t(Text::PrefsAnyOperation), words::operation),
        tenant: &tenant.map_or_else(|| t(Text::AnyTenant), |tenant| tenant.name.clone().into()),
    })
}
