//! While you were away: one digest after an absence, in place of a storm of announcements.
//!
//! Away is who heard nothing for long (asleep, no network) or had the tab hidden for long. What happened is read from the feed when
//! it is asked for, so that a replay and a snapshot both count. All times are the server's.

use std::rc::Rc;

use contract::run::Run;
use contract::snapshot::Totals;
use contract::timestamp::Timestamp;

use crate::feed::Feed;
use crate::sorted::sort_by_key;

/// A shorter absence needs no digest.
pub const AWAY_MS: i64 = 5 * 60_000;

/// When the person was away.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Absence {
    /// The last that was heard of the server.
    heard_at: Option<Timestamp>,
    /// The tab is hidden since, and how many runs of all tenants had ended then.
    hidden_at: Option<(Timestamp, u64)>,
    /// The same of a page before this one, until the picture has come.
    earlier: Option<(Timestamp, u64)>,
    span: Option<Span>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    since: Timestamp,
    until: Timestamp,
    /// Of all tenants, at the beginning.
    n_ended: u64,
}

/// What happened meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    /// When the absence began.
    pub since: Timestamp,
    /// When it ended. What happened up to then is in the digest, and needs no announcement of its own.
    pub until: Timestamp,
    /// Runs that ended, the failed ones among them. Exact as long as no run was tried anew.
    pub n_ended: u64,
    /// Of these, failed or partial.
    pub n_failed: u64,
    /// Queued or running now.
    pub n_still_running: u64,
    /// Failed and partial ones first, then by their ends, the latest first. Those that are held: see [`crate::feed::Held`].
    pub ended: Vec<Rc<Run>>,
}

impl Feed {
    /// The server speaks; what is in `self` is still as it was before.
    pub(super) fn heard(&mut self, at: Timestamp) -> bool {
        let before = self.absence.heard_at.replace(at);
        before.is_some_and(|since| self.was_away(since, self.n_ended(), at))
    }

    /// The tab is hidden, or is visible again.
    pub(super) fn set_hidden(&mut self, is_hidden: bool, now: Option<Timestamp>) -> bool {
        let since = self.absence.hidden_at;
        if is_hidden {
            self.absence.hidden_at = since.or(now.map(|now| (now, self.n_ended())));
            return false;
        }
        self.absence.hidden_at = None;
        matches!((since, now), (Some((since, n_ended)), Some(now)) if self.was_away(since, n_ended, now))
    }

    fn was_away(&mut self, since: Timestamp, n_ended: u64, until: Timestamp) -> bool {
        if until.since(since) < AWAY_MS {
            return false;
        }
        // A second absence before the digest of the first one was read makes it longer.
        let span = self.absence.span.get_or_insert(Span {
            since,
            until,
            n_ended,
        });
        span.until = until;
        true
    }

    /// A page before this one was the last to be read then: told before the picture comes.
    pub(super) fn was_here(&mut self, at: Timestamp, n_ended: u64) -> bool {
        self.absence.earlier = Some((at, n_ended));
        false
    }

    /// The picture has come.
    pub(super) fn returned(&mut self, now: Timestamp) {
        if let Some((since, n_ended)) = self.absence.earlier.take() {
            self.was_away(since, n_ended, now);
        }
    }

    /// For a page after this one: since when its person will have been away, and how many runs had ended then. What nobody has
    /// read yet is still to be said.
    pub fn here(&self) -> Option<(Timestamp, u64)> {
        let unread = self.absence.span.map(|span| (span.since, span.n_ended));
        unread.or(self.absence.heard_at.map(|at| (at, self.n_ended())))
    }

    pub(super) fn away_read(&mut self) -> bool {
        self.absence.span.take().is_some()
    }

    fn n_ended(&self) -> u64 {
        self.sum(|totals| totals.completed + totals.partial + totals.failed + totals.cancelled)
    }

    fn sum(&self, part: fn(&Totals) -> u64) -> u64 {
        self.tenants
            .values()
            .map(|tenant| part(&tenant.totals))
            .sum()
    }

    /// What happened while the person was away; `None` if they were not, have read it, or nothing did.
    pub fn away(&self) -> Option<Digest> {
        let span = self.absence.span?;
        let is_meanwhile = |at: Timestamp| at > span.since && at <= span.until;
        let mut ended: Vec<Rc<Run>> = self
            .runs
            .values()
            .filter(|run| run.ended_at.is_some_and(is_meanwhile) && run.status.is_ended())
            .cloned()
            .collect();
        sort_by_key(&mut ended, |run| {
            (!run.status.is_failure(), std::cmp::Reverse(run.ended_at))
        });
        let n_held = ended.len() as u64;
        let is_later = |run: &&Rc<Run>| run.ended_at.is_some_and(|at| at > span.until);
        let n_later = self.runs.values().filter(is_later).count() as u64;
        let digest = Digest {
            since: span.since,
            until: span.until,
            n_ended: n_held.max(self.n_ended().saturating_sub(span.n_ended + n_later)),
            n_failed: ended.iter().filter(|run| run.status.is_failure()).count() as u64,
            n_still_running: self.sum(|totals| totals.queued + totals.running),
            ended,
        };
        (digest.n_ended + digest.n_still_running > 0).then_some(digest)
    }
}
