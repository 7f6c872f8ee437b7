//! What the person has seen and dismissed: the server's marks, and over them what was clicked and is not answered yet.

use std::rc::Rc;

use contract::card::{Dismissed, Mark};
use contract::ids::{RunKey, TenantId, TenantSeq};

use crate::sorted::SortedMap;

/// A click that the server has not answered.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pending {
    dismissed: Option<Dismissed>,
    change: u64,
}

/// All marks of the person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    known: SortedMap<Rc<RunKey>, Rc<Mark>>,
    pending: SortedMap<RunKey, Pending>,
    /// Seen in this page; kept until the server's mark reaches as far.
    seen: SortedMap<RunKey, TenantSeq>,
    /// Every change up to here is in `known`.
    complete_to: i64,
    /// A `hello` named this counter, and `known` does not reach it yet.
    wanted: Option<i64>,
}

impl Marks {
    /// Replaces what the server said. What is not answered yet stays over it: its answer is still to come.
    pub(super) fn replace(&mut self, marks: Vec<Mark>, marks_rev: i64) {
        self.known.clear();
        for mark in marks {
            self.keep(mark);
        }
        self.complete_to = marks_rev;
        self.wanted = None;
    }

    /// Takes one mark, unless a later one is known. Tells whether it changed anything.
    pub(super) fn take(&mut self, mark: Mark) -> bool {
        let known = self.known.get(&mark.run);
        if known.is_some_and(|known| known.marks_rev >= mark.marks_rev) {
            return false;
        }
        if let (Some(here), Some(there)) = (self.seen.get(&mark.run), mark.seen_seq)
            && there >= *here
        {
            self.seen.remove(&mark.run);
        }
        self.keep(mark);
        true
    }

    fn keep(&mut self, mark: Mark) {
        self.known.insert(Rc::new(mark.run.clone()), Rc::new(mark));
    }

    /// A `marks` frame is whole up to its counter, unless changes before this connection are still to be fetched.
    pub(super) fn frame_reached(&mut self, marks_rev: i64) {
        if self.wanted.is_none() {
            self.complete_to = self.complete_to.max(marks_rev);
        }
    }

    /// An answer to a change of ours. Only the next counter proves that nothing happened elsewhere in between.
    pub(super) fn put_reached(&mut self, marks_rev: i64) {
        if marks_rev == self.complete_to + 1 {
            self.frame_reached(marks_rev);
        }
    }

    /// The last page of what was fetched came, with the counter at that moment.
    pub(super) fn fetched_to(&mut self, marks_rev: i64) {
        self.complete_to = self.complete_to.max(marks_rev);
        if self.wanted.is_some_and(|wanted| wanted <= self.complete_to) {
            self.wanted = None;
        }
    }

    /// `hello` names the counter. `Err` where it is behind ours: the server's data was replaced.
    pub(super) fn hello(&mut self, marks_rev: i64) -> Result<(), ()> {
        if marks_rev < self.complete_to {
            return Err(());
        }
        if marks_rev > self.complete_to {
            self.wanted = Some(marks_rev);
        }
        Ok(())
    }

    /// The `after` of `GET /api/me/marks`, if changes are missing.
    pub fn wanted_after(&self) -> Option<i64> {
        self.wanted.map(|_| self.complete_to)
    }

    /// The counter that everything before is known of.
    pub fn complete_to(&self) -> i64 {
        self.complete_to
    }

    pub(super) fn click(&mut self, key: RunKey, dismissed: Option<Dismissed>, change: u64) {
        self.pending.insert(key, Pending { dismissed, change });
    }

    /// The click was answered, or will never be. A later click on the same run stays.
    pub(super) fn settle(&mut self, key: &RunKey, change: u64) -> bool {
        let ours = self
            .pending
            .get(key)
            .is_some_and(|pending| pending.change == change);
        if ours {
            self.pending.remove(key);
        }
        ours
    }

    pub(super) fn see(&mut self, key: RunKey, seq: TenantSeq) -> bool {
        let known = self.known.get(&key).and_then(|mark| mark.seen_seq);
        if known.max(self.seen.get(&key).copied()) >= Some(seq) {
            return false;
        }
        self.seen.insert(key, seq);
        true
    }

    /// The mark as it stands on screen: the server's, and what was clicked since.
    pub fn on_screen(&self, key: &RunKey) -> Option<Mark> {
        let known = self.known.get(key).map(|mark| Mark::clone(mark));
        let pending = self.pending.get(key);
        let seen = self.seen.get(key);
        if pending.is_none() && seen.is_none() {
            return known;
        }
        let mut mark = known.unwrap_or_else(|| Mark {
            run: key.clone(),
            marks_rev: 0,
            watching: false,
            seen_seq: None,
            dismissed: None,
        });
        if let Some(pending) = pending {
            mark.dismissed = pending.dismissed;
        }
        mark.seen_seq = mark.seen_seq.max(seen.copied());
        Some(mark)
    }

    pub(super) fn is_pending(&self, key: &RunKey) -> bool {
        self.pending.contains_key(key)
    }

    pub(super) fn drop_tenant(&mut self, tenant_id: TenantId) {
        self.known.retain(|key, _| key.tenant_id != tenant_id);
        self.pending.retain(|key, _| key.tenant_id != tenant_id);
        self.seen.retain(|key, _| key.tenant_id != tenant_id);
    }
}
