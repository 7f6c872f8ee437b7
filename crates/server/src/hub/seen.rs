//! Who saw which failure, told since the newest event: for readers that were away for that moment.
//!
//! A failure rests, so nothing else would tell it to a reader that connects anew, or that took its snapshot just before.

use std::collections::BTreeMap;
use std::sync::Arc;

use contract::frame::Progress;
use contract::ids::{RunKey, TenantId};

/// So many failures; a reader that missed more has the rest with the next snapshot.
const MOST: usize = 500;

/// Of each failure the latest, and how far the log was.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<RunKey, (u64, Arc<Progress>)>);

impl Seen {
    /// Keeps it for those who had the log up to `position` or less.
    pub(super) fn keep(&mut self, position: u64, progress: &Arc<Progress>) {
        self.0
            .insert(progress.key(), (position, Arc::clone(progress)));
        if self.0.len() > MOST {
            let oldest = self.0.iter().min_by_key(|(_, (position, _))| *position);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.0.remove(&oldest);
            }
        }
    }

    /// A `run` event holds it as well.
    pub(super) fn supersede(&mut self, key: &RunKey) {
        self.0.remove(key);
    }

    /// What a reader with the log up to `after` may have missed.
    pub(super) fn after(&self, after: u64, scope: &[TenantId]) -> Vec<Arc<Progress>> {
        let is_wanted = |(position, progress): &&(u64, Arc<Progress>)| {
            *position >= after && scope.contains(&progress.tenant_id)
        };
        let wanted = self.0.values().filter(is_wanted);
        wanted.map(|(_, progress)| Arc::clone(progress)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::progress_of;
    use crate::hub::tests::run;
    use contract::run::RunStatus;

    fn seen(run_id: i64) -> Arc<Progress> {
        Arc::new(progress_of(&run(1, run_id, RunStatus::Failed)))
    }

    #[test]
    fn only_what_a_reader_may_have_missed_is_told_again_and_the_oldest_is_forgotten() {
        let (mut kept, mine) = (Seen::default(), [TenantId(1)]);
        kept.keep(4, &seen(1));
        kept.keep(5, &seen(2));
        assert_eq!(kept.after(4, &mine).len(), 2);
        assert_eq!(kept.after(5, &mine), [seen(2)]);
        assert_eq!(kept.after(6, &mine), []);
        assert_eq!(kept.after(0, &[TenantId(2)]), []);
        for run_id in 3..=(MOST as i64 + 1) {
            kept.keep(6, &seen(run_id));
        }
        assert_eq!(kept.after(0, &mine).len(), MOST);
        assert!(!kept.after(0, &mine).contains(&seen(1)));
        kept.supersede(&seen(2).key());
        assert_eq!(kept.after(0, &mine).len(), MOST - 1);
    }
}
