//! A row of `runs` as every body holds it, and the reads that several verbs share.

use contract::ids::{PersonId, Rev, RunId, RunKey, TenantId, TenantSeq};
use contract::run::{Acknowledged, Counts, PersonRef, RUN_VERSION, Run, RunStatus};
use contract::timestamp::Timestamp;
use rusqlite::types::FromSql;
use rusqlite::{Connection, Row};
use serde::de::DeserializeOwned;

use super::statement::{Statements, json};
use crate::error::{Error, Result};

/// The columns that [`run`] reads, in its order, and the tables that they come from. Ends before the WHERE.
macro_rules! select_runs {
    () => {
        "SELECT r.id, r.tenant_id, r.tenant_seq, r.status_seq, r.rev, r.source, r.run_type, r.run_id, r.status, r.attempt,
            r.announced_counts, r.total, r.succeeded, r.failed, r.skipped, r.operation, r.target, r.started_by, starter.name,
            r.at, r.queued_at, r.started_at, r.ended_at, r.stalled_since, r.waiting, r.acknowledged_by, acknowledger.name, r.acknowledged_at,
            r.error, r.seen_by, r.n_seen
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

/// Reads the columns of `select_runs!`, one after the other: `SQLite` finds a column by its name by comparing all of them.
pub(super) fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    // Behind the row's own id.
    let mut columns = Columns { row, next: 1 };
    Ok(Run {
        v: RUN_VERSION,
        tenant_id: TenantId(columns.get()?),
        tenant_seq: TenantSeq(columns.get()?),
        status_seq: TenantSeq(columns.get()?),
        rev: Rev(columns.get()?),
        source: columns.get()?,
        run_type: columns.get()?,
        run_id: RunId(columns.get()?),
        status: RunStatus::from(columns.text()?),
        attempt: columns.get()?,
        counts: columns.counts()?,
        operation: columns.get()?,
        target: columns.get()?,
        started_by: columns.person()?,
        at: Timestamp(columns.get()?),
        queued_at: Timestamp(columns.get()?),
        started_at: columns.time()?,
        ended_at: columns.time()?,
        stalled_since: columns.time()?,
        waiting: columns.json()?,
        acknowledged: {
            let (by, at) = (columns.person()?, columns.time()?);
            by.zip(at).map(|(by, at)| Acknowledged { by, at })
        },
        error: columns.json()?,
        seen_by: columns.json()?.unwrap_or_default(),
        n_seen: columns.get()?,
    })
}

struct Columns<'a> {
    row: &'a Row<'a>,
    next: usize,
}

impl<'a> Columns<'a> {
    fn index(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    fn get<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.row.get(self.index())
    }

    fn text(&mut self) -> rusqlite::Result<&'a str> {
        Ok(self.row.get_ref(self.index())?.as_str()?)
    }

    fn time(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.get::<Option<i64>>()?.map(Timestamp))
    }

    fn json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<Option<T>> {
        json(self.row, self.index())
    }

    /// As the portal told them, or else as the items are. Nothing is known before the plan, which is not zero.
    fn counts(&mut self) -> rusqlite::Result<Counts> {
        let announced = self.json()?;
        let total: Option<u32> = self.get()?;
        let (succeeded, failed, skipped) = (self.count()?, self.count()?, self.count()?);
        if let Some(announced) = announced {
            return Ok(announced);
        }
        let Some(total) = total else {
            return Ok(Counts::default());
        };
        Ok(Counts {
            total: Some(total.into()),
            processed: Some(succeeded + failed + skipped),
            succeeded: Some(succeeded),
            failed: Some(failed),
            skipped: Some(skipped),
        })
    }

    /// Of the run's items.
    fn count(&mut self) -> rusqlite::Result<u64> {
        Ok(self.get::<u32>()?.into())
    }

    fn person(&mut self) -> rusqlite::Result<Option<PersonRef>> {
        let (id, name): (Option<i64>, Option<String>) = (self.get()?, self.get()?);
        Ok(id.zip(name).map(|(id, name)| PersonRef {
            id: PersonId(id),
            name,
        }))
    }
}
