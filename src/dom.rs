//! The page that the app is drawn in.

use web_sys::{Document, HtmlElement};
use yew::NodeRef;

/// The document; `None` in a page that is being left.
pub(crate) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Puts the focus on a drawn element.
pub(crate) fn focus(node: &NodeRef) {
    if let Some(element) = node.cast::<HtmlElement>() {
        // Fails only for an element that cannot be focused.
        let _ = element.focus();
    }
}
