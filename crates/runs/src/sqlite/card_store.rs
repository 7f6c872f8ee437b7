//! [`CardStore`] on `SQLite`: each method hands its command to the writer or a reader.

use async_trait::async_trait;
use contract::api::{Acknowledge, AcknowledgedMany, FailureOnScreen, NotificationRows};
use contract::ids::{PersonId, RunKey, TenantId};
use contract::preferences::{Preferences, Rule};
use contract::run::Run;

use super::run_row::RunRow;
use super::writer::Write;
use super::{SqliteStore, acknowledge, cards, history, rules};
use crate::cards::CardQuery;
use crate::error::Result;
use crate::store::CardStore;

/// So many cards are kept in one command: a few milliseconds, for which all other writes wait.
const KEPT_AT_ONCE: usize = 1_000;

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
        let mut kept = RunRow(0);
        if rules::tell_all(&rules) {
            let asked = rules.clone();
            let missing = self.read(move |connection| {
                rules::check(connection, person, &asked)?;
                cards::missing(connection, person, &asked)
            });
            let missing = missing.await?;
            kept = missing.up_to;
            for part in missing.runs.chunks(KEPT_AT_ONCE) {
                let part = part.to_vec();
                let keep = move |write: &mut Write<'_>| {
                    part.into_iter().try_for_each(|(row, tenant_id)| {
                        cards::keep(write, person, (tenant_id, row), true)
                    })
                };
                self.write(keep).await?;
            }
        }
        self.write(move |write| rules::put(write, person, &rules, kept))
            .await
    }

    async fn notifications(&self, person: PersonId, query: CardQuery) -> Result<NotificationRows> {
        self.read(move |connection| history::page(connection, person, &query))
            .await
    }
}
