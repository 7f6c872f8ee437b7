//! Tenants, as the configuration names them.

use contract::api::Role;
use contract::ids::{PersonId, TenantId};
use rusqlite::{Connection, Row};

use super::members;
use super::statement::Statements;
use super::writer::Write;
use crate::change::Change;
use crate::error::{Error, Result};
use crate::people::{NewTenant, Tenant};

const ALL: &str = "SELECT id, directory_id, name FROM tenants ORDER BY id";
const BY_DIRECTORY: &str = "SELECT id, directory_id, name FROM tenants WHERE directory_id = ?1";
const BY_ID: &str = "SELECT id, directory_id, name FROM tenants WHERE id = ?1";
const RENAME: &str = "UPDATE tenants SET name = ?2 WHERE id = ?1";
const ADD: &str =
    "INSERT INTO tenants (directory_id, name) VALUES (?1, ?2) RETURNING id, directory_id, name";
const MEMBERS: &str =
    "SELECT DISTINCT person_id FROM memberships WHERE tenant_id = ?1 ORDER BY person_id";
/// People who are admin of every other tenant. Where there is no other, that is everybody: only the first account can be older than the first
/// tenant, since an invitation names one.
const ADMINS_OF_ALL_OTHERS: &str = "SELECT p.id FROM people p WHERE NOT EXISTS (
        SELECT 1 FROM tenants t WHERE t.id <> ?1 AND NOT EXISTS (
            SELECT 1 FROM memberships m WHERE m.tenant_id = t.id AND m.person_id = p.id AND m.role = 'admin'))
    ORDER BY p.id";

/// Adds the tenant or renames it.
pub(super) fn put(write: &mut Write<'_>, new: &NewTenant) -> Result<Tenant> {
    let known = write
        .connection
        .one(BY_DIRECTORY, [&new.directory_id], tenant)?;
    match known {
        Some(known) if known.name == new.name => Ok(known),
        Some(known) => rename(write, known, &new.name),
        None => add(write, new),
    }
}

/// All of them, by id.
pub(super) fn all(connection: &Connection) -> Result<Vec<Tenant>> {
    connection.all(ALL, [], tenant)
}

/// One of them.
pub(super) fn one(connection: &Connection, tenant_id: TenantId) -> Result<Tenant> {
    connection
        .one(BY_ID, [tenant_id.0], tenant)?
        .ok_or(Error::NotInTenant(tenant_id))
}

fn add(write: &mut Write<'_>, new: &NewTenant) -> Result<Tenant> {
    let added = write
        .connection
        .one(ADD, (&new.directory_id, &new.name), tenant)?
        .ok_or_else(|| Error::Unavailable("the new row was not returned".into()))?;
    for admin in people(write, ADMINS_OF_ALL_OTHERS, added.id)? {
        members::add(write, admin, added.id, Role::Admin)?;
    }
    Ok(added)
}

fn rename(write: &mut Write<'_>, known: Tenant, name: &str) -> Result<Tenant> {
    write.connection.change(RENAME, (known.id.0, name))?;
    for member in people(write, MEMBERS, known.id)? {
        write.changes.push(Change::Access(member));
    }
    Ok(Tenant {
        name: name.to_owned(),
        ..known
    })
}

fn people(write: &Write<'_>, sql: &'static str, tenant_id: TenantId) -> Result<Vec<PersonId>> {
    write
        .connection
        .all(sql, [tenant_id.0], |row| Ok(PersonId(row.get(0)?)))
}

fn tenant(row: &Row<'_>) -> rusqlite::Result<Tenant> {
    Ok(Tenant {
        id: TenantId(row.get("id")?),
        directory_id: row.get("directory_id")?,
        name: row.get("name")?,
    })
}
