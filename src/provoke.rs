//! Panics on demand, so that the tests can see what a reader sees after one.
//!
//! The end-to-end tests drive the very build that is shipped. What they ask for is an attribute on `<html>`, which no
//! link, no stored value and no server sets; a script that can set it can do whatever it likes to the page anyway.

use gloo_events::EventListener;

const ATTRIBUTE: &str = "data-provoke";

/// Panics while drawing if `<html data-provoke="draw">`.
pub(crate) fn while_drawing() {
    assert!(!asked_for("draw"), "provoked while drawing");
}

/// Panics in the next click if `<html data-provoke="click">`, for as long as the returned value lives.
///
/// Returns `None` outside a page.
pub(crate) fn in_a_click() -> Option<EventListener> {
    let window = web_sys::window()?;
    Some(EventListener::new(&window, "click", |_| {
        assert!(!asked_for("click"), "provoked in a click");
    }))
}

fn asked_for(what: &str) -> bool {
    crate::dom::document()
        .and_then(|document| document.document_element())
        .and_then(|html| html.get_attribute(ATTRIBUTE))
        .is_some_and(|value| value == what)
}
