//! Which runs are or were a person's cards, so that the history holds them whatever their rules are later.
//!
//! **Invariant**: a run that is somebody's card has its row here from that moment on: when its status changes ([`keep`]), when they become a
//! member, and when their rules change ([`missing`], [`gained`]).

use contract::ids::{PersonId, TenantId};
use contract::preferences::Rule;
use rusqlite::Connection;

use super::run_row::RunRow;
use super::statement::{Statements, to_json};
use super::writer::Write;
use crate::error::Result;

const KEEP: &str = "INSERT INTO cards (person_id, run, tenant_id, shown) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (person_id, run) DO UPDATE SET shown = 1 WHERE excluded.shown = 1 AND shown = 0";
/// Failures that are their cards now.
const GAINED: &str = "INSERT INTO cards (person_id, run, tenant_id, shown)
    SELECT ?1, r.id, r.tenant_id, 1 FROM runs r
    WHERE r.tenant_id IN (SELECT m.tenant_id FROM memberships m WHERE m.person_id = ?1 AND (?2 IS NULL OR m.tenant_id = ?2))
        AND r.status IN ('failed', 'partial')
        AND NOT EXISTS (SELECT 1 FROM cards c WHERE c.person_id = ?1 AND c.run = r.id AND c.shown = 1)
        AND gives_card((SELECT rules FROM people WHERE id = ?1), r.tenant_id, r.operation, 1, r.started_by IS ?1
            OR EXISTS (SELECT 1 FROM marks k WHERE k.person_id = ?1 AND k.run = r.id AND k.watching = 1))
    ON CONFLICT (person_id, run) DO UPDATE SET shown = 1";
/// Runs that became their cards with the rule that tells them of all, from behind ?3 on. Failures are in [`GAINED`].
macro_rules! gained_all {
    ($tenant_id:literal) => {
        concat!(
            "INSERT INTO cards (person_id, run, tenant_id, shown) SELECT ?1, r.id, r.tenant_id, 1 FROM runs r WHERE ",
            $tenant_id,
            " IN (SELECT m.tenant_id FROM memberships m WHERE m.person_id = ?1 AND (?2 IS NULL OR m.tenant_id = ?2)) AND r.id > ?3
                AND (SELECT told_all FROM people WHERE id = ?1)
                AND gives_card((SELECT rules FROM people WHERE id = ?1), r.tenant_id, r.operation, 0, 0)
            ON CONFLICT (person_id, run) DO UPDATE SET shown = 1"
        )
    };
}
const GAINED_ALL: &str = gained_all!("r.tenant_id");
/// The `+` keeps the ids as the way to them: there are few behind ?3, in all tenants.
const GAINED_ALL_NEW: &str = gained_all!("+r.tenant_id");
/// Runs that are no cards of theirs yet, and would be by other rules.
const MISSING: &str = "SELECT r.id, r.tenant_id FROM runs r
    WHERE r.tenant_id IN (SELECT m.tenant_id FROM memberships m WHERE m.person_id = ?1) AND r.id <= ?3
        AND NOT EXISTS (SELECT 1 FROM cards c WHERE c.person_id = ?1 AND c.run = r.id AND c.shown = 1)
        AND gives_card(?2, r.tenant_id, r.operation, 0, 0)
    ORDER BY r.id";
const NEWEST: &str = "SELECT coalesce(max(id), 0) FROM runs";
/// Their own runs that were none.
const GAINED_OWN: &str = "UPDATE cards SET shown = 1 WHERE person_id = ?1 AND shown = 0 AND EXISTS (
    SELECT 1 FROM runs r WHERE r.id = cards.run AND r.tenant_id = cards.tenant_id
        AND gives_card((SELECT rules FROM people WHERE id = ?1), r.tenant_id, r.operation, r.status IN ('failed', 'partial'), 1))";

/// Keeps a run as somebody's card, or as one of their own that is none so far.
pub(super) fn keep(
    write: &Write<'_>,
    person: PersonId,
    (tenant_id, row): (TenantId, RunRow),
    shown: bool,
) -> Result<()> {
    let params = (person.0, row.0, tenant_id.0, shown);
    write.connection.change(KEEP, params)?;
    Ok(())
}

/// Keeps what became a person's card by their rules, or because they see one more tenant. Of the runs that they are told of only by a rule
/// for all, those up to `kept` are kept already.
pub(super) fn gained(
    write: &Write<'_>,
    person: PersonId,
    only: Option<TenantId>,
    kept: RunRow,
) -> Result<()> {
    let only = only.map(|tenant| tenant.0);
    let connection = write.connection;
    connection.change(GAINED, (person.0, only))?;
    connection.change(GAINED_OWN, [person.0])?;
    let all = if kept.0 == 0 {
        GAINED_ALL
    } else {
        GAINED_ALL_NEW
    };
    connection.change(all, (person.0, only, kept.0))?;
    Ok(())
}

/// Runs that a rule for all makes a person's cards; there may be very many.
pub(super) struct Missing {
    /// In the order of the runs.
    pub(super) runs: Vec<(RunRow, TenantId)>,
    /// None of them is newer.
    pub(super) up_to: RunRow,
}

/// Finds them, so that they are kept in parts before the rules hold, and no other write has to wait for all of them.
pub(super) fn missing(
    connection: &Connection,
    person: PersonId,
    rules: &[Rule],
) -> Result<Missing> {
    let up_to = connection.one(NEWEST, [], |row| Ok(RunRow(row.get(0)?)))?;
    let up_to = up_to.unwrap_or(RunRow(0));
    let params = (person.0, to_json(&rules)?, up_to.0);
    let runs = connection.all(MISSING, params, |row| {
        Ok((RunRow(row.get("id")?), TenantId(row.get("tenant_id")?)))
    })?;
    Ok(Missing { runs, up_to })
}
