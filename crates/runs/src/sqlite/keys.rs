//! Machine keys: made and revoked on the command line, read by each request that names one.

use contract::ids::TenantId;
use contract::timestamp::Timestamp;
use rusqlite::{Connection, Row};

use super::audit::{Fact, note};
use super::links::name_key;
use super::statement::{Statements, time};
use super::tenants;
use super::writer::Write;
use crate::error::{Error, Result};
use crate::ingest::{KeyId, MachineKey, NewKey, USE_EVERY_MS};
use crate::people::TokenHash;

macro_rules! select_keys {
    () => {
        "SELECT id, name, source, created_at, last_used_at, revoked_at FROM machine_keys "
    };
}

const ALL: &str = concat!(select_keys!(), "ORDER BY id");
const BY_ID: &str = concat!(select_keys!(), "WHERE id = ?1");
const BY_NAME: &str = concat!(select_keys!(), "WHERE name_key = ?1 AND revoked_at IS NULL");
const BY_TOKEN: &str = concat!(select_keys!(), "WHERE token = ?1 AND revoked_at IS NULL");
const TENANTS: &str =
    "SELECT tenant_id FROM machine_key_tenants WHERE key_id = ?1 ORDER BY tenant_id";
const ADD: &str = "INSERT INTO machine_keys (name, name_key, token, source, created_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id";
const ADD_TENANT: &str =
    "INSERT INTO machine_key_tenants (key_id, tenant_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
const REVOKE: &str = "UPDATE machine_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
const STANDS: &str = "SELECT 1 FROM machine_keys WHERE id = ?1 AND revoked_at IS NULL";
const USED: &str = "UPDATE machine_keys SET last_used_at = ?2 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at <= ?3)";

/// Makes a key.
pub(super) fn add(write: &Write<'_>, new: &NewKey) -> Result<MachineKey> {
    let connection = write.connection;
    if by_name(connection, &new.name)?.is_some() {
        return Err(Error::NameTaken);
    }
    let params = (
        &new.name,
        name_key(&new.name),
        new.token,
        &new.source,
        write.now.0,
    );
    let id: i64 = connection
        .one(ADD, params, |row| row.get(0))?
        .ok_or_else(|| Error::Unavailable("the new row was not returned".into()))?;
    for tenant_id in &new.tenants {
        tenants::one(connection, *tenant_id)?;
        connection.change(ADD_TENANT, (id, tenant_id.0))?;
        note_key(write, "key.added", *tenant_id, &new.name)?;
    }
    one(connection, BY_ID, id)?
        .ok_or_else(|| Error::Unavailable("the new row cannot be read".into()))
}

/// All of them, revoked ones too, by id.
pub(super) fn all(connection: &Connection) -> Result<Vec<MachineKey>> {
    let mut keys = connection.all(ALL, [], key)?;
    for key in &mut keys {
        key.tenants = tenants_of(connection, key.id)?;
    }
    Ok(keys)
}

/// The key of this token, unless it was revoked.
pub(super) fn by_token(connection: &Connection, token: TokenHash) -> Result<Option<MachineKey>> {
    one(connection, BY_TOKEN, token)
}

/// Revokes the key of that number, or else of that name. `None`: there is none that stands.
pub(super) fn revoke(write: &Write<'_>, id_or_name: &str) -> Result<Option<MachineKey>> {
    let connection = write.connection;
    let known = match id_or_name.parse::<i64>() {
        Ok(id) => one(connection, BY_ID, id)?.filter(|key| key.revoked_at.is_none()),
        Err(_) => by_name(connection, id_or_name)?,
    };
    let Some(mut key) = known else {
        return Ok(None);
    };
    connection.change(REVOKE, (key.id.0, write.now.0))?;
    for tenant_id in &key.tenants {
        note_key(write, "key.revoked", *tenant_id, &key.name)?;
    }
    key.revoked_at = Some(write.now);
    Ok(Some(key))
}

/// `KeyRevoked` unless the key stands as of this transaction, whichever process revoked it.
pub(super) fn still_stands(connection: &Connection, key: KeyId) -> Result<()> {
    let stands = connection.one(STANDS, [key.0], |_| Ok(()))?;
    stands.ok_or(Error::KeyRevoked)
}

/// Notes that the key is in use.
pub(super) fn used(write: &Write<'_>, key: KeyId) -> Result<()> {
    let before = write.now.0.saturating_sub(USE_EVERY_MS);
    write
        .connection
        .change(USED, (key.0, write.now.0, before))
        .map(drop)
}

fn by_name(connection: &Connection, name: &str) -> Result<Option<MachineKey>> {
    one(connection, BY_NAME, name_key(name))
}

fn one(
    connection: &Connection,
    sql: &'static str,
    by: impl rusqlite::ToSql,
) -> Result<Option<MachineKey>> {
    let Some(mut found) = connection.one(sql, [by], key)? else {
        return Ok(None);
    };
    found.tenants = tenants_of(connection, found.id)?;
    Ok(Some(found))
}

fn tenants_of(connection: &Connection, key: KeyId) -> Result<Vec<TenantId>> {
    connection.all(TENANTS, [key.0], |row| Ok(TenantId(row.get(0)?)))
}

fn key(row: &Row<'_>) -> rusqlite::Result<MachineKey> {
    Ok(MachineKey {
        id: KeyId(row.get("id")?),
        name: row.get("name")?,
        tenants: Vec::new(),
        source: row.get("source")?,
        created_at: Timestamp(row.get("created_at")?),
        last_used_at: time(row, "last_used_at")?,
        revoked_at: time(row, "revoked_at")?,
    })
}

fn note_key(write: &Write<'_>, what: &'static str, tenant_id: TenantId, name: &str) -> Result<()> {
    note(
        write,
        Fact {
            what,
            tenant_id: Some(tenant_id),
            detail: name,
            ..Fact::default()
        },
    )
}
