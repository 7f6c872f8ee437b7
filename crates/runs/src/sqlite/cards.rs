//! Which runs are or were a person's cards, so that the history holds them whatever their rules are later.
//!
//! **Invariant**: a failure that is somebody's card has its row here from that moment on: when it fails ([`keep`]), when they become a
//! member, and when their rules change ([`gained`]).

use contract::ids::{PersonId, TenantId};

use super::run_row::RunRow;
use super::statement::Statements;
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

/// Keeps what became a person's card by their rules, or because they see one more tenant.
pub(super) fn gained(write: &Write<'_>, person: PersonId, only: Option<TenantId>) -> Result<()> {
    let only = only.map(|tenant| tenant.0);
    write.connection.change(GAINED, (person.0, only))?;
    write.connection.change(GAINED_OWN, [person.0])?;
    Ok(())
}
