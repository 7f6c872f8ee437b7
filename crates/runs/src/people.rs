//! People, their memberships, one-time links and sessions. Secrets come here hashed and never leave.

use contract::api::{Role, TenantRef};
use contract::ids::TenantId;
use contract::run::PersonRef;
use contract::timestamp::Timestamp;

/// A session's row. The cookie holds a random token, the store only its SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub i64);

/// SHA-256 of a random token.
pub type TokenHash = [u8; 32];

/// A tenant as the configuration names it.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// The customer's directory (tenant) GUID: what makes it the same tenant at the next start.
    pub directory_id: String,
    /// The name to show.
    pub name: String,
}

/// A tenant of this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Ours.
    pub id: TenantId,
    /// The customer's directory GUID.
    pub directory_id: String,
    /// The name to show.
    pub name: String,
}

/// What a one-time link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The first account: chooses its name, becomes admin of every tenant. Good only while there is nobody.
    FirstAccount,
    /// A person who exists and has no password yet, or gets a new one.
    Password(PersonRef),
}

/// A person with the hash to check a password against.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Who.
    pub person: PersonRef,
    /// A PHC string (argon2id); absent while they have not set one.
    pub password_hash: Option<String>,
}

/// Who is asking, from a session's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The session.
    pub session_id: SessionId,
    /// Who.
    pub person: PersonRef,
    /// Every tenant that they may see, by name, with their roles.
    pub tenants: Vec<TenantRef>,
    /// The counter of their marks.
    pub marks_rev: i64,
    /// When the session ends by itself.
    pub expires_at: Timestamp,
}

impl Caller {
    /// Their roles in a tenant; `None` if they are no member.
    pub fn roles_in(&self, tenant_id: TenantId) -> Option<&[Role]> {
        self.tenants
            .iter()
            .find(|tenant| tenant.id == tenant_id)
            .map(|tenant| tenant.roles.as_slice())
    }
}
