//! How often progress is told: at most ten times a second for each run, and the latest wins.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use contract::frame::Progress;
use contract::ids::RunKey;
use tokio::time::Instant;

/// Ten a second.
const EVERY: Duration = Duration::from_millis(100);

/// Runs that were told of within the last [`EVERY`].
#[derive(Default)]
pub(super) struct Pace {
    /// Absent: the next one may be told at once. `Some(None)`: told, and nothing new since.
    waiting: BTreeMap<RunKey, Option<Arc<Progress>>>,
    /// When each of `waiting` may be told again. All wait equally long, so this is in order.
    due: VecDeque<(Instant, RunKey)>,
}

impl Pace {
    /// Takes a progress; gives it back if it may be told now.
    pub(super) fn offer(&mut self, progress: Arc<Progress>, now: Instant) -> Option<Arc<Progress>> {
        let key = progress.key();
        if let Some(waiting) = self.waiting.get_mut(&key) {
            *waiting = Some(progress);
            return None;
        }
        self.waiting.insert(key.clone(), None);
        self.due.push_back((now + EVERY, key));
        Some(progress)
    }

    /// A `run` event holds the counts as well: what waits is older than it.
    pub(super) fn supersede(&mut self, key: &RunKey) {
        if let Some(waiting) = self.waiting.get_mut(key) {
            *waiting = None;
        }
    }

    /// When there may be something to tell.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.front().map(|(due, _)| *due)
    }

    /// What has waited long enough.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Arc<Progress>> {
        let mut told = Vec::new();
        while self.due.front().is_some_and(|(due, _)| *due <= now) {
            let (_, key) = self.due.pop_front().expect("the front is there");
            match self.waiting.remove(&key).flatten() {
                None => {}
                Some(progress) => {
                    told.push(progress);
                    self.waiting.insert(key.clone(), None);
                    self.due.push_back((now + EVERY, key));
                }
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::ids::{Rev, RunId, TenantId, TenantSeq};
    use contract::run::Counts;
    use contract::timestamp::Timestamp;

    fn progress(run_id: i64, rev: i64) -> Arc<Progress> {
        Arc::new(Progress {
            tenant_id: TenantId(1),
            source: String::new(),
            run_type: "bulk_operation".into(),
            run_id: RunId(run_id),
            tenant_seq: TenantSeq(1),
            rev: Rev(rev),
            counts: Counts::default(),
            at: Timestamp(0),
            seen_by: Vec::new(),
            n_seen: 0,
        })
    }

    const NONE: [i64; 0] = [];

    fn revs(told: impl IntoIterator<Item = Arc<Progress>>) -> Vec<i64> {
        told.into_iter().map(|progress| progress.rev.0).collect()
    }

    #[test]
    fn the_first_is_told_at_once_and_then_the_latest_of_each_tenth_of_a_second() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert_eq!(revs(pace.offer(progress(1, 1), start)), [1]);
        assert_eq!(revs(pace.offer(progress(2, 1), start)), [1]);
        assert_eq!(revs(pace.offer(progress(1, 2), start)), NONE);
        assert_eq!(revs(pace.offer(progress(1, 3), start)), NONE);
        assert_eq!(revs(pace.due(start + EVERY / 2)), NONE);
        assert_eq!(revs(pace.due(start + EVERY)), [3]);
        assert_eq!(revs(pace.offer(progress(1, 4), start + EVERY)), NONE);
        assert_eq!(revs(pace.due(start + EVERY * 2)), [4]);
        assert_eq!(revs(pace.due(start + EVERY * 3)), NONE);
        assert_eq!(pace.next_due(), None, "nothing is kept of runs that rest");
        assert_eq!(revs(pace.offer(progress(1, 5), start + EVERY * 3)), [5]);
    }

    #[test]
    fn a_run_event_takes_the_place_of_what_waits() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert_eq!(revs(pace.offer(progress(1, 1), start)), [1]);
        assert_eq!(revs(pace.offer(progress(1, 2), start)), NONE);
        pace.supersede(&progress(1, 0).key());
        assert_eq!(revs(pace.due(start + EVERY)), NONE);
    }
}
