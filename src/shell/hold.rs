//! Whether the reader is on a part of the page, with the pointer or the focus: nothing on it is re-ordered meanwhile.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusEvent, Node};
use yew::{NodeRef, hook};

use crate::hooks::{use_effect_with, use_state_eq};

/// Whether the reader is on `node`, which stays the same element.
#[hook]
pub fn use_hold(node: &NodeRef) -> bool {
    let is_held = use_state_eq(|| false);
    let (set, node) = (is_held.setter(), node.clone());
    use_effect_with((), move |()| {
        let listeners = node.cast::<Element>().map(|element| {
            ["pointerenter", "pointerleave", "focusin", "focusout"].map(|name| {
                let (set, on) = (set.clone(), element.clone());
                EventListener::new(&element, name, move |event| set.set(is_on(&on, event)))
            })
        });
        move || drop(listeners)
    });
    *is_held
}

fn is_on(element: &Element, event: &Event) -> bool {
    if matches!(event.type_().as_str(), "pointerenter" | "focusin") {
        return true;
    }
    // While the focus moves it is nowhere; it stays on the part if that is where it goes.
    let to = event
        .dyn_ref::<FocusEvent>()
        .and_then(FocusEvent::related_target)
        .and_then(|to| to.dyn_into::<Node>().ok());
    let stays = to.is_some_and(|to| element.contains(Some(&to)));
    // `:hover` of the stack itself is false where it lets the pointer through.
    stays || element.matches(":hover, :focus-within").unwrap_or(false)
}
