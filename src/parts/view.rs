//! What chooses a part of a list: tabs and search fields.

use web_sys::{HtmlInputElement, InputEvent};
use yew::{AttrValue, Callback, Html, MouseEvent, TargetCast, html};

use crate::hooks::UseStateHandle;
use crate::i18n::format::number;
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};

/// A view of a list with the number of what is in it; `None` before it is known.
pub fn tab(
    word: Text<'_>,
    is_pressed: bool,
    n: Option<u64>,
    is_alarm: bool,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! {
        <button class="ta-tab" type="button" aria-pressed={is_pressed.to_string()} {onclick}>
            { t(word) }
            if let Some(n) = n {
                if is_alarm && n > 0 {
                    <span class="ta-badge" data-tone="danger">{ number(n) }</span>
                } else {
                    <span class="ta-count">{ number(n) }</span>
                }
            }
        </button>
    }
}

/// A field for the words that a list is searched for.
pub fn search(label: AttrValue, hint: AttrValue, wanted: &UseStateHandle<String>) -> Html {
    let set = wanted.setter();
    let oninput = Callback::from(move |event: InputEvent| {
        let field: HtmlInputElement = event.target_unchecked_into();
        set.set(field.value());
    });
    html! {
        <label class="ta-search">
            { glyph(Icon::Search) }<span class="ta-visually-hidden">{ label }</span>
            <input class="ta-input" type="search" placeholder={hint} value={(**wanted).clone()} {oninput} />
        </label>
    }
}
