//! A run as every body holds it: a start's answer, lists, the run's page, the snapshot and the frames.

use serde::{Deserialize, Serialize};

use crate::ids::{ItemId, PersonId, PolicyId, Rev, RunId, RunKey, TenantId, TenantSeq};
use crate::timestamp::Timestamp;

/// The version of [`Run`] on the wire; readers ignore fields that they do not know.
pub const RUN_VERSION: u16 = 1;

/// A run of captures, exports or verifications over policies.
pub const BULK_OPERATION: &str = "bulk_operation";
/// A restore or its preview.
pub const RESTORE: &str = "restore";

/// How many of those who saw a failure are named.
pub const MAX_SEEN_BY: usize = 3;

/// Captures one policy; the target is the policy's own database id.
pub const CAPTURE_POLICY: &str = "policy.capture_snapshot";
/// Captures every policy of a tenant; it has no target.
pub const CAPTURE_ALL: &str = "policy.capture_all";

/// Where a run stands.
///
/// ```text
/// queued ──claim──▶ running ──end──▶ completed | partial | failed | cancelled
///                      ▲  │
///                      └──┘ lease expired, claimed again: attempt + 1
/// ```
///
/// `succeeded` reads as [`RunStatus::Completed`] and `completed_with_errors` as [`RunStatus::Partial`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RunStatus {
    /// Accepted, waits for a worker.
    Queued,
    /// A worker holds its lease.
    Running,
    /// Every item succeeded or was skipped.
    Completed,
    /// Some items failed.
    Partial,
    /// All items failed, or the run itself.
    Failed,
    /// Somebody ended it.
    Cancelled,
    /// A status that this version does not know, as it came.
    Other(String),
}

impl RunStatus {
    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            RunStatus::Queued => "queued",
            RunStatus::Running => "running",
            RunStatus::Completed => "completed",
            RunStatus::Partial => "partial",
            RunStatus::Failed => "failed",
            RunStatus::Cancelled => "cancelled",
            RunStatus::Other(text) => text,
        }
    }

    /// Waits or works: the run will change by itself.
    pub fn is_active(&self) -> bool {
        matches!(self, RunStatus::Queued | RunStatus::Running)
    }

    /// Only a later attempt can change it.
    pub fn is_ended(&self) -> bool {
        matches!(
            self,
            RunStatus::Completed | RunStatus::Partial | RunStatus::Failed | RunStatus::Cancelled
        )
    }

    /// Failed or partial: somebody has to look at it.
    pub fn is_failure(&self) -> bool {
        matches!(self, RunStatus::Partial | RunStatus::Failed)
    }
}

impl From<&str> for RunStatus {
    fn from(text: &str) -> Self {
        match text {
            "queued" => RunStatus::Queued,
            "running" => RunStatus::Running,
            "completed" | "succeeded" => RunStatus::Completed,
            "partial" | "completed_with_errors" => RunStatus::Partial,
            "failed" => RunStatus::Failed,
            "cancelled" => RunStatus::Cancelled,
            other => RunStatus::Other(other.to_owned()),
        }
    }
}

impl std::fmt::Display for RunStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RunStatus {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RunStatus {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(RunStatus::from(text.as_str()))
    }
}

/// How many records a run touches and what became of them. Absent means not known (yet), which is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// All records of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Those that have an outcome: succeeded + failed + skipped (+ unknown).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processed: Option<u64>,
    /// Done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<u64>,
    /// Refused, incomplete or in error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// Left alone on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<u64>,
}

/// A person, by id and the name to show.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonRef {
    /// Who.
    pub id: PersonId,
    /// The name to show.
    pub name: String,
}

/// What went wrong, safe to show: never a token, a secret or a raw body.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunError {
    /// Stable, for programs and for grouping: `graph_forbidden`, `settings_incomplete`, …
    pub code: String,
    /// A sentence for people, at most 500 characters.
    pub message: String,
    /// Whether the same attempt could succeed later without anybody changing anything.
    pub retryable: bool,
    /// Microsoft Graph's `request-id`, for a support case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// Somebody looks after this failure.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Acknowledged {
    /// Who.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
}

/// The run lives, but waits for something by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Waiting {
    /// Stable: `throttled`, …
    pub reason: String,
    /// When it goes on, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A run, and the data of a `run` frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Run {
    /// [`RUN_VERSION`].
    pub v: u16,
    /// The tenant that the run works on.
    pub tenant_id: TenantId,
    /// Of the run's latest `run` event. Order within a tenant is this alone.
    pub tenant_seq: TenantSeq,
    /// Of the run's latest event that changed its status or attempt; a mark or an acknowledgement leaves it alone.
    pub status_seq: TenantSeq,
    /// Grows with each change, progress included.
    pub rev: Rev,
    /// Empty for our own runs, the portal's name for announced ones.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// [`BULK_OPERATION`], [`RESTORE`] or a portal's own.
    pub run_type: String,
    /// Unique within (tenant, source, run type).
    pub run_id: RunId,
    /// Where it stands.
    pub status: RunStatus,
    /// Starts at 1 and rises with each claim after the first.
    pub attempt: u32,
    /// What became of its records so far.
    #[serde(default)]
    pub counts: Counts,
    /// [`CAPTURE_ALL`], [`CAPTURE_POLICY`], …
    #[serde(default)]
    pub operation: String,
    /// What it works on, to show: a policy's name. Empty when that is the whole tenant.
    #[serde(default)]
    pub target: String,
    /// Who started it; absent for a schedule or a portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_by: Option<PersonRef>,
    /// When the latest `run` event happened.
    pub at: Timestamp,
    /// When the start was accepted.
    pub queued_at: Timestamp,
    /// When the first worker claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Set while nothing moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stalled_since: Option<Timestamp>,
    /// Set while it waits for something by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// Set once somebody looks after its failure; a later attempt clears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
    /// Why the run itself failed, or the most frequent error of its items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
    /// The first people who saw that it failed, in that order, at most [`MAX_SEEN_BY`]. A new status or attempt begins anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_by: Vec<PersonRef>,
    /// How many saw it, also where `seen_by` names less.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub n_seen: u32,
}

/// Whether a count is left out.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
pub(crate) fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Run {
    /// A bulk operation of ours with nothing told of it but its status, at its first attempt: what tests and measurements begin with.
    pub fn bare(tenant_id: TenantId, run_id: RunId, seq: TenantSeq, status: RunStatus) -> Run {
        Run {
            v: RUN_VERSION,
            tenant_id,
            tenant_seq: seq,
            status_seq: seq,
            rev: Rev(seq.0),
            source: String::new(),
            run_type: BULK_OPERATION.to_owned(),
            run_id,
            status,
            attempt: 1,
            counts: Counts::default(),
            operation: String::new(),
            target: String::new(),
            started_by: None,
            at: Timestamp(0),
            queued_at: Timestamp(0),
            started_at: None,
            ended_at: None,
            stalled_since: None,
            waiting: None,
            acknowledged: None,
            error: None,
            seen_by: Vec::new(),
            n_seen: 0,
        }
    }

    /// What cards, marks and lists are keyed by.
    pub fn key(&self) -> RunKey {
        RunKey {
            tenant_id: self.tenant_id,
            source: self.source.clone(),
            run_type: self.run_type.clone(),
            run_id: self.run_id,
        }
    }
}

/// What became of one record of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Outcome {
    /// Not begun.
    Pending,
    /// Begun, its end not known.
    Inflight,
    /// Done.
    Succeeded,
    /// Refused, incomplete or in error.
    Failed,
    /// Left alone on purpose.
    Skipped,
    /// Begun by a worker that died; verified before anything else happens to it.
    Unknown,
}

impl Outcome {
    /// The text on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Pending => "pending",
            Outcome::Inflight => "inflight",
            Outcome::Succeeded => "succeeded",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
            Outcome::Unknown => "unknown",
        }
    }

    /// Reads [`Outcome::as_str`].
    pub fn parse(text: &str) -> Option<Outcome> {
        Some(match text {
            "pending" => Outcome::Pending,
            "inflight" => Outcome::Inflight,
            "succeeded" => Outcome::Succeeded,
            "failed" => Outcome::Failed,
            "skipped" => Outcome::Skipped,
            "unknown" => Outcome::Unknown,
            _ => return None,
        })
    }

    /// Has an end that the run's counts hold.
    pub fn is_settled(self) -> bool {
        matches!(
            self,
            Outcome::Succeeded | Outcome::Failed | Outcome::Skipped
        )
    }
}

/// One record that a run touches. Within a run: by `item_idx`, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Item {
    /// The row.
    pub item_id: ItemId,
    /// Its place in the run's order: 0, 1, 2, …
    pub item_idx: u32,
    /// The policy that it is about.
    pub policy_id: PolicyId,
    /// The policy's name when the run saw it.
    pub name: String,
    /// `configurationPolicies`, `deviceConfigurations`, …
    pub family: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How often it was begun.
    pub attempts: u32,
    /// When it was last begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    /// When it got its outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
    /// The policy version that holds what was captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Whether `version` was made by this item, rather than found unchanged.
    #[serde(default)]
    pub changed: bool,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
}
