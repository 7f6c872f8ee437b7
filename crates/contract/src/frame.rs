//! The frames of `GET /api/events`. Only `run` carries an `id:` line; its data is a [`crate::run::Run`].

use serde::{Deserialize, Serialize};

use crate::api::TenantRef;
use crate::card::Mark;
use crate::ids::{EventId, Rev, RunId, RunKey, TenantId, TenantSeq};
use crate::preferences::Preferences;
use crate::run::{Counts, PersonRef, is_zero};
use crate::timestamp::Timestamp;

/// The protocol that `hello` names.
pub const PROTOCOL: u16 = 1;
/// A `pulse` comes this often.
pub const PULSE_EVERY_MS: u64 = 10_000;

/// The `event:` names.
pub mod name {
    /// [`super::Hello`].
    pub const HELLO: &str = "hello";
    /// [`crate::run::Run`].
    pub const RUN: &str = "run";
    /// [`super::Progress`].
    pub const PROGRESS: &str = "progress";
    /// [`super::Seal`].
    pub const SEAL: &str = "seal";
    /// [`super::MarksChanged`].
    pub const MARKS: &str = "marks";
    /// [`super::Pulse`].
    pub const PULSE: &str = "pulse";
    /// [`super::Reset`].
    pub const RESET: &str = "reset";
    /// [`super::Bye`].
    pub const BYE: &str = "bye";
}

/// First on every connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hello {
    /// [`PROTOCOL`].
    pub protocol: u16,
    /// The build of the app that the server serves; another than the page's means a new version.
    pub build: String,
    /// The server's clock. Ages are shown by it, never by the local clock.
    pub server_time: Timestamp,
    /// Who the stream is for.
    pub person: PersonRef,
    /// The counter of that person's marks.
    pub marks_rev: i64,
    /// Every tenant that the person may see, by name.
    pub tenants: Vec<TenantRef>,
    /// As in [`crate::api::Me`].
    #[serde(default)]
    pub channel: String,
}

/// What changed of a run without an event: its counts, and who saw its failure; both absolute. Not logged; at most 10 a second for each run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// The tenant that the run works on.
    pub tenant_id: TenantId,
    /// Empty for our own runs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Of the run.
    pub run_type: String,
    /// Of the run.
    pub run_id: RunId,
    /// Of the run's latest `run` event. A reader that knows a later one ignores this.
    pub tenant_seq: TenantSeq,
    /// Only grows. A reader that knows a higher one ignores this.
    pub rev: Rev,
    /// What became of its records so far.
    pub counts: Counts,
    /// The server's clock when the latest item settled, or when somebody saw the failure.
    pub at: Timestamp,
    /// As in the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_by: Vec<PersonRef>,
    /// As in the run.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub n_seen: u32,
}

impl Progress {
    /// Of the run.
    pub fn key(&self) -> RunKey {
        RunKey {
            tenant_id: self.tenant_id,
            source: self.source.clone(),
            run_type: self.run_type.clone(),
            run_id: self.run_id,
        }
    }
}

/// A fact of the tenant, shared by all its readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Seal {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The newest `tenant_seq`.
    pub head: TenantSeq,
    /// How many runs' latest attempt failed or ended partial, within retention.
    pub n_failed: u64,
    /// [`crate::seal::toggle`] over them, as 16 hex digits (a JSON number would lose bits).
    pub digest: String,
    /// The server's clock.
    pub server_time: Timestamp,
}

/// My marks changed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarksChanged {
    /// The counter after the change.
    pub marks_rev: i64,
    /// The marks that changed.
    pub marks: Vec<Mark>,
    /// The preferences, where they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
}

/// Every [`PULSE_EVERY_MS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pulse {
    /// The newest event of the log.
    pub head: EventId,
    /// The server's clock.
    pub server_time: Timestamp,
}

/// The id to resume from is unknown, too old or ahead of the head: take the snapshot; it replaces and never merges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reset {
    /// `unknown`, `too_old` or `ahead`.
    pub reason: String,
}

/// The server goes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bye {
    /// When this reader should come back, counted from now; another for each reader.
    pub retry_ms: u64,
    /// `shutdown`, `signed_out`, `access_changed` or `lifetime`.
    pub reason: String,
}
