//! What chooses a part of a list: tabs and search fields.

use web_sys::{Event, HtmlInputElement, HtmlSelectElement, InputEvent};
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

/// One of several: the first, which narrows nothing, is `any`, with an empty value.
pub fn choice(
    word: Text<'_>,
    any: Text<'_>,
    options: &mut dyn Iterator<Item = (String, AttrValue)>,
    chosen: Option<String>,
    onchoose: &Callback<String>,
) -> Html {
    let chosen = chosen.unwrap_or_default();
    let mut all = vec![(String::new(), t(any))];
    all.extend(options);
    let onchange = onchoose.reform(|event: Event| {
        let field: HtmlSelectElement = event.target_unchecked_into();
        field.value()
    });
    html! {
        <label class="ta-pick">
            <span>{ t(word) }</span>
            <select class="ta-select" {onchange}>
                { for all.into_iter().map(|(value, words)| html! {
                    <option selected={value == chosen} value={value.clone()}>{ words }</option>
                }) }
            </select>
        </label>
    }
}
