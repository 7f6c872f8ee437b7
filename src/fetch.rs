//! `fetch`, as the browser has it: what a request of this app is, in plain objects.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestInit, Response};

/// A request to our own origin, with its cookies.
#[derive(Debug)]
pub struct Request {
    url: String,
    init: Object,
    headers: Object,
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // A plain object takes everything.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

impl Request {
    /// Asks for an answer of a media type.
    pub fn new(method: &str, url: &str, accept: &str) -> Request {
        let request = Request {
            url: url.to_owned(),
            init: Object::new(),
            headers: Object::new(),
        };
        set(&request.init, "headers", &request.headers);
        request
            .with("method", &method.into())
            .with("credentials", &"same-origin".into())
            .header("Accept", accept)
    }

    /// With a member of `RequestInit`.
    fn with(self, name: &str, value: &JsValue) -> Request {
        set(&self.init, name, value);
        self
    }

    /// With a header.
    pub fn header(self, name: &str, value: &str) -> Request {
        set(&self.headers, name, &value.into());
        self
    }

    /// Past the browser's cache, until the signal ends it.
    pub fn live(self, signal: Option<&AbortSignal>) -> Request {
        let request = self.with("cache", &"no-store".into());
        match signal {
            Some(signal) => request.with("signal", signal),
            None => request,
        }
    }

    /// With a body of JSON.
    pub fn json(self, body: &str) -> Request {
        self.header("Content-Type", "application/json")
            .with("body", &body.into())
    }

    /// The head of the answer; `None` if none came.
    pub async fn send(self) -> Option<Response> {
        let init = self.init.unchecked_ref::<RequestInit>();
        let request = web_sys::Request::new_with_str_and_init(&self.url, init).ok()?;
        JsFuture::from(web_sys::window()?.fetch_with_request(&request))
            .await
            .ok()
            .map(JsCast::unchecked_into)
    }
}

/// A header of the answer.
pub fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok()?
}

/// The whole body, as text.
pub async fn text(response: &Response) -> Option<String> {
    JsFuture::from(response.text().ok()?)
        .await
        .ok()?
        .as_string()
}
