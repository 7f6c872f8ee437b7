//! [`PeopleStore`] on `SQLite`: each method hands its command to the writer or a reader.

use async_trait::async_trait;
use contract::api::{Role, TenantRef};
use contract::ids::{PersonId, TenantId};
use contract::run::PersonRef;
use contract::timestamp::Timestamp;

use super::statement::Statements as _;
use super::{SqliteStore, links, members, sessions, tenants};
use crate::error::Result;
use crate::people::{Caller, Credentials, LinkPurpose, NewTenant, SessionId, Tenant, TokenHash};
use crate::store::PeopleStore;

const DATA_VERSION: &str = "PRAGMA data_version";

#[async_trait]
impl PeopleStore for SqliteStore {
    async fn put_tenant(&self, tenant: NewTenant) -> Result<Tenant> {
        self.write(move |write| tenants::put(write, &tenant)).await
    }

    async fn tenants(&self) -> Result<Vec<Tenant>> {
        self.read(tenants::all).await
    }

    async fn has_people(&self) -> Result<bool> {
        self.read(links::has_people).await
    }

    async fn put_first_link(&self, token: TokenHash, expires_at: Timestamp) -> Result<()> {
        self.write(move |write| links::put_first(write, token, expires_at))
            .await
    }

    async fn invite(
        &self,
        name: &str,
        tenant_id: TenantId,
        role: Role,
        token: TokenHash,
        expires_at: Timestamp,
    ) -> Result<PersonRef> {
        let name = name.to_owned();
        self.write(move |write| links::invite(write, &name, (tenant_id, role), token, expires_at))
            .await
    }

    async fn reset_link(
        &self,
        name: &str,
        token: TokenHash,
        expires_at: Timestamp,
    ) -> Result<Option<PersonRef>> {
        let name = name.to_owned();
        self.write(move |write| links::reset(write, &name, token, expires_at))
            .await
    }

    async fn link_purpose(&self, token: TokenHash) -> Result<LinkPurpose> {
        let now = (self.clock)();
        self.read(move |connection| links::purpose(connection, now, token))
            .await
    }

    async fn use_link(
        &self,
        token: TokenHash,
        name: &str,
        password_hash: &str,
    ) -> Result<PersonRef> {
        let (name, password_hash) = (name.to_owned(), password_hash.to_owned());
        self.write(move |write| links::spend(write, token, &name, &password_hash))
            .await
    }

    async fn credentials(&self, name: &str) -> Result<Option<Credentials>> {
        let name = name.to_owned();
        self.read(move |connection| links::by_name(connection, &name))
            .await
    }

    async fn add_session(
        &self,
        person: PersonId,
        token: TokenHash,
        expires_at: Timestamp,
    ) -> Result<SessionId> {
        self.write(move |write| sessions::add(write, person, token, expires_at))
            .await
    }

    async fn caller(&self, token: TokenHash) -> Result<Option<Caller>> {
        let now = (self.clock)();
        self.look_up(move |connection| sessions::caller(connection, now, token))
            .await
    }

    async fn tenants_of(&self, person: PersonId) -> Result<Vec<TenantRef>> {
        self.read(move |connection| members::tenants_of(connection, person))
            .await
    }

    async fn end_session(&self, session: SessionId) -> Result<()> {
        self.write(move |write| sessions::end(write, session)).await
    }

    async fn others_changes(&self) -> Result<i64> {
        // Of the one connection that writes here, whose own commits do not count.
        self.write(|write| {
            let version = write.connection.one(DATA_VERSION, [], |row| row.get(0))?;
            Ok(version.unwrap_or(0))
        })
        .await
    }

    async fn remove_member(&self, person: PersonId, tenant_id: TenantId) -> Result<()> {
        self.write(move |write| members::remove(write, person, tenant_id))
            .await
    }
}
