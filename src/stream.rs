//! The browser's side of the stream: takes the snapshot, reads `GET /api/events` from a fetch body, and tells what arrived, in order.
//!
//! What to do next is [`connection`]'s to say; this does it. `EventSource` is not used: it hides every status but 200 and gives up
//! on most of them.

pub mod connection;
pub mod decode;
pub mod parse;
pub mod resume;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use contract::frame::name;
use contract::snapshot::Snapshot;
use gloo_events::EventListener;
use gloo_net::http::{Headers, Request, Response};
use gloo_timers::callback::Timeout;
use js_sys::{Date, Math, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, AbortSignal, Document, PageTransitionEvent, ReadableStreamDefaultReader,
    RequestCache, RequestCredentials, VisibilityState, Window,
};

use crate::api::{self, ApiError};
use crate::clock::local_ms;
use crate::stream::connection::{Connection, Head, Input, Link, Output};
use crate::stream::decode::{StreamEvent, decode};
use crate::stream::parse::Parser;
use crate::stream::resume::Resume;

const EVENTS: &str = "/api/events";
/// While the wall clock runs this far ahead of the monotonic one, the machine was asleep.
const SLEPT_MS: f64 = 5_000.0;
/// Sleep is looked for this often, and nothing else needs a timer so short.
const LOOK_EVERY_MS: f64 = 5_000.0;

/// What the stream tells.
#[derive(Clone, Debug)]
pub enum Message {
    /// Replaces everything.
    Snapshot(Box<Snapshot>),
    /// The next event.
    Event(StreamEvent),
    /// The connection stands otherwise than before.
    Shown(Link),
    /// The server knows no session.
    SignedOut,
    /// Somebody may have signed in elsewhere: ask, and call [`Stream::signed_in`] if so.
    AskWhoIAm,
}

/// The one connection of a page. Dropping it ends the request, the timer and the listeners.
pub struct Stream {
    inner: Rc<Inner>,
    _listeners: Vec<EventListener>,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

struct Inner {
    connection: RefCell<Connection>,
    resume: RefCell<Resume>,
    tell: Box<dyn Fn(Message)>,
    /// The request that is under way; another one has another number.
    request: RefCell<Option<AbortController>>,
    n_requests: Cell<u64>,
    timer: RefCell<Option<Timeout>>,
    shown: Cell<Option<Link>>,
    /// Wall clock minus monotonic clock. Its jumps tell of sleep; it is never a time.
    wall_ahead_ms: Cell<f64>,
}

impl Stream {
    /// Begins with the snapshot. `tell` hears everything, in order, until the stream is dropped.
    pub fn open(tell: impl Fn(Message) + 'static) -> Stream {
        let inner = Rc::new(Inner {
            connection: RefCell::default(),
            resume: RefCell::default(),
            tell: Box::new(tell),
            request: RefCell::default(),
            n_requests: Cell::new(0),
            timer: RefCell::default(),
            shown: Cell::new(None),
            wall_ahead_ms: Cell::new(Date::now() - local_ms()),
        });
        let listeners = web_sys::window().map_or_else(Vec::new, |window| listen(&window, &inner));
        if web_sys::window().is_some_and(|window| !window.navigator().on_line()) {
            inner.step(Input::Offline);
        }
        inner.step(Input::Begin);
        Stream {
            inner,
            _listeners: listeners,
        }
    }

    /// The picture has to be taken anew.
    pub fn take_snapshot(&self) {
        self.inner.step(Input::SnapshotNeeded);
    }

    /// Somebody has signed in: begins anew.
    pub fn signed_in(&self) {
        self.inner.step(Input::Begin);
    }

    /// A call elsewhere was answered with 401: no request until somebody signs in.
    pub fn signed_out(&self) {
        self.inner.step(Input::SignedOut);
    }

    /// Does not wait for the next try.
    pub fn try_now(&self) {
        self.inner.step(Input::TryNow);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.inner.end_request();
        self.inner.timer.take();
    }
}

impl Inner {
    fn step(self: &Rc<Self>, input: Input) {
        let outputs = self
            .connection
            .borrow_mut()
            .step(input, local_ms(), Math::random());
        for output in outputs {
            match output {
                Output::TakeSnapshot => self.take_snapshot(),
                Output::Connect => self.connect(),
                Output::Abort => self.end_request(),
                Output::ForgetId => self.resume.borrow_mut().forget(),
                Output::AskWhoIAm => (self.tell)(Message::AskWhoIAm),
            }
        }
        self.set_timer();
        self.show();
    }

    fn show(&self) {
        let shown = self.connection.borrow().shown(local_ms());
        if self.shown.replace(Some(shown)) == Some(shown) {
            return;
        }
        (self.tell)(Message::Shown(shown));
        if matches!(shown, Link::SignedOut { .. }) {
            (self.tell)(Message::SignedOut);
        }
    }

    fn set_timer(self: &Rc<Self>) {
        let now_ms = local_ms();
        let wake_at = self.connection.borrow().wake_at(now_ms);
        let timer = wake_at.map(|at_ms| {
            let wait_ms = (at_ms - now_ms).clamp(0.0, LOOK_EVERY_MS).ceil() as u32;
            let weak = Rc::downgrade(self);
            Timeout::new(wait_ms, move || {
                if let Some(inner) = weak.upgrade() {
                    inner.tick();
                }
            })
        });
        // Dropping the timer that just fired is fine: it clears nothing.
        *self.timer.borrow_mut() = timer;
    }

    fn tick(self: &Rc<Self>) {
        if self.was_asleep() {
            self.step(Input::Woke);
        } else {
            self.step(Input::Tick);
        }
    }

    /// In some browsers the monotonic clock stands still while the machine sleeps; the wall clock never does.
    fn was_asleep(&self) -> bool {
        let ahead_ms = Date::now() - local_ms();
        ahead_ms - self.wall_ahead_ms.replace(ahead_ms) > SLEPT_MS
    }

    fn end_request(&self) {
        self.n_requests.set(self.n_requests.get() + 1);
        if let Some(request) = self.request.take() {
            request.abort();
        }
    }

    /// A new request, and the number by which its answers are told from those of an aborted one.
    fn begin_request(&self) -> (u64, Option<AbortSignal>) {
        self.end_request();
        let controller = AbortController::new().ok();
        let signal = controller.as_ref().map(AbortController::signal);
        *self.request.borrow_mut() = controller;
        (self.n_requests.get(), signal)
    }

    fn take_snapshot(self: &Rc<Self>) {
        let (number, signal) = self.begin_request();
        let weak = Rc::downgrade(self);
        api::snapshot(signal.as_ref()).then(move |answer| {
            let Some(inner) = current(&weak, number) else {
                return;
            };
            match answer {
                Ok(snapshot) => {
                    inner.resume.borrow_mut().from_snapshot(&snapshot.id);
                    (inner.tell)(Message::Snapshot(Box::new(snapshot)));
                    inner.step(Input::SnapshotTaken);
                }
                Err(ApiError::Unreachable) => inner.step(Input::Failed),
                Err(ApiError::Answered {
                    status,
                    retry_after_ms,
                    ..
                }) => inner.step(Input::Answered(Head {
                    status,
                    retry_after_ms: retry_after_ms.map(|ms| ms as f64),
                    ..Head::default()
                })),
            }
        });
    }

    fn connect(self: &Rc<Self>) {
        let (number, signal) = self.begin_request();
        let header = self.resume.borrow().header();
        let weak = Rc::downgrade(self);
        spawn_local(async move {
            // Always the first URL: a redirect may have been to a host that is being drained.
            let mut request = Request::get(EVENTS)
                .header("Accept", "text/event-stream")
                .cache(RequestCache::NoStore)
                .credentials(RequestCredentials::SameOrigin)
                .abort_signal(signal.as_ref());
            if let Some(last_event_id) = header {
                request = request.header("Last-Event-ID", &last_event_id);
            }
            let answer = request.send().await;
            let Some(inner) = current(&weak, number) else {
                return;
            };
            let Ok(response) = answer else {
                inner.step(Input::Failed);
                return;
            };
            inner.step(Input::Answered(head(&response)));
            drop(inner);
            read(&weak, number, &response).await;
        });
    }

    /// Tells each event; false once this request is not the current one any more.
    fn hear(self: &Rc<Self>, number: u64, parser: &mut Parser, bytes: &[u8]) -> bool {
        self.step(Input::Bytes);
        let retry_before = parser.retry_ms();
        let mut frames = Vec::new();
        let pushed = parser.push(bytes, |frame| frames.push(frame));
        if parser.retry_ms() != retry_before {
            self.step(Input::Retry(parser.retry_ms()));
        }
        for frame in frames {
            let event = decode(&frame);
            self.step(Input::Event);
            let next = event.as_ref().and_then(consequence);
            if let Some(event) = event {
                (self.tell)(Message::Event(event));
            }
            // What the feed holds and where the stream goes on are one record.
            if self.n_requests.get() == number {
                self.resume.borrow_mut().applied(&frame.last_event_id);
            }
            if let Some(next) = next {
                self.step(next);
            }
            if self.n_requests.get() != number {
                return false;
            }
        }
        if pushed.is_err() {
            self.step(Input::SnapshotNeeded);
        }
        self.n_requests.get() == number
    }
}

/// What an event means for the connection, besides what it tells.
fn consequence(event: &StreamEvent) -> Option<Input> {
    match event {
        StreamEvent::Reset(_) => Some(Input::SnapshotNeeded),
        StreamEvent::Bye(bye) => Some(Input::Bye {
            retry_ms: bye.retry_ms,
            signed_out: bye.reason == "signed_out",
        }),
        StreamEvent::Unreadable { event } => {
            // Counts that cannot be read come again; these do not.
            let is_lost = [name::RUN, name::MARKS, name::HELLO].contains(&event.as_str());
            is_lost.then_some(Input::SnapshotNeeded)
        }
        StreamEvent::Hello(_)
        | StreamEvent::Run(_)
        | StreamEvent::Progress(_)
        | StreamEvent::Seal(_)
        | StreamEvent::Marks(_)
        | StreamEvent::Pulse(_) => None,
    }
}

/// The stream, if it still lives and this request is still the current one.
fn current(weak: &Weak<Inner>, number: u64) -> Option<Rc<Inner>> {
    weak.upgrade()
        .filter(|inner| inner.n_requests.get() == number)
}

async fn read(weak: &Weak<Inner>, number: u64, response: &Response) {
    let reader = response.body().map(|body| {
        body.get_reader()
            .unchecked_into::<ReadableStreamDefaultReader>()
    });
    let mut parser = match weak.upgrade() {
        Some(inner) => Parser::resume(inner.resume.borrow().last_event_id()),
        None => return,
    };
    loop {
        let chunk = match &reader {
            Some(reader) => JsFuture::from(reader.read()).await,
            None => Err(JsValue::NULL),
        };
        let Some(inner) = current(weak, number) else {
            return;
        };
        let Ok(chunk) = chunk else {
            inner.step(Input::Failed);
            return;
        };
        let part = |name: &str| Reflect::get(&chunk, &JsValue::from_str(name)).ok();
        if part("done").is_none_or(|done| done.is_truthy()) {
            inner.step(Input::Ended);
            return;
        }
        let bytes = part("value").map_or_else(Vec::new, |value| Uint8Array::new(&value).to_vec());
        if !inner.hear(number, &mut parser, &bytes) {
            return;
        }
    }
}

fn head(response: &Response) -> Head {
    let headers = response.headers();
    Head {
        status: response.status(),
        content_type: headers.get("content-type").unwrap_or_default(),
        redirected: response.redirected(),
        retry_after_ms: retry_after_ms(&headers),
    }
}

/// Seconds, or an HTTP date, which is compared with the answer's own `Date` and not with the local clock.
fn retry_after_ms(headers: &Headers) -> Option<f64> {
    let value = headers.get("retry-after")?;
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(f64::from(seconds) * 1_000.0);
    }
    let until_ms = Date::parse(value);
    let now_ms = Date::parse(&headers.get("date")?);
    let wait_ms = until_ms - now_ms;
    // Neither was a date: a comparison with NaN is false.
    (wait_ms >= 0.0).then_some(wait_ms)
}

fn listen(window: &Window, inner: &Rc<Inner>) -> Vec<EventListener> {
    let on = |name: &'static str, input: Input| {
        let weak = Rc::downgrade(inner);
        EventListener::new(window, name, move |_| {
            if let Some(inner) = weak.upgrade() {
                inner.step(input.clone());
            }
        })
    };
    let mut listeners = vec![
        on("online", Input::Online),
        on("offline", Input::Offline),
        on("pagehide", Input::PageHide),
    ];
    let weak = Rc::downgrade(inner);
    listeners.push(EventListener::new(window, "pageshow", move |event| {
        let is_back = event
            .dyn_ref::<PageTransitionEvent>()
            .is_some_and(PageTransitionEvent::persisted);
        if let (true, Some(inner)) = (is_back, weak.upgrade()) {
            inner.step(Input::PageShow);
        }
    }));
    if let Some(document) = window.document() {
        listeners.push(listen_to_visibility(&document, inner));
    }
    listeners
}

fn listen_to_visibility(document: &Document, inner: &Rc<Inner>) -> EventListener {
    let weak = Rc::downgrade(inner);
    let target = document.clone();
    EventListener::new(document, "visibilitychange", move |_| {
        let is_visible = target.visibility_state() == VisibilityState::Visible;
        if let (true, Some(inner)) = (is_visible, weak.upgrade()) {
            if inner.was_asleep() {
                inner.step(Input::Woke);
            }
            inner.step(Input::Visible);
        }
    })
}
