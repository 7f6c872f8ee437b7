//! Who may see which tenant, and as what.

use contract::api::{Role, TenantRef};
use contract::ids::{PersonId, TenantId};
use rusqlite::Connection;

use super::audit::{Fact, note};
use super::cards;
use super::run_row::RunRow;
use super::statement::{Statements, damaged};
use super::writer::Write;
use crate::change::Change;
use crate::error::Result;

const OF_PERSON: &str =
    "SELECT t.id, t.name, m.role FROM memberships m JOIN tenants t ON t.id = m.tenant_id
    WHERE m.person_id = ?1 ORDER BY t.name, t.id";
const ADD: &str = "INSERT INTO memberships (tenant_id, person_id, role) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
const ADD_TO_ALL: &str = "INSERT INTO memberships (tenant_id, person_id, role) SELECT id, ?1, ?2 FROM tenants WHERE true ON CONFLICT DO NOTHING";
const REMOVE: &str = "DELETE FROM memberships WHERE tenant_id = ?1 AND person_id = ?2";

/// Every tenant that the person may see, by name, with their roles in rising order.
pub(super) fn tenants_of(connection: &Connection, person: PersonId) -> Result<Vec<TenantRef>> {
    let rows = connection.all(OF_PERSON, [person.0], |row| {
        let role: String = row.get("role")?;
        let role = Role::parse(&role).ok_or_else(|| damaged(UnknownRole(role)))?;
        Ok((TenantId(row.get("id")?), row.get("name")?, role))
    })?;
    let mut tenants: Vec<TenantRef> = Vec::new();
    for (id, name, role) in rows {
        match tenants.last_mut().filter(|tenant| tenant.id == id) {
            Some(tenant) => tenant.roles.push(role),
            None => tenants.push(TenantRef {
                id,
                name,
                roles: vec![role],
            }),
        }
    }
    for tenant in &mut tenants {
        tenant.roles.sort();
    }
    Ok(tenants)
}

/// Gives somebody a role; nothing happens where they have it.
pub(super) fn add(
    write: &mut Write<'_>,
    person: PersonId,
    tenant_id: TenantId,
    role: Role,
) -> Result<()> {
    let added = write
        .connection
        .change(ADD, (tenant_id.0, person.0, role.as_str()))?;
    if added > 0 {
        note_role(write, "member.added", person, tenant_id, role.as_str())?;
        cards::gained(write, person, Some(tenant_id), RunRow(0))?;
        write.changes.push(Change::Access(person));
    }
    Ok(())
}

/// Gives somebody a role in every tenant that there is.
pub(super) fn add_to_all(write: &mut Write<'_>, person: PersonId, role: Role) -> Result<()> {
    write
        .connection
        .change(ADD_TO_ALL, (person.0, role.as_str()))?;
    cards::gained(write, person, None, RunRow(0))?;
    write.changes.push(Change::Access(person));
    Ok(())
}

/// Takes all of somebody's roles in a tenant away.
pub(super) fn remove(write: &mut Write<'_>, person: PersonId, tenant_id: TenantId) -> Result<()> {
    let removed = write.connection.change(REMOVE, (tenant_id.0, person.0))?;
    if removed > 0 {
        note_role(write, "member.removed", person, tenant_id, "")?;
        write.changes.push(Change::Access(person));
    }
    Ok(())
}

fn note_role(
    write: &Write<'_>,
    what: &'static str,
    person: PersonId,
    tenant_id: TenantId,
    detail: &str,
) -> Result<()> {
    note(
        write,
        Fact {
            what,
            tenant_id: Some(tenant_id),
            person: Some(person),
            run: None,
            detail,
        },
    )
}

#[derive(Debug, thiserror::Error)]
#[error("no role is called {0:?}")]
struct UnknownRole(String);
