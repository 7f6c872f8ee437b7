//! [`CardStore`] on `SQLite`: each method hands its command to the writer or a reader.

use async_trait::async_trait;
use contract::api::{Acknowledge, AcknowledgedMany, FailureOnScreen, NotificationRows};
use contract::ids::{PersonId, RunKey, TenantId};
use contract::preferences::{Preferences, Rule};
use contract::run::Run;

use super::{SqliteStore, acknowledge, history, rules};
use crate::cards::CardQuery;
use crate::error::Result;
use crate::store::CardStore;

#[async_trait]
impl CardStore for SqliteStore {
    async fn acknowledge(&self, by: PersonId, run: &RunKey, request: Acknowledge) -> Result<Run> {
        let run = run.clone();
        self.write(move |write| acknowledge::one(write, by, &run, request))
            .await
    }

    async fn acknowledge_many(
        &self,
        by: PersonId,
        tenant_id: TenantId,
        runs: Vec<FailureOnScreen>,
    ) -> Result<AcknowledgedMany> {
        self.write(move |write| acknowledge::many(write, by, tenant_id, runs))
            .await
    }

    async fn preferences(&self, person: PersonId) -> Result<Preferences> {
        self.look_up(move |connection| rules::preferences(connection, person))
            .await
    }

    async fn put_preferences(&self, person: PersonId, rules: Vec<Rule>) -> Result<Preferences> {
        self.write(move |write| rules::put(write, person, &rules))
            .await
    }

    async fn notifications(&self, person: PersonId, query: CardQuery) -> Result<NotificationRows> {
        self.read(move |connection| history::page(connection, person, &query))
            .await
    }
}
