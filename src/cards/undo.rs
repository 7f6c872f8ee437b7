//! The bar in the place of a dismissed card: for eight seconds it brings the card back.

use contract::ids::RunKey;
use gloo_timers::callback::Interval;
use web_sys::HtmlElement;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::cards::card::{Act, Wish, on_click};
use crate::hooks::{use_effect_with, use_node_ref, use_state};
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};

/// How long a dismissal can be undone in its place. The drawer and other tabs see it at once.
pub const UNDO_SECONDS: u32 = 8;

/// See [`UndoBar`].
#[derive(Clone, PartialEq, Properties)]
pub struct UndoProps {
    /// The dismissed run.
    pub run: RunKey,
    /// The title that its card had.
    pub title: AttrValue,
    /// It was dismissed with the keyboard.
    #[prop_or_default]
    pub by_keyboard: bool,
    /// Brings it back, or says that the time is over.
    pub onwish: Callback<Wish>,
}

/// The bar. It takes the focus that the card's button had unless the next card has it: a keyboard is not thrown back to the
/// page's start. It waits for as long as a keyboard stands on it.
#[component]
pub fn UndoBar(props: &UndoProps) -> Html {
    let button = use_node_ref();
    let left = use_state(|| UNDO_SECONDS);
    {
        let button = button.clone();
        let by_keyboard = props.by_keyboard;
        let (left, onwish, run) = (left.setter(), props.onwish.clone(), props.run.clone());
        use_effect_with((), move |()| {
            let element = button.cast::<HtmlElement>();
            // A keyboard is on the next card already, unless many went together, and the button with them.
            let active = crate::dom::document().and_then(|document| document.active_element());
            if !by_keyboard || active.is_none_or(|active| active.tag_name() == "BODY") {
                crate::dom::focus(&button);
            }
            let mut seconds = UNDO_SECONDS;
            let interval = Interval::new(1_000, move || {
                let waits = by_keyboard
                    && element
                        .as_ref()
                        .is_some_and(|element| element.matches(":focus-visible").unwrap_or(false));
                if waits {
                    return;
                }
                seconds = seconds.saturating_sub(1);
                if seconds == 0 {
                    onwish.emit(Wish {
                        run: run.clone(),
                        act: Act::Over,
                    });
                } else {
                    left.set(seconds);
                }
            });
            move || drop(interval)
        });
    }
    let onclick = on_click(&props.run, &props.onwish, |_| Act::Undo);
    html! {
        <div class="ta-undo">
            <span class="ta-undo__text"><b>{ props.title.clone() }</b>{ " " }{ t(Text::DismissedWord) }</span>
            <button class="ta-undo__button" type="button" {onclick} ref={button}>
                { glyph(Icon::Undo) }{ t(Text::Undo) }
                <span class="ta-undo__left" aria-hidden="true">{ t(Text::Seconds(u64::from(*left))) }</span>
            </button>
        </div>
    }
}
