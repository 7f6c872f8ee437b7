//! Every tenant's failed runs, all of one moment.

use std::collections::BTreeMap;

use contract::ids::{RunId, RunKey, TenantId, TenantSeq};
use contract::snapshot::FailedRun;
use rusqlite::{Connection, Row};

use super::statement::Statements;
use crate::error::Result;
use crate::failures::Failures;

const HEADS: &str = "SELECT id, seq FROM tenants ORDER BY id";
const FAILED: &str = "SELECT tenant_id, source, run_type, run_id, tenant_seq FROM runs
    WHERE tenant_id IN (SELECT id FROM tenants) AND status IN ('failed', 'partial')";

/// Reads them.
pub(super) fn read(connection: &Connection) -> Result<Vec<Failures>> {
    let mut failed: BTreeMap<TenantId, Vec<FailedRun>> = BTreeMap::new();
    for run in connection.all(FAILED, [], failed_run)? {
        failed.entry(run.run.tenant_id).or_default().push(run);
    }
    connection.all(HEADS, [], |row| {
        let tenant_id = TenantId(row.get("id")?);
        Ok(Failures {
            tenant_id,
            head: TenantSeq(row.get("seq")?),
            failed: failed.remove(&tenant_id).unwrap_or_default(),
        })
    })
}

/// A row that holds a failed run's key and its `tenant_seq`.
pub(super) fn failed_run(row: &Row<'_>) -> rusqlite::Result<FailedRun> {
    Ok(FailedRun {
        run: RunKey {
            tenant_id: TenantId(row.get("tenant_id")?),
            source: row.get("source")?,
            run_type: row.get("run_type")?,
            run_id: RunId(row.get("run_id")?),
        },
        seq: TenantSeq(row.get("tenant_seq")?),
    })
}
