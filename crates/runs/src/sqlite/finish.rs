//! Ending a run: by its items, by an error of its own, or because somebody asked.

use contract::ids::{ItemId, PolicyId, TenantId};
use contract::run::{Counts, RunError, RunStatus};

use super::audit::{Fact, note};
use super::event_log;
use super::fence::held;
use super::run_row::{self, RunRow};
use super::settle::OpenItem;
use super::statement::{Statements, to_json};
use super::writer::Write;
use crate::error::Result;
use crate::lease::{Ending, Lease};

const OPEN: &str = "SELECT id, policy_id FROM items WHERE tenant_id = ?1 AND run = ?2 AND outcome IN ('pending', 'inflight', 'unknown') ORDER BY item_idx";
/// Grouped by the code; of the most frequent, the error of the first item. `min` makes `SQLite` take `error` from that row.
const MOST_FREQUENT: &str = "SELECT error, min(item_idx) AS first FROM items WHERE tenant_id = ?1 AND run = ?2 AND outcome = 'failed'
    GROUP BY json_extract(error, '$.code') ORDER BY count(*) DESC, first LIMIT 1";
const END: &str = "UPDATE runs SET status = ?3, error = ?4, ended_at = ?5, lease_expires_at = NULL, stalled_since = NULL, waiting = NULL
    WHERE tenant_id = ?1 AND id = ?2";

/// The code of an item that its worker left open when it ended the run.
const NOT_DONE: &str = "not_done";

/// Ends the run.
pub(super) fn finish(write: &mut Write<'_>, lease: &Lease, ending: &Ending) -> Result<()> {
    let tenant_id = lease.tenant_id;
    let row = held(write.connection, lease)?;
    let (status, error) = match ending {
        Ending::ByItems => by_items(write, tenant_id, row)?,
        Ending::Failed(error) => (RunStatus::Failed, Some(to_json(error)?)),
        Ending::Cancelled => (RunStatus::Cancelled, None),
    };
    let params = (tenant_id.0, row.0, status.as_str(), error, write.now.0);
    write.connection.change(END, params)?;
    note(
        write,
        Fact {
            what: "run.ended",
            tenant_id: Some(tenant_id),
            person: None,
            run: Some(row),
            detail: status.as_str(),
        },
    )?;
    event_log::log_status(write, tenant_id, row)?;
    // The tenant has a place for another.
    write.work_is_ready = true;
    Ok(())
}

fn by_items(
    write: &Write<'_>,
    tenant_id: TenantId,
    row: RunRow,
) -> Result<(RunStatus, Option<String>)> {
    fail_what_is_open(write, tenant_id, row)?;
    let counts = run_row::read(write.connection, tenant_id, row)?.counts;
    let status = status_of(&counts);
    let error = write
        .connection
        .one(MOST_FREQUENT, (tenant_id.0, row.0), |row| row.get(0))?
        .flatten();
    Ok((status, error))
}

/// A worker that ends a run with open items has a bug; the items must not look as if they were done.
fn fail_what_is_open(write: &Write<'_>, tenant_id: TenantId, row: RunRow) -> Result<()> {
    let open = write.connection.all(OPEN, (tenant_id.0, row.0), |item| {
        Ok(OpenItem {
            tenant_id,
            row,
            item_id: ItemId(item.get(0)?),
            policy_id: PolicyId(item.get(1)?),
        })
    })?;
    let error = RunError {
        code: NOT_DONE.to_owned(),
        message: "The run ended before this was done.".to_owned(),
        retryable: true,
        request_id: None,
    };
    for item in open {
        item.failed(write, &error)?;
    }
    Ok(())
}

fn status_of(counts: &Counts) -> RunStatus {
    match (counts.failed.unwrap_or(0), counts.total.unwrap_or(0)) {
        (0, _) => RunStatus::Completed,
        (failed, total) if failed == total => RunStatus::Failed,
        _ => RunStatus::Partial,
    }
}
