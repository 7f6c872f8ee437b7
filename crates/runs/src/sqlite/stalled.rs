//! The mark "stalled": set where a run's worker is silent or nothing moves, cleared where it moves again. It never ends a run.

use std::time::Duration;

use contract::ids::TenantId;

use super::event_log;
use super::run_row::RunRow;
use super::statement::Statements;
use super::writer::Write;
use crate::error::Result;

/// Runs whose mark is not as it should be, and since when they stand. ?1: silent before, ?2: unmoved before.
const WRONG: &str = "SELECT tenant_id, id, since FROM (
        SELECT t.id AS tenant_id, r.id, r.stalled_since,
            CASE WHEN r.heartbeat_at < ?1 THEN r.heartbeat_at WHEN r.moved_at < ?2 THEN r.moved_at END AS since
        FROM tenants t JOIN runs r INDEXED BY runs_running ON r.tenant_id = t.id WHERE r.source = '' AND r.status = 'running')
    WHERE (since IS NULL) <> (stalled_since IS NULL) ORDER BY id";
const MARK: &str = "UPDATE runs SET stalled_since = ?3 WHERE tenant_id = ?1 AND id = ?2";

/// Sets and clears the marks.
pub(super) fn sweep(write: &mut Write<'_>, lease: Duration, no_item_for: Duration) -> Result<()> {
    let before = |age: Duration| {
        let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        write.now.0.saturating_sub(age_ms)
    };
    let limits = (before(lease.saturating_mul(2)), before(no_item_for));
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
