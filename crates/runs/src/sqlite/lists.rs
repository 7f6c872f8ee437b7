//! Reading runs: a tenant's list, and one run with its timeline.

use contract::api::{MAX_ROWS, RunChange, RunPage, RunRows};
use contract::ids::{RunId, RunKey, TenantId};
use contract::run::Run;
use contract::snapshot::MAX_CURRENT;
use rusqlite::Connection;

use super::run_row::{self, select_runs};
use super::statement::{Statements, damaged};
use super::{ingest, tenants};
use crate::error::{Error, Result};

/// The newest of one status, from the index alone.
macro_rules! newest {
    ($states:literal) => {
        concat!(
            "SELECT * FROM (SELECT id FROM runs WHERE tenant_id = ?1 AND id < ?2 AND status ",
            $states,
            " ORDER BY id DESC LIMIT ?3)"
        )
    };
}
/// The newest of each status, merged: an index of all by id would be one more page in each new run. The `+` keeps the ids as the way to the
/// rows: by the index of tenants it would go through all of them.
const PAGE: &str = concat!(
    select_runs!(),
    "WHERE +r.tenant_id = ?1 AND r.id IN (",
    newest!("= 'queued'"),
    " UNION ALL ",
    newest!("= 'running'"),
    " UNION ALL ",
    newest!("= 'completed'"),
    " UNION ALL ",
    newest!("= 'partial'"),
    " UNION ALL ",
    newest!("= 'failed'"),
    " UNION ALL ",
    newest!("= 'cancelled'"),
    " UNION ALL ",
    newest!("NOT IN ('queued', 'running', 'completed', 'partial', 'failed', 'cancelled')"),
    ") ORDER BY r.id DESC LIMIT ?3"
);
const RUNNING: &str = concat!(
    select_runs!(),
    "WHERE r.tenant_id = ?1 AND r.source = '' AND r.status = 'running' ORDER BY r.id"
);
/// A portal may have forgotten some of them.
const RUNNING_ANNOUNCED: &str = concat!(
    select_runs!(),
    "WHERE r.tenant_id = ?1 AND r.status = 'running' AND r.source <> '' ORDER BY r.id DESC LIMIT ?2"
);
/// The newest ones, so that a page of a long history shows its end.
const TIMELINE: &str =
    "SELECT body FROM events WHERE tenant_id = ?1 AND run = ?2 ORDER BY position DESC LIMIT ?3";

/// A page of a tenant's runs, newest first.
pub(super) fn page(
    connection: &Connection,
    tenant_id: TenantId,
    after: Option<RunId>,
    limit: u32,
) -> Result<RunRows> {
    let limit = limit.clamp(1, MAX_ROWS) as usize;
    let before = after.map_or(i64::MAX, |run| run.0);
    let mut found = connection.all(PAGE, (tenant_id.0, before, limit as i64 + 1), |row| {
        Ok((row.get::<_, i64>("id")?, run_row::run(row)?))
    })?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = more
        .then(|| found.last().map(|(row, _)| row.to_string()))
        .flatten();
    Ok(RunRows {
        rows: found.into_iter().map(|(_, run)| run).collect(),
        next,
    })
}

/// Every run of ours that is running, and the newest announced ones up to [`MAX_CURRENT`] a tenant; by tenant.
pub(super) fn running(connection: &Connection) -> Result<Vec<Run>> {
    let mut running = Vec::new();
    for tenant in tenants::all(connection)? {
        running.append(&mut connection.all(RUNNING, [tenant.id.0], run_row::run)?);
        let params = (tenant.id.0, MAX_CURRENT as i64);
        running.append(&mut connection.all(RUNNING_ANNOUNCED, params, run_row::run)?);
    }
    Ok(running)
}

/// One run and its events, oldest first.
pub(super) fn run_page(connection: &Connection, key: &RunKey) -> Result<RunPage> {
    let tenant_id = key.tenant_id;
    let row = run_row::row_of(connection, key)?.ok_or(Error::NotInTenant(tenant_id))?;
    let run = run_row::read(connection, tenant_id, row)?;
    let mut timeline = connection.all(TIMELINE, (tenant_id.0, row.0, MAX_ROWS), |row| {
        let body: String = row.get("body")?;
        let run: Run = serde_json::from_str(&body).map_err(damaged)?;
        Ok(RunChange {
            tenant_seq: run.tenant_seq,
            status: run.status,
            attempt: run.attempt,
            stalled_since: run.stalled_since,
            at: run.at,
        })
    })?;
    timeline.reverse();
    let url = ingest::url(connection, tenant_id, row)?;
    Ok(RunPage { run, timeline, url })
}
