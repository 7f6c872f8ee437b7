//! [`IngestStore`] on `SQLite`: each method hands its command to the writer or a reader.

use async_trait::async_trait;
use contract::ids::TenantId;
use contract::ingest::{Judgement, RunEvent};

use super::{SqliteStore, ingest, keys};
use crate::error::Result;
use crate::ingest::{KeyId, MachineKey, NewKey};
use crate::people::TokenHash;
use crate::store::IngestStore;

#[async_trait]
impl IngestStore for SqliteStore {
    async fn ingest(
        &self,
        key: KeyId,
        tenant_id: TenantId,
        events: Vec<RunEvent>,
    ) -> Result<Vec<Judgement>> {
        self.write(move |write| ingest::ingest(write, key, tenant_id, &events))
            .await
    }

    async fn add_key(&self, key: NewKey) -> Result<MachineKey> {
        self.write(move |write| keys::add(write, &key)).await
    }

    async fn keys(&self) -> Result<Vec<MachineKey>> {
        self.read(keys::all).await
    }

    async fn key(&self, token: TokenHash) -> Result<Option<MachineKey>> {
        self.look_up(move |connection| keys::by_token(connection, token))
            .await
    }

    async fn key_used(&self, key: KeyId) -> Result<()> {
        self.write(move |write| keys::used(write, key)).await
    }

    async fn revoke_key(&self, id_or_name: &str) -> Result<Option<MachineKey>> {
        let id_or_name = id_or_name.to_owned();
        self.write(move |write| keys::revoke(write, &id_or_name))
            .await
    }
}
