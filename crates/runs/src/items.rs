//! The records that a run touches.

use contract::ids::{ItemId, PolicyId};
use contract::run::{Outcome, RunError};

/// A record that the run will touch; its place in the list is its `item_idx`.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// The policy, by our own id.
    pub policy_id: PolicyId,
    /// Its name now.
    pub name: String,
    /// `configurationPolicies`, …
    pub family: String,
}

/// An item that still has to be done: `pending`, or `unknown` after a crash.
#[derive(Clone, Debug)]
pub struct WorkItem {
    /// The row.
    pub item_id: ItemId,
    /// The policy, by our own id.
    pub policy_id: PolicyId,
    /// Graph's id of it.
    pub graph_id: String,
    /// Its name when the run was planned.
    pub name: String,
    /// `configurationPolicies`, …
    pub family: String,
    /// `Pending` or `Unknown`. An unknown one is verified before anything is written; a capture only reads, so it simply reads again.
    pub outcome: Outcome,
}

/// How an item ends.
#[derive(Clone, Debug)]
pub enum Settlement {
    /// Captured. Stored as a new version if the hash is not that of the newest one.
    Captured(NewVersion),
    /// Refused, incomplete or in error.
    Failed(RunError),
    /// Left alone on purpose, and why.
    Skipped(RunError),
}

/// What a capture read, canonical and with its secrets redacted.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// The policy's name.
    pub name: String,
    /// SHA-256 of the canonical JSON, hex.
    pub content_hash: String,
    /// Canonical JSON.
    pub object: String,
    /// Canonical JSON.
    pub assignments: String,
    /// JSON paths of what was redacted.
    pub redactions: Vec<String>,
    /// Graph's stamp.
    pub last_modified: Option<String>,
}
