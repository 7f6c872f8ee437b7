//! An id in mono with a button that copies it.

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::{AttrValue, Callback, Html, Properties, component, hook, html, use_mut_ref};

use crate::hooks::use_state_eq;
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};

/// How long the tick says that it worked.
const SAID_MS: u32 = 2_000;

/// See [`Copy`].
#[derive(Clone, PartialEq, Properties)]
pub struct CopyProps {
    /// The id.
    pub text: AttrValue,
    /// What the button does.
    pub label: AttrValue,
}

/// What copies a text, and whether it has just done so. Where the clipboard is out of reach, nothing happens.
#[hook]
pub fn use_copy() -> (bool, Callback<AttrValue>) {
    let is_copied = use_state_eq(|| false);
    let timer = use_mut_ref(|| None::<Timeout>);
    let set = is_copied.setter();
    let copy = Callback::from(move |text: AttrValue| {
        let (is_copied, timer) = (set.clone(), timer.clone());
        let can_copy = web_sys::window().is_some_and(|window| window.is_secure_context());
        let Some(clipboard) = web_sys::window()
            .filter(|_| can_copy)
            .map(|window| window.navigator().clipboard())
        else {
            return;
        };
        spawn_local(async move {
            if JsFuture::from(clipboard.write_text(&text)).await.is_ok() {
                is_copied.set(true);
                *timer.borrow_mut() = Some(Timeout::new(SAID_MS, move || is_copied.set(false)));
            }
        });
    });
    (*is_copied, copy)
}

/// The id and its button. Where the clipboard is out of reach (plain HTTP), the text can still be selected.
#[component]
pub fn Copy(props: &CopyProps) -> Html {
    let (is_copied, copy) = use_copy();
    let text = props.text.clone();
    let onclick = Callback::from(move |_| copy.emit(text.clone()));
    html! {
        <span class="ta-copy">
            <span class="ta-mono">{ props.text.clone() }</span>
            <button class="ta-icon-button" type="button" aria-label={props.label.clone()} title={props.label.clone()} {onclick}>
                { glyph(if is_copied { Icon::Check } else { Icon::Copy }) }
            </button>
            <span class="ta-visually-hidden" role="status">if is_copied { { t(Text::Copied) } }</span>
        </span>
    }
}
