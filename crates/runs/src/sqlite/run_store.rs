//! [`RunStore`] on `SQLite`: each method hands its command to the writer or a reader.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use contract::api::{ItemRows, MarkRows, MarksPut, PutMarks, RunPage, RunRows};
use contract::ids::{EventId, ItemId, PersonId, RunId, RunKey, TenantId};
use contract::run::{Run, Waiting};
use contract::snapshot::Snapshot;
use contract::timestamp::Timestamp;

use super::statement::Statements;
use super::{
    SqliteStore, claim, event_log, failures, finish, heartbeat, items, lists, log_head, marks,
    retention, settle, snapshot, stalled, start,
};
use crate::change::LoggedEvent;
use crate::error::Result;
use crate::failures::Failures;
use crate::items::{NewItem, Settlement, WorkItem};
use crate::lease::{Claim, Ending, Heartbeat, Lease};
use crate::retention::Keep;
use crate::start::{StartRun, Started};
use crate::store::RunStore;

/// A check takes it that a write works for so long after one did: anybody may ask, and as often as they like.
const PROVED_FOR_MS: i64 = 10_000;
const CHECK: &str = "INSERT INTO meta (key, value) VALUES ('checked_at', ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

#[async_trait]
impl RunStore for SqliteStore {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    async fn start(&self, request: StartRun) -> Result<Started> {
        self.write(move |write| start::start(write, &request)).await
    }

    async fn claim_next(
        &self,
        worker: &str,
        lease: Duration,
        per_tenant: u32,
    ) -> Result<Option<Claim>> {
        let worker = worker.to_owned();
        self.write(move |write| claim::claim(write, &worker, lease, per_tenant))
            .await
    }

    async fn work_may_be_ready(&self, at_most: Duration) {
        // Running out of time is as good a reason to look as being told.
        let _ = tokio::time::timeout(at_most, self.ready.notified()).await;
    }

    async fn heartbeat(&self, lease: &Lease, for_: Duration) -> Result<Heartbeat> {
        let lease = lease.clone();
        self.write(move |write| heartbeat::heartbeat(write, &lease, for_))
            .await
    }

    async fn plan_items(&self, lease: &Lease, items: Vec<NewItem>) -> Result<()> {
        let lease = lease.clone();
        self.write(move |write| items::plan(write, &lease, &items))
            .await
    }

    async fn open_items(&self, lease: &Lease) -> Result<Vec<WorkItem>> {
        let lease = lease.clone();
        self.read(move |connection| items::open(connection, &lease))
            .await
    }

    async fn begin_item(&self, lease: &Lease, item_id: ItemId, intent: &str) -> Result<()> {
        let (lease, intent) = (lease.clone(), intent.to_owned());
        self.write(move |write| items::begin(write, &lease, item_id, &intent))
            .await
    }

    async fn settle_item(
        &self,
        lease: &Lease,
        item_id: ItemId,
        settlement: Settlement,
    ) -> Result<()> {
        let lease = lease.clone();
        self.write(move |write| settle::settle(write, &lease, item_id, &settlement))
            .await
    }

    async fn set_waiting(&self, lease: &Lease, waiting: Option<Waiting>) -> Result<()> {
        let lease = lease.clone();
        self.write(move |write| items::set_waiting(write, &lease, waiting.as_ref()))
            .await
    }

    async fn finish(&self, lease: &Lease, ending: Ending) -> Result<()> {
        let lease = lease.clone();
        self.write(move |write| finish::finish(write, &lease, &ending))
            .await
    }

    async fn sweep_stalled(&self, lease: Duration, no_item_for: Duration) -> Result<()> {
        self.write(move |write| stalled::sweep(write, lease, no_item_for))
            .await
    }

    async fn sweep_silent(&self, silent_for: Duration) -> Result<()> {
        let now = (self.clock)();
        loop {
            let silent = self
                .read(move |connection| stalled::silent(connection, now, silent_for))
                .await?;
            if silent.is_empty() {
                return Ok(());
            }
            self.write(move |write| stalled::mark_silent(write, silent_for, &silent))
                .await?;
        }
    }

    async fn forget_old(&self, keep: Keep, after: i64) -> Result<Option<i64>> {
        self.write(move |write| retention::forget(write, keep, after))
            .await
    }

    async fn forget_idempotency_keys(&self, age: Duration) -> Result<()> {
        let now = (self.clock)();
        loop {
            let old = self
                .read(move |connection| retention::old_keys(connection, now, age))
                .await?;
            if old.is_empty() {
                return Ok(());
            }
            self.write(move |write| retention::forget_keys(write, &old))
                .await?;
        }
    }

    async fn run_page(&self, run: &RunKey) -> Result<RunPage> {
        let run = run.clone();
        self.read(move |connection| lists::run_page(connection, &run))
            .await
    }

    async fn runs(&self, tenant_id: TenantId, after: Option<RunId>, limit: u32) -> Result<RunRows> {
        self.read(move |connection| lists::page(connection, tenant_id, after, limit))
            .await
    }

    async fn running(&self) -> Result<Vec<Run>> {
        self.read(lists::running).await
    }

    async fn failures(&self) -> Result<Vec<Failures>> {
        self.read(failures::read).await
    }

    async fn items(&self, run: &RunKey, after: Option<u32>, limit: u32) -> Result<ItemRows> {
        let run = run.clone();
        self.read(move |connection| items::page(connection, &run, after, limit))
            .await
    }

    async fn snapshot(&self, person: PersonId, only: Option<TenantId>) -> Result<Snapshot> {
        let (epoch, now) = (self.epoch.clone(), (self.clock)());
        self.read(move |connection| snapshot::read(connection, epoch, now, person, only))
            .await
    }

    fn head(&self) -> EventId {
        self.log_id()
    }

    async fn oldest_resumable(&self) -> Result<u64> {
        self.look_up(event_log::oldest_resumable).await
    }

    async fn events_after(
        &self,
        position: u64,
        tenants: &[TenantId],
        limit: u32,
    ) -> Result<Vec<LoggedEvent>> {
        let tenants = tenants.to_vec();
        self.read(move |connection| event_log::after(connection, position, &tenants, limit))
            .await
    }

    async fn marks_after(&self, person: PersonId, marks_rev: i64, limit: u32) -> Result<MarkRows> {
        self.read(move |connection| marks::after(connection, person, marks_rev, limit))
            .await
    }

    async fn put_marks(&self, person: PersonId, marks: PutMarks) -> Result<MarksPut> {
        self.write(move |write| marks::put(write, person, &marks))
            .await
    }

    async fn check(&self) -> Result<()> {
        self.read(|connection| log_head::head(connection).map(drop))
            .await?;
        let (now, proved_at) = ((self.clock)(), self.proved_at.load(Ordering::Relaxed));
        if (0..PROVED_FOR_MS).contains(&now.0.saturating_sub(proved_at)) {
            return Ok(());
        }
        self.write(|write| {
            let now = write.now.to_string();
            write.connection.change(CHECK, [now]).map(drop)
        })
        .await?;
        self.proved_at.store(now.0, Ordering::Relaxed);
        Ok(())
    }
}
