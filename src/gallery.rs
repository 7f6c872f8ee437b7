//! `/gallery`: every component in each of its states, and recorded event logs played through the real feed.
//!
//! For development and the tests: only with the feature `gallery` (`cargo xtask serve --gallery`), and never in what is shipped. The
//! components are the app's own. Its time stands still, so that a picture of it is the same on every day; see docs/gallery.md.

mod cards;
mod chrome;
mod log;
mod pages;
mod player;
mod runs;
mod shapes;
mod tools;

use std::cell::Cell;

use yew::{Html, component, html};

use crate::beat::Beat;
use crate::feed::Event;
use crate::hooks::{use_effect_with, use_once};
use crate::live::{Action, Live, LiveContext};
use crate::theme::Theme;

pub use crate::gallery::log::{LOGS, Log, Recorded};

thread_local! {
    /// Milliseconds since the log began, where the gallery is open: the page's monotonic clock.
    static STANDS_AT_MS: Cell<Option<f64>> = const { Cell::new(None) };
    static N_CHANGES: Cell<u64> = const { Cell::new(0) };
}

/// Whether this page is the gallery.
pub(crate) fn is_here() -> bool {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok());
    path.is_some_and(|path| path == "/gallery")
}

/// The clock of the gallery; `None` on all other pages.
pub(crate) fn stands_at_ms() -> Option<f64> {
    STANDS_AT_MS.get()
}

/// Does here what a click on a card asks of the server elsewhere; `false` on all other pages. What only a server can answer is left.
pub(crate) fn answers(live: &Live, action: &Action) -> bool {
    if stands_at_ms().is_none() {
        return false;
    }
    N_CHANGES.set(N_CHANGES.get() + 1);
    let change = N_CHANGES.get();
    match action {
        Action::Dismiss(one) => dismiss(live, std::slice::from_ref(one), change),
        Action::DismissAll(many) => dismiss(live, many, change),
        Action::Undo(keys) => {
            for key in keys.iter().cloned() {
                live.apply(Event::Undo { key, change });
            }
        }
        Action::Seen(seen) => {
            for crate::live::RunSeq { run, seq } in seen.iter().cloned() {
                live.apply(Event::Seen { key: run, seq });
            }
        }
        Action::ReadNotice(id) => live.apply(Event::NoticeRead(*id)),
        Action::ReadAway => live.apply(Event::AwayRead),
        _ => {}
    }
    true
}

fn dismiss(live: &Live, seqs: &[crate::live::RunSeq], change: u64) {
    for crate::live::RunSeq { run, seq } in seqs.iter().cloned() {
        live.apply(Event::Dismiss {
            key: run,
            seq,
            attempt: 1,
            change,
        });
    }
}

/// The page.
#[component]
pub fn Gallery() -> Html {
    let live = use_once(|| {
        let live = Live::still();
        player::begin(&live, 0);
        live
    });
    use_effect_with((), |()| {
        Theme::kept().show();
        leave_focus();
    });
    html! {
        <LiveContext context={Live::clone(&live)}>
            <Beat />
            <main class="ta-page ta-gallery" id="content">
                <header class="ta-head"><h1>{ "Gallery" }</h1></header>
                <tools::Tools />
                { shapes::shapes() }
                <chrome::Chrome />
                <cards::Cards />
                <pages::Pages />
                <player::Player />
            </main>
        </LiveContext>
    }
}

/// An undo bar takes the focus when it comes, and here nobody dismissed anything.
fn leave_focus() {
    use wasm_bindgen::JsCast;
    let active = crate::dom::document().and_then(|document| document.active_element());
    if let Some(active) = active.and_then(|active| active.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Fails never, says the standard.
        let _ = active.blur();
    }
}

/// A part of the page.
fn section(id: &'static str, title: &'static str, inside: Html) -> Html {
    html! {
        <section class="ta-gallery__part" aria-labelledby={id}>
            <h2 id={id}>{ title }</h2>
            <div class="ta-gallery__grid" data-part={id}>{ inside }</div>
        </section>
    }
}

/// One component in one state. The name is that of its picture too.
fn shown(name: &'static str, inside: Html) -> Html {
    html! {
        <figure class="ta-gallery__one" data-shown={name} key={name}>
            <figcaption>{ name }</figcaption>
            <div class="ta-gallery__stage">{ inside }</div>
        </figure>
    }
}
