//! The seal of each tenant: how far its history is and which runs failed, folded from the store's rows at the start and from committed
//! events since. A change is O(1), and a restart folds the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use contract::frame::{Seal, name};
use contract::ids::{RunKey, TenantId, TenantSeq};
use contract::run::Run;
use contract::seal::{self, toggle};
use contract::timestamp::Timestamp;
use runs::failures::Failures;
use tokio::time::Instant;

use super::frames::encode;

/// A tenant's readers are told at most this often.
const EVERY: Duration = Duration::from_secs(1);
/// What may be told waits this long for an event that it can travel with: two frames in one write cost as much as one.
const FOR_COMPANY: Duration = Duration::from_millis(200);
/// Readers that connect within this time share one frame, though its clock stands still meanwhile.
const SAME_MOMENT_MS: i64 = 1_000;

#[derive(Default)]
pub(super) struct Seals {
    tenants: BTreeMap<TenantId, Sealed>,
    /// Tenants that changed since they were told, and when that is told at the latest.
    due: BTreeSet<(Instant, TenantId)>,
}

struct Sealed {
    head: TenantSeq,
    digest: u64,
    /// Each failed run with the seq that is in the digest.
    failed: BTreeMap<RunKey, TenantSeq>,
    /// As it was encoded last; none after a change.
    encoded: Option<(Timestamp, Bytes)>,
    told_at: Option<Instant>,
    /// Its place in `due`.
    due_at: Option<Instant>,
}

/// A tenant of which nothing was ever told.
impl Default for Sealed {
    fn default() -> Self {
        Self {
            head: TenantSeq(0),
            digest: seal::EMPTY,
            failed: BTreeMap::new(),
            encoded: None,
            told_at: None,
            due_at: None,
        }
    }
}

impl Seals {
    /// Begins with what the store knows.
    pub(super) fn begin(&mut self, failures: Vec<Failures>) {
        for tenant in failures {
            let sealed = self.tenants.entry(tenant.tenant_id).or_default();
            sealed.head = tenant.head;
            for failed in tenant.failed {
                sealed.digest = toggle(sealed.digest, &failed.run, failed.seq);
                sealed.failed.insert(failed.run, failed.seq);
            }
        }
    }

    /// Takes an event of the log, in the order of the commits.
    pub(super) fn take(&mut self, run: &Run, key: &RunKey) {
        let sealed = self.tenants.entry(run.tenant_id).or_default();
        if run.tenant_seq <= sealed.head {
            // It was there when the store was read at the start.
            return;
        }
        sealed.head = run.tenant_seq;
        sealed.encoded = None;
        let before = if run.status.is_failure() {
            sealed.digest = toggle(sealed.digest, key, run.tenant_seq);
            sealed.failed.insert(key.clone(), run.tenant_seq)
        } else {
            sealed.failed.remove(key)
        };
        if let Some(before) = before {
            sealed.digest = toggle(sealed.digest, key, before);
        }
    }

    /// The tenant changed, and its readers are being told so: whether its seal may go with it. If not, it is told later.
    pub(super) fn may_go_along(&mut self, tenant_id: TenantId, now: Instant) -> bool {
        let sealed = self.tenants.entry(tenant_id).or_default();
        let is_early = sealed.told_at.is_some_and(|told| now < told + EVERY);
        match sealed.due_at {
            None if !is_early => sealed.told_at = Some(now),
            None => {
                let due_at = sealed.told_at.unwrap_or(now) + EVERY + FOR_COMPANY;
                sealed.due_at = Some(due_at);
                self.due.insert((due_at, tenant_id));
            }
            Some(_) if is_early => {}
            Some(due_at) => {
                self.due.remove(&(due_at, tenant_id));
                sealed.due_at = None;
                sealed.told_at = Some(now);
            }
        }
        !is_early
    }

    /// When there is something to tell.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(due_at, _)| *due_at)
    }

    /// The tenants whose seal is told now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<TenantId> {
        let mut told = Vec::new();
        while self.next_due().is_some_and(|due_at| due_at <= now) {
            let (_, tenant_id) = self.due.pop_first().expect("the first is there");
            if let Some(sealed) = self.tenants.get_mut(&tenant_id) {
                sealed.due_at = None;
                sealed.told_at = Some(now);
            }
            told.push(tenant_id);
        }
        told
    }

    /// The frame, encoded once for all who get it.
    pub(super) fn frame(&mut self, tenant_id: TenantId, now: Timestamp) -> Bytes {
        let sealed = self.tenants.entry(tenant_id).or_default();
        let is_fresh = |at: &Timestamp| (0..SAME_MOMENT_MS).contains(&(now.0 - at.0));
        if let Some((_, frame)) = sealed.encoded.as_ref().filter(|(at, _)| is_fresh(at)) {
            return frame.clone();
        }
        let frame = encode(
            name::SEAL,
            &Seal {
                tenant_id,
                head: sealed.head,
                n_failed: sealed.failed.len() as u64,
                digest: format!("{:016x}", sealed.digest),
                server_time: now,
            },
        );
        sealed.encoded = Some((now, frame.clone()));
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::tests::run;
    use contract::run::RunStatus;
    use contract::snapshot::FailedRun;

    const TENANT: TenantId = TenantId(1);

    fn seal(seals: &mut Seals) -> Seal {
        let frame = seals.frame(TENANT, Timestamp(0));
        let text = std::str::from_utf8(&frame).unwrap();
        let data = text.strip_prefix("event: seal\ndata: ").unwrap();
        serde_json::from_str(data).unwrap()
    }

    fn take(seals: &mut Seals, seq: u64, run_id: i64, status: RunStatus) {
        let run = run(seq, run_id, status);
        seals.take(&run, &run.key());
    }

    #[test]
    fn the_fold_of_what_happened_is_the_fold_of_what_the_store_holds_at_the_end() {
        let mut followed = Seals::default();
        take(&mut followed, 1, 7, RunStatus::Failed);
        take(&mut followed, 2, 8, RunStatus::Partial);
        // Acknowledged: the same status under a later seq.
        take(&mut followed, 3, 7, RunStatus::Failed);
        take(&mut followed, 4, 8, RunStatus::Running);
        let told = seal(&mut followed);
        assert_eq!((told.head, told.n_failed), (TenantSeq(4), 1));

        let mut restarted = Seals::default();
        let key = run(3, 7, RunStatus::Failed).key();
        restarted.begin(vec![Failures {
            tenant_id: TENANT,
            head: TenantSeq(4),
            failed: vec![FailedRun {
                run: key.clone(),
                seq: TenantSeq(3),
            }],
        }]);
        assert_eq!(seal(&mut restarted), told);
        assert_eq!(
            told.digest,
            format!("{:016x}", toggle(seal::EMPTY, &key, TenantSeq(3)))
        );
        // Told by the store before it was read, and by the change after it.
        take(&mut restarted, 3, 7, RunStatus::Failed);
        assert_eq!(seal(&mut restarted), told);
        take(&mut restarted, 5, 7, RunStatus::Queued);
        assert_eq!(seal(&mut restarted).digest, "0000000000000000");
    }

    #[test]
    fn a_seal_goes_with_the_first_change_and_then_at_most_once_a_second() {
        let (mut seals, start) = (Seals::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        assert!(seals.may_go_along(TENANT, at(0)));
        assert_eq!(seals.next_due(), None);
        assert!(!seals.may_go_along(TENANT, at(10)));
        assert!(!seals.may_go_along(TENANT, at(900)));
        assert_eq!(seals.next_due(), Some(at(1_200)));
        assert_eq!(seals.due(at(1_199)), []);
        assert_eq!(seals.due(at(1_200)), [TENANT]);
        assert!(!seals.may_go_along(TENANT, at(1_300)));
        assert!(
            seals.may_go_along(TENANT, at(2_250)),
            "with an event that comes before its time is up"
        );
        assert_eq!(seals.next_due(), None);
    }
}
