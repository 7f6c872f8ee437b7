//! The small shapes: buttons, fields, tabs, chips, notes, bars and rings, icons.

use contract::run::Counts;
use yew::{Callback, Html, component, html};

use crate::cards::bar::{Bar, CountsProps, legend, ring};
use crate::gallery::runs::counts;
use crate::gallery::{section, shown};
use crate::hooks::use_state;
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed};
use crate::parts::{Look, button, chip, choice, facts, link, note, search, tab};
use crate::route::Route;

const TONES: [&str; 5] = ["neutral", "success", "warning", "danger", "info"];

/// The small shapes.
pub(super) fn shapes() -> Html {
    html! {
        <>
            { section("buttons", "Buttons", buttons()) }
            { section("fields", "Fields and tabs", html! { <><Fields />{ shown("tabs", tabs()) }</> }) }
            { section("said", "What is said beside", said()) }
            { section("progress", "Progress", progress()) }
        </>
    }
}

fn buttons() -> Html {
    let plain = |look, icon| button(look, icon, t(Text::Reload), Callback::noop());
    let pair = |look| html! { <>{ plain(look, None) }{ plain(look, Some(Icon::Retry)) }</> };
    let icon = |icon, pressed: bool| {
        html! {
            <button class="ta-icon-button" type="button" aria-label={t(Text::Close)} aria-expanded={pressed.then_some("true")}>
                { dressed(icon, "", None, None, None) }
            </button>
        }
    };
    html! {
        <>
            { shown("button-plain", pair(Look::Plain)) }
            { shown("button-ink", pair(Look::Ink)) }
            { shown("button-small", pair(Look::Small)) }
            { shown("button-ghost", pair(Look::Ghost)) }
            { shown("button-danger", html! { <button class="ta-button" data-kind="danger" type="button">{ t(Text::Reload) }</button> }) }
            { shown("button-off", html! {
                <>
                    <button class="ta-button" type="button" disabled=true>{ t(Text::Reload) }</button>
                    <button class="ta-button" data-kind="ink" type="button" disabled=true>{ t(Text::Reload) }</button>
                </>
            }) }
            { shown("button-link", link(Look::Small, None, t(Text::GoToPolicies), &Route::Home)) }
            { shown("button-icon", html! { <>{ icon(Icon::Cross, false) }{ icon(Icon::More, true) }</> }) }
        </>
    }
}

/// Fields remember what is typed.
#[component]
fn Fields() -> Html {
    let words = use_state(String::new);
    let typed = use_state(|| "bitlocker".to_owned());
    let chosen = use_state(String::new);
    let mut options = [("5", "Contoso (demo)"), ("6", "Fabrikam")]
        .into_iter()
        .map(|(value, name)| (value.to_owned(), name.into()));
    html! {
        <>
            { shown("search", search(t(Text::SearchCards), t(Text::SearchCards), &words)) }
            { shown("search-typed", search(t(Text::SearchRuns), t(Text::SearchRuns), &typed)) }
            { shown("choice", choice(Text::TenantWord, Text::AnyTenant, &mut options, Some(String::clone(&chosen)), &chosen.setter_callback())) }
        </>
    }
}

fn tabs() -> Html {
    let one = |word, is_pressed, n, is_alarm| tab(word, is_pressed, n, is_alarm, Callback::noop());
    html! {
        <div class="ta-tabs" role="group" aria-label={t(Text::FilterCards)}>
            { one(Text::All, true, Some(1_204), false) }
            { one(Text::Failed, false, Some(3), true) }
            { one(Text::ActiveTab, false, Some(0), false) }
            { one(Text::MineTab, false, None, false) }
        </div>
    }
}

fn said() -> Html {
    html! {
        <>
            { shown("chips", html! { <>{ for TONES.into_iter().map(|tone| chip(tone, None, None, tone.into())) }</> }) }
            { shown("chips-icons", html! {
                <>{ for TONES.into_iter().map(|tone| chip(tone, None, Some(Icon::Stale), t(Text::Partial))) }</>
            }) }
            { shown("chips-large", html! {
                <>{ for TONES.into_iter().map(|tone| chip(tone, Some("lg"), Some(Icon::Completed), t(Text::Completed))) }</>
            }) }
            { shown("notes", html! {
                <div class="ta-gallery__rows">
                    { for TONES.into_iter().map(|tone| note(tone, None, Icon::Info, html! { { t(Text::NotYoursBody) } })) }
                </div>
            }) }
            { shown("facts", facts(None, vec![
                (Text::TenantWord, html! { { "Contoso (demo)" } }),
                (Text::OperationWord, html! { { "Capture all policies" } }),
            ])) }
        </>
    }
}

fn progress() -> Html {
    let bar = |counts: Counts, size| {
        html! {
            <div class="ta-progress">
                <Bar ..CountsProps { counts, size, with_remaining: true } />
                { legend(&CountsProps { counts, size: None, with_remaining: true }) }
            </div>
        }
    };
    // One of 10,000 failed: never narrower than 4 px.
    let all = Counts {
        processed: Some(190),
        ..counts(240, 120, 8, 22)
    };
    html! {
        <>
            { shown("bar-empty", bar(Counts::default(), None)) }
            { shown("bar-begun", bar(counts(240, 12, 0, 0), None)) }
            { shown("bar-all-parts", bar(all, None)) }
            { shown("bar-one-of-10000", bar(counts(10_000, 9_999, 1, 0), None)) }
            { shown("bar-large", bar(all, Some("lg"))) }
            { shown("bar-small", bar(all, Some("sm"))) }
            { shown("rings", html! { <>{ ring(0, 0) }{ ring(40, 0) }{ ring(70, 12) }{ ring(0, 100) }{ ring(100, 0) }</> }) }
        </>
    }
}
