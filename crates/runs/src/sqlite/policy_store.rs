//! [`PolicyStore`] on `SQLite`: each method hands its command to the writer or a reader.

use async_trait::async_trait;
use contract::api::{PolicyRow, PolicyRows};
use contract::ids::{PolicyId, TenantId};
use contract::run::RunError;

use super::{SqliteStore, policies};
use crate::error::Result;
use crate::policies::ListedPolicy;
use crate::store::PolicyStore;

#[async_trait]
impl PolicyStore for SqliteStore {
    async fn put_listed(
        &self,
        tenant_id: TenantId,
        families: &[&str],
        listed: Vec<ListedPolicy>,
    ) -> Result<Vec<PolicyRow>> {
        let families: Vec<String> = families.iter().map(ToString::to_string).collect();
        self.write(move |write| policies::put_listed(write, tenant_id, &families, &listed))
            .await
    }

    async fn put_list_error(&self, tenant_id: TenantId, error: RunError) -> Result<()> {
        self.write(move |write| policies::put_list_error(write, tenant_id, &error))
            .await
    }

    async fn policies(
        &self,
        tenant_id: TenantId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<PolicyRows> {
        let after = after.map(str::to_owned);
        self.read(move |connection| policies::page(connection, tenant_id, after.as_deref(), limit))
            .await
    }

    async fn policy(&self, tenant_id: TenantId, policy_id: PolicyId) -> Result<PolicyRow> {
        self.read(move |connection| policies::one(connection, tenant_id, policy_id))
            .await
    }
}
