//! The event log: each `run` event in the transaction that changes the run, in one total order and without holes in its tenant.

use std::sync::Arc;

use contract::ids::{TenantId, TenantSeq};
use contract::run::Run;
use rusqlite::Connection;

use super::notifications;
use super::run_row::{self, RunRow};
use super::statement::{Statements, damaged, to_json, unsigned};
use super::writer::Write;
use crate::change::{Change, LoggedEvent};
use crate::error::{Error, Result};

const NEXT_SEQ: &str = "UPDATE tenants SET seq = seq + 1 WHERE id = ?1 RETURNING seq";
const STAMP: &str =
    "UPDATE runs SET tenant_seq = ?3, rev = rev + 1, at = ?4 WHERE tenant_id = ?1 AND id = ?2";
const STAMP_STATUS: &str = "UPDATE runs SET tenant_seq = ?3, status_seq = ?3, rev = rev + 1, at = ?4, seen_by = NULL, n_seen = 0
    WHERE tenant_id = ?1 AND id = ?2";
const APPEND: &str = "INSERT INTO events (tenant_id, tenant_seq, run, at, body) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING position";
/// The `+` keeps the order of the log as the way through it: by the tenants' index it would read and sort all their history.
const AFTER: &str = "SELECT position, body FROM events
    WHERE position > ?1 AND +tenant_id IN (SELECT value FROM json_each(?2)) ORDER BY position LIMIT ?3";
const OLDEST_RESUMABLE: &str = "SELECT coalesce(min(position) - 1, 0) AS position FROM events";

/// Logs that the run's status or attempt is new, with a notification for each who has a card.
pub(super) fn log_status(write: &mut Write<'_>, tenant_id: TenantId, row: RunRow) -> Result<Run> {
    let seq = stamp(write, STAMP_STATUS, tenant_id, row)?;
    append_status(write, tenant_id, row, seq)
}

/// Logs that the run is marked, waits, is looked after, or that its portal told more of it: its status stays.
pub(super) fn log_mark(write: &mut Write<'_>, tenant_id: TenantId, row: RunRow) -> Result<Run> {
    let seq = stamp(write, STAMP, tenant_id, row)?;
    let run = append(write, tenant_id, row, seq)?;
    // Its portal may have told whose it is, or what it does.
    if !run.source.is_empty() {
        notifications::keep_cards(write, &run, row)?;
    }
    Ok(run)
}

/// As [`log_status`], of a row that was written with this [`next_seq`] as its `tenant_seq` and `status_seq`, and with `at` and `rev`.
pub(super) fn append_status(
    write: &mut Write<'_>,
    tenant_id: TenantId,
    row: RunRow,
    seq: TenantSeq,
) -> Result<Run> {
    let run = append(write, tenant_id, row, seq)?;
    notifications::store(write, &run, row)?;
    Ok(run)
}

/// The sequence number of the tenant's next event, which has to be logged in this command.
pub(super) fn next_seq(write: &Write<'_>, tenant_id: TenantId) -> Result<TenantSeq> {
    write
        .connection
        .one(NEXT_SEQ, [tenant_id.0], |row| row.get(0))?
        .map(TenantSeq)
        .ok_or(Error::NotInTenant(tenant_id))
}

fn stamp(
    write: &Write<'_>,
    stamp: &'static str,
    tenant_id: TenantId,
    row: RunRow,
) -> Result<TenantSeq> {
    let seq = next_seq(write, tenant_id)?;
    let params = (tenant_id.0, row.0, seq.0, write.now.0);
    write.connection.change(stamp, params)?;
    Ok(seq)
}

fn append(write: &mut Write<'_>, tenant_id: TenantId, row: RunRow, seq: TenantSeq) -> Result<Run> {
    let connection = write.connection;
    let run = run_row::read(connection, tenant_id, row)?;
    let body = to_json(&run)?;
    let position = connection
        .one(
            APPEND,
            (tenant_id.0, seq.0, row.0, write.now.0, &body),
            |row| unsigned(row, "position"),
        )?
        .unwrap_or_default();
    write.changes.push(Change::Run(LoggedEvent {
        position,
        run: Arc::new(run.clone()),
    }));
    Ok(run)
}

/// Events after a position, of these tenants, ascending.
pub(super) fn after(
    connection: &Connection,
    position: u64,
    tenants: &[TenantId],
    limit: u32,
) -> Result<Vec<LoggedEvent>> {
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    connection.all(AFTER, (position, to_json(&tenants)?, limit), |row| {
        let body: String = row.get("body")?;
        let run: Run = serde_json::from_str(&body).map_err(damaged)?;
        Ok(LoggedEvent {
            position: unsigned(row, "position")?,
            run: Arc::new(run),
        })
    })
}

/// Events after this are all there.
pub(super) fn oldest_resumable(connection: &Connection) -> Result<u64> {
    let oldest = connection.one(OLDEST_RESUMABLE, [], |row| unsigned(row, "position"))?;
    Ok(oldest.unwrap_or(0))
}
