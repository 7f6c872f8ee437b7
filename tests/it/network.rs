//! A server, a network with faults and the tabs of one browser, under a virtual clock. The stream's driver, the parser, the decoder and
//! the feed are those that ship; the server and the network are modelled here.

use std::collections::BTreeMap;

use contract::frame::{Bye, Pulse, name};
use tenant_atlas::feed::Event;
use tenant_atlas::stream::connection::{Head, Input};
use tenant_atlas::stream::leader::Tab as Place;

use crate::host::{Said, Tab, Wire};
use crate::server::{Chance, Server, happens, server_time, write};

/// What can happen, each once in so many steps; 0 is never.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// Something happens to a run. The only one that is no fault.
    pub(crate) work: u64,
    /// The connection breaks, at any byte.
    pub(crate) cut: u64,
    /// Nothing comes through any more, and nobody says so.
    pub(crate) stall: u64,
    /// An answer is a network error, 500, 503 with Retry-After or 429.
    pub(crate) refuse: u64,
    /// The server says `bye` or ends the body.
    pub(crate) end: u64,
    /// All connections break, and for a while nobody is there.
    pub(crate) restart: u64,
    /// The server comes back with an older state and another epoch.
    pub(crate) restore: u64,
    /// The positions so far are too old to go on from.
    pub(crate) forget: u64,
    /// A fault of the server: a `run` frame is not sent.
    pub(crate) lose: u64,
    /// A tab freezes, or thaws.
    pub(crate) freeze: u64,
    /// A tab is gone without a word.
    pub(crate) crash: u64,
    /// A tab is hidden or shown.
    pub(crate) hide: u64,
}

/// Everything.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) chance: Chance,
    pub(crate) now_ms: f64,
    /// The tab that has the lock.
    lock: Option<usize>,
    shares: bool,
    /// Streams that tabs which are gone had.
    n_connects_gone: u64,
}

impl World {
    /// Tabs that share where there are several; a single one is alone.
    pub(crate) fn new(seed: u64, n_tabs: usize) -> World {
        let mut world = World {
            server: Server::default(),
            tabs: Vec::new(),
            chance: Chance::new(seed),
            now_ms: 1_000.0,
            lock: None,
            shares: n_tabs > 1,
            n_connects_gone: 0,
        };
        for _ in 0..world.chance.below(20) {
            world.server.work(&mut world.chance);
        }
        for idx in 0..n_tabs {
            world.open_tab(idx == 0);
        }
        world
    }

    fn open_tab(&mut self, is_visible: bool) {
        let seed = self.chance.next();
        let tab = Tab::new(self.shares, is_visible, self.now_ms, seed);
        tab.driver.begin(&tab);
        self.tabs.push(tab);
        self.settle(self.tabs.len() - 1);
    }

    /// How often a stream was asked for.
    pub(crate) fn n_connects(&self) -> u64 {
        let open: u64 = self.tabs.iter().map(|tab| tab.n_connects.get()).sum();
        open + self.n_connects_gone
    }

    /// How many tabs have a stream, or ask for one.
    pub(crate) fn n_streams(&self) -> usize {
        let has = |tab: &&Tab| {
            let wire = tab.wire.borrow();
            !matches!(
                *wire,
                None | Some(
                    Wire::Snapshot { .. }
                        | Wire::Asked {
                            is_snapshot: true,
                            ..
                        }
                )
            )
        };
        self.tabs.iter().filter(has).count()
    }

    /// One step of everything.
    pub(crate) fn step(&mut self, faults: &Faults) {
        self.now_ms += 1.0 + self.chance.part() * 250.0;
        if happens(&mut self.chance, faults.work) {
            self.server.work(&mut self.chance);
        }
        self.break_server(faults);
        for idx in 0..self.tabs.len() {
            self.tabs[idx].now_ms.set(self.now_ms);
            self.disturb_tab(idx, faults);
            if self.tabs[idx].is_frozen.get() {
                continue;
            }
            // A timer that is due and what was said meanwhile come in any order.
            let ticks_first = self.chance.one_in(2);
            if ticks_first {
                self.tick(idx);
            }
            self.listen(idx);
            self.network(idx, faults);
            if !ticks_first {
                self.tick(idx);
            }
            self.settle(idx);
        }
        if happens(&mut self.chance, faults.crash) && self.tabs.len() > 1 {
            let idx = self.chance.below(self.tabs.len() as u64) as usize;
            self.crash(idx);
            self.open_tab(self.tabs.iter().all(|tab| !tab.is_visible.get()));
        }
    }

    fn tick(&mut self, idx: usize) {
        let tab = &self.tabs[idx];
        let wake_at = tab.driver.wake_at(self.now_ms);
        if wake_at.is_some_and(|at_ms| at_ms <= self.now_ms) {
            tab.driver.tick(tab, false);
            self.settle(idx);
        }
    }

    /// A tab is gone without a word; the browser frees its lock.
    pub(crate) fn crash(&mut self, idx: usize) {
        let tab = self.tabs.remove(idx);
        self.n_connects_gone += tab.n_connects.get();
        self.lock = match self.lock {
            Some(holder) if holder == idx => None,
            Some(holder) if holder > idx => Some(holder - 1),
            holder => holder,
        };
    }

    /// Freezes a tab, or thaws it.
    pub(crate) fn freeze(&mut self, idx: usize, is_frozen: bool) {
        self.tabs[idx].is_frozen.set(is_frozen);
    }

    /// Hides a tab, or shows it.
    pub(crate) fn show(&mut self, idx: usize, is_visible: bool) {
        let tab = &self.tabs[idx];
        tab.now_ms.set(self.now_ms);
        tab.is_visible.set(is_visible);
        tab.driver.set_visible(tab, is_visible);
        self.settle(idx);
    }

    /// A page is left in good order.
    pub(crate) fn leave(&mut self, idx: usize) {
        let tab = &self.tabs[idx];
        tab.now_ms.set(self.now_ms);
        tab.driver.leave(tab);
        self.settle(idx);
    }

    /// It comes back, as from the back/forward cache.
    pub(crate) fn come_back(&mut self, idx: usize) {
        let tab = &self.tabs[idx];
        tab.now_ms.set(self.now_ms);
        // The channel is closed meanwhile.
        tab.inbox.borrow_mut().clear();
        tab.driver.come_back(tab);
        self.settle(idx);
    }

    /// The person signs out in a tab.
    pub(crate) fn sign_out(&mut self, idx: usize) {
        let tab = &self.tabs[idx];
        tab.driver.sign_out(tab);
        self.settle(idx);
    }

    /// What was said to a tab and not heard yet is lost.
    pub(crate) fn lose_messages(&mut self, idx: usize) {
        self.tabs[idx].inbox.borrow_mut().clear();
    }

    /// Something happens to a run.
    pub(crate) fn work(&mut self) {
        self.server.work(&mut self.chance);
    }

    /// Time passes until something is so; how many milliseconds that took.
    #[track_caller]
    pub(crate) fn until(
        &mut self,
        what: &str,
        faults: &Faults,
        is_so: impl Fn(&World) -> bool,
    ) -> f64 {
        let begin_ms = self.now_ms;
        while !is_so(self) {
            assert!(
                self.now_ms - begin_ms < 60_000.0,
                "not within a minute: {what}"
            );
            self.step(faults);
        }
        self.now_ms - begin_ms
    }

    /// Which tab leads, by its own word; `None` if none or more than one does.
    pub(crate) fn leader(&self) -> Option<usize> {
        let mut leaders =
            (0..self.tabs.len()).filter(|idx| self.tabs[*idx].link.get().1 == Place::Leads);
        leaders.next().filter(|_| leaders.next().is_none())
    }

    fn disturb_tab(&mut self, idx: usize, faults: &Faults) {
        if happens(&mut self.chance, faults.freeze) {
            let is_frozen = !self.tabs[idx].is_frozen.get();
            self.freeze(idx, is_frozen);
        }
        if happens(&mut self.chance, faults.hide) && !self.tabs[idx].is_frozen.get() {
            let is_visible = !self.tabs[idx].is_visible.get();
            self.show(idx, is_visible);
        }
    }

    fn break_server(&mut self, faults: &Faults) {
        let restores = happens(&mut self.chance, faults.restore);
        if restores || happens(&mut self.chance, faults.restart) {
            self.server.up_at_ms = self.now_ms + self.chance.part() * 4_000.0;
            for tab in &self.tabs {
                if matches!(
                    *tab.wire.borrow(),
                    Some(Wire::Open { .. } | Wire::Snapshot { .. })
                ) {
                    self.server_breaks(tab);
                }
            }
        }
        if restores {
            let kept = self.chance.below(self.server.log.len() as u64 + 1) as usize;
            self.server.restore(kept);
        }
        if happens(&mut self.chance, faults.forget) {
            self.server.oldest = self.server.log.len();
        }
    }

    /// A frozen tab hears of it when it thaws: its wire is gone then.
    fn server_breaks(&self, tab: &Tab) {
        if tab.is_frozen.get() {
            if let Some(Wire::Open { stalled, .. }) = &mut *tab.wire.borrow_mut() {
                *stalled = true;
            }
            return;
        }
        tab.now_ms.set(self.now_ms);
        tab.wire.take();
        tab.driver.step(tab, Input::Failed);
    }

    fn listen(&mut self, idx: usize) {
        for _ in 0..=self.chance.below(30) {
            let said = self.tabs[idx].inbox.borrow_mut().pop_front();
            let tab = &self.tabs[idx];
            match said {
                Some(Said::Text(text)) => tab.driver.hear_tab(tab, &text),
                Some(Said::LockLost) => tab.driver.lock_lost(tab),
                None => return,
            }
            self.settle(idx);
        }
    }

    /// Hands on what a tab said, and moves the lock.
    fn settle(&mut self, idx: usize) {
        loop {
            let (posted, lock) = (self.tabs[idx].posted.take(), self.tabs[idx].lock.take());
            if posted.is_empty() && lock.is_none() {
                return;
            }
            for text in posted {
                for (other, tab) in self.tabs.iter().enumerate() {
                    if other != idx {
                        tab.inbox.borrow_mut().push_back(Said::Text(text.clone()));
                    }
                }
            }
            match lock {
                Some(true) => {
                    if let Some(holder) = self.lock.replace(idx).filter(|holder| *holder != idx) {
                        self.tabs[holder]
                            .inbox
                            .borrow_mut()
                            .push_back(Said::LockLost);
                    }
                }
                Some(false) if self.lock == Some(idx) => self.lock = None,
                _ => {}
            }
        }
    }

    fn network(&mut self, idx: usize, faults: &Faults) {
        let tab = &self.tabs[idx];
        let wire = tab.wire.take();
        match wire {
            Some(Wire::Asked {
                number,
                is_snapshot,
                header,
                answer_at_ms,
            }) if self.now_ms >= answer_at_ms => {
                self.answer(idx, number, is_snapshot, header.as_deref(), faults);
            }
            Some(Wire::Snapshot {
                number,
                snapshot,
                here_at_ms,
            }) if self.now_ms >= here_at_ms => {
                assert_eq!(number, tab.driver.number());
                let id = snapshot.id.clone();
                tab.snapshot_asked.set(false);
                let heads = snapshot
                    .tenants
                    .iter()
                    .map(|state| (state.tenant.id, state.head));
                *tab.heads.borrow_mut() = heads.collect();
                tab.apply(Event::Snapshot {
                    snapshot,
                    now_ms: self.now_ms,
                });
                tab.driver.snapshot_taken(tab, &id);
            }
            Some(wire @ Wire::Open { .. }) => self.flow(idx, wire, faults),
            other => *tab.wire.borrow_mut() = other,
        }
    }

    fn answer(
        &mut self,
        idx: usize,
        number: u64,
        is_snapshot: bool,
        header: Option<&str>,
        faults: &Faults,
    ) {
        let tab = &self.tabs[idx];
        if self.now_ms < self.server.up_at_ms {
            return tab.driver.step(tab, Input::Failed);
        }
        if happens(&mut self.chance, faults.refuse) {
            let status = [0, 500, 503, 429][self.chance.below(4) as usize];
            let input = match status {
                0 => Input::Failed,
                status => Input::Answered(Head {
                    status,
                    retry_after_ms: (status == 503).then_some(700.0),
                    ..Head::default()
                }),
            };
            return tab.driver.step(tab, input);
        }
        if is_snapshot {
            *tab.wire.borrow_mut() = Some(Wire::Snapshot {
                number,
                snapshot: Box::new(self.server.snapshot(self.now_ms)),
                here_at_ms: self.now_ms + self.chance.part() * 600.0,
            });
            return;
        }
        let (bytes, position) = self.server.subscribe(header, self.now_ms);
        *tab.wire.borrow_mut() = Some(Wire::Open {
            number,
            bytes: bytes.into(),
            position,
            pulse_at_ms: self.now_ms + 10_000.0,
            seals: BTreeMap::new(),
            stalled: false,
        });
        let head = Head {
            status: 200,
            content_type: "text/event-stream".to_owned(),
            ..Head::default()
        };
        tab.driver.step(tab, Input::Answered(head));
    }

    /// The server sends what is new, and some of what was sent arrives: cut at any byte.
    fn flow(&mut self, idx: usize, wire: Wire, faults: &Faults) {
        let Wire::Open {
            number,
            mut bytes,
            mut position,
            mut pulse_at_ms,
            mut seals,
            mut stalled,
        } = wire
        else {
            return;
        };
        let tab = &self.tabs[idx];
        stalled |= happens(&mut self.chance, faults.stall);
        if !stalled {
            let mut sent = Vec::new();
            self.server.send(
                &mut sent,
                &mut position,
                &mut seals,
                faults.lose,
                self.now_ms,
                &mut self.chance,
            );
            if self.now_ms >= pulse_at_ms {
                pulse_at_ms = self.now_ms + 10_000.0;
                let pulse = Pulse {
                    head: self.server.id(self.server.log.len()),
                    server_time: server_time(self.now_ms),
                };
                write(&mut sent, None, name::PULSE, &pulse);
            }
            let ends = happens(&mut self.chance, faults.end);
            if ends {
                let retry_ms = 100 + self.chance.below(900);
                let reason = "shutdown".to_owned();
                write(&mut sent, None, name::BYE, &Bye { retry_ms, reason });
            }
            bytes.extend(sent);
        }
        let n_arrive = if stalled {
            0
        } else {
            self.chance.below(bytes.len() as u64 + 1) as usize
        };
        let mut arrives: Vec<u8> = bytes.drain(..n_arrive).collect();
        *tab.wire.borrow_mut() = Some(Wire::Open {
            number,
            bytes,
            position,
            pulse_at_ms,
            seals,
            stalled,
        });
        while !arrives.is_empty() {
            let rest = arrives.split_off((1 + self.chance.below(arrives.len() as u64)) as usize);
            if !tab.driver.hear(tab, &arrives) {
                return;
            }
            arrives = rest;
        }
        if happens(&mut self.chance, faults.cut) {
            tab.wire.take();
            let how = if self.chance.one_in(2) {
                Input::Ended
            } else {
                Input::Failed
            };
            tab.driver.step(tab, how);
        }
    }

    /// Nothing goes wrong and nothing happens any more, until all is told.
    pub(crate) fn calm(&mut self, seconds: f64) {
        for idx in 0..self.tabs.len() {
            self.freeze(idx, false);
        }
        let end_ms = self.now_ms + seconds * 1_000.0;
        while self.now_ms < end_ms {
            self.step(&Faults::default());
        }
    }
}
