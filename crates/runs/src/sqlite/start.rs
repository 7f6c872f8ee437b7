//! Starting a run: the partial UNIQUE index `runs_live` lets one through, and every other start gets that one.

use contract::ids::{PolicyId, TenantId};
use contract::run::{BULK_OPERATION, RESTORE};

use super::audit::{Fact, note};
use super::run_row::{self, RunRow};
use super::statement::Statements;
use super::writer::Write;
use super::{event_log, marks, notifications};
use crate::error::{Error, Result};
use crate::start::{StartRun, Started};

const TENANT: &str = "SELECT 1 FROM tenants WHERE id = ?1";
const TARGET: &str = "SELECT name FROM policies WHERE tenant_id = ?1 AND id = ?2";
const KEY: &str = "SELECT k.operation = ?4 AND k.target_id = ?5, k.run FROM idempotency_keys k
    WHERE k.tenant_id = ?1 AND k.person_id = ?2 AND k.key = ?3";
const KEEP_KEY: &str = "INSERT INTO idempotency_keys (tenant_id, person_id, key, operation, target_id, run, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/// Our own `run_id` is the row's id, which is the next. In a query of its own the highest is found at once; here `SQLite` would look at all.
const INSERT: &str = "INSERT INTO runs (id, run_id, tenant_id, run_type, operation, target_id, target, status, started_by, at, queued_at)
    SELECT next.id, next.id, ?1, ?2, ?3, ?4, ?5, 'queued', ?6, ?7, ?7
    FROM (SELECT coalesce((SELECT max(id) FROM runs), 0) + 1 AS id) next
    WHERE true
    ON CONFLICT (tenant_id, operation, target_id) WHERE source = '' AND status IN ('queued', 'running') DO NOTHING
    RETURNING id";
const LIVE: &str = "SELECT id FROM runs WHERE tenant_id = ?1 AND operation = ?2 AND target_id = ?3
    AND source = '' AND status IN ('queued', 'running')";

/// Reuses the live run, answers a repeated request, or makes a run with its first event.
pub(super) fn start(write: &mut Write<'_>, request: &StartRun) -> Result<Started> {
    let target = target_name(write, request.tenant_id, request.target)?;
    if let Some(row) = run_of_key(write, request)? {
        let run = run_row::read(write.connection, request.tenant_id, row)?;
        return Ok(Started { run, reused: true });
    }
    let started = match insert(write, request, &target)? {
        Some(row) => made(write, request, row)?,
        None => reused(write, request)?,
    };
    Ok(started)
}

fn target_name(write: &Write<'_>, tenant_id: TenantId, target: Option<PolicyId>) -> Result<String> {
    let name = match target {
        Some(policy) => write
            .connection
            .one(TARGET, (tenant_id.0, policy.0), |row| row.get(0))?,
        None => write
            .connection
            .one(TENANT, [tenant_id.0], |_| Ok(String::new()))?,
    };
    name.ok_or(Error::NotInTenant(tenant_id))
}

/// The run that an earlier request with this key was answered with.
fn run_of_key(write: &Write<'_>, request: &StartRun) -> Result<Option<RunRow>> {
    let Some(key) = &request.idempotency_key else {
        return Ok(None);
    };
    let params = (
        request.tenant_id.0,
        request.by.0,
        key,
        &request.operation,
        target_id(request),
    );
    let found: Option<(bool, i64)> = write
        .connection
        .one(KEY, params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    match found {
        Some((true, row)) => Ok(Some(RunRow(row))),
        Some((false, _)) => Err(Error::KeyReused),
        None => Ok(None),
    }
}

fn insert(write: &Write<'_>, request: &StartRun, target: &str) -> Result<Option<RunRow>> {
    let params = (
        request.tenant_id.0,
        run_type(&request.operation),
        &request.operation,
        target_id(request),
        target,
        request.by.0,
        write.now.0,
    );
    write
        .connection
        .one(INSERT, params, |row| Ok(RunRow(row.get(0)?)))
}

fn made(write: &mut Write<'_>, request: &StartRun, row: RunRow) -> Result<Started> {
    keep_key(write, request, row)?;
    note(
        write,
        Fact {
            what: "run.started",
            tenant_id: Some(request.tenant_id),
            person: Some(request.by),
            run: Some(row),
            detail: &request.operation,
        },
    )?;
    let run = event_log::log_status(write, request.tenant_id, row)?;
    write.work_is_ready = true;
    Ok(Started { run, reused: false })
}

fn reused(write: &mut Write<'_>, request: &StartRun) -> Result<Started> {
    let params = (request.tenant_id.0, &request.operation, target_id(request));
    let row = write
        .connection
        .one(LIVE, params, |row| Ok(RunRow(row.get(0)?)))?
        .expect("the insert gave way to a live run, in this transaction");
    keep_key(write, request, row)?;
    let run = run_row::read(write.connection, request.tenant_id, row)?;
    let is_starter = run
        .started_by
        .as_ref()
        .is_some_and(|starter| starter.id == request.by);
    if !is_starter && marks::watch(write, request.by, &run, row)? {
        notifications::store_for_watcher(write, &run, row, request.by)?;
        note(
            write,
            Fact {
                what: "run.joined",
                tenant_id: Some(request.tenant_id),
                person: Some(request.by),
                run: Some(row),
                detail: &request.operation,
            },
        )?;
    }
    Ok(Started { run, reused: true })
}

fn keep_key(write: &Write<'_>, request: &StartRun, row: RunRow) -> Result<()> {
    if let Some(key) = &request.idempotency_key {
        let params = (
            request.tenant_id.0,
            request.by.0,
            key,
            &request.operation,
            target_id(request),
            row.0,
            write.now.0,
        );
        write.connection.change(KEEP_KEY, params)?;
    }
    Ok(())
}

fn target_id(request: &StartRun) -> i64 {
    request.target.map_or(0, |policy| policy.0)
}

fn run_type(operation: &str) -> &'static str {
    if operation.starts_with("restore") {
        RESTORE
    } else {
        BULK_OPERATION
    }
}
