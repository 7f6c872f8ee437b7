//! Takes a panic and tells the page around the app, so that a frozen picture is never taken for a live one.
//!
//! After a panic while drawing, what is on screen stays and looks live; after one in a click handler, the app runs on in
//! an unknown state. Neither can be mended from inside. So the hook fires [`PANIC_EVENT`] on `window`, and
//! `src/boot.js`, which is no part of the app, covers the page with its banner.

use std::panic::PanicHookInfo;

use wasm_bindgen::JsValue;
use web_sys::{CustomEvent, CustomEventInit, console};

/// The event on `window`. Its `detail` is the message with its place, for the console and for support.
pub const PANIC_EVENT: &str = "tenant-atlas:panic";

/// Installs the hook, for the standard library and for Yew, which would replace it with its own at the first rendering.
pub fn install_hook() {
    yew::set_custom_panic_hook(Box::new(|info: &PanicHookInfo<'_>| {
        tell_page(&info.to_string())
    }));
}

/// Says in the console and to the page that the app has stopped.
pub fn tell_page(message: &str) {
    let message = JsValue::from_str(message);
    console::error_1(&message);
    dispatch(PANIC_EVENT, &message);
}

/// Fires a custom event on `window`. Never panics, since it runs inside the panic hook: without a window nobody listens.
pub(crate) fn dispatch(name: &str, detail: &JsValue) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let init = CustomEventInit::new();
    init.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
        // The listeners are the page's; what they throw is theirs.
        let _ = window.dispatch_event(&event);
    }
}
