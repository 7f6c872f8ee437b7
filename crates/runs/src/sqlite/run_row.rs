//! A row of `runs` as every body holds it, and the reads that several verbs share.

use contract::ids::{PersonId, Rev, RunId, RunKey, TenantId, TenantSeq};
use contract::run::{Acknowledged, Counts, PersonRef, RUN_VERSION, Run, RunStatus};
use contract::timestamp::Timestamp;
use rusqlite::{Connection, Row};

use super::statement::{Statements, json, time, unsigned};
use crate::error::{Error, Result};

/// The columns that [`run`] reads, and the tables that they come from. Ends before the WHERE.
macro_rules! select_runs {
    () => {
        "SELECT r.id, r.tenant_id, r.tenant_seq, r.status_seq, r.rev, r.source, r.run_type, r.run_id, r.status, r.attempt,
            r.total, r.succeeded, r.failed, r.skipped, r.announced_counts, r.operation, r.target, r.started_by, starter.name AS started_by_name,
            r.at, r.queued_at, r.started_at, r.ended_at, r.stalled_since, r.waiting, r.acknowledged_by,
            acknowledger.name AS acknowledged_by_name, r.acknowledged_at, r.error, r.seen_by, r.n_seen
        FROM runs r
        LEFT JOIN people starter ON starter.id = r.started_by
        LEFT JOIN people acknowledger ON acknowledger.id = r.acknowledged_by "
    };
}
pub(super) use select_runs;

/// `runs.id`: ours, while `run_id` is whatever its source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunRow(pub(super) i64);

const BY_ROW: &str = concat!(select_runs!(), "WHERE r.tenant_id = ?1 AND r.id = ?2");
const ROW_OF_KEY: &str =
    "SELECT id FROM runs WHERE tenant_id = ?1 AND source = ?2 AND run_type = ?3 AND run_id = ?4";

/// The run of a row of that tenant, which is known to be there.
pub(super) fn read(connection: &Connection, tenant_id: TenantId, row: RunRow) -> Result<Run> {
    connection
        .one(BY_ROW, (tenant_id.0, row.0), run)?
        .ok_or(Error::NotInTenant(tenant_id))
}

/// The row of a run, if its tenant has such a run.
pub(super) fn row_of(connection: &Connection, key: &RunKey) -> Result<Option<RunRow>> {
    let params = (key.tenant_id.0, &key.source, &key.run_type, key.run_id.0);
    connection.one(ROW_OF_KEY, params, |row| Ok(RunRow(row.get(0)?)))
}

/// Reads the columns of `select_runs!`.
pub(super) fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    let status: String = row.get("status")?;
    let acknowledged_at = time(row, "acknowledged_at")?;
    let acknowledged_by = person(row, "acknowledged_by", "acknowledged_by_name")?;
    Ok(Run {
        v: RUN_VERSION,
        tenant_id: TenantId(row.get("tenant_id")?),
        tenant_seq: TenantSeq(row.get("tenant_seq")?),
        status_seq: TenantSeq(row.get("status_seq")?),
        rev: Rev(row.get("rev")?),
        source: row.get("source")?,
        run_type: row.get("run_type")?,
        run_id: RunId(row.get("run_id")?),
        status: RunStatus::from(status.as_str()),
        attempt: row.get("attempt")?,
        counts: counts(row)?,
        operation: row.get("operation")?,
        target: row.get("target")?,
        started_by: person(row, "started_by", "started_by_name")?,
        at: Timestamp(row.get("at")?),
        queued_at: Timestamp(row.get("queued_at")?),
        started_at: time(row, "started_at")?,
        ended_at: time(row, "ended_at")?,
        stalled_since: time(row, "stalled_since")?,
        waiting: json(row, "waiting")?,
        acknowledged: acknowledged_by
            .zip(acknowledged_at)
            .map(|(by, at)| Acknowledged { by, at }),
        error: json(row, "error")?,
        seen_by: json(row, "seen_by")?.unwrap_or_default(),
        n_seen: row.get("n_seen")?,
    })
}

/// As the portal told them, or else as the items are. Nothing is known before the plan, which is not zero.
pub(super) fn counts(row: &Row<'_>) -> rusqlite::Result<Counts> {
    if let Some(announced) = json(row, "announced_counts")? {
        return Ok(announced);
    }
    if row.get::<_, Option<i64>>("total")?.is_none() {
        return Ok(Counts::default());
    }
    let succeeded = unsigned(row, "succeeded")?;
    let failed = unsigned(row, "failed")?;
    let skipped = unsigned(row, "skipped")?;
    Ok(Counts {
        total: Some(unsigned(row, "total")?),
        processed: Some(succeeded + failed + skipped),
        succeeded: Some(succeeded),
        failed: Some(failed),
        skipped: Some(skipped),
    })
}

fn person(row: &Row<'_>, id: &str, name: &str) -> rusqlite::Result<Option<PersonRef>> {
    let id: Option<i64> = row.get(id)?;
    let name: Option<String> = row.get(name)?;
    Ok(id.zip(name).map(|(id, name)| PersonRef {
        id: PersonId(id),
        name,
    }))
}
