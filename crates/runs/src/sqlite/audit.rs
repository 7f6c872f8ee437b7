//! The audit trail: who did what, and when. Written in the transaction of what was done; the schema refuses to change or delete it.

use contract::ids::{PersonId, TenantId};

use super::run_row::RunRow;
use super::statement::Statements;
use super::writer::Write;
use crate::error::Result;

/// The name is kept as it is now: the trail stays readable when a person is renamed.
const NOTE: &str = "INSERT INTO audit (at, tenant_id, person_id, person_name, what, run, detail)
    VALUES (?1, ?2, ?3, coalesce((SELECT name FROM people WHERE id = ?3), ''), ?4, ?5, ?6)";

/// A fact for the trail. `what` is stable: `run.started`, `session.opened`, …
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fact<'a> {
    pub(super) what: &'static str,
    pub(super) tenant_id: Option<TenantId>,
    /// Whom it is about or who did it; nobody for what a worker did.
    pub(super) person: Option<PersonId>,
    pub(super) run: Option<RunRow>,
    pub(super) detail: &'a str,
}

/// Adds a fact.
pub(super) fn note(write: &Write<'_>, fact: Fact<'_>) -> Result<()> {
    let params = (
        write.now.0,
        fact.tenant_id.map(|id| id.0),
        fact.person.map(|id| id.0),
        fact.what,
        fact.run.map(|row| row.0),
        fact.detail,
    );
    write.connection.change(NOTE, params)?;
    Ok(())
}
