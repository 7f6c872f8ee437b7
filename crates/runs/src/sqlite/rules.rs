//! A person's rules: who is told of what. Each change takes the next of the counter of their marks.

use std::sync::Arc;

use contract::frame::MarksChanged;
use contract::ids::PersonId;
use contract::preferences::{Preferences, Rule, Tell};
use rusqlite::Connection;

use super::members;
use super::run_row::RunRow;
use super::statement::{Statements, json, to_json};
use super::writer::Write;
use super::{cards, marks};
use crate::change::Change;
use crate::error::{Error, Result};

const OF: &str = "SELECT rules, rules_rev FROM people WHERE id = ?1";
const PUT: &str = "UPDATE people SET rules = ?2, rules_rev = ?3, told_all = ?4 WHERE id = ?1";

/// What the person may know of their rules: those of tenants that they left are kept, and not told.
pub(super) fn preferences(connection: &Connection, person: PersonId) -> Result<Preferences> {
    let mut known = stored(connection, person)?;
    if known.rules.iter().any(|rule| rule.tenant_id.is_some()) {
        let tenants = members::tenants_of(connection, person)?;
        let is_theirs = |rule: &Rule| {
            rule.tenant_id
                .is_none_or(|tenant_id| tenants.iter().any(|tenant| tenant.id == tenant_id))
        };
        known.rules.retain(is_theirs);
    }
    Ok(known)
}

/// All of them, as they were put.
pub(super) fn stored(connection: &Connection, person: PersonId) -> Result<Preferences> {
    let known = connection.one(OF, [person.0], |row| {
        Ok(Preferences {
            rules: json(row, "rules")?.unwrap_or_default(),
            marks_rev: row.get("rules_rev")?,
        })
    })?;
    Ok(known.unwrap_or_default())
}

/// Whether the person may have these rules: each tenant is theirs.
pub(super) fn check(connection: &Connection, person: PersonId, rules: &[Rule]) -> Result<()> {
    let tenants = members::tenants_of(connection, person)?;
    let stray = rules
        .iter()
        .filter_map(|rule| rule.tenant_id)
        .find(|tenant_id| !tenants.iter().any(|tenant| tenant.id == *tenant_id));
    match stray {
        Some(tenant_id) => Err(Error::NotInTenant(tenant_id)),
        None => Ok(()),
    }
}

/// Whether any of them tells of runs that are neither the person's nor failures.
pub(super) fn tell_all(rules: &[Rule]) -> bool {
    rules.iter().any(|rule| rule.tell == Tell::All)
}

/// Replaces them. Nothing is told where nothing changed. `kept` is as [`cards::gained`] takes it.
pub(super) fn put(
    write: &mut Write<'_>,
    person: PersonId,
    rules: &[Rule],
    kept: RunRow,
) -> Result<Preferences> {
    let connection = write.connection;
    check(connection, person, rules)?;
    let before = stored(connection, person)?;
    if before.rules == rules {
        return Ok(before);
    }
    let json = (!rules.is_empty()).then(|| to_json(&rules)).transpose()?;
    let marks_rev = marks::next_rev(connection, person)?;
    connection.change(PUT, (person.0, json, marks_rev, tell_all(rules)))?;
    cards::gained(write, person, None, kept)?;
    let now = Preferences {
        rules: rules.to_vec(),
        marks_rev,
    };
    let told = MarksChanged {
        marks_rev,
        marks: Vec::new(),
        preferences: Some(now.clone()),
    };
    write.changes.push(Change::Marks(person, Arc::new(told)));
    Ok(now)
}
