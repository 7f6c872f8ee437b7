//! Machine keys: which portal may announce runs, in which tenants, under which name.

use contract::ids::TenantId;
use contract::timestamp::Timestamp;

use crate::people::TokenHash;

/// The last use is written at most this often, so that it costs no write an event.
pub const USE_EVERY_MS: i64 = 60_000;

/// A key's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub i64);

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// To tell it from others; no two that stand have one name.
    pub name: String,
    /// Where it may announce runs.
    pub tenants: Vec<TenantId>,
    /// The only source that it may name; `None`: any.
    pub source: Option<String>,
    /// SHA-256 of the token, which only the portal has.
    pub token: TokenHash,
}

/// A key, without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineKey {
    /// The row.
    pub id: KeyId,
    /// What its operator calls it.
    pub name: String,
    /// Where it may announce runs, by id.
    pub tenants: Vec<TenantId>,
    /// The only source that it may name.
    pub source: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Set once it is no good any more.
    pub revoked_at: Option<Timestamp>,
}
