//! A tab without a browser: the host of a driver, with a feed, a wire to the server and what the other tabs say.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};

use contract::ids::{TenantId, TenantSeq};
use contract::snapshot::Snapshot;
use tenant_atlas::feed::{Event, Feed, SnapshotNeed};
use tenant_atlas::stream::connection::{Input, Link};
use tenant_atlas::stream::decode::StreamEvent;
use tenant_atlas::stream::driver::{Act, Driver, Host};
use tenant_atlas::stream::leader::Tab as Place;

use crate::server::Chance;

/// What is between a tab and the server.
pub(crate) enum Wire {
    Asked {
        number: u64,
        is_snapshot: bool,
        header: Option<String>,
        answer_at_ms: f64,
    },
    /// The snapshot is on its way; the log goes on.
    Snapshot {
        number: u64,
        snapshot: Box<Snapshot>,
        here_at_ms: f64,
    },
    Open {
        number: u64,
        /// Sent, and not there yet.
        bytes: VecDeque<u8>,
        position: usize,
        pulse_at_ms: f64,
        seals: BTreeMap<i64, i64>,
        stalled: bool,
    },
}

/// What the other tabs and the browser say to a tab, in order.
pub(crate) enum Said {
    Text(String),
    LockLost,
}

/// A tab: the host of a driver.
pub(crate) struct Tab {
    pub(crate) driver: Driver,
    pub(crate) feed: RefCell<Feed>,
    pub(crate) link: Cell<(Link, Place)>,
    pub(crate) n_connects: Cell<u64>,
    /// `run` frames of a place that had been told before.
    pub(crate) n_doubled: Cell<u64>,
    /// The person signed out elsewhere.
    pub(crate) has_left: Cell<bool>,
    pub(crate) heads: RefCell<BTreeMap<TenantId, TenantSeq>>,
    pub(crate) is_visible: Cell<bool>,
    pub(crate) is_frozen: Cell<bool>,
    pub(crate) now_ms: Cell<f64>,
    pub(crate) chance: RefCell<Chance>,
    pub(crate) wire: RefCell<Option<Wire>>,
    pub(crate) inbox: RefCell<VecDeque<Said>>,
    pub(crate) posted: RefCell<Vec<String>>,
    pub(crate) lock: Cell<Option<bool>>,
    pub(crate) snapshot_asked: Cell<bool>,
}

impl Tab {
    pub(crate) fn new(shares: bool, is_visible: bool, now_ms: f64, seed: u64) -> Tab {
        Tab {
            driver: Driver::new(shares, is_visible),
            feed: RefCell::default(),
            link: Cell::new((Link::Connecting, Place::Alone)),
            n_connects: Cell::new(0),
            n_doubled: Cell::new(0),
            has_left: Cell::new(false),
            heads: RefCell::default(),
            is_visible: Cell::new(is_visible),
            is_frozen: Cell::new(false),
            now_ms: Cell::new(now_ms),
            chance: RefCell::new(Chance::new(seed)),
            wire: RefCell::default(),
            inbox: RefCell::default(),
            posted: RefCell::default(),
            lock: Cell::new(None),
            snapshot_asked: Cell::new(false),
        }
    }

    /// As [`tenant_atlas::live`] does.
    pub(crate) fn apply(&self, event: Event) {
        self.feed.borrow_mut().apply(event);
        let need = self.feed.borrow().needs_snapshot();
        if need == Some(SnapshotNeed::Now) && !self.snapshot_asked.replace(true) {
            self.driver.step(self, Input::SnapshotNeeded);
        }
    }

    fn ask(&self, is_snapshot: bool) {
        let delay_ms = 5.0 + self.chance.borrow_mut().part() * 150.0;
        *self.wire.borrow_mut() = Some(Wire::Asked {
            number: self.driver.number(),
            is_snapshot,
            header: self.driver.header(),
            answer_at_ms: self.now_ms.get() + delay_ms,
        });
    }
}

impl Host for Tab {
    fn now_ms(&self) -> f64 {
        self.now_ms.get()
    }

    fn chance(&self) -> f64 {
        self.chance.borrow_mut().part()
    }

    fn act(&self, act: Act) {
        match act {
            Act::TakeSnapshot => self.ask(true),
            Act::Connect => {
                self.n_connects.set(self.n_connects.get() + 1);
                self.ask(false);
            }
            Act::Abort => drop(self.wire.take()),
            Act::AskWhoIAm => panic!("nobody signs out here"),
            Act::Lock => self.lock.set(Some(true)),
            Act::Unlock => self.lock.set(Some(false)),
            Act::Post(text) => self.posted.borrow_mut().push(text),
        }
    }

    fn tell(&self, event: StreamEvent) {
        let now_ms = self.now_ms.get();
        self.apply(match event {
            StreamEvent::Hello(hello) => Event::Hello { hello, now_ms },
            StreamEvent::Run(run) => {
                let head = self
                    .heads
                    .borrow_mut()
                    .insert(run.tenant_id, run.tenant_seq);
                let is_doubled = head >= Some(run.tenant_seq);
                self.n_doubled
                    .set(self.n_doubled.get() + u64::from(is_doubled));
                Event::Run(run)
            }
            StreamEvent::Progress(progress) => Event::Progress(progress),
            StreamEvent::Seal(seal) => Event::Seal { seal, now_ms },
            StreamEvent::Marks(marks) => Event::Marks(marks),
            StreamEvent::Pulse(pulse) => Event::Pulse { pulse, now_ms },
            StreamEvent::Reset(_) => Event::Reset,
            StreamEvent::Bye(_) => return,
            StreamEvent::Unreadable { event } => panic!("unreadable: {event}"),
        });
    }

    fn show(&self, link: Link, place: Place) {
        self.link.set((link, place));
        self.apply(Event::Tab(place));
        self.apply(Event::Connection(link));
    }

    fn left(&self) {
        self.has_left.set(true);
    }
}
