//! Makes stream, feed and session once, and hands the picture to Yew: events are applied when they come, drawn once a frame.
//!
//! Components read with [`use_feed`], [`use_session`] or [`use_now`], and tell with [`Live::send`]. They fetch nothing by themselves.

mod actions;
mod hooks;
mod listeners;
mod marks;
mod startup;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use contract::api::{Me, StartRun, Started};
use contract::ids::{RunKey, TenantId};
use contract::preferences::Rule;
use contract::run::Run;
use contract::timestamp::Timestamp;
use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use yew::Callback;

use crate::api::ApiError;
use crate::clock::local_ms;
use crate::feed::diagnostics::Diagnostics;
use crate::feed::{Event, Feed, SnapshotNeed};
use crate::live::listeners::Listeners;
use crate::live::marks::MarksQueue;
use crate::session::{Session, SessionEvent};
use crate::stream::decode::{KINDS, StreamEvent};
use crate::stream::{Message, Stream};

pub use crate::live::hooks::{
    LiveContext, use_card, use_feed, use_live, use_new_live, use_now, use_session,
};
pub use crate::live::listeners::Subscription;
pub use contract::api::RunSeq;

/// The page, which shows orders and sums, is drawn anew not more often than this while runs move. A card that changes is drawn in the
/// next frame: an order that changes sixty times a second nobody can read.
const PAGE_MS: f64 = 60.0;
/// A total that may be off by one is repaired not more often than this.
const SOON_MS: f64 = 60_000.0;

type OnFrame = Closure<dyn FnMut(f64)>;

/// What is known at one moment. Equal only if nothing changed.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Runs, cards, tenants.
    pub feed: Rc<Feed>,
    /// Who is signed in.
    pub session: Rc<Session>,
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.feed, &other.feed) && Rc::ptr_eq(&self.session, &other.session)
    }
}

/// What a person does. Each is shown at once where that is honest, and settled by the server's answer.
#[derive(Clone, Debug)]
pub enum Action {
    /// Takes a card off the screen, as it was on screen.
    Dismiss(RunSeq),
    /// Takes many off; those that have changed since stay, and a notice says so.
    DismissAll(Vec<RunSeq>),
    /// Brings dismissed cards back.
    Undo(Vec<RunKey>),
    /// Says that somebody looks after these failures, as they were on screen, or takes that back.
    Acknowledge(Vec<RunSeq>, bool),
    /// Was on screen long enough to be read.
    Seen(Vec<RunSeq>),
    /// Replaces the preferences: which runs are cards.
    Prefer(Vec<Rule>),
    /// Starts a run. A failure is a notice as well, so `then` may ignore it.
    Start {
        /// Where.
        tenant_id: TenantId,
        /// What.
        body: StartRun,
        /// Gets the answer, for the button that waits for it.
        then: Callback<Result<Started, ApiError>>,
    },
    /// A sign-in or a set-up was answered: the stream begins.
    SignedIn(Me),
    /// Ends the session; the page is wiped.
    SignOut,
    /// A call of a page was answered with an error: 401 asks to sign in again. Anything else is the page's to show.
    Failed(ApiError),
    /// Runs that an answer held: of a list or of a run's page. They enter the feed like any other.
    Bodies(Vec<Run>),
    /// The digest of what happened meanwhile was read.
    ReadAway,
    /// A notice was read.
    ReadNotice(u64),
    /// Do not wait for the next try to connect.
    TryNow,
}

/// The app's one connection and what came of it. Cheap to clone; equal if it is the same one.
#[derive(Clone)]
pub struct Live(Rc<Inner>);

impl PartialEq for Live {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

struct Inner {
    feed: RefCell<Rc<Feed>>,
    session: RefCell<Rc<Session>>,
    /// Open while somebody is signed in. Ended by its `Drop`.
    stream: RefCell<Option<Stream>>,
    /// Told when the page is drawn.
    drawn: Listeners<Picture>,
    /// Told at once while hidden, else when the page is drawn: title and favicon.
    changed: Listeners<Rc<Feed>>,
    /// Told in each frame.
    cards: Listeners<Rc<Feed>>,
    /// Told once a second while visible.
    seconds: Listeners<Timestamp>,
    ticker: RefCell<Option<Interval>>,
    frame_is_due: Cell<bool>,
    /// In the next frame, however long ago the last drawing is.
    page_is_due: Cell<bool>,
    page_drawn_ms: Cell<f64>,
    on_frame: RefCell<Option<OnFrame>>,
    marks: MarksQueue,
    /// When a frame of each kind came last.
    heard_ms: [Cell<Option<f64>>; KINDS.len()],
    snapshot_asked: Cell<bool>,
    snapshot_at_ms: Cell<f64>,
    /// The wait before `/api/me` is asked again.
    retry: RefCell<Option<Timeout>>,
}

impl Live {
    /// Asks who is signed in and, if somebody is, opens the stream.
    pub fn begin() -> Live {
        let live = Live::still();
        live.ask_who_i_am();
        live
    }

    /// Knows nothing and asks nobody.
    pub(crate) fn still() -> Live {
        let live = Live(Rc::new(Inner {
            feed: RefCell::default(),
            session: RefCell::default(),
            stream: RefCell::default(),
            drawn: Listeners::default(),
            changed: Listeners::default(),
            cards: Listeners::default(),
            seconds: Listeners::default(),
            ticker: RefCell::default(),
            frame_is_due: Cell::new(false),
            page_is_due: Cell::new(false),
            page_drawn_ms: Cell::new(0.0),
            on_frame: RefCell::default(),
            marks: MarksQueue::default(),
            heard_ms: Default::default(),
            snapshot_asked: Cell::new(false),
            snapshot_at_ms: Cell::new(0.0),
            retry: RefCell::default(),
        }));
        let weak = Rc::downgrade(&live.0);
        let on_frame = Closure::new(move |frame_ms| {
            if let Some(inner) = weak.upgrade() {
                Live(inner).draw(frame_ms);
            }
        });
        *live.0.on_frame.borrow_mut() = Some(on_frame);
        live
    }

    /// What is known now; later than what is drawn by at most a frame.
    pub fn picture(&self) -> Picture {
        Picture {
            feed: Rc::clone(&self.0.feed.borrow()),
            session: Rc::clone(&self.0.session.borrow()),
        }
    }

    /// The server's time; `None` before the server said anything.
    pub fn now(&self) -> Option<Timestamp> {
        self.0.feed.borrow().server_now(local_ms())
    }

    /// What the stream has been through, as of now.
    pub fn diagnostics(&self) -> Diagnostics {
        let heard = KINDS.iter().zip(&self.0.heard_ms);
        let heard = heard.filter_map(|(name, ms)| Some((name, ms.get()?)));
        let feed = self.0.feed.borrow();
        feed.diagnostics(local_ms(), js_sys::Date::now(), heard)
    }

    /// Calls back after changes, not more often than the page is drawn, until the subscription is dropped.
    #[must_use = "dropping the subscription ends it"]
    pub fn on_draw(&self, callback: Callback<Picture>) -> Subscription {
        self.0.drawn.add(callback)
    }

    /// Calls back on changes also while the tab is hidden: for the title, the favicon and desktop notices.
    #[must_use = "dropping the subscription ends it"]
    pub fn on_change(&self, callback: Callback<Rc<Feed>>) -> Subscription {
        self.0.changed.add(callback)
    }

    /// Calls back in each frame after changes: for a card by itself.
    #[must_use = "dropping the subscription ends it"]
    pub fn on_frame(&self, callback: Callback<Rc<Feed>>) -> Subscription {
        self.0.cards.add(callback)
    }

    /// Calls back once a second while visible, with the server's time.
    #[must_use = "dropping the subscription ends it"]
    pub fn on_second(&self, callback: Callback<Timestamp>) -> Subscription {
        if self.0.ticker.borrow().is_none() {
            let weak = Rc::downgrade(&self.0);
            let ticker = Interval::new(1_000, move || {
                if let Some(inner) = weak.upgrade() {
                    Live(inner).tick();
                }
            });
            *self.0.ticker.borrow_mut() = Some(ticker);
        }
        self.0.seconds.add(callback)
    }

    /// Ends the connection and all timers; what is known stays.
    pub fn close(&self) {
        self.0.stream.take();
        self.0.ticker.take();
        self.0.retry.take();
    }

    fn tick(&self) {
        if self.0.seconds.is_empty() {
            self.0.ticker.take();
        } else if !is_hidden()
            && let Some(now) = self.now()
        {
            self.0.seconds.tell(&now);
        }
    }

    pub(crate) fn apply(&self, event: Event) {
        // What people do, they see at once.
        let moves_on = matches!(event, Event::Run(_) | Event::Progress(_));
        let changed = Rc::make_mut(&mut self.0.feed.borrow_mut()).apply(event);
        self.fetch_what_is_missing();
        if changed {
            self.0
                .page_is_due
                .set(self.0.page_is_due.get() || !moves_on);
            self.redraw();
        }
    }

    fn session_event(&self, event: SessionEvent) {
        let before = Rc::clone(&self.0.session.borrow());
        let after = before.after(event);
        if *before == after {
            return;
        }
        if !before.keeps_content_for(&after) {
            self.apply(Event::Wiped);
        }
        *self.0.session.borrow_mut() = Rc::new(after);
        self.0.page_is_due.set(true);
        self.redraw();
    }

    /// A frame is asked for once; the browser holds it back while the tab is hidden.
    fn redraw(&self) {
        if is_hidden() {
            self.0.changed.tell(&self.picture().feed);
        }
        self.ask_for_a_frame();
    }

    fn ask_for_a_frame(&self) {
        if self.0.frame_is_due.replace(true) {
            return;
        }
        let on_frame = self.0.on_frame.borrow();
        let asked = on_frame.as_ref().and_then(|on_frame| {
            web_sys::window()?
                .request_animation_frame(on_frame.as_ref().unchecked_ref())
                .ok()
        });
        if asked.is_none() {
            self.0.frame_is_due.set(false);
        }
    }

    /// `frame_ms`: when the frame began, by the local monotonic clock.
    fn draw(&self, frame_ms: f64) {
        self.0.frame_is_due.set(false);
        let picture = self.picture();
        let is_early = frame_ms - self.0.page_drawn_ms.get() < PAGE_MS;
        if is_early && !self.0.page_is_due.get() {
            self.ask_for_a_frame();
        } else {
            self.0.page_is_due.set(false);
            self.0.page_drawn_ms.set(frame_ms);
            self.0.changed.tell(&picture.feed);
            self.0.drawn.tell(&picture);
        }
        self.0.cards.tell(&picture.feed);
    }

    fn fetch_what_is_missing(&self) {
        let (need, marks_after) = {
            let feed = self.0.feed.borrow();
            (feed.needs_snapshot(), feed.marks_wanted_after())
        };
        let is_due = match need {
            Some(SnapshotNeed::Now) => true,
            Some(SnapshotNeed::Soon) => local_ms() - self.0.snapshot_at_ms.get() > SOON_MS,
            None => false,
        };
        if is_due
            && let Some(stream) = self.0.stream.borrow().as_ref()
            && !self.0.snapshot_asked.replace(true)
        {
            stream.take_snapshot();
        }
        if let Some(after) = marks_after {
            self.fetch_marks(after);
        }
    }

    fn open_stream(&self, me: &Me) {
        // It lets go of lock and channel before the next one asks for them.
        self.0.stream.take();
        let weak = Rc::downgrade(&self.0);
        let stream = Stream::open(me, move |message| {
            if let Some(inner) = weak.upgrade() {
                Live(inner).hear(message);
            }
        });
        self.0.snapshot_asked.set(false);
        *self.0.stream.borrow_mut() = stream;
    }

    fn hear(&self, message: Message) {
        let now_ms = local_ms();
        match message {
            Message::Snapshot(snapshot) => {
                self.0.snapshot_asked.set(false);
                self.0.snapshot_at_ms.set(now_ms);
                let before = self.picture().feed;
                self.apply(Event::Snapshot { snapshot, now_ms });
                let feed = self.picture().feed;
                for key in feed.failed_since(&before) {
                    crate::desktop::tell(&feed, &key);
                }
            }
            Message::Event(event) => self.hear_event(event, now_ms),
            Message::Shown(shown, tab) => {
                self.apply(Event::Tab(tab));
                self.apply(Event::Connection(shown));
            }
            Message::Hidden(is_hidden) => {
                if is_hidden {
                    self.keep_here();
                }
                self.apply(Event::Hidden { is_hidden, now_ms });
            }
            Message::Left => self.left(),
            Message::SignedOut => self.session_event(SessionEvent::Lost),
            Message::AskWhoIAm => self.ask_who_i_am(),
        }
    }

    fn hear_event(&self, event: StreamEvent, now_ms: f64) {
        if let Some(kind) = event.kind() {
            self.0.heard_ms[kind].set(Some(now_ms));
        }
        match event {
            StreamEvent::Hello(hello) => {
                let me = Me {
                    person: hello.person.clone(),
                    tenants: hello.tenants.clone(),
                    marks_rev: hello.marks_rev,
                    build: hello.build.clone(),
                    channel: hello.channel.clone(),
                };
                self.signed_in_as(&me);
                self.apply(Event::Hello { hello, now_ms });
            }
            StreamEvent::Run(run) => {
                // Its status changed with this very event, and not something else of it.
                let is_news = run.status.is_failure() && run.status_seq == run.tenant_seq;
                let failed = is_news.then(|| run.key());
                self.apply(Event::Run(run));
                if let Some(key) = failed {
                    crate::desktop::tell(&self.0.feed.borrow(), &key);
                }
            }
            StreamEvent::Progress(progress) => self.apply(Event::Progress(progress)),
            StreamEvent::Marks(changed) => self.apply(Event::Marks(changed)),
            StreamEvent::Pulse(pulse) => {
                self.apply(Event::Pulse { pulse, now_ms });
                if !is_hidden() {
                    self.keep_here();
                }
            }
            StreamEvent::Unreadable { event } => {
                self.apply(Event::Notice(crate::feed::NoticeKind::Unreadable { event }));
            }
            StreamEvent::Seal(seal) => self.apply(Event::Seal { seal, now_ms }),
            StreamEvent::Reset(_) => self.apply(Event::Reset),
            // The stream acts on it by itself.
            StreamEvent::Bye(_) => {}
        }
    }
}

/// Whether the tab is hidden, so that no frame will be drawn.
fn is_hidden() -> bool {
    crate::dom::document().is_some_and(|document| crate::dom::is_hidden(&document))
}
