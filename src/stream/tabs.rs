//! The browser's side of the tabs: a channel on which they talk, and a lock that one of them has.
//!
//! Both are reached by name: bindings of their own would cost more JavaScript than the app has room for.

use gloo_events::EventListener;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, Window};

/// One tab's end of the channel. Closed by its `Drop`.
pub(super) struct Channel {
    channel: BroadcastChannel,
    _listener: EventListener,
}

impl Channel {
    /// `None` where the browser has no such thing.
    pub(super) fn open(name: &str, hear: impl Fn(String) + 'static) -> Option<Channel> {
        let channel = BroadcastChannel::new(name).ok()?;
        let listener = EventListener::new(&channel, "message", move |event| {
            if let Some(text) = part(event, "data").and_then(|data| data.as_string()) {
                hear(text);
            }
        });
        Some(Channel {
            channel,
            _listener: listener,
        })
    }

    /// Says it to the other tabs.
    pub(super) fn post(&self, text: &str) {
        call(&self.channel, "postMessage", &JsValue::from_str(text));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        call(&self.channel, "close", &JsValue::UNDEFINED);
    }
}

/// Whether tabs can agree on who has the stream: not outside of secure contexts, nor in browsers before 2024.
pub(super) fn can_share(window: &Window) -> bool {
    locks(window).is_some() && resolvers(window).is_some()
}

fn locks(window: &Window) -> Option<JsValue> {
    part(&window.navigator(), "locks").filter(JsValue::is_object)
}

/// What makes a promise that somebody else settles.
fn resolvers(window: &Window) -> Option<JsValue> {
    part(&part(window, "Promise")?, "withResolvers").filter(JsValue::is_function)
}

/// A lock that is ours. Let go of by its `Drop`.
pub(super) struct Lock {
    let_go: JsValue,
}

impl Lock {
    /// Takes it, from whoever has it, and gives the promise that is settled when it is not ours any more.
    pub(super) fn steal(window: &Window, name: &str) -> Option<(Lock, Promise)> {
        let locks = locks(window)?;
        let make: Function = resolvers(window)?.dyn_into().ok()?;
        let held = make
            .call1(&part(window, "Promise")?, &JsValue::UNDEFINED)
            .ok()?;
        let promise = part(&held, "promise")?;
        let options = Object::new();
        Reflect::set(&options, &"steal".into(), &JsValue::TRUE).ok()?;
        // The browser calls it with the lock, which is no function, so it answers with a promise like `promise`: the lock is held
        // until that is settled, and no closure of ours is called.
        let while_held = call(&part(&promise, "then")?, "bind", &promise)?;
        let request: Function = part(&locks, "request")?.dyn_into().ok()?;
        let asked = request.call3(&locks, &name.into(), &options, &while_held);
        let ended = asked.ok()?.dyn_into().ok()?;
        Some((Lock { let_go: held }, ended))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        call(&self.let_go, "resolve", &JsValue::UNDEFINED);
    }
}

fn part(of: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(of, &JsValue::from_str(name)).ok()
}

fn call(on: &JsValue, name: &str, with: &JsValue) -> Option<JsValue> {
    let function: Function = part(on, name)?.dyn_into().ok()?;
    function.call1(on, with).ok()
}
