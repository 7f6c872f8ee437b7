//! The browser's side of the stream: takes the snapshot, reads `GET /api/events` from a fetch body or hears what the leading tab passes
//! on, and tells what arrived, in order.
//!
//! What to do next is [`driver`]'s to say; this does it. `EventSource` is not used: it hides every status but 200 and gives up on most
//! of them.

pub mod connection;
pub mod decode;
pub mod driver;
pub mod leader;
pub mod parse;
pub mod resume;
mod tabs;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use contract::api::Me;
use contract::snapshot::Snapshot;
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Date, Math, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, AbortSignal, PageTransitionEvent, ReadableStreamDefaultReader, Response,
    VisibilityState, Window,
};

use crate::api::{self, ApiError};
use crate::clock::local_ms;
use crate::fetch::{self, Request};
use crate::stream::connection::{Head, Input, Link};
use crate::stream::decode::StreamEvent;
use crate::stream::driver::{Act, Driver, Host};
use crate::stream::leader::Tab;
use crate::stream::tabs::{Channel, Lock};

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
    /// The connection stands otherwise than before, or another tab has it.
    Shown(Link, Tab),
    /// The tab is hidden now, or visible.
    Hidden(bool),
    /// The server knows no session.
    SignedOut,
    /// The person signed out in another tab.
    Left,
    /// Somebody may have signed in elsewhere: ask, and call [`Stream::signed_in`] if so.
    AskWhoIAm,
}

/// The one connection of a page, or the page's part in the one that the tabs of a session share. Dropping it ends the request, the
/// timer and the listeners, and lets go of lock and channel.
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
    driver: Driver,
    tell: Box<dyn Fn(Message)>,
    /// The request that is under way.
    request: RefCell<Option<AbortController>>,
    /// And when it is over, by the monotonic clock.
    timer: RefCell<Option<(f64, Timeout)>>,
    /// Wall clock minus monotonic clock. Its jumps tell of sleep; it is never a time.
    wall_ahead_ms: Cell<f64>,
    /// Of lock and channel.
    name: String,
    channel: RefCell<Option<Channel>>,
    lock: RefCell<Option<Lock>>,
    /// The owner has dropped it.
    is_over: Cell<bool>,
}

impl Stream {
    /// Begins with the snapshot. `tell` hears everything, in order, until the stream is dropped.
    pub fn open(me: &Me, tell: impl Fn(Message) + 'static) -> Option<Stream> {
        let window = web_sys::window()?;
        // No frame of one person, or of another session, reaches this tab.
        let mut name = "tenant-atlas ".to_owned();
        name.push_str(&me.person.id.to_string());
        name.push(' ');
        name.push_str(&me.channel);
        let shares = !me.channel.is_empty() && tabs::can_share(&window);
        let inner = Rc::new(Inner {
            driver: Driver::new(shares, !is_hidden(&window)),
            tell: Box::new(tell),
            request: RefCell::default(),
            timer: RefCell::default(),
            wall_ahead_ms: Cell::new(Date::now() - local_ms()),
            name,
            channel: RefCell::default(),
            lock: RefCell::default(),
            is_over: Cell::new(false),
        });
        let listeners = listen(&window, &inner);
        // Before the snapshot is asked for: what is passed on between the two would otherwise be in neither.
        inner.open_channel();
        if !window.navigator().on_line() {
            inner.step(Input::Offline);
        }
        inner.driver.begin(&inner);
        inner.set_timer();
        Some(Stream {
            inner,
            _listeners: listeners,
        })
    }

    /// Whether it is the stream of this session.
    pub fn is_of(&self, me: &Me) -> bool {
        self.inner.name.ends_with(&me.channel)
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

    /// The person signs out: nothing may stay, in no tab.
    pub fn leave_everywhere(&self) {
        self.inner.driver.sign_out(&self.inner);
    }

    /// Does not wait for the next try.
    pub fn try_now(&self) {
        self.inner.step(Input::TryNow);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.inner.is_over.set(true);
        self.inner.leave();
        self.inner.timer.take();
    }
}

impl Host for Rc<Inner> {
    fn now_ms(&self) -> f64 {
        local_ms()
    }

    fn chance(&self) -> f64 {
        Math::random()
    }

    fn act(&self, act: Act) {
        match act {
            Act::TakeSnapshot => self.take_snapshot(),
            Act::Connect => self.connect(),
            Act::Abort => self.end_request(),
            Act::AskWhoIAm => (self.tell)(Message::AskWhoIAm),
            Act::Lock => self.take_lock(),
            Act::Unlock => drop(self.lock.take()),
            Act::Post(text) => {
                if let Some(channel) = &*self.channel.borrow() {
                    channel.post(&text);
                }
            }
        }
    }

    fn tell(&self, event: StreamEvent) {
        (self.tell)(Message::Event(event));
    }

    fn show(&self, link: Link, tab: Tab) {
        if self.is_over.get() {
            return;
        }
        (self.tell)(Message::Shown(link, tab));
        if matches!(link, Link::SignedOut { .. }) {
            (self.tell)(Message::SignedOut);
        }
    }

    fn left(&self) {
        (self.tell)(Message::Left);
    }
}

impl Inner {
    fn step(self: &Rc<Self>, input: Input) {
        self.driver.step(self, input);
        self.set_timer();
    }

    fn set_timer(self: &Rc<Self>) {
        if self.is_over.get() {
            return;
        }
        let now_ms = local_ms();
        let Some(at_ms) = self.driver.wake_at(now_ms) else {
            self.timer.take();
            return;
        };
        let wait_ms = (at_ms - now_ms).clamp(0.0, LOOK_EVERY_MS).ceil();
        let at_ms = now_ms + wait_ms;
        // Bytes put off what is due. A look that comes too early sees that, and costs less than a new timer for each of them.
        if let Some((pending_ms, _)) = *self.timer.borrow()
            && pending_ms <= at_ms
        {
            return;
        }
        let weak = Rc::downgrade(self);
        let timer = Timeout::new(wait_ms as u32, move || {
            if let Some(inner) = weak.upgrade() {
                // It clears nothing.
                inner.timer.take();
                inner.driver.tick(&inner, inner.was_asleep());
                inner.set_timer();
            }
        });
        *self.timer.borrow_mut() = Some((at_ms, timer));
    }

    /// In some browsers the monotonic clock stands still while the machine sleeps; the wall clock never does.
    fn was_asleep(&self) -> bool {
        let ahead_ms = Date::now() - local_ms();
        ahead_ms - self.wall_ahead_ms.replace(ahead_ms) > SLEPT_MS
    }

    fn leave(self: &Rc<Self>) {
        self.driver.leave(self);
        self.channel.take();
    }

    fn open_channel(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let channel = Channel::open(&self.name, move |text| {
            if let Some(inner) = weak.upgrade() {
                inner.driver.hear_tab(&inner, &text);
                inner.set_timer();
            }
        });
        *self.channel.borrow_mut() = channel;
    }

    fn take_lock(self: &Rc<Self>) {
        let stolen = web_sys::window().and_then(|window| Lock::steal(&window, &self.name));
        let Some((lock, ended)) = stolen else { return };
        *self.lock.borrow_mut() = Some(lock);
        let weak = Rc::downgrade(self);
        spawn_local(async move {
            // A lock that we let go of is settled in good order; one that another tab took breaks.
            let was_taken = JsFuture::from(ended).await.is_err();
            if let (true, Some(inner)) = (was_taken, weak.upgrade()) {
                inner.driver.lock_lost(&inner);
                inner.set_timer();
            }
        });
    }

    fn end_request(&self) {
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
        (self.driver.number(), signal)
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
                    let id = snapshot.id.clone();
                    (inner.tell)(Message::Snapshot(Box::new(snapshot)));
                    inner.driver.snapshot_taken(&inner, &id);
                    inner.set_timer();
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
        let header = self.driver.header();
        let weak = Rc::downgrade(self);
        spawn_local(async move {
            // Always the first URL: a redirect may have been to a host that is being drained.
            let mut request =
                Request::new("GET", EVENTS, "text/event-stream").live(signal.as_ref());
            if let Some(last_event_id) = header {
                request = request.header("Last-Event-ID", &last_event_id);
            }
            let answer = request.send().await;
            let Some(inner) = current(&weak, number) else {
                return;
            };
            let Some(response) = answer else {
                inner.step(Input::Failed);
                return;
            };
            inner.step(Input::Answered(head(&response)));
            drop(inner);
            read(&weak, number, &response).await;
        });
    }
}

/// The stream, if it still lives and this request is still the current one.
fn current(weak: &Weak<Inner>, number: u64) -> Option<Rc<Inner>> {
    weak.upgrade()
        .filter(|inner| inner.driver.number() == number)
}

async fn read(weak: &Weak<Inner>, number: u64, response: &Response) {
    let reader = response.body().map(|body| {
        body.get_reader()
            .unchecked_into::<ReadableStreamDefaultReader>()
    });
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
        let goes_on = inner.driver.hear(&inner, &bytes);
        inner.set_timer();
        if !goes_on {
            return;
        }
    }
}

fn head(response: &Response) -> Head {
    Head {
        status: response.status(),
        content_type: fetch::header(response, "content-type").unwrap_or_default(),
        redirected: response.redirected(),
        retry_after_ms: retry_after_ms(response),
    }
}

/// Seconds, or an HTTP date, which is compared with the answer's own `Date` and not with the local clock.
fn retry_after_ms(response: &Response) -> Option<f64> {
    let value = fetch::header(response, "retry-after")?;
    let value = value.trim_ascii();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(f64::from(seconds) * 1_000.0);
    }
    let until_ms = Date::parse(value);
    let now_ms = Date::parse(&fetch::header(response, "date")?);
    let wait_ms = until_ms - now_ms;
    // Neither was a date: a comparison with NaN is false.
    (wait_ms >= 0.0).then_some(wait_ms)
}

fn is_hidden(window: &Window) -> bool {
    window
        .document()
        .is_some_and(|document| document.visibility_state() == VisibilityState::Hidden)
}

/// What the page around the stream goes through.
fn listen(window: &Window, inner: &Rc<Inner>) -> Vec<EventListener> {
    let names = ["online", "offline", "pagehide", "pageshow"];
    let mut listeners: Vec<EventListener> = names
        .into_iter()
        .map(|name| EventListener::new(window, name, heed(inner)))
        .collect();
    if let Some(document) = window.document() {
        listeners.push(EventListener::new(
            &document,
            "visibilitychange",
            heed(inner),
        ));
    }
    listeners
}

fn heed(inner: &Rc<Inner>) -> impl Fn(&web_sys::Event) + 'static {
    let weak = Rc::downgrade(inner);
    move |event| {
        let (Some(inner), Some(window)) = (weak.upgrade(), web_sys::window()) else {
            return;
        };
        match event.type_().as_str() {
            "online" => inner.step(Input::Online),
            "offline" => inner.step(Input::Offline),
            "pagehide" => inner.leave(),
            "pageshow" => {
                let is_back = event
                    .dyn_ref::<PageTransitionEvent>()
                    .is_some_and(PageTransitionEvent::persisted);
                if is_back {
                    inner.open_channel();
                    inner.driver.come_back(&inner);
                }
            }
            _ => {
                let is_hidden = is_hidden(&window);
                (inner.tell)(Message::Hidden(is_hidden));
                if !is_hidden && inner.was_asleep() {
                    inner.step(Input::Woke);
                }
                inner.driver.set_visible(&inner, !is_hidden);
            }
        }
        inner.set_timer();
    }
}
