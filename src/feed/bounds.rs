//! Keeps the memory bounded: every active and failed run up to [`MAX_CURRENT`], and the newest [`MAX_RECENT`] others.
//!
//! What is let go stays counted: the totals are exact, and a failure that is let go stays named.

use std::cmp::Reverse;
use std::rc::Rc;

use contract::ids::{RunKey, TenantId};
use contract::run::Run;
use contract::snapshot::{MAX_CURRENT, MAX_RECENT};
use contract::timestamp::Timestamp;

use crate::feed::Feed;
use crate::sorted::sort_by_key;

/// Letting go is a sort, so it waits until this many are too many.
const SLACK: usize = 64;

/// The lower, the longer a run stays.
type Place = (bool, bool, Reverse<Timestamp>);

impl Feed {
    pub(super) fn hold(&mut self, key: Rc<RunKey>, run: Rc<Run>) {
        self.n_current += usize::from(is_current(&run));
        let before = self.runs.insert(key, run);
        self.n_current -= usize::from(before.is_some_and(|before| is_current(&before)));
    }

    pub(super) fn let_go_of_tenant(&mut self, tenant_id: TenantId) {
        self.runs.retain(|key, _| key.tenant_id != tenant_id);
        self.count_current();
    }

    pub(super) fn count_current(&mut self) {
        self.n_current = self.runs.values().filter(|run| is_current(run)).count();
    }

    /// Cheap unless something has to go.
    pub(super) fn evict(&mut self) {
        let n_current = self.n_current;
        let n_others = self.runs.len() - n_current;
        if n_others > MAX_RECENT + SLACK {
            let others = self.keys_by(
                |run| !is_current(run),
                |run| (false, false, Reverse(run.at)),
            );
            self.keep(others, MAX_RECENT);
        }
        if n_current > MAX_CURRENT + SLACK {
            // Of too many, those that somebody looks after go first, then active ones (each will speak again), then the oldest.
            let current = self.keys_by(is_current, |run| {
                (
                    !run.status.is_failure(),
                    run.acknowledged.is_some(),
                    Reverse(run.at),
                )
            });
            self.keep(current, MAX_CURRENT);
        }
    }

    /// Lets go of all but the first.
    fn keep(&mut self, mut keys: Vec<Rc<RunKey>>, n_kept: usize) {
        for key in keys.split_off(n_kept) {
            self.let_go(&key);
        }
    }

    fn keys_by(&self, belongs: fn(&Run) -> bool, place: fn(&Run) -> Place) -> Vec<Rc<RunKey>> {
        let mut rows: Vec<_> = self
            .runs
            .iter()
            .filter(|(_, run)| belongs(run))
            .map(|(key, run)| (place(run), Rc::clone(key)))
            .collect();
        sort_by_key(&mut rows, Clone::clone);
        rows.into_iter().map(|(_, key)| key).collect()
    }

    fn let_go(&mut self, key: &RunKey) {
        let Some((_, run)) = self.runs.remove(key) else {
            return;
        };
        self.n_current -= usize::from(is_current(&run));
        if run.status.is_failure() {
            Rc::make_mut(&mut self.failed_named).insert(key.clone(), run.tenant_seq);
        }
        self.cards.remove(key);
        self.samples.remove(key);
    }
}

fn is_current(run: &Run) -> bool {
    run.status.is_active() || run.status.is_failure()
}
