//! Proof that no failure is missing: the feed's own fold of each tenant's failed runs, compared with the server's seal.
//!
//! The fold is over (run, `tenant_seq`), as [`contract::seal`] says: of the failed runs that are held, and of those known by name
//! alone, so that it holds beyond evictions. Equal at equal heads: the tenant is complete as of the seal. Else the picture is taken
//! anew, and each time that this was in vain the next one waits twice as long.

use std::rc::Rc;

use contract::frame::Seal;
use contract::ids::{RunKey, TenantSeq};
use contract::seal;
use contract::timestamp::Timestamp;

use crate::feed::Feed;
use crate::feed::tenants::TenantFeed;

/// Between two repairs; doubled for each that was in vain.
const REPAIR_EVERY_MS: f64 = 10_000.0;
/// Some ten minutes: a server that counts otherwise than this version gets no more than that.
const MAX_DOUBLINGS: u64 = 6;

/// What a tenant's failures fold to, and what the server said of it.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    digest: u64,
    n_failed: u64,
    /// The snapshot named every failure; else nothing can be compared.
    pub(super) is_whole: bool,
    /// The newest place that an answer told of: it may be ahead of the stream.
    told_to: TenantSeq,
    seal: Option<Seal>,
    as_of: Option<Timestamp>,
    differs: bool,
}

impl Default for Proof {
    fn default() -> Proof {
        Proof {
            digest: seal::EMPTY,
            n_failed: 0,
            is_whole: true,
            told_to: TenantSeq(0),
            seal: None,
            as_of: None,
            differs: false,
        }
    }
}

/// How often the picture was repaired, and when it may be again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Repairs {
    pub(super) n_repairs: u64,
    n_in_vain: u64,
    not_before_ms: f64,
}

impl Proof {
    /// Takes a failed run out of the fold, and puts what it is now in.
    pub(super) fn change(
        &mut self,
        key: &RunKey,
        before: Option<TenantSeq>,
        after: Option<TenantSeq>,
    ) {
        for seq in [before, after].into_iter().flatten() {
            self.digest = seal::toggle(self.digest, key, seq);
        }
        self.n_failed = self.n_failed + u64::from(after.is_some()) - u64::from(before.is_some());
    }

    /// An answer told of a run; the stream may not be there yet.
    pub(super) fn told(&mut self, seq: TenantSeq) {
        self.told_to = self.told_to.max(seq);
    }

    fn says(&self, seal: &Seal) -> bool {
        self.n_failed == seal.n_failed && u64::from_str_radix(&seal.digest, 16) == Ok(self.digest)
    }
}

impl TenantFeed {
    /// Compares, if the history is exactly where the seal is.
    pub(super) fn judge(&mut self) {
        let head = self.head();
        let can_be_compared = !self.has_holes() && self.proof.is_whole;
        let proof = &mut self.proof;
        if let Some(seal) = &proof.seal
            && can_be_compared
            && head == Some(seal.head)
            && proof.told_to <= seal.head
        {
            proof.differs = !proof.says(seal);
            proof.as_of = (!proof.differs).then_some(
                proof
                    .as_of
                    .unwrap_or(seal.server_time)
                    .max(seal.server_time),
            );
        }
    }

    /// Everything before the pulse has arrived. Without an event behind the seal it still holds; with a seal ahead of the history
    /// the last events are missing, which no hole shows.
    fn pulse(&mut self, at: Timestamp) {
        let head = self.head();
        let proof = &mut self.proof;
        let Some(seal) = &proof.seal else { return };
        if head < Some(seal.head) {
            proof.differs = true;
            proof.as_of = None;
        } else if head == Some(seal.head) && proof.as_of.is_some() {
            proof.as_of = Some(at);
        }
    }
}

impl Feed {
    pub(super) fn take_seal(&mut self, seal: Seal, now_ms: f64) -> bool {
        let Some(tenant) = self.tenants.get_mut(&seal.tenant_id) else {
            return false;
        };
        let tenant = Rc::make_mut(tenant);
        let before = tenant.proof.as_of;
        tenant.proof.seal = Some(seal);
        tenant.judge();
        let changed = tenant.proof.as_of != before;
        self.repair(now_ms);
        changed
    }

    pub(super) fn seals_hold(&mut self, at: Timestamp, now_ms: f64) -> bool {
        let before = self.complete_as_of();
        for tenant in self.tenants.values_mut() {
            Rc::make_mut(tenant).pulse(at);
        }
        self.repair(now_ms);
        self.complete_as_of() != before
    }

    fn repair(&mut self, now_ms: f64) {
        let repairs = &mut self.repairs;
        if self.tenants.values().any(|tenant| tenant.proof.differs) {
            if now_ms >= repairs.not_before_ms && !self.stale_picture {
                self.stale_picture = true;
                let doublings = repairs.n_in_vain.min(MAX_DOUBLINGS);
                repairs.not_before_ms = now_ms + REPAIR_EVERY_MS * (1_u64 << doublings) as f64;
                repairs.n_in_vain += 1;
                repairs.n_repairs += 1;
            }
        } else if self
            .tenants
            .values()
            .all(|tenant| tenant.proof.as_of.is_some())
        {
            repairs.n_in_vain = 0;
        }
    }

    /// The failures of a picture that was taken anew.
    pub(super) fn fold_failures(&mut self) {
        let held = self.runs.iter().filter(|(_, run)| run.status.is_failure());
        let held = held.map(|(key, run)| (&**key, run.tenant_seq));
        let named = self.failed_named.iter().map(|(key, seq)| (key, *seq));
        for (key, seq) in held.chain(named) {
            if let Some(tenant) = self.tenants.get_mut(&key.tenant_id) {
                Rc::make_mut(tenant).proof.change(key, None, Some(seq));
            }
        }
    }

    /// Up to when it is proved that no failure is missing, in the server's time: the oldest over the tenants. `None` while one of
    /// them is not proved.
    pub fn complete_as_of(&self) -> Option<Timestamp> {
        let mut oldest = None;
        for tenant in self.tenants.values() {
            let as_of = tenant.proof.as_of?;
            oldest = Some(oldest.map_or(as_of, |oldest: Timestamp| oldest.min(as_of)));
        }
        oldest
    }
}
