//! The failed runs of each tenant, as the hub needs them once at its start: from there on it follows the committed changes.

use contract::ids::{TenantId, TenantSeq};
use contract::snapshot::FailedRun;

/// What a seal is folded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failures {
    /// Whose.
    pub tenant_id: TenantId,
    /// The newest `tenant_seq`; 0 before the first event.
    pub head: TenantSeq,
    /// Every run whose latest attempt failed or ended partial, in no order. `seq` is the `tenant_seq` of its latest event, as in a
    /// snapshot.
    pub failed: Vec<FailedRun>,
}
