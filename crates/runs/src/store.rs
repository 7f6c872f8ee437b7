//! The contract that every database keeps; `tests/conformance` exercises it.
//!
//! Time comes from the store's own clock ([`RunStore::now`]), so that one clock orders leases and a test can move it.

use std::time::Duration;

use async_trait::async_trait;
use contract::api::{
    Acknowledge, AcknowledgedMany, FailureOnScreen, ItemRows, MarkRows, MarksPut, NotificationRows,
    PolicyRow, PolicyRows, PutMarks, Role, RunPage, RunRows, TenantRef,
};
use contract::ids::{EventId, ItemId, PersonId, PolicyId, RunId, RunKey, TenantId};
use contract::ingest::{Judgement, RunEvent};
use contract::preferences::{Preferences, Rule};
use contract::run::{PersonRef, Run, RunError, Waiting};
use contract::snapshot::Snapshot;
use contract::timestamp::Timestamp;

use crate::cards::CardQuery;
use crate::change::LoggedEvent;
use crate::error::Result;
use crate::failures::Failures;
use crate::ingest::{KeyId, MachineKey, NewKey};
use crate::items::{NewItem, Settlement, WorkItem};
use crate::lease::{Claim, Ending, Heartbeat, Lease};
use crate::people::{Caller, Credentials, LinkPurpose, NewTenant, SessionId, Tenant, TokenHash};
use crate::policies::ListedPolicy;
use crate::retention::Keep;
use crate::start::{StartRun, Started};

/// Everything that is kept.
pub trait Store: RunStore + PeopleStore + PolicyStore + IngestStore + CardStore {}

impl<S: RunStore + PeopleStore + PolicyStore + IngestStore + CardStore> Store for S {}

/// Runs, their items, their events.
#[async_trait]
pub trait RunStore: Send + Sync + 'static {
    /// The store's clock.
    fn now(&self) -> Timestamp;

    /// Reuses the live run of (tenant, operation, target) or makes one, with its event and notification rows.
    ///
    /// # Errors
    /// `NotInTenant` if the target is no policy of that tenant, `KeyReused`.
    async fn start(&self, request: StartRun) -> Result<Started>;

    /// Claims the next queued run or one whose lease expired, fairly across tenants, for at most `per_tenant` running at once in each.
    ///
    /// A lease that ends more than two of `lease` from now has expired too: the clock was set back since. So all workers of a store have one lease.
    ///
    /// Items that a dead worker left `inflight` become `unknown`. `None`: nothing to claim.
    async fn claim_next(
        &self,
        worker: &str,
        lease: Duration,
        per_tenant: u32,
    ) -> Result<Option<Claim>>;

    /// Waits until a claim may be possible: a start, an end, or `at_most` (leases expire without anybody telling).
    async fn work_may_be_ready(&self, at_most: Duration);

    /// Moves the lease on. `LeaseLost` if it is no longer ours.
    async fn heartbeat(&self, lease: &Lease, for_: Duration) -> Result<Heartbeat>;

    /// Sets the run's items, once in each attempt: those of an earlier one stay as they are, and what is new is added behind them.
    async fn plan_items(&self, lease: &Lease, items: Vec<NewItem>) -> Result<()>;

    /// The items without an end, by `item_idx`. Empty before the plan and when all are settled.
    async fn open_items(&self, lease: &Lease) -> Result<Vec<WorkItem>>;

    /// Turns an item `inflight` with what is about to be done.
    async fn begin_item(&self, lease: &Lease, item_id: ItemId, intent: &str) -> Result<()>;

    /// Gives an item its outcome, stores a captured version, moves the run's counts and tells the progress. An item that is settled stays.
    async fn settle_item(
        &self,
        lease: &Lease,
        item_id: ItemId,
        settlement: Settlement,
    ) -> Result<()>;

    /// Marks the run as waiting for something by itself, or clears it: an event if that changed.
    async fn set_waiting(&self, lease: &Lease, waiting: Option<Waiting>) -> Result<()>;

    /// Ends the run: its last event, its notification rows.
    async fn finish(&self, lease: &Lease, ending: Ending) -> Result<()>;

    /// Marks runs whose heartbeat is older than two leases or that settled no item for `no_item_for`, clears the mark where they move again.
    async fn sweep_stalled(&self, lease: Duration, no_item_for: Duration) -> Result<()>;

    /// Marks announced runs that are running and of which their portal said nothing for `silent_for`; its next event clears the mark.
    async fn sweep_silent(&self, silent_for: Duration) -> Result<()>;

    /// Deletes what may go of a few runs behind `after`, in one small transaction. Where to go on; `None` once that was all of them.
    async fn forget_old(&self, keep: Keep, after: i64) -> Result<Option<i64>>;

    /// Deletes idempotency keys of that age, some at a time: a request that is repeated later starts anew.
    async fn forget_idempotency_keys(&self, age: Duration) -> Result<()>;

    /// One run with its timeline.
    ///
    /// # Errors
    /// `NotInTenant`.
    async fn run_page(&self, run: &RunKey) -> Result<RunPage>;

    /// Runs of a tenant, newest first. `after` is the `next` of the page before.
    async fn runs(&self, tenant_id: TenantId, after: Option<RunId>, limit: u32) -> Result<RunRows>;

    /// Every run of ours that is running (a few for each tenant), and announced ones up to [`contract::snapshot::MAX_CURRENT`] a tenant; by tenant.
    async fn running(&self) -> Result<Vec<Run>>;

    /// Every failed run of every tenant, by tenant, in one transaction: what the seals are folded from at the start.
    async fn failures(&self) -> Result<Vec<Failures>>;

    /// Items of a run, by `item_idx`; `after` is the `item_idx` of the last row seen.
    async fn items(&self, run: &RunKey, after: Option<u32>, limit: u32) -> Result<ItemRows>;

    /// The state to start from, for the tenants that the person is a member of (or one of them), in one transaction.
    async fn snapshot(&self, person: PersonId, only: Option<TenantId>) -> Result<Snapshot>;

    /// The newest event of the log.
    fn head(&self) -> EventId;

    /// The oldest position that can be resumed from: events after it are all there.
    async fn oldest_resumable(&self) -> Result<u64>;

    /// Events after `position`, of these tenants, ascending, at most `limit`.
    async fn events_after(
        &self,
        position: u64,
        tenants: &[TenantId],
        limit: u32,
    ) -> Result<Vec<LoggedEvent>>;

    /// Marks of a person changed after `marks_rev`.
    async fn marks_after(&self, person: PersonId, marks_rev: i64, limit: u32) -> Result<MarkRows>;

    /// Changes a person's marks. Runs in tenants that they are no member of are left out of the answer.
    async fn put_marks(&self, person: PersonId, marks: PutMarks) -> Result<MarksPut>;

    /// Whether a read works, and a write did within 10 s or does now: for `/healthz`.
    async fn check(&self) -> Result<()>;
}

/// Failures that somebody looks after, who is told of what, and what was told.
#[async_trait]
pub trait CardStore: Send + Sync + 'static {
    /// Notes that somebody looks after a failure, or takes that back: an event where it changes anything. The first who did stays.
    ///
    /// # Errors
    /// `NotInTenant`; `Changed` if it is no failure any more or its `status_seq` is newer than the seq that is named.
    async fn acknowledge(&self, by: PersonId, run: &RunKey, request: Acknowledge) -> Result<Run>;

    /// Acknowledges many failures of a tenant in one transaction.
    ///
    /// # Errors
    /// `NotInTenant` if any of them is not there; then nothing is changed.
    async fn acknowledge_many(
        &self,
        by: PersonId,
        tenant_id: TenantId,
        runs: Vec<FailureOnScreen>,
    ) -> Result<AcknowledgedMany>;

    /// The person's rules, but for those of tenants that they are no member of.
    async fn preferences(&self, person: PersonId) -> Result<Preferences>;

    /// Replaces the person's rules.
    ///
    /// # Errors
    /// `NotInTenant` if a rule names a tenant that they are no member of.
    async fn put_preferences(&self, person: PersonId, rules: Vec<Rule>) -> Result<Preferences>;

    /// Every run that is or was the person's card, by the order in which the store took them, the newest first.
    async fn notifications(&self, person: PersonId, query: CardQuery) -> Result<NotificationRows>;
}

/// Tenants' inventories and captured versions.
#[async_trait]
pub trait PolicyStore: Send + Sync + 'static {
    /// Adds and renames what Graph lists; what it no longer lists (of the families that were listed whole) is `gone_since` now. Returns all of
    /// them with our ids, by family, name and Graph's id.
    async fn put_listed(
        &self,
        tenant_id: TenantId,
        families: &[&str],
        listed: Vec<ListedPolicy>,
    ) -> Result<Vec<PolicyRow>>;

    /// Notes that the list could not be read.
    async fn put_list_error(&self, tenant_id: TenantId, error: RunError) -> Result<()>;

    /// A page, by family, name and id. `after` is the `next` of the page before.
    async fn policies(
        &self,
        tenant_id: TenantId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<PolicyRows>;

    /// One policy.
    ///
    /// # Errors
    /// `NotInTenant`.
    async fn policy(&self, tenant_id: TenantId, policy_id: PolicyId) -> Result<PolicyRow>;
}

/// Tenants, people and sessions.
#[async_trait]
pub trait PeopleStore: Send + Sync + 'static {
    /// Adds the tenant or renames it, by its directory id. A new tenant gets every admin of all other tenants as its admin.
    async fn put_tenant(&self, tenant: NewTenant) -> Result<Tenant>;

    /// All of them, by id.
    async fn tenants(&self) -> Result<Vec<Tenant>>;

    /// Whether anybody has an account.
    async fn has_people(&self) -> Result<bool>;

    /// Makes the link for the first account, in place of an earlier one.
    async fn put_first_link(&self, token: TokenHash, expires_at: Timestamp) -> Result<()>;

    /// Adds a person if there is none of that name, gives them the role in the tenant, and replaces their link.
    ///
    /// # Errors
    /// `NotInTenant` if there is no such tenant.
    async fn invite(
        &self,
        name: &str,
        tenant_id: TenantId,
        role: Role,
        token: TokenHash,
        expires_at: Timestamp,
    ) -> Result<PersonRef>;

    /// Replaces a person's link, so that they can set a new password. `None`: nobody has that name.
    async fn reset_link(
        &self,
        name: &str,
        token: TokenHash,
        expires_at: Timestamp,
    ) -> Result<Option<PersonRef>>;

    /// What a link is for. `LinkUsed` if it is not good (any more).
    async fn link_purpose(&self, token: TokenHash) -> Result<LinkPurpose>;

    /// Uses the link up and sets the password (a PHC string); for the first account `name` becomes its name and it is admin of every tenant.
    /// All sessions of that person end.
    ///
    /// # Errors
    /// `LinkUsed`, `NameTaken`.
    async fn use_link(
        &self,
        token: TokenHash,
        name: &str,
        password_hash: &str,
    ) -> Result<PersonRef>;

    /// By name; capitals and blanks around it do not count.
    async fn credentials(&self, name: &str) -> Result<Option<Credentials>>;

    /// Makes a session.
    async fn add_session(
        &self,
        person: PersonId,
        token: TokenHash,
        expires_at: Timestamp,
    ) -> Result<SessionId>;

    /// Who is asking; `None` if the session ended or never was. Reads memberships anew each time.
    async fn caller(&self, token: TokenHash) -> Result<Option<Caller>>;

    /// Every tenant that the person may see, by name, with their roles.
    async fn tenants_of(&self, person: PersonId) -> Result<Vec<TenantRef>>;

    /// Ends a session.
    async fn end_session(&self, session: SessionId) -> Result<()>;

    /// Another number than at the last call once another process has changed anything, and the same until then.
    async fn others_changes(&self) -> Result<i64>;

    /// Takes a person's role in a tenant away.
    async fn remove_member(&self, person: PersonId, tenant_id: TenantId) -> Result<()>;
}

/// Runs that portals announce, and the keys that they do it with.
#[async_trait]
pub trait IngestStore: Send + Sync + 'static {
    /// Takes the events in their order, in one transaction: each once, with the run's event in the log where the status or attempt changed.
    /// One judgement for each, never `Rejected`. No worker ever claims such a run.
    ///
    /// # Errors
    /// `KeyRevoked` unless the key stands as of the transaction, `NotInTenant` if there is no such tenant; then nothing is taken.
    async fn ingest(
        &self,
        key: KeyId,
        tenant_id: TenantId,
        events: Vec<RunEvent>,
    ) -> Result<Vec<Judgement>>;

    /// Makes a key.
    ///
    /// # Errors
    /// `NameTaken`, `NotInTenant`.
    async fn add_key(&self, key: NewKey) -> Result<MachineKey>;

    /// All of them, revoked ones too, by id.
    async fn keys(&self) -> Result<Vec<MachineKey>>;

    /// The key of this token; `None` if it was revoked or never was. Read anew each time.
    async fn key(&self, token: TokenHash) -> Result<Option<MachineKey>>;

    /// Notes that the key is in use; written at most once a minute.
    async fn key_used(&self, key: KeyId) -> Result<()>;

    /// Revokes a key, from the next request on. `None`: none that stands has this number or name.
    async fn revoke_key(&self, id_or_name: &str) -> Result<Option<MachineKey>>;
}
