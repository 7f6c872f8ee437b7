//! The page that the app is drawn in.

use wasm_bindgen::JsCast;
use web_sys::{Document, HtmlElement, NodeList, VisibilityState};
use yew::NodeRef;

/// The document; `None` in a page that is being left.
pub(crate) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Every element of the page that a selector finds.
pub(crate) fn all(selector: &str) -> Vec<HtmlElement> {
    let found = document().and_then(|document| document.query_selector_all(selector).ok());
    found.as_ref().map(elements).unwrap_or_default()
}

/// Those of a list, as they are.
pub(crate) fn elements(found: &NodeList) -> Vec<HtmlElement> {
    (0..found.length())
        .filter_map(|idx| found.item(idx)?.dyn_into().ok())
        .collect()
}

/// Whether the tab is hidden, so that no frame will be drawn.
pub(crate) fn is_hidden(document: &Document) -> bool {
    document.visibility_state() == VisibilityState::Hidden
}

/// Puts the focus on a drawn element.
pub(crate) fn focus(node: &NodeRef) {
    if let Some(element) = node.cast::<HtmlElement>() {
        // Fails only for an element that cannot be focused.
        let _ = element.focus();
    }
}
