//! The state to start from: bounded, with exact totals and every failure named, all of one moment.

use std::collections::BTreeMap;

use contract::ids::{EventId, PersonId, TenantId, TenantSeq};
use contract::run::{PersonRef, Run, RunStatus};
use contract::snapshot::{
    FailedRun, MAX_CURRENT, MAX_FAILED_NAMED, MAX_RECENT, Snapshot, TenantState, Totals,
};
use contract::timestamp::Timestamp;
use rusqlite::Connection;

use super::run_row::{self, select_runs};
use super::statement::{Statements, to_json, unsigned};
use super::{failures, log_head, marks, members, rules};
use crate::error::{Error, Result};

const PERSON: &str = "SELECT name FROM people WHERE id = ?1";
const HEAD: &str = "SELECT seq FROM tenants WHERE id = ?1";
const TOTALS: &str = "SELECT tenant_id, status, count(*) AS runs FROM runs
    WHERE tenant_id IN (SELECT value FROM json_each(?1)) GROUP BY tenant_id, status";
const FAILED: &str = "SELECT tenant_id, source, run_type, run_id, tenant_seq FROM runs
    WHERE tenant_id IN (SELECT value FROM json_each(?1)) AND status IN ('failed', 'partial') ORDER BY id DESC LIMIT ?2";

/// The newest of a tenant list's runs in some states. Ids first, from the index alone; then only the rows that are shown.
macro_rules! select_newest {
    ($states:literal) => {
        concat!(
            select_runs!(),
            "WHERE r.tenant_id IN (SELECT value FROM json_each(?1)) AND r.id IN (
                SELECT id FROM runs WHERE tenant_id IN (SELECT value FROM json_each(?1)) AND status IN (",
            $states,
            ") ORDER BY id DESC LIMIT ?2) ORDER BY r.id DESC"
        )
    };
}
const NEWEST_ACTIVE: &str = select_newest!("'queued', 'running'");
const NEWEST_FAILED: &str = select_newest!("'failed', 'partial'");
const NEWEST_ENDED: &str = select_newest!("'completed', 'cancelled'");
/// Announced runs in a status that nobody knows. By the index of the others all runs of a tenant would be read.
const NEWEST_OTHER: &str = concat!(
    select_runs!(),
    "WHERE r.tenant_id IN (SELECT value FROM json_each(?1)) AND r.id IN (
        SELECT id FROM runs INDEXED BY runs_in_other_states WHERE tenant_id IN (SELECT value FROM json_each(?1))
            AND status NOT IN ('queued', 'running', 'completed', 'partial', 'failed', 'cancelled') ORDER BY id DESC LIMIT ?2) ORDER BY r.id DESC"
);

/// Reads it for a member's tenants, or one of them.
pub(super) fn read(
    connection: &Connection,
    epoch: String,
    now: Timestamp,
    person: PersonId,
    only: Option<TenantId>,
) -> Result<Snapshot> {
    let position = log_head::head(connection)?;
    let name = connection
        .one(PERSON, [person.0], |row| row.get(0))?
        .ok_or(Error::NotInTenant(only.unwrap_or(TenantId(0))))?;
    let mut tenants = members::tenants_of(connection, person)?;
    if let Some(only) = only {
        tenants.retain(|tenant| tenant.id == only);
        if tenants.is_empty() {
            return Err(Error::NotInTenant(only));
        }
    }
    let ids: Vec<i64> = tenants.iter().map(|tenant| tenant.id.0).collect();
    let ids = to_json(&ids)?;
    let mut totals = totals(connection, &ids)?;
    let tenants = tenants
        .into_iter()
        .map(|tenant| {
            let head = connection.one(HEAD, [tenant.id.0], |row| Ok(TenantSeq(row.get(0)?)))?;
            Ok(TenantState {
                head: head.unwrap_or(TenantSeq(0)),
                totals: totals.remove(&tenant.id).unwrap_or_default(),
                tenant,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let found = runs(connection, &ids)?;
    let rows: Vec<i64> = found.iter().map(|(row, _)| *row).collect();
    let mut runs: Vec<Run> = found.into_iter().map(|(_, run)| run).collect();
    runs.sort_by_key(|run| (run.tenant_id, run.tenant_seq));
    Ok(Snapshot {
        id: EventId { epoch, position },
        server_time: now,
        person: PersonRef { id: person, name },
        marks_rev: marks::rev(connection, person)?,
        marks: marks::of_rows(connection, person, &rows)?,
        rules: rules::preferences(connection, person)?.rules,
        tenants,
        runs,
        failed: failed(connection, &ids)?,
    })
}

fn totals(connection: &Connection, tenants: &str) -> Result<BTreeMap<TenantId, Totals>> {
    let counted = connection.all(TOTALS, [tenants], |row| {
        let status: String = row.get("status")?;
        let tenant_id = TenantId(row.get("tenant_id")?);
        Ok((
            tenant_id,
            RunStatus::from(status.as_str()),
            unsigned(row, "runs")?,
        ))
    })?;
    let mut totals: BTreeMap<TenantId, Totals> = BTreeMap::new();
    for (tenant_id, status, n_runs) in counted {
        let totals = totals.entry(tenant_id).or_default();
        let total = match status {
            RunStatus::Queued => &mut totals.queued,
            RunStatus::Running => &mut totals.running,
            RunStatus::Completed => &mut totals.completed,
            RunStatus::Partial => &mut totals.partial,
            RunStatus::Failed => &mut totals.failed,
            RunStatus::Cancelled => &mut totals.cancelled,
            RunStatus::Other(_) => &mut totals.other,
        };
        // Two spellings of one status are one state.
        *total += n_runs;
    }
    Ok(totals)
}

/// Where active and failed runs are too many together, neither kind takes more than half of the places from the other.
fn runs(connection: &Connection, tenants: &str) -> Result<Vec<(i64, Run)>> {
    let newest = |sql, limit: usize| {
        connection.all(sql, (tenants, limit as i64), |row| {
            Ok((row.get::<_, i64>("id")?, run_row::run(row)?))
        })
    };
    let mut active = newest(NEWEST_ACTIVE, MAX_CURRENT)?;
    let mut failed = newest(NEWEST_FAILED, MAX_CURRENT)?;
    let (n_active, n_failed) = places(active.len(), failed.len(), MAX_CURRENT);
    active.truncate(n_active);
    failed.truncate(n_failed);
    let mut runs = newest(NEWEST_ENDED, MAX_RECENT)?;
    runs.append(&mut newest(NEWEST_OTHER, MAX_RECENT)?);
    runs.sort_by_key(|(row, _)| std::cmp::Reverse(*row));
    runs.truncate(MAX_RECENT);
    runs.append(&mut active);
    runs.append(&mut failed);
    Ok(runs)
}

fn places(n_active: usize, n_failed: usize, most: usize) -> (usize, usize) {
    let half = most / 2;
    let failed = n_failed.min(half.max(most.saturating_sub(n_active)));
    (n_active.min(most - failed), failed)
}

fn failed(connection: &Connection, tenants: &str) -> Result<Vec<FailedRun>> {
    let most = MAX_FAILED_NAMED as i64;
    connection.all(FAILED, (tenants, most), failures::failed_run)
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn active_and_failed_runs_share_the_places() {
        assert_eq!(places(3, 4, 10), (3, 4));
        assert_eq!(places(20, 4, 10), (6, 4));
        assert_eq!(places(3, 20, 10), (3, 7));
        assert_eq!(places(20, 20, 10), (5, 5));
        assert_eq!(places(0, 20, 10), (0, 10));
    }
}
