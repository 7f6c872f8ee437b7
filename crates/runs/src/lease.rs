//! Claiming a run, holding it, ending it.

use contract::ids::{PolicyId, RunId, TenantId};
use contract::run::{Run, RunError};
use contract::timestamp::Timestamp;

/// What every write of a worker names. The epoch rises with each claim of the run, so a worker that lost its lease writes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The tenant that the run works on.
    pub tenant_id: TenantId,
    /// `bulk_operation` or `restore`.
    pub run_type: String,
    /// The run.
    pub run_id: RunId,
    /// The fence.
    pub lease_epoch: i64,
}

/// A run that is ours until the lease expires.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The fence.
    pub lease: Lease,
    /// As it stands after the claim: running.
    pub run: Run,
    /// The policy that it is about, for an operation on one.
    pub target: Option<PolicyId>,
    /// A heartbeat before this moves it on.
    pub expires_at: Timestamp,
}

/// The answer to a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The new end of the lease.
    pub expires_at: Timestamp,
    /// Somebody wants the run ended: finish as cancelled at the next item.
    pub cancel_requested: bool,
}

/// How a run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By its items: all succeeded or skipped → completed, some failed → partial, all failed → failed. No items → completed.
    ByItems,
    /// The run itself failed. Items that were not settled stay as they are.
    Failed(RunError),
    /// Somebody ended it.
    Cancelled,
}
