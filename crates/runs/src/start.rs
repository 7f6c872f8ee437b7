//! Starting a run: reuse the live one, or make it.

use contract::ids::{PersonId, PolicyId, TenantId};
use contract::run::Run;

/// A request to start a run. The key of reuse is (tenant, operation, target).
#[derive(Clone, Debug)]
pub struct StartRun {
    /// The tenant that the run works on.
    pub tenant_id: TenantId,
    /// `policy.capture_snapshot`, `policy.capture_all`, …
    pub operation: String,
    /// The policy, by our own id; `None` for the whole tenant.
    pub target: Option<PolicyId>,
    /// Who asks.
    pub by: PersonId,
    /// The `Idempotency-Key` header: makes a repeated request answer the same run, ended or not.
    pub idempotency_key: Option<String>,
}

/// The run of a start.
#[derive(Clone, Debug)]
pub struct Started {
    /// As it stands after the commit.
    pub run: Run,
    /// No second run was made; who asked became a watcher of this one.
    pub reused: bool,
}
