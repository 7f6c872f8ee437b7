//! Shortcuts, one listener for all: to the notifications, to the search, among the cards, and what can be done with a card.
//!
//! A card's own buttons are pressed, so a shortcut can do nothing that a pointer could not. They can be turned off (WCAG 2.1.4).

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, KeyboardEvent};
use yew::{Callback, Html, html};

use crate::cards::Ask;
use crate::cards::undo::LATEST;
use crate::dom::{all, document};
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};

/// Where it is kept that somebody does not want them.
const OFF: &str = "tenant-atlas:shortcuts-off";
/// Lists of cards.
const LISTS: &str = ".ta-stack, .ta-centre";
const CARD: &str = "article.ta-card";
/// To the run, or what a group holds.
const VIEW: &str = ".ta-card__foot [data-act=view], [data-act=open]";
/// The end of a long list is drawn within this time once it is on screen.
const DRAWN_MS: u32 = 200;

/// Whether they work.
pub fn are_on() -> bool {
    crate::kept::read(OFF).is_none()
}

/// Turns them on or off.
pub fn turn(on: bool) {
    crate::kept::write(OFF, (!on).then_some("yes"));
}

/// Listens for as long as it is kept.
pub(super) fn listen(onask: Callback<Ask>) -> Option<EventListener> {
    let options = EventListenerOptions::enable_prevent_default();
    let hear = move |event: &Event| {
        if event.dyn_ref().and_then(|key| press(key, &onask)).is_some() {
            event.prevent_default();
        }
    };
    document().map(|document| EventListener::new_with_options(&document, "keydown", options, hear))
}

/// Does what the key is for; `None` where it is for nothing.
fn press(event: &KeyboardEvent, onask: &Callback<Ask>) -> Option<()> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let typing = "input, textarea, select, dialog, [contenteditable], [role=menu]";
    let is_busy =
        event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key();
    if is_busy || target.closest(typing).ok()?.is_some() || !are_on() {
        return None;
    }
    let card = target.closest(CARD).ok()?;
    let is_on_list = target.closest(LISTS).ok()?.is_some();
    match event.key().as_str() {
        "n" => onask.emit(Ask::Toggle),
        "/" => first("main input[type=search]")?.focus().ok()?,
        "?" => {
            let help: HtmlDialogElement = first("dialog.ta-help")?.dyn_into().ok()?;
            help.show_modal().ok()?;
        }
        "u" => first(LATEST)
            .or_else(|| all(".ta-undo__button").pop())?
            .click(),
        "j" => step(&target, |at, n| at.map_or(0, |at| (at + 1).min(n - 1)))?,
        "k" => step(&target, |at, _| at.map_or(0, |at| at.saturating_sub(1)))?,
        "ArrowDown" if is_on_list => step(&target, |at, n| at.map_or(0, |at| (at + 1).min(n - 1)))?,
        "ArrowUp" if is_on_list => step(&target, |at, _| at.map_or(0, |at| at.saturating_sub(1)))?,
        "Home" if is_on_list => step(&target, |_, _| 0)?,
        "End" if is_on_list => {
            if let Some(part) = all(".ta-window").pop() {
                part.scroll_into_view_with_bool(false);
                Timeout::new(DRAWN_MS, move || {
                    step(&part, |_, n| n - 1);
                })
                .forget();
            }
            step(&target, |_, n| n - 1)?;
        }
        "x" => act(&card?, "[data-act=dismiss], [data-act=sweep]")?,
        "a" => act(&card?, "[data-act=acknowledge]")?,
        "o" => act(&card?, VIEW)?,
        // On a button of the card it presses the button.
        "Enter" if card.as_ref() == Some(&target) => act(&target, VIEW)?,
        _ => return None,
    }
    Some(())
}

fn first(selector: &str) -> Option<HtmlElement> {
    all(selector).into_iter().next()
}

fn act(card: &Element, selector: &str) -> Option<()> {
    let button = card.query_selector(selector).ok()??;
    button.unchecked_into::<HtmlElement>().click();
    Some(())
}

/// The cards of the list around an element, or of all lists.
fn cards_around(element: &Element) -> Vec<HtmlElement> {
    let list = element.closest(LISTS).ok().flatten();
    let is_there = |card: &HtmlElement| list.as_ref().is_none_or(|list| list.contains(Some(card)));
    all(CARD).into_iter().filter(is_there).collect()
}

/// Moves the focus among the cards: from the place that has it, to one of how many.
fn step(from: &Element, to: fn(Option<usize>, usize) -> usize) -> Option<()> {
    let cards = cards_around(from);
    let at = cards.iter().position(|card| card.contains(Some(from)));
    // Where there is none, `to` is not asked.
    cards.first()?;
    cards.get(to(at, cards.len()))?.focus().ok()
}

/// The focus leaves a card that goes: to the next one, or the one before, or to the list's heading.
pub(crate) fn leave_card() -> Option<()> {
    let card = document()?.active_element()?.closest(CARD).ok()??;
    let cards = cards_around(&card);
    let at = cards.iter().position(|one| **one == card)?;
    let beside = cards.get(at + 1).or_else(|| cards.get(at.checked_sub(1)?));
    if let Some(beside) = beside {
        return beside.focus().ok();
    }
    let list = card.closest(LISTS).ok()??;
    let heading: HtmlElement = list.query_selector("h1, h2").ok()??.dyn_into().ok()?;
    heading.set_attribute("tabindex", "-1").ok()?;
    heading.focus().ok()
}

/// The list of them, closed until it is asked for. Closing needs no code: the browser does it.
pub(super) fn help() -> Html {
    let rows = [
        ("n", Text::KeyNotifications),
        ("/", Text::KeySearch),
        ("j k ↓ ↑", Text::KeyMove),
        ("Home End", Text::KeyEnds),
        ("o Enter", Text::ViewRun),
        ("x", Text::KeyDismiss),
        ("u", Text::Undo),
        ("a", Text::Acknowledge),
        ("?", Text::KeyHelp),
    ];
    html! {
        <dialog class="ta-help" aria-labelledby="help-title">
            <form method="dialog">
                <h2 id="help-title">{ t(Text::PrefsShortcuts) }</h2>
                <button class="ta-icon-button" aria-label={t(Text::Close)}>{ glyph(Icon::Cross) }</button>
            </form>
            <dl>
                { for rows.into_iter().map(|(keys, word)| html! {
                    <div><dt>{ for keys.split(' ').map(|key| html! { <kbd>{ key }</kbd> }) }</dt><dd>{ t(word) }</dd></div>
                }) }
            </dl>
            <p class="ta-muted">{ t(Text::KeysOff) }</p>
        </dialog>
    }
}
