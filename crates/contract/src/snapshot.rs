//! `GET /api/snapshot`: the state to start from, and the id to go on from, read in one transaction.

use serde::{Deserialize, Serialize};

use crate::api::TenantRef;
use crate::card::Mark;
use crate::ids::{EventId, RunKey, TenantSeq};
use crate::preferences::Rule;
use crate::run::{PersonRef, Run};
use crate::timestamp::Timestamp;

/// At most this many failed runs are named for all tenants of a person together.
pub const MAX_FAILED_NAMED: usize = 20_000;
/// Ended runs that did not fail, newest first, up to this many for a person.
pub const MAX_RECENT: usize = 500;
/// Active and failed runs in full, up to this many for a person.
pub const MAX_CURRENT: usize = 5_000;

/// The state to start from. It replaces what the reader had, and never merges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// Go on from here.
    pub id: EventId,
    /// The server's clock.
    pub server_time: Timestamp,
    /// Whose snapshot.
    pub person: PersonRef,
    /// The counter of the marks below.
    pub marks_rev: i64,
    /// The person's marks of the runs below.
    pub marks: Vec<Mark>,
    /// The person's preferences as of `marks_rev`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Every tenant that the person may see, by name.
    pub tenants: Vec<TenantState>,
    /// Active and failed runs ([`MAX_CURRENT`]) and the newest others ([`MAX_RECENT`]); by tenant, then `tenant_seq`, ascending.
    pub runs: Vec<Run>,
    /// Every run whose latest attempt failed or ended partial, up to [`MAX_FAILED_NAMED`].
    pub failed: Vec<FailedRun>,
}

/// A tenant in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantState {
    /// Which, and the person's roles there.
    pub tenant: TenantRef,
    /// The newest `tenant_seq`; 0 before the first event.
    pub head: TenantSeq,
    /// Exact, also where rows were cut.
    pub totals: Totals,
}

/// How many runs a tenant has in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Totals {
    /// Waiting for a worker.
    pub queued: u64,
    /// Held by a worker.
    pub running: u64,
    /// Ended well.
    pub completed: u64,
    /// Ended with some failures.
    pub partial: u64,
    /// Failed.
    pub failed: u64,
    /// Ended by somebody.
    pub cancelled: u64,
    /// In a status that the server does not know.
    pub other: u64,
}

/// Names a failed run even where its row was cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FailedRun {
    /// The run.
    pub run: RunKey,
    /// Its latest `tenant_seq`, which the seal's digest folds.
    pub seq: TenantSeq,
}
