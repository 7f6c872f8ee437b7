//! What the feed knows of a tenant besides its runs: how far its history was heard without a hole, and exact totals.

use std::rc::Rc;

use contract::api::TenantRef;
use contract::ids::TenantSeq;
use contract::run::{Run, RunStatus};
use contract::snapshot::{TenantState, Totals};

use crate::feed::seal::Proof;

/// More missing events than this are not worth naming: the snapshot is asked for anyway.
const MAX_NAMED_HOLES: i64 = 1_000;

/// One tenant.
#[derive(Clone, Debug)]
pub(super) struct TenantFeed {
    pub(super) tenant: TenantRef,
    pub(super) name: Rc<str>,
    pub(super) totals: Totals,
    /// The newest place of its history; `None` until a snapshot or an event names one.
    head: Option<TenantSeq>,
    /// In rising order.
    missing: Vec<TenantSeq>,
    /// So many were missing that they are not named.
    lost_count: bool,
    pub(super) totals_doubted: bool,
    pub(super) proof: Proof,
}

/// What a place in the history meant.
pub(super) struct Step {
    /// It was not passed before.
    pub(super) was_new: bool,
    /// Places before it were never heard.
    pub(super) found_hole: bool,
}

impl From<TenantState> for TenantFeed {
    fn from(state: TenantState) -> Self {
        TenantFeed {
            name: state.tenant.name.as_str().into(),
            tenant: state.tenant,
            totals: state.totals,
            head: Some(state.head),
            missing: Vec::new(),
            lost_count: false,
            totals_doubted: false,
            proof: Proof::default(),
        }
    }
}

impl TenantFeed {
    /// A tenant that `hello` named and no snapshot has described yet.
    pub(super) fn unknown_history(tenant: TenantRef) -> TenantFeed {
        TenantFeed {
            name: tenant.name.as_str().into(),
            tenant,
            totals: Totals::default(),
            head: None,
            missing: Vec::new(),
            lost_count: false,
            totals_doubted: false,
            proof: Proof::default(),
        }
    }

    pub(super) fn rename(&mut self, tenant: TenantRef) -> bool {
        if self.tenant == tenant {
            return false;
        }
        if *self.name != *tenant.name {
            self.name = tenant.name.as_str().into();
        }
        self.tenant = tenant;
        true
    }

    pub(super) fn advance(&mut self, seq: TenantSeq) -> Step {
        let Some(head) = self.head else {
            self.head = Some(seq);
            return Step {
                was_new: true,
                found_hole: false,
            };
        };
        if seq <= head {
            let missing = self.missing.binary_search(&seq);
            if let Ok(idx) = missing {
                self.missing.remove(idx);
            }
            let was_new = missing.is_ok();
            return Step {
                was_new,
                found_hole: false,
            };
        }
        let n_missing = seq.0 - head.0 - 1;
        if n_missing > MAX_NAMED_HOLES {
            self.lost_count = true;
        } else {
            self.missing.extend((head.0 + 1..seq.0).map(TenantSeq));
        }
        self.head = Some(seq);
        Step {
            was_new: true,
            found_hole: n_missing > 0,
        }
    }

    /// The newest place of its history, or `None` while nothing named one.
    pub(super) fn head(&self) -> Option<TenantSeq> {
        self.head
    }

    /// Whether the totals count this place of the history already.
    pub(super) fn has_passed(&self, seq: TenantSeq) -> bool {
        self.head.is_none_or(|head| seq <= head) && self.missing.binary_search(&seq).is_err()
    }

    pub(super) fn has_holes(&self) -> bool {
        self.lost_count || !self.missing.is_empty()
    }

    /// Moves the run in the totals. `before` is `None` for a run whose row is not held.
    pub(super) fn count(
        &mut self,
        before: Option<&RunStatus>,
        was_named_failed: bool,
        run: &Run,
        new_in_history: bool,
    ) {
        match before {
            Some(before) if *before == run.status => {}
            Some(before) => {
                let left = slot(&mut self.totals, before);
                *left = left.saturating_sub(1);
                *slot(&mut self.totals, &run.status) += 1;
            }
            None if !new_in_history => {}
            None if was_named_failed => {
                // Failed or partial before, and the name does not say which.
                self.totals_doubted |= run.status_seq == run.tenant_seq;
            }
            // A status that did not change now was counted when it did.
            None if run.status_seq < run.tenant_seq && self.has_passed(run.status_seq) => {}
            None => {
                *slot(&mut self.totals, &run.status) += 1;
                // A run that was tried before has another status to leave, and its row was cut; unless its first events are
                // among the missing ones.
                self.totals_doubted |= run.attempt > 1 && !self.has_holes();
            }
        }
    }
}

fn slot<'a>(totals: &'a mut Totals, status: &RunStatus) -> &'a mut u64 {
    match status {
        RunStatus::Queued => &mut totals.queued,
        RunStatus::Running => &mut totals.running,
        RunStatus::Completed => &mut totals.completed,
        RunStatus::Partial => &mut totals.partial,
        RunStatus::Failed => &mut totals.failed,
        RunStatus::Cancelled => &mut totals.cancelled,
        RunStatus::Other(_) => &mut totals.other,
    }
}

/// All runs of a tenant, in any state.
pub(super) fn sum(totals: &Totals) -> u64 {
    totals.queued
        + totals.running
        + totals.completed
        + totals.partial
        + totals.failed
        + totals.cancelled
        + totals.other
}
