//! The mark "stalled": set where a run's worker or portal is silent or nothing moves, cleared where it moves again. It never ends a run.

use std::time::Duration;

use contract::ids::TenantId;
use contract::timestamp::Timestamp;
use rusqlite::Connection;

use super::run_row::RunRow;
use super::statement::Statements;
use super::writer::Write;
use super::{before, event_log};
use crate::error::Result;

/// Runs whose mark is not as it should be, and since when they stand. ?1: silent before, ?2: unmoved before.
const WRONG: &str = "SELECT tenant_id, id, since FROM (
        SELECT t.id AS tenant_id, r.id, r.stalled_since,
            CASE WHEN r.heartbeat_at < ?1 THEN r.heartbeat_at WHEN r.moved_at < ?2 THEN r.moved_at END AS since
        FROM tenants t JOIN runs r INDEXED BY runs_running ON r.tenant_id = t.id WHERE r.source = '' AND r.status = 'running')
    WHERE (since IS NULL) <> (stalled_since IS NULL) ORDER BY id";
const MARK: &str = "UPDATE runs SET stalled_since = ?3 WHERE tenant_id = ?1 AND id = ?2";

/// Announced runs without the mark of which nobody spoke since ?1.
macro_rules! is_silent {
    () => {
        "r.status = 'running' AND r.source <> '' AND r.stalled_since IS NULL AND coalesce(r.moved_at, r.at) < "
    };
}
const SILENT: &str = concat!(
    "SELECT r.tenant_id, r.id FROM tenants t JOIN runs r INDEXED BY runs_by_status ON r.tenant_id = t.id WHERE ",
    is_silent!(),
    "?1 LIMIT ?2"
);
const MARK_SILENT: &str = concat!(
    "UPDATE runs AS r SET stalled_since = coalesce(r.moved_at, r.at) WHERE r.tenant_id = ?1 AND r.id = ?2 AND ",
    is_silent!(),
    "?3"
);
/// Of one transaction.
const SILENT_RUNS: i64 = 200;

/// Sets and clears the marks of our own runs.
pub(super) fn sweep(write: &mut Write<'_>, lease: Duration, no_item_for: Duration) -> Result<()> {
    let limits = (
        before(write.now, lease.saturating_mul(2)),
        before(write.now, no_item_for),
    );
    let wrong = write.connection.all(WRONG, limits, |row| {
        let since: Option<i64> = row.get("since")?;
        Ok((
            TenantId(row.get("tenant_id")?),
            RunRow(row.get("id")?),
            since,
        ))
    })?;
    for (tenant_id, row, since) in wrong {
        write.connection.change(MARK, (tenant_id.0, row.0, since))?;
        event_log::log_mark(write, tenant_id, row)?;
    }
    Ok(())
}

/// Some of the announced runs that have to be marked, found by a reader: there may be many that are not silent.
pub(super) fn silent(
    connection: &Connection,
    now: Timestamp,
    silent_for: Duration,
) -> Result<Vec<(TenantId, RunRow)>> {
    let params = (before(now, silent_for), SILENT_RUNS);
    connection.all(SILENT, params, |row| {
        Ok((TenantId(row.get("tenant_id")?), RunRow(row.get("id")?)))
    })
}

/// Marks those that are still silent.
pub(super) fn mark_silent(
    write: &mut Write<'_>,
    silent_for: Duration,
    silent: &[(TenantId, RunRow)],
) -> Result<()> {
    let since = before(write.now, silent_for);
    for (tenant_id, row) in silent {
        let params = (tenant_id.0, row.0, since);
        if write.connection.change(MARK_SILENT, params)? == 1 {
            event_log::log_mark(write, *tenant_id, *row)?;
        }
    }
    Ok(())
}
