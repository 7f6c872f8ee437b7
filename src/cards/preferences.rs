//! Which runs become cards, for all and for some; and the way to what this browser alone does (`device.js`).

use contract::ids::TenantId;
use contract::preferences::{Rule, Tell};
use yew::{AttrValue, Callback, Html, component, html};

use crate::cards::page::{choose_operation, choose_tenant};
use crate::feed::{Feed, NoticeKind};
use crate::hooks::use_state;
use crate::i18n::{Text, t};
use crate::icons::Icon;
use crate::live::{Action, Live, use_feed, use_live};
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
    let tell = use_state(|| "none".to_owned());
    let everywhere = feed.rules().iter().find(|rule| is_everywhere(rule));
    let everywhere = everywhere.cloned().unwrap_or(Rule {
        tenant_id: None,
        operation: None,
        tell: Tell::Usual,
    });
    let add = {
        let (live, tenant, operation, tell) = (
            live.clone(),
            tenant.clone(),
            operation.clone(),
            tell.clone(),
        );
        Callback::from(move |_| {
            let rule = Rule {
                tenant_id: whole_number(&tenant).map(TenantId),
                operation: (!operation.is_empty()).then(|| String::clone(&operation)),
                tell: Tell::Usual,
            };
            prefer(&live, &rule, Some(&tell));
        })
    };
    // What the server did not take is drawn anew, as it is.
    let is_refused =
        |notice: &&crate::feed::Notice| matches!(notice.kind, NoticeKind::PreferFailed { .. });
    let key = feed.notices().iter().filter(is_refused).count();
    html! {
        <div class="ta-prefs" {key}>
            <h3>{ t(Text::PrefsCards) }</h3>
            { row(&live, &everywhere, &t(Text::PrefsEverywhere), false) }
            { for feed.rules().iter().filter(|rule| !is_everywhere(rule)).map(|rule| row(&live, rule, &about(&feed, rule), true)) }
            <h3>{ t(Text::PrefsSome) }</h3>
            <div class="ta-prefs__row">
                { choose_tenant(&feed, Some(String::clone(&tenant)), &tenant.setter_callback()) }
                { choose_operation(&feed, Some(String::clone(&operation)), &operation.setter_callback()) }
                { tells(Text::PrefsTell, String::clone(&tell), &tell.setter_callback()) }
                { button(Look::Small, None, t(Text::PrefsAdd), add) }
            </div>
            <h3>{ t(Text::PrefsDevice) }</h3>
            <button class="ta-button" type="button" data-help="">{ t(Text::PrefsDeviceOpen) }</button>
        </div>
    }
}

/// A rule: for what, which runs become cards, and what that hides.
fn row(live: &Live, rule: &Rule, about: &str, is_removable: bool) -> Html {
    let onchoose = {
        let (live, rule) = (live.clone(), rule.clone());
        Callback::from(move |tell: String| prefer(&live, &rule, Some(&tell)))
    };
    let remove = {
        let (live, rule) = (live.clone(), rule.clone());
        Callback::from(move |_| prefer(&live, &rule, None))
    };
    let chosen = TELLS.iter().find(|(tell, _)| *tell == rule.tell);
    let chosen = chosen.map_or("", |(_, value)| value);
    let hides = match rule.tell {
        Tell::All | Tell::Usual => None,
        Tell::Mine => Some(Text::PrefsHidesOthers),
        Tell::None => Some(Text::PrefsHidesAll),
    };
    html! {
        <div class="ta-prefs__row">
            { tells(Text::PrefsOf(about), chosen.to_owned(), &onchoose) }
            if is_removable { { button(Look::Ghost, Some(Icon::Cross), t(Text::PrefsRemove), remove) } }
            if let Some(hides) = hides { <p class="ta-muted">{ t(hides) }</p> }
        </div>
    }
}

fn tells(word: Text<'_>, chosen: String, onchoose: &Callback<String>) -> Html {
    let mut options = TELLS[1..].iter().map(|(tell, value)| {
        let words = match tell {
            Tell::All => Text::TellAll,
            Tell::Mine => Text::TellMine,
            Tell::None | Tell::Usual => Text::TellNone,
        };
        ((*value).to_owned(), t(words))
    });
    choice(word, Text::TellUsual, &mut options, Some(chosen), onchoose)
}

fn is_everywhere(rule: &Rule) -> bool {
    rule.tenant_id.is_none() && rule.operation.is_none()
}

fn is_about(rule: &Rule, other: &Rule) -> bool {
    rule.tenant_id == other.tenant_id && rule.operation == other.operation
}

/// Tells the server of a rule that is another one now: its value in the choice, or `None` where it is gone.
fn prefer(live: &Live, rule: &Rule, value: Option<&str>) {
    let mut rules = live.picture().feed.rules().to_vec();
    let known = rules.iter().position(|known| is_about(known, rule));
    if let Some(value) = value {
        let chosen = TELLS.iter().find(|(_, one)| *one == value);
        let tell = chosen.map_or(Tell::Usual, |(tell, _)| *tell);
        match known {
            Some(idx) => rules[idx].tell = tell,
            None => rules.push(Rule {
                tell,
                ..rule.clone()
            }),
        }
    } else if let Some(idx) = known {
        rules.remove(idx);
    }
    live.send(Action::Prefer(rules));
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
