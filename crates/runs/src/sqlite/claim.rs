//! Claiming: a run whose worker died comes first, then the tenant that was served longest ago, with its oldest run.

use std::time::Duration;

use contract::ids::{PolicyId, TenantId};
use contract::timestamp::Timestamp;

use super::event_log;
use super::run_row::RunRow;
use super::statement::Statements;
use super::writer::Write;
use crate::error::Result;
use crate::lease::{Claim, Lease};

/// It has its place among the tenant's running runs already. A lease that ends later than any worker could have asked for was taken before the
/// clock was set back: a worker that lives moves it into reach with its next heartbeat, a dead one never does.
const EXPIRED: &str = "SELECT t.id AS tenant_id, r.id FROM tenants t JOIN runs r INDEXED BY runs_running ON r.tenant_id = t.id
    WHERE r.source = '' AND r.status = 'running' AND (r.lease_expires_at <= ?1 OR r.lease_expires_at > ?2)
    ORDER BY r.lease_expires_at, r.id LIMIT 1";
/// Walks the tenants, not the queue: 10,000 queued runs of one tenant cost and delay no other. The indexes are named because these queries are
/// fast by them alone, and without statistics a later index could be taken instead.
const QUEUED: &str = "SELECT t.id AS tenant_id,
        (SELECT min(r.id) FROM runs r INDEXED BY runs_queued WHERE r.tenant_id = t.id AND r.source = '' AND r.status = 'queued') AS id
    FROM tenants t
    WHERE EXISTS (SELECT 1 FROM runs r INDEXED BY runs_queued WHERE r.tenant_id = t.id AND r.source = '' AND r.status = 'queued')
        AND (SELECT count(*) FROM runs r INDEXED BY runs_running WHERE r.tenant_id = t.id AND r.source = '' AND r.status = 'running') < ?1
    ORDER BY t.served, t.id LIMIT 1";
const SERVED: &str =
    "UPDATE tenants SET served = (SELECT max(served) FROM tenants) + 1 WHERE id = ?1";
/// The first claim keeps attempt 1. What an earlier attempt left (a wait, a mark, somebody looking after it) is over.
const TAKE: &str = "UPDATE runs SET status = 'running', attempt = attempt + (lease_epoch > 0), lease_epoch = lease_epoch + 1,
        lease_expires_at = ?3, worker = ?4, heartbeat_at = ?5, moved_at = ?5, started_at = coalesce(started_at, ?5),
        stalled_since = NULL, waiting = NULL, acknowledged_by = NULL, acknowledged_at = NULL, error = NULL
    WHERE tenant_id = ?1 AND id = ?2 RETURNING lease_epoch, target_id";
const INFLIGHT_IS_UNKNOWN: &str = "UPDATE items SET outcome = 'unknown' WHERE tenant_id = ?1 AND run = ?2 AND outcome = 'inflight'";

/// Claims the next run, if there is one.
pub(super) fn claim(
    write: &mut Write<'_>,
    worker: &str,
    lease: Duration,
    per_tenant: u32,
) -> Result<Option<Claim>> {
    let Some((tenant_id, row)) = next(write, lease, per_tenant)? else {
        return Ok(None);
    };
    let connection = write.connection;
    connection.change(SERVED, [tenant_id.0])?;
    connection.change(INFLIGHT_IS_UNKNOWN, (tenant_id.0, row.0))?;
    let expires_at = after(write.now, lease);
    let params = (tenant_id.0, row.0, expires_at.0, worker, write.now.0);
    let (lease_epoch, target_id): (i64, i64) = connection
        .one(TAKE, params, |row| Ok((row.get(0)?, row.get(1)?)))?
        .expect("the row was found in this transaction");
    let run = event_log::log_status(write, tenant_id, row)?;
    write.work_is_ready = true;
    Ok(Some(Claim {
        lease: Lease {
            tenant_id,
            run_type: run.run_type.clone(),
            run_id: run.run_id,
            lease_epoch,
        },
        run,
        target: (target_id != 0).then_some(PolicyId(target_id)),
        expires_at,
    }))
}

fn next(write: &Write<'_>, lease: Duration, per_tenant: u32) -> Result<Option<(TenantId, RunRow)>> {
    let found =
        |row: &rusqlite::Row<'_>| Ok((TenantId(row.get("tenant_id")?), RunRow(row.get("id")?)));
    let out_of_reach = after(write.now, lease.saturating_mul(2));
    let limits = (write.now.0, out_of_reach.0);
    let expired = write.connection.one(EXPIRED, limits, found)?;
    match expired {
        Some(expired) => Ok(Some(expired)),
        None => write.connection.one(QUEUED, [per_tenant], found),
    }
}

/// A moment that far ahead.
pub(super) fn after(now: Timestamp, wait: Duration) -> Timestamp {
    let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    Timestamp(now.0.saturating_add(wait_ms))
}
