//! What the browser knows: (state, event) → state. Events come from the stream, from answers and from clicks; cards and pages read.
//!
//! **Invariant**: nothing here touches the DOM, asks a clock or sends anything. What the feed needs from outside it says:
//! [`Feed::needs_snapshot`], [`Feed::marks_wanted_after`].

pub mod away;
mod bounds;
mod deck;
pub mod diagnostics;
pub mod event;
pub mod freshness;
pub mod marks;
pub mod order;
pub mod progress;
mod queries;
mod seal;
mod tenants;

use std::cell::OnceCell;
use std::rc::Rc;

use contract::card;
use contract::frame::{Hello, Progress};
use contract::ids::{RunKey, TenantId, TenantSeq};
use contract::preferences::Preferences;
use contract::run::{PersonRef, Run};
use contract::snapshot::{MAX_FAILED_NAMED, Snapshot};

use crate::clock::Clock;
use crate::feed::away::Absence;
use crate::feed::deck::Deck;
use crate::feed::diagnostics::{Counted, Tab};
use crate::feed::marks::Marks;
use crate::feed::progress::Samples;
use crate::feed::seal::Repairs;
use crate::feed::tenants::TenantFeed;
use crate::sorted::SortedMap;

pub use crate::feed::event::{Event, Notice, NoticeKind};
pub use crate::feed::freshness::{Freshness, Link};
pub use crate::feed::progress::{Pace, TimeLeft};
pub use crate::feed::queries::Held;

/// A run that has a card for this person. Equal if it draws the same; cheap to compare.
#[derive(Clone, Debug)]
pub struct Card {
    /// Names the card.
    pub key: RunKey,
    /// As it stands.
    pub run: Rc<Run>,
    /// The tenant's name; empty if the tenant is not known (yet).
    pub tenant_name: Rc<str>,
    /// Its latest status was not seen yet.
    pub unread: bool,
    /// Off the screen; can be undone.
    pub dismissed: bool,
    /// A click on it waits for the server.
    pub pending: bool,
    /// Its person started it, or watches it.
    pub mine: bool,
    /// Its person may say that somebody looks after it.
    pub may_acknowledge: bool,
    /// See [`Card::words`].
    words: OnceCell<String>,
}

impl Card {
    /// What a search looks through, in small letters as `lowercase` makes them; made when it is asked for, and kept.
    pub fn words(&self, lowercase: impl FnOnce(&str) -> String) -> &str {
        self.words.get_or_init(|| {
            let run = &self.run;
            let error = run.error.as_ref().map_or("", |error| &error.message);
            let id = run.run_id.to_string();
            lowercase(&[&run.operation, &run.target, &*self.tenant_name, error, &id].join(" "))
        })
    }
}

impl PartialEq for Card {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.run, &other.run)
            && self.unread == other.unread
            && self.dismissed == other.dismissed
            && self.pending == other.pending
            && self.mine == other.mine
            && self.may_acknowledge == other.may_acknowledge
            && self.tenant_name == other.tenant_name
    }
}

/// Why the picture has to be taken anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotNeed {
    /// Nothing is known, an event is missing, a tenant is new or the server's data was replaced: at once.
    Now,
    /// A total may be off by one: soon, and not more often than once a minute.
    Soon,
}

/// The state of the page.
///
/// A clone shares everything that is large with its original: one is made for each drawn frame, in the middle of a burst.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    person: Option<PersonRef>,
    build: Option<String>,
    tenants: SortedMap<TenantId, Rc<TenantFeed>>,
    /// Tenants by name, as the server sorted them.
    tenants_by_name: Vec<TenantId>,
    runs: SortedMap<Rc<RunKey>, Rc<Run>>,
    /// Of these, the active and the failed ones.
    n_current: usize,
    /// One for each run in `runs` that has a card, dismissed ones too.
    cards: Deck,
    /// Failed runs that are known by name alone, since their row was cut.
    failed_named: Rc<SortedMap<RunKey, TenantSeq>>,
    marks: Rc<Marks>,
    /// Which runs are cards, and as of which counter of the marks.
    preferences: Rc<Preferences>,
    samples: SortedMap<Rc<RunKey>, Rc<Samples>>,
    clock: Clock,
    link: Link,
    notices: Vec<Notice>,
    n_notices: u64,
    counted: Counted,
    repairs: Repairs,
    absence: Absence,
    tab: Tab,
    /// Set by what only a snapshot repairs.
    stale_picture: bool,
    /// A snapshot has come.
    begun: bool,
}

impl Feed {
    /// Takes one event. Tells whether anything on screen could have changed.
    pub fn apply(&mut self, event: Event) -> bool {
        match event {
            Event::Snapshot { snapshot, now_ms } => self.replace(*snapshot, now_ms),
            Event::Hello { hello, now_ms } => self.hello(*hello, now_ms),
            Event::Pulse { pulse, now_ms } => {
                self.clock.set(pulse.server_time, now_ms);
                self.heard(pulse.server_time) | self.seals_hold(pulse.server_time, now_ms)
            }
            Event::Seal { seal, now_ms } => self.take_seal(seal, now_ms),
            Event::Reset => {
                self.counted.n_resets += 1;
                false
            }
            Event::Tab(tab) => std::mem::replace(&mut self.tab, tab) != tab,
            Event::Hidden { is_hidden, now_ms } => {
                self.set_hidden(is_hidden, self.clock.at(now_ms))
            }
            Event::AwayRead => self.away_read(),
            Event::WasHere { at, n_ended } => self.was_here(at, n_ended),
            Event::Run(run) => {
                let (tenant_id, was_new) =
                    (run.tenant_id, self.advance(run.tenant_id, run.tenant_seq));
                // What was passed is in the picture already, or gave way to something later.
                let changed = was_new && self.take_run(*run, true);
                if let Some(tenant) = self.tenants.get_mut(&tenant_id) {
                    Rc::make_mut(tenant).judge();
                }
                changed
            }
            Event::Body(run) => {
                let counted = self
                    .tenants
                    .get(&run.tenant_id)
                    .is_none_or(|tenant| tenant.has_passed(run.tenant_seq));
                if let Some(tenant) = self.tenants.get_mut(&run.tenant_id) {
                    Rc::make_mut(tenant).proof.told(run.tenant_seq);
                }
                self.take_run(*run, !counted)
            }
            Event::Progress(progress) => self.progress(&progress),
            Event::Marks(changed) => {
                let marks_rev = changed.marks_rev;
                let any = self.take_marks(changed.marks) | self.prefer(changed.preferences);
                Rc::make_mut(&mut self.marks).frame_reached(marks_rev);
                any
            }
            Event::MarkRows(rows) => {
                let any = self.take_marks(rows.rows) | self.prefer(rows.preferences);
                if rows.next.is_none() {
                    Rc::make_mut(&mut self.marks).fetched_to(rows.marks_rev);
                }
                any
            }
            Event::Preferred(preferences) => {
                Rc::make_mut(&mut self.marks).put_reached(preferences.marks_rev);
                self.prefer(Some(preferences))
            }
            Event::Connection(link) => {
                let changed = self.link != link;
                self.link = link;
                changed
            }
            Event::Dismiss {
                key,
                seq,
                attempt,
                change,
            } => {
                let dismissed = card::Dismissed { seq, attempt };
                Rc::make_mut(&mut self.marks).click(key.clone(), Some(dismissed), change);
                self.redraw_card(&key)
            }
            Event::Undo { key, change } => {
                Rc::make_mut(&mut self.marks).click(key.clone(), None, change);
                self.redraw_card(&key)
            }
            Event::DismissFailed { key, change } => {
                self.settle(&key, change) && self.redraw_card(&key)
            }
            Event::MarksPut { put, change } => {
                let mut any = false;
                let answered: Vec<RunKey> = put
                    .marks
                    .iter()
                    .map(|mark| mark.run.clone())
                    .chain(put.stayed.iter().cloned())
                    .collect();
                for mark in put.marks {
                    Rc::make_mut(&mut self.marks).take(mark);
                }
                Rc::make_mut(&mut self.marks).put_reached(put.marks_rev);
                for key in answered {
                    self.settle(&key, change);
                    any |= self.redraw_card(&key);
                }
                if !put.stayed.is_empty() {
                    any |= self.apply(Event::Notice(NoticeKind::Stayed(put.stayed)));
                }
                any
            }
            Event::Seen { key, seq } => {
                Rc::make_mut(&mut self.marks).see(key.clone(), seq) && self.redraw_card(&key)
            }
            Event::TenantGone(tenant_id) => self.drop_tenant(tenant_id),
            Event::Notice(kind) => {
                self.n_notices += 1;
                let id = self.n_notices;
                self.notices.push(Notice { id, kind });
                true
            }
            Event::NoticeRead(id) => {
                let before = self.notices.len();
                self.notices.retain(|notice| notice.id != id);
                before != self.notices.len()
            }
            Event::Wiped => {
                *self = Feed::default();
                true
            }
        }
    }

    fn replace(&mut self, snapshot: Snapshot, now_ms: f64) -> bool {
        let is_other_person = self
            .person
            .as_ref()
            .is_some_and(|person| person.id != snapshot.person.id);
        if is_other_person {
            self.marks = Rc::default();
            self.notices.clear();
        }
        self.clock.set(snapshot.server_time, now_ms);
        self.heard(snapshot.server_time);
        self.person = Some(snapshot.person);
        Rc::make_mut(&mut self.marks).replace(snapshot.marks, snapshot.marks_rev);
        self.preferences = Rc::new(Preferences {
            rules: snapshot.rules,
            marks_rev: snapshot.marks_rev,
        });
        self.tenants_by_name = snapshot
            .tenants
            .iter()
            .map(|state| state.tenant.id)
            .collect();
        self.tenants = snapshot
            .tenants
            .into_iter()
            .map(|state| (state.tenant.id, Rc::new(TenantFeed::from(state))))
            .collect();
        // A run that stands as it stood keeps its `Rc`, and so its card is not drawn again.
        let kept = |key: &RunKey, run: Run| {
            let known = self.runs.get(key).filter(|known| ***known == run);
            known.cloned().unwrap_or_else(|| Rc::new(run))
        };
        let runs = snapshot.runs.into_iter().map(|run| {
            let key = run.key();
            let run = kept(&key, run);
            (Rc::new(key), run)
        });
        self.runs = runs.collect();
        self.count_current();
        // With more failures than that some have no name, and there is nothing to compare.
        let is_whole = snapshot.failed.len() < MAX_FAILED_NAMED;
        let named = snapshot
            .failed
            .into_iter()
            .filter(|failed| !self.runs.contains_key(&failed.run))
            .map(|failed| (failed.run, failed.seq));
        self.failed_named = Rc::new(named.collect());
        self.samples.retain(|key, _| self.runs.contains_key(key));
        for tenant in self.tenants.values_mut() {
            Rc::make_mut(tenant).proof.is_whole = is_whole;
        }
        self.fold_failures();
        self.returned(snapshot.server_time);
        self.stale_picture = false;
        self.begun = true;
        self.evict();
        self.redraw_cards();
        true
    }

    fn hello(&mut self, hello: Hello, now_ms: f64) -> bool {
        self.clock.set(hello.server_time, now_ms);
        self.counted.n_connections += 1;
        let mut changed = self.heard(hello.server_time);
        changed |= self.build.as_ref() != Some(&hello.build);
        self.build = Some(hello.build);
        if self
            .person
            .as_ref()
            .is_some_and(|person| person.id != hello.person.id)
        {
            // Somebody else signed in, in another tab of this browser: nothing of the former person may stay.
            let (clock, link, tab, build) = (self.clock, self.link, self.tab, self.build.take());
            *self = Feed {
                clock,
                link,
                tab,
                build,
                ..Feed::default()
            };
            changed = true;
        }
        self.person = Some(hello.person);
        let gone: Vec<TenantId> = self
            .tenants
            .keys()
            .filter(|id| hello.tenants.iter().all(|tenant| tenant.id != **id))
            .copied()
            .collect();
        for tenant_id in gone {
            changed |= self.drop_tenant(tenant_id);
        }
        self.tenants_by_name = hello.tenants.iter().map(|tenant| tenant.id).collect();
        for tenant in hello.tenants {
            match self.tenants.get_mut(&tenant.id) {
                Some(known) => changed |= Rc::make_mut(known).rename(tenant),
                None => {
                    // Its runs from before are in no frame to come.
                    self.stale_picture |= self.begun;
                    self.tenants
                        .insert(tenant.id, Rc::new(TenantFeed::unknown_history(tenant)));
                    changed = true;
                }
            }
        }
        if Rc::make_mut(&mut self.marks)
            .hello(hello.marks_rev)
            .is_err()
        {
            self.stale_picture = true;
        }
        if changed {
            self.redraw_cards();
        }
        changed
    }

    /// The next place in the tenant's history. Tells whether it was not passed before.
    fn advance(&mut self, tenant_id: TenantId, seq: TenantSeq) -> bool {
        let Some(tenant) = self.tenants.get_mut(&tenant_id) else {
            // A tenant that `hello` did not name: it became ours since.
            self.stale_picture |= self.begun;
            return true;
        };
        let step = Rc::make_mut(tenant).advance(seq);
        self.counted.n_holes += u64::from(step.found_hole);
        step.was_new
    }

    /// Takes the run if it is later than what is known. `new_in_history`: the totals do not count it yet.
    fn take_run(&mut self, run: Run, new_in_history: bool) -> bool {
        let key = run.key();
        let known = self.runs.get(&key);
        if known.is_some_and(|known| !is_later(&run, known)) {
            return false;
        }
        if self
            .failed_named
            .get(&key)
            .is_some_and(|named| *named > run.tenant_seq)
        {
            // The row of a list that is older than the failure that the snapshot names.
            return false;
        }
        if let Some(tenant) = self.tenants.get_mut(&run.tenant_id) {
            let before = known.map(|known| &known.status);
            let named = self.failed_named.get(&key).copied();
            let failed = known.filter(|known| known.status.is_failure());
            let failed = failed.map(|known| known.tenant_seq).or(named);
            let fails = run.status.is_failure().then_some(run.tenant_seq);
            let tenant = Rc::make_mut(tenant);
            tenant.count(before, named.is_some(), &run, new_in_history);
            tenant.proof.change(&key, failed, fails);
        }
        if self.failed_named.contains_key(&key) {
            Rc::make_mut(&mut self.failed_named).remove(&key);
        }
        let key = Rc::new(key);
        if run.status.is_active() {
            let attempt_is_same = known.is_some_and(|known| known.attempt == run.attempt);
            let samples = self.samples.get_or_default(Rc::clone(&key));
            if !attempt_is_same {
                *samples = Rc::default();
            }
            Rc::make_mut(samples).push(run.at, &run.counts);
        } else {
            self.samples.remove(&key);
        }
        self.hold(Rc::clone(&key), Rc::new(run));
        self.redraw_card(&key);
        self.evict();
        true
    }

    fn progress(&mut self, progress: &Progress) -> bool {
        let key = progress.key();
        let Some(known) = self.runs.get_mut(&key) else {
            return false;
        };
        if progress.tenant_seq != known.tenant_seq || progress.rev <= known.rev {
            return false;
        }
        let mut run = Run::clone(known);
        run.rev = progress.rev;
        run.counts = progress.counts;
        run.seen_by.clone_from(&progress.seen_by);
        run.n_seen = progress.n_seen;
        if run.status.is_active() {
            let samples = self.samples.get_or_default(Rc::new(key.clone()));
            Rc::make_mut(samples).push(progress.at, &progress.counts);
        }
        *known = Rc::new(run);
        self.redraw_card(&key);
        true
    }

    fn take_marks(&mut self, marks: Vec<card::Mark>) -> bool {
        let mut any = false;
        for mark in marks {
            let key = mark.run.clone();
            any |= Rc::make_mut(&mut self.marks).take(mark) && self.redraw_card(&key);
        }
        any
    }

    /// Takes the preferences, unless later ones are known. Tells whether they are others.
    fn prefer(&mut self, preferences: Option<Preferences>) -> bool {
        let Some(preferences) = preferences else {
            return false;
        };
        if preferences.marks_rev <= self.preferences.marks_rev {
            return false;
        }
        let changed = preferences.rules != self.preferences.rules;
        self.preferences = Rc::new(preferences);
        if changed {
            self.redraw_cards();
        }
        changed
    }

    fn drop_tenant(&mut self, tenant_id: TenantId) -> bool {
        let known = self.tenants.remove(&tenant_id);
        self.tenants_by_name.retain(|id| *id != tenant_id);
        self.let_go_of_tenant(tenant_id);
        self.cards.retain(|key| key.tenant_id != tenant_id);
        Rc::make_mut(&mut self.failed_named).retain(|key, _| key.tenant_id != tenant_id);
        self.samples.retain(|key, _| key.tenant_id != tenant_id);
        Rc::make_mut(&mut self.marks).drop_tenant(tenant_id);
        known.is_some()
    }

    fn redraw_cards(&mut self) {
        self.cards.retain(|key| self.runs.contains_key(key));
        let keys: Vec<Rc<RunKey>> = self.runs.keys().cloned().collect();
        for key in keys {
            self.redraw_card(&key);
        }
    }

    /// Makes the card of a run anew, or takes it away. Tells whether it is another one than before.
    fn redraw_card(&mut self, key: &RunKey) -> bool {
        let card = self.runs.get(key).and_then(|run| {
            let mark = self.marks.on_screen(key);
            let person = self.person.as_ref()?;
            card::has_card(run, person.id, mark.as_ref(), self.rules())
                .then(|| self.card_of(Rc::clone(run), mark.as_ref()))
        });
        let Some(card) = card else {
            return self.cards.remove(key);
        };
        self.cards.put(card)
    }

    /// Does not copy the marks for a click that was settled before.
    fn settle(&mut self, key: &RunKey, change: u64) -> bool {
        self.marks.is_pending(key) && Rc::make_mut(&mut self.marks).settle(key, change)
    }
}

/// The ordering rule: the higher `tenant_seq`, then the higher `rev`. An ended run goes back for a later attempt only; the
/// server's order says so as well, and this holds even if a portal announces nonsense.
fn is_later(run: &Run, known: &Run) -> bool {
    let reopens = known.status.is_ended() && run.status.is_active() && run.attempt <= known.attempt;
    (run.tenant_seq, run.rev) > (known.tenant_seq, known.rev) && !reopens
}
