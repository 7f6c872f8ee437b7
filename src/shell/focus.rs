//! The focus stays where the reader is when a control turns into another one: a button that becomes a link.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, MouseEvent};
use yew::{Callback, NodeRef, hook};

use crate::hooks::{use_effect_with, use_once};

/// Watches for a press of the keyboard within `place`, and puts the focus on what stands there once `turned` changes.
///
/// Only for the keyboard: a pointer has its place elsewhere, and a focus that it did not ask for would be in its way.
#[hook]
pub fn use_kept_focus(place: NodeRef, turned: bool) -> Callback<MouseEvent> {
    let is_due = use_once(|| Cell::new(false));
    {
        let is_due = Rc::clone(&is_due);
        use_effect_with(turned, move |_| {
            if !is_due.replace(false) {
                return;
            }
            let control = place.cast::<Element>().and_then(|place| {
                place
                    .query_selector("a[href], button:not(:disabled)")
                    .ok()
                    .flatten()
            });
            if let Some(control) =
                control.and_then(|control| control.dyn_into::<HtmlElement>().ok())
            {
                // Fails only for an element that cannot be focused.
                let _ = control.focus();
            }
        });
    }
    Callback::from(move |event: MouseEvent| is_due.set(event.detail() == 0))
}
