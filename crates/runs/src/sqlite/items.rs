//! Items: planned once, turned inflight with their intent before anything is written elsewhere, read in order.

use contract::api::{ItemRows, MAX_ROWS};
use contract::ids::{ItemId, PolicyId, Rev, RunKey, TenantId};
use contract::run::{Item, Outcome, Waiting};
use contract::timestamp::Timestamp;
use rusqlite::{Connection, Row};

use super::fence::held;
use super::run_row::{self, RunRow};
use super::statement::{Statements, damaged, json, time, to_json};
use super::writer::Write;
use super::{event_log, settle};
use crate::error::{Error, Result};
use crate::items::{NewItem, WorkItem};
use crate::lease::Lease;

const NEXT_IDX: &str =
    "SELECT coalesce(max(item_idx) + 1, 0) FROM items WHERE tenant_id = ?1 AND run = ?2";
const IN_TENANT: &str = "SELECT 1 FROM policies WHERE tenant_id = ?1 AND id = ?2";
const ADD: &str = "INSERT INTO items (tenant_id, run, item_idx, policy_id, name, family) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (run, policy_id) DO NOTHING";
const PLAN: &str = "UPDATE runs SET total = (SELECT count(*) FROM items WHERE tenant_id = ?1 AND run = ?2), moved_at = ?3, rev = rev + 1
    WHERE tenant_id = ?1 AND id = ?2";
const OPEN: &str = "SELECT i.id, i.policy_id, p.graph_id, i.name, i.family, i.outcome FROM items i
    JOIN policies p ON p.id = i.policy_id AND p.tenant_id = i.tenant_id
    WHERE i.tenant_id = ?1 AND i.run = ?2 AND i.outcome IN ('pending', 'inflight', 'unknown') ORDER BY i.item_idx";
const BEGIN: &str = "UPDATE items SET outcome = 'inflight', intent = ?4, attempts = attempts + 1, begun_at = ?5
    WHERE tenant_id = ?1 AND run = ?2 AND id = ?3 AND outcome IN ('pending', 'inflight', 'unknown')";
const EXISTS: &str = "SELECT 1 FROM items WHERE tenant_id = ?1 AND run = ?2 AND id = ?3";
const REV: &str = "SELECT rev FROM runs WHERE tenant_id = ?1 AND id = ?2";
const PAGE: &str = "SELECT id, item_idx, policy_id, name, family, outcome, attempts, begun_at, settled_at, version, changed, error
    FROM items WHERE tenant_id = ?1 AND run = ?2 AND item_idx > ?3 ORDER BY item_idx LIMIT ?4";
const WAITING: &str = "SELECT waiting FROM runs WHERE tenant_id = ?1 AND id = ?2";
const SET_WAITING: &str = "UPDATE runs SET waiting = ?3 WHERE tenant_id = ?1 AND id = ?2";

/// Adds what the plan names and the run does not have yet, behind what it has.
pub(super) fn plan(write: &mut Write<'_>, lease: &Lease, items: &[NewItem]) -> Result<()> {
    let connection = write.connection;
    let tenant = lease.tenant_id.0;
    let row = held(connection, lease)?;
    let mut idx: i64 = connection
        .one(NEXT_IDX, (tenant, row.0), |row| row.get(0))?
        .unwrap_or(0);
    for item in items {
        connection
            .one(IN_TENANT, (tenant, item.policy_id.0), |_| Ok(()))?
            .ok_or(Error::NotInTenant(lease.tenant_id))?;
        let params = (
            tenant,
            row.0,
            idx,
            item.policy_id.0,
            &item.name,
            &item.family,
        );
        // A policy that is in the plan keeps its place, so the next one takes this index.
        idx += i64::try_from(connection.change(ADD, params)?).unwrap_or(0);
    }
    connection.change(PLAN, (tenant, row.0, write.now.0))?;
    settle::tell_progress(write, lease.tenant_id, row)
}

/// The items without an end, in order.
pub(super) fn open(connection: &Connection, lease: &Lease) -> Result<Vec<WorkItem>> {
    let row = held(connection, lease)?;
    connection.all(OPEN, (lease.tenant_id.0, row.0), |row| {
        let outcome = match outcome(row)? {
            // Begun under this very lease and asked for again: its end is not known either.
            Outcome::Inflight => Outcome::Unknown,
            other => other,
        };
        Ok(WorkItem {
            item_id: ItemId(row.get("id")?),
            policy_id: PolicyId(row.get("policy_id")?),
            graph_id: row.get("graph_id")?,
            name: row.get("name")?,
            family: row.get("family")?,
            outcome,
        })
    })
}

/// Turns an item inflight. One that has its outcome is refused, so that nothing is written for it a second time.
pub(super) fn begin(write: &Write<'_>, lease: &Lease, item_id: ItemId, intent: &str) -> Result<()> {
    let connection = write.connection;
    let tenant = lease.tenant_id.0;
    let row = held(connection, lease)?;
    let params = (tenant, row.0, item_id.0, intent, write.now.0);
    if connection.change(BEGIN, params)? == 1 {
        return Ok(());
    }
    match connection.one(EXISTS, (tenant, row.0, item_id.0), |_| Ok(()))? {
        Some(()) => Err(Error::ItemSettled),
        None => Err(Error::NotInTenant(lease.tenant_id)),
    }
}

/// Marks the run as waiting, or clears it.
pub(super) fn set_waiting(
    write: &mut Write<'_>,
    lease: &Lease,
    waiting: Option<&Waiting>,
) -> Result<()> {
    let row = held(write.connection, lease)?;
    let run = (lease.tenant_id.0, row.0);
    let before: Option<Waiting> = write
        .connection
        .one(WAITING, run, |row| json(row, "waiting"))?
        .flatten();
    if before.as_ref() == waiting {
        return Ok(());
    }
    let text = waiting.map(to_json).transpose()?;
    write.connection.change(SET_WAITING, (run.0, run.1, text))?;
    event_log::log_mark(write, lease.tenant_id, row)?;
    Ok(())
}

/// A page of a run's items.
pub(super) fn page(
    connection: &Connection,
    key: &RunKey,
    after: Option<u32>,
    limit: u32,
) -> Result<ItemRows> {
    let absent = || Error::NotInTenant(key.tenant_id);
    let RunRow(row) = run_row::row_of(connection, key)?.ok_or_else(absent)?;
    let tenant: TenantId = key.tenant_id;
    let rev = connection
        .one(REV, (tenant.0, row), |row| Ok(Rev(row.get(0)?)))?
        .ok_or_else(absent)?;
    let limit = limit.clamp(1, MAX_ROWS) as usize;
    let after = after.map_or(-1, i64::from);
    // One more than is shown tells whether there is a next page.
    let mut rows = connection.all(PAGE, (tenant.0, row, after, limit as i64 + 1), item)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = more
        .then(|| rows.last().map(|item| item.item_idx.to_string()))
        .flatten();
    Ok(ItemRows { rev, rows, next })
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        item_id: ItemId(row.get("id")?),
        item_idx: row.get("item_idx")?,
        policy_id: PolicyId(row.get("policy_id")?),
        name: row.get("name")?,
        family: row.get("family")?,
        outcome: outcome(row)?,
        attempts: row.get("attempts")?,
        begun_at: time(row, "begun_at")?,
        settled_at: row.get::<_, Option<i64>>("settled_at")?.map(Timestamp),
        version: row.get("version")?,
        changed: row.get("changed")?,
        error: json(row, "error")?,
    })
}

fn outcome(row: &Row<'_>) -> rusqlite::Result<Outcome> {
    let text: String = row.get("outcome")?;
    Outcome::parse(&text).ok_or_else(|| damaged(UnknownOutcome(text)))
}

#[derive(Debug, thiserror::Error)]
#[error("no outcome is called {0:?}")]
struct UnknownOutcome(String);
