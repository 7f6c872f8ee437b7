//! What drives a stream: requests and their answers, bytes and what other tabs pass on → what the feed is told. No DOM.
//!
//! The browser's [`Stream`](crate::stream::Stream) and the tests are two [`Host`]s of the same driver, so the tests run what ships.
//!
//! A tab that follows goes the same way as one that leads: snapshot, then frames. Only its frames come from the leading tab, as
//! [`Frame`]s in text, and its request for the stream is answered here.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;

use contract::frame::name;
use contract::ids::EventId;

use crate::stream::connection::{Connection, Head, Input, Link, Output};
use crate::stream::decode::{StreamEvent, decode};
use crate::stream::leader::{self, Election, Tab};
use crate::stream::parse::{Frame, Parser};
use crate::stream::resume::Resume;

/// Between two frames that are passed on together. No JSON text and no field of a frame holds it.
const BETWEEN: char = '\u{1e}';
/// A follower whose snapshot takes longer than this many frames takes another one.
const MAX_WAITING: usize = 10_000;

/// What the driver asks of the world around it.
pub trait Host {
    /// A monotonic clock.
    fn now_ms(&self) -> f64;
    /// In 0..1.
    fn chance(&self) -> f64;
    /// Does it. Answers come back through [`Driver::step`], with the number that [`Driver::number`] had meanwhile.
    fn act(&self, act: Act);
    /// Tells the feed.
    fn tell(&self, event: StreamEvent);
    /// Another link than before, or another place among the tabs.
    fn show(&self, link: Link, tab: Tab);
    /// The person signed out, in another tab.
    fn left(&self);
}

/// What the host is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// `GET /api/snapshot`.
    TakeSnapshot,
    /// `GET /api/events`, with [`Driver::header`].
    Connect,
    /// End the request that is under way.
    Abort,
    /// `GET /api/me`, once.
    AskWhoIAm,
    /// Take the tabs' lock from whoever has it. Its loss comes back by [`Driver::lock_lost`].
    Lock,
    /// Let go of the lock.
    Unlock,
    /// Say this to the other tabs of the session.
    Post(String),
}

/// One stream, or one tab's part in it.
#[derive(Debug)]
pub struct Driver {
    connection: RefCell<Connection>,
    resume: RefCell<Resume>,
    parser: RefCell<Parser>,
    number: Cell<u64>,
    shown: Cell<Option<(Link, Tab)>>,
    /// `None` where tabs cannot agree.
    election: Option<RefCell<Election>>,
    /// Another tab was heard, so there is one to pass things on to.
    has_company: Cell<bool>,
    /// What the leader said of its connection.
    leader_link: Cell<Link>,
    /// Passed on while the snapshot was under way.
    waiting: RefCell<Vec<Frame>>,
    /// There were too many of them.
    lost_some: Cell<bool>,
    /// The last seal of each tenant, as it is passed on to a tab that comes later.
    seals: RefCell<Vec<(i64, String)>>,
    is_visible: Cell<bool>,
}

impl Driver {
    /// `shares`: tabs can agree on who has the stream.
    pub fn new(shares: bool, is_visible: bool) -> Driver {
        Driver {
            connection: RefCell::default(),
            resume: RefCell::default(),
            parser: RefCell::default(),
            number: Cell::new(0),
            shown: Cell::new(None),
            election: shares.then(|| RefCell::new(Election::new(is_visible))),
            has_company: Cell::new(false),
            leader_link: Cell::default(),
            waiting: RefCell::default(),
            lost_some: Cell::new(false),
            seals: RefCell::default(),
            is_visible: Cell::new(is_visible),
        }
    }

    /// Begins: with the snapshot, and with asking who leads.
    pub fn begin(&self, host: &impl Host) {
        self.elect(host, leader::Input::Begin);
        self.step(host, Input::Begin);
        self.alone_follows_visibility(host);
    }

    /// Of the request that is under way. Whatever an earlier one still says is not for us.
    pub fn number(&self) -> u64 {
        self.number.get()
    }

    /// The value of `Last-Event-ID`.
    pub fn header(&self) -> Option<String> {
        self.resume.borrow().header()
    }

    /// The position up to which everything was told.
    pub fn last_event_id(&self) -> String {
        self.resume.borrow().last_event_id().to_owned()
    }

    /// When [`Driver::tick`] is due.
    pub fn wake_at(&self, now_ms: f64) -> Option<f64> {
        let connection = self.connection.borrow().wake_at(now_ms);
        let election = self.election.as_ref();
        let election = election.and_then(|election| election.borrow().wake_at());
        match (connection, election) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Time has passed; `slept`: so much that nothing is to be trusted.
    pub fn tick(&self, host: &impl Host, slept: bool) {
        self.elect(host, leader::Input::Tick);
        self.step(host, if slept { Input::Woke } else { Input::Tick });
    }

    /// The tab came to the front, or went from there.
    pub fn set_visible(&self, host: &impl Host, is_visible: bool) {
        self.is_visible.set(is_visible);
        self.elect(host, leader::Input::Visible(is_visible));
        if is_visible {
            self.step(host, Input::Visible);
        }
        self.alone_follows_visibility(host);
    }

    /// The page is left, perhaps for the back/forward cache.
    pub fn leave(&self, host: &impl Host) {
        self.elect(host, leader::Input::Leave);
        self.step(host, Input::PageHide);
    }

    /// It came back from there.
    pub fn come_back(&self, host: &impl Host) {
        self.elect(host, leader::Input::Begin);
        self.step(host, Input::PageShow);
    }

    /// Where tabs cannot share, each visible one has a stream, and a hidden one has none.
    fn alone_follows_visibility(&self, host: &impl Host) {
        if self.election.is_none() {
            let is_visible = self.is_visible.get();
            self.step(
                host,
                if is_visible {
                    Input::PageShow
                } else {
                    Input::PageHide
                },
            );
        }
    }

    /// One input of the connection.
    pub fn step(&self, host: &impl Host, input: Input) {
        if input == Input::TryNow && self.follows() {
            host.act(Act::Post("T".to_owned()));
        }
        let (now_ms, chance) = (host.now_ms(), host.chance());
        let outputs = self.connection.borrow_mut().step(input, now_ms, chance);
        for output in outputs {
            let act = match output {
                Output::TakeSnapshot => Act::TakeSnapshot,
                Output::Connect => Act::Connect,
                Output::Abort => Act::Abort,
                Output::AskWhoIAm => Act::AskWhoIAm,
                Output::ForgetId => {
                    self.resume.borrow_mut().forget();
                    continue;
                }
            };
            if act != Act::AskWhoIAm {
                self.number.set(self.number.get() + 1);
            }
            if act == Act::Connect {
                let id = self.last_event_id();
                *self.parser.borrow_mut() = Parser::resume(&id);
                if self.follows() {
                    self.connect_to_leader(host);
                    continue;
                }
            }
            host.act(act);
        }
        self.show(host);
    }

    /// The snapshot was told; the stream goes on from it.
    pub fn snapshot_taken(&self, host: &impl Host, id: &EventId) {
        self.resume.borrow_mut().from_snapshot(id);
        self.step(host, Input::SnapshotTaken);
        if self.follows() {
            // A snapshot proves nothing by itself: the newest seals are to be said again.
            host.act(Act::Post("J".to_owned()));
        }
    }

    /// Bytes of the stream; false once this request is not the current one any more.
    pub fn hear(&self, host: &impl Host, bytes: &[u8]) -> bool {
        let number = self.number();
        self.step(host, Input::Bytes);
        let mut frames = Vec::new();
        let (pushed, retry_changed, retry_ms) = {
            let mut parser = self.parser.borrow_mut();
            let before = parser.retry_ms();
            let pushed = parser.push(bytes, |frame| frames.push(frame));
            (pushed, parser.retry_ms() != before, parser.retry_ms())
        };
        if retry_changed {
            self.step(host, Input::Retry(retry_ms));
        }
        let is_current = self.take(host, frames);
        if is_current && pushed.is_err() {
            self.step(host, Input::SnapshotNeeded);
        }
        self.number() == number
    }

    /// Tells each frame, and passes it on.
    fn take(&self, host: &impl Host, frames: Vec<Frame>) -> bool {
        let number = self.number();
        let leads = self.leads();
        let mut text = self.passing_on();
        let n_begin = text.len();
        let mut frames = frames.into_iter();
        for frame in frames.by_ref() {
            if self.follows() {
                let resume = self.resume.borrow();
                // Of a tab that does not know yet that the log was replaced.
                if resume.is_of_other_log(&frame.last_event_id) {
                    continue;
                }
                // Where the leader stood before what it passes on.
                if frame.event.is_empty() {
                    let is_behind = resume.is_behind(&frame.last_event_id);
                    drop(resume);
                    if is_behind {
                        self.step(host, Input::SnapshotNeeded);
                        break;
                    }
                    continue;
                }
            }
            let event = decode(&frame);
            self.step(host, Input::Event);
            let next = event.as_ref().and_then(consequence);
            let tenant_id = match &event {
                Some(StreamEvent::Seal(seal)) => Some(seal.tenant_id.0),
                _ => None,
            };
            if let Some(event) = event {
                host.tell(event);
            }
            // Told, but not by us any more: somebody else signed in, or the picture has to be taken anew.
            if self.number() != number {
                break;
            }
            // What the feed holds and where the stream goes on are one record.
            self.resume.borrow_mut().applied(&frame.last_event_id);
            if leads {
                let begin = text.len();
                text.push_str(&frame.event);
                text.push('\n');
                text.push_str(&frame.last_event_id);
                text.push('\n');
                text.push_str(&frame.data);
                text.push(BETWEEN);
                if let Some(tenant_id) = tenant_id {
                    self.keep_seal(tenant_id, &text[begin..]);
                }
            }
            if let Some(next) = next {
                self.step(host, next);
            }
            if self.number() != number {
                break;
            }
        }
        if text.len() > n_begin && self.has_company.get() {
            host.act(Act::Post(text));
        }
        // The leader goes on: after its `bye`, say.
        self.waiting
            .borrow_mut()
            .extend(frames.filter(|_| self.follows()));
        self.number() == number
    }

    /// The beginning of what is passed on: a follower that is not as far as we were has missed something.
    fn passing_on(&self) -> String {
        let mut text = String::from("F\n");
        text.push_str(self.resume.borrow().last_event_id());
        text.push('\n');
        text.push(BETWEEN);
        text
    }

    fn keep_seal(&self, tenant_id: i64, text: &str) {
        let mut seals = self.seals.borrow_mut();
        match seals.iter_mut().find(|(known, _)| *known == tenant_id) {
            Some((_, known)) => text.clone_into(known),
            None => seals.push((tenant_id, text.to_owned())),
        }
    }

    /// What another tab of the session said.
    pub fn hear_tab(&self, host: &impl Host, text: &str) {
        self.has_company.set(true);
        let Some(election) = &self.election else {
            if text == "X" {
                host.left();
            }
            return;
        };
        let rest = text.get(1..).unwrap_or_default();
        match text.as_bytes().first() {
            Some(b'X') => host.left(),
            Some(b'G') => self.elect(host, leader::Input::Gone),
            Some(b'J') if self.leads() => {
                let mut text = self.passing_on();
                for (_, seal) in &*self.seals.borrow() {
                    text.push_str(seal);
                }
                host.act(Act::Post(text));
                self.elect_outputs(host, vec![leader::Output::Beat]);
            }
            Some(b'T') if self.leads() => self.step(host, Input::TryNow),
            Some(b'F') if self.follows() => {
                let heard = leader::Input::Heard { is_visible: None };
                election
                    .borrow_mut()
                    .step(heard, host.now_ms(), host.chance());
                let frames = rest.split(BETWEEN).filter_map(|text| {
                    let mut parts = text.splitn(3, '\n').map(str::to_owned);
                    Some(Frame {
                        event: parts.next()?,
                        last_event_id: parts.next()?,
                        data: parts.next()?,
                    })
                });
                self.waiting.borrow_mut().extend(frames);
                self.take_waiting(host);
            }
            Some(b'B') if self.follows() => self.hear_beat(host, rest),
            _ => {}
        }
    }

    fn take_waiting(&self, host: &impl Host) {
        if self.connection.borrow().is_open() {
            let frames = self.waiting.take();
            if !frames.is_empty() {
                self.step(host, Input::Bytes);
                self.take(host, frames);
            }
        } else if self.waiting.borrow().len() > MAX_WAITING {
            self.waiting.take();
            self.lost_some.set(true);
        }
    }

    /// The leader passes the stream on: there is nobody to be asked.
    fn connect_to_leader(&self, host: &impl Host) {
        self.step(
            host,
            Input::Answered(Head {
                status: 200,
                content_type: "text/event-stream".to_owned(),
                ..Head::default()
            }),
        );
        if self.lost_some.take() {
            self.step(host, Input::SnapshotNeeded);
        }
        self.take_waiting(host);
    }

    fn hear_beat(&self, host: &impl Host, text: &str) {
        let mut parts = text.split(' ');
        let mut next = || parts.next().and_then(|part| part.parse::<u32>().ok());
        let (Some(visible), Some(code), Some(age_ms), Some(wait_ms)) =
            (next(), next(), next(), next())
        else {
            return;
        };
        let is_visible = Some(visible == 1);
        self.elect(host, leader::Input::Heard { is_visible });
        let now_ms = host.now_ms();
        let last_byte_ms = now_ms - f64::from(age_ms);
        let link = match code {
            0 => Link::Connecting,
            1 => Link::Live,
            2 => Link::Stale { last_byte_ms },
            3 => Link::Reconnecting {
                last_byte_ms,
                next_try_ms: (wait_ms > 0).then(|| now_ms + f64::from(wait_ms)),
            },
            4 => Link::Offline { last_byte_ms },
            5 => return self.step(host, Input::SignedOut),
            6 => Link::Stopped,
            status => Link::Refused {
                status: status as u16,
            },
        };
        self.leader_link.set(link);
        if link == Link::Live && self.connection.borrow().is_open() {
            self.step(host, Input::Event);
            // The leader told everything up to there before it beat.
            let is_behind = parts
                .next()
                .is_some_and(|id| self.resume.borrow().is_behind(id));
            if is_behind {
                self.step(host, Input::SnapshotNeeded);
            }
        }
        self.show(host);
    }

    /// Whoever is asked first tells the others.
    fn beat(&self, host: &impl Host) {
        let now_ms = host.now_ms();
        let link = self.connection.borrow().shown(now_ms);
        let (code, last_byte_ms, next_try_ms) = match link {
            Link::Connecting => (0, None, None),
            Link::Live => (1, None, None),
            Link::Stale { last_byte_ms } => (2, Some(last_byte_ms), None),
            Link::Reconnecting {
                last_byte_ms,
                next_try_ms,
            } => (3, Some(last_byte_ms), next_try_ms),
            Link::Offline { last_byte_ms } => (4, Some(last_byte_ms), None),
            Link::SignedOut { .. } => (5, None, None),
            Link::Stopped => (6, None, None),
            Link::Refused { status } => (u32::from(status), None, None),
        };
        let age_ms = last_byte_ms.map_or(0, |ms| (now_ms - ms) as u32);
        let wait_ms = next_try_ms.map_or(0, |ms| (ms - now_ms) as u32);
        let visible = u32::from(self.is_visible.get());
        let mut text = String::from("B");
        // A string takes everything.
        let _ = write!(
            text,
            "{visible} {code} {age_ms} {wait_ms} {}",
            self.resume.borrow().last_event_id()
        );
        host.act(Act::Post(text));
    }

    /// Another tab took the lock. Where there is no other tab, the browser gave us none, and the stream is ours all the same.
    pub fn lock_lost(&self, host: &impl Host) {
        if self.has_company.get() {
            self.elect(host, leader::Input::Lost);
            self.show(host);
        }
    }

    /// The person signed out here: so they did in all tabs.
    pub fn sign_out(&self, host: &impl Host) {
        host.act(Act::Post("X".to_owned()));
    }

    fn elect(&self, host: &impl Host, input: leader::Input) {
        if let Some(election) = &self.election {
            let outputs = election
                .borrow_mut()
                .step(input, host.now_ms(), host.chance());
            self.elect_outputs(host, outputs);
        }
    }

    fn elect_outputs(&self, host: &impl Host, outputs: Vec<leader::Output>) {
        for output in outputs {
            match output {
                leader::Output::Lead => {
                    host.act(Act::Lock);
                    self.waiting.take();
                    self.seals.take();
                    // What is shown when this tab follows again, until it hears more.
                    self.leader_link.set(Link::Live);
                    self.step(host, Input::Switched);
                }
                leader::Output::LetGo => {
                    host.act(Act::Post("G".to_owned()));
                    host.act(Act::Unlock);
                }
                leader::Output::Follow => {
                    self.step(host, Input::Switched);
                    // Whoever leads tells how it stands, and its newest seals.
                    host.act(Act::Post("J".to_owned()));
                }
                leader::Output::Beat => self.beat(host),
            }
        }
    }

    fn leads(&self) -> bool {
        let election = self.election.as_ref();
        election.is_some_and(|election| election.borrow().leads())
    }

    fn follows(&self) -> bool {
        self.election.is_some() && !self.leads()
    }

    fn show(&self, host: &impl Host) {
        let tab = match &self.election {
            None => Tab::Alone,
            Some(_) if self.leads() => Tab::Leads,
            Some(_) => Tab::Follows,
        };
        let own = self.connection.borrow().shown(host.now_ms());
        let link = match (own, tab) {
            (Link::Live, Tab::Follows) => self.leader_link.get(),
            _ => own,
        };
        if self.shown.replace(Some((link, tab))) != Some((link, tab)) {
            if tab == Tab::Leads {
                self.beat(host);
            }
            host.show(link, tab);
        }
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
