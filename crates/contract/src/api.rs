//! Bodies of the REST calls that are not runs, frames or the snapshot themselves.

use serde::{Deserialize, Serialize};

use crate::card::Mark;
use crate::ids::{PolicyId, RunId, RunKey, TenantId, TenantSeq};
use crate::preferences::Preferences;
use crate::run::{Item, PersonRef, Run, RunError, RunStatus};
use crate::timestamp::Timestamp;

/// The most rows of a page.
pub const MAX_ROWS: u32 = 500;
/// The shortest password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// The longest password, in bytes: hashing costs time that a stranger must not choose.
pub const MAX_PASSWORD_BYTES: usize = 1024;
/// The longest name of a person, in characters.
pub const MAX_NAME_CHARS: usize = 64;

/// What a person may do in a tenant. Every role sees every run event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Looks.
    Viewer,
    /// Looks and reads the audit trail.
    Auditor,
    /// Starts captures and bulk operations.
    Operator,
    /// An operator who may also restore.
    Restorer,
    /// Everything, people included.
    Admin,
}

impl Role {
    /// In rising order of reach.
    pub const ALL: [Role; 5] = [
        Role::Viewer,
        Role::Auditor,
        Role::Operator,
        Role::Restorer,
        Role::Admin,
    ];

    /// The text on the wire, in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Auditor => "auditor",
            Role::Operator => "operator",
            Role::Restorer => "restorer",
            Role::Admin => "admin",
        }
    }

    /// Reads [`Role::as_str`].
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// May start captures and bulk operations.
    pub fn may_start(self) -> bool {
        matches!(self, Role::Operator | Role::Restorer | Role::Admin)
    }

    /// May say that somebody looks after a failure.
    pub fn may_acknowledge(self) -> bool {
        matches!(self, Role::Operator | Role::Restorer | Role::Admin)
    }
}

/// A tenant that the reader may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantRef {
    /// The id in every path.
    pub id: TenantId,
    /// The name to show.
    pub name: String,
    /// The reader's roles there, in the order of [`Role`].
    pub roles: Vec<Role>,
}

/// `GET /api/me`, and the answer to signing in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// Who is signed in.
    pub person: PersonRef,
    /// By name.
    pub tenants: Vec<TenantRef>,
    /// The counter of their marks.
    pub marks_rev: i64,
    /// The build of the app that the server serves.
    pub build: String,
    /// Names the session among the tabs of one browser, which share a stream. A digest: no secret can be found from it.
    #[serde(default)]
    pub channel: String,
}

/// `POST /api/session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// Who.
    pub name: String,
    /// Never logged.
    pub password: String,
}

/// `POST /api/setup/check`: is this one-time link still good, and for what?
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupCheck {
    /// From the link's fragment. Never logged.
    pub token: String,
}

/// The answer to [`SetupCheck`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupOffer {
    /// Absent for the first account, which chooses its name; fixed for an invitation or a reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The tenants that the account will see.
    pub tenants: Vec<String>,
}

/// `POST /api/setup`: uses the link up, sets the password and signs in. Answers [`Me`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setup {
    /// From the link's fragment. Never logged.
    pub token: String,
    /// Ignored where the offer fixes it.
    pub name: String,
    /// At least [`MIN_PASSWORD_CHARS`] characters.
    pub password: String,
}

/// `POST /api/tenants/{t}/runs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartRun {
    /// [`crate::run::CAPTURE_ALL`] or [`crate::run::CAPTURE_POLICY`].
    pub operation: String,
    /// The policy for an operation on one; absent for one on the whole tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<PolicyId>,
}

/// 202: the run that was made, or the one that is queued or running for the same operation and target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Started {
    /// As it stood when the start was answered.
    pub run: Run,
    /// The run's page, relative to the origin.
    pub link: String,
    /// No second run was made.
    pub reused: bool,
}

/// A page of runs: newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunRows {
    /// At most [`MAX_ROWS`].
    pub rows: Vec<Run>,
    /// The `after` of the next page; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A page of a run's items: by `item_idx`, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemRows {
    /// The run's `rev` when they were read, in the same transaction.
    pub rev: crate::ids::Rev,
    /// At most [`MAX_ROWS`].
    pub rows: Vec<Item>,
    /// The `after` of the next page; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `GET …/runs/{run_type}/{run_id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunPage {
    /// As it stands.
    pub run: Run,
    /// Its `run` events, oldest first, at most [`MAX_ROWS`].
    pub timeline: Vec<RunChange>,
    /// The portal's own page of an announced run: http, https, or a path of the same origin. Never of one of our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// One `run` event in a run's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunChange {
    /// The event's place in the tenant.
    pub tenant_seq: TenantSeq,
    /// The status after it.
    pub status: RunStatus,
    /// The attempt after it.
    pub attempt: u32,
    /// Set if the event marked the run as stalled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stalled_since: Option<Timestamp>,
    /// When it happened.
    pub at: Timestamp,
}

/// A policy of a tenant as the inventory knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyRow {
    /// Our own id: the target of a start.
    pub id: PolicyId,
    /// Graph's id.
    pub graph_id: String,
    /// `configurationPolicies`, `deviceConfigurations`, …
    pub family: String,
    /// As Graph has it.
    pub name: String,
    /// `windows10`, `macOS`, …; empty when Graph does not say.
    #[serde(default)]
    pub platform: String,
    /// How many versions are stored.
    pub n_versions: u32,
    /// When the newest version was last confirmed by a capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured_at: Option<Timestamp>,
    /// Whether that capture made a new version.
    #[serde(default)]
    pub changed: bool,
    /// Set when the latest capture of it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
    /// The latest run that touched it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunKey>,
    /// Set once Graph no longer lists it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_since: Option<Timestamp>,
}

/// `GET /api/tenants/{t}/policies`: by family, then name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyRows {
    /// At most [`MAX_ROWS`].
    pub rows: Vec<PolicyRow>,
    /// The `after` of the next page; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// All policies of the tenant.
    pub total: u64,
    /// When the list was last read from Graph; absent while it has never been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<Timestamp>,
    /// Why the latest reading failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_error: Option<RunError>,
}

/// `GET /api/me/marks?after=`: marks changed since, by `marks_rev`, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarkRows {
    /// At most [`MAX_ROWS`].
    pub rows: Vec<Mark>,
    /// The `after` of the next page; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
    /// The counter now.
    pub marks_rev: i64,
    /// The preferences, where they changed after `after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
}

/// `PUT /api/me/marks`. Each list at most [`MAX_ROWS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutMarks {
    /// Seen up to this.
    pub seen: Vec<RunSeq>,
    /// Dismissed as it was on screen; one whose status has changed since stays.
    pub dismissed: Vec<RunSeq>,
    /// Dismissals to undo.
    pub restored: Vec<RunKey>,
}

/// A run and what was on screen of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunSeq {
    /// The run.
    pub run: RunKey,
    /// Its `tenant_seq` on screen.
    pub seq: TenantSeq,
}

/// The answer to [`PutMarks`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarksPut {
    /// The counter after the change.
    pub marks_rev: i64,
    /// The marks as they are now, for each run named that exists.
    pub marks: Vec<Mark>,
    /// Dismissals that were not made, because the run has changed since.
    pub stayed: Vec<RunKey>,
}

/// `POST /api/tenants/{t}/runs/{run_type}/{run_id}/acknowledge`. Answers [`Run`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Acknowledge {
    /// The run's `tenant_seq` on screen.
    pub tenant_seq: TenantSeq,
    /// Somebody looks after the failure; `false` takes it back.
    pub acknowledged: bool,
}

/// `POST /api/tenants/{t}/acknowledge`: many failures at once, all in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcknowledgeMany {
    /// At most [`MAX_ROWS`].
    pub runs: Vec<FailureOnScreen>,
}

/// A failure of the path's tenant, and what was on screen of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FailureOnScreen {
    /// Empty for our own runs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Of the run.
    pub run_type: String,
    /// Of the run.
    pub run_id: RunId,
    /// Its `tenant_seq` on screen.
    pub tenant_seq: TenantSeq,
}

/// The answer to [`AcknowledgeMany`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcknowledgedMany {
    /// Failures of the list that are looked after now, those that were before included.
    pub acknowledged: u32,
    /// Runs of the list that have changed since, and stay as they are.
    pub changed: u32,
}

/// `GET /api/me/notifications`: every run that is or was a card of mine, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationRows {
    /// At most [`MAX_ROWS`]. In the order in which the server took the runs, the newest first: it stays the same while it is paged.
    pub rows: Vec<NotificationRow>,
    /// The `after` of the next page; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// All that the filters let through, on whichever page.
    pub total: u64,
}

/// A run that is or was a card of mine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationRow {
    /// As it stands.
    pub run: Run,
    /// What I did about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// Which of my cards: the `state` of `GET /api/me/notifications`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CardState {
    /// Every one, those that are none any more included.
    #[default]
    All,
    /// On screen: a card, and not dismissed.
    Open,
    /// Dismissed, and not come back since.
    Dismissed,
    /// Open, and its latest status not seen.
    Unread,
    /// Failures that nobody looks after, whether open or not.
    Failed,
}

/// The longest `q` of `GET /api/me/notifications`, in characters.
pub const MAX_SEARCH_CHARS: usize = 100;
