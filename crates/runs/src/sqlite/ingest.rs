//! Announced runs: each event once, and what it changes of its run, with the run's event in the same transaction. A batch is one transaction.
//!
//! **Invariant**: only runs with a source are touched here, and nothing here ever gets a lease.

use contract::ids::{RunKey, TenantId};
use contract::ingest::{Judgement, RunEvent};
use contract::run::RunStatus;
use rusqlite::Connection;

use super::run_row::{self, RunRow};
use super::statement::{Statements, json, to_json};
use super::writer::Write;
use super::{event_log, links, settle, tenants};
use crate::announced::{Announced, Effect};
use crate::error::{Error, Result};

const TAKE: &str = "INSERT INTO ingested (run, sequence, attempt, at, status, tenant_id, taken_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
const ADD: &str =
    "INSERT INTO runs (tenant_id, source, run_type, run_id, operation, status, at, queued_at)
    VALUES (?1, ?2, ?3, ?4, '', 'queued', ?5, ?6) RETURNING id";
const KNOWN: &str = "SELECT state FROM announced WHERE tenant_id = ?1 AND run = ?2";
const KEEP: &str = "INSERT INTO announced (run, tenant_id, state, url) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (run) DO UPDATE SET state = excluded.state, url = excluded.url";
/// A later attempt is nobody's to look after yet.
const SET_STATUS: &str = "UPDATE runs SET status = ?3,
        acknowledged_by = CASE WHEN attempt < ?4 THEN NULL ELSE acknowledged_by END,
        acknowledged_at = CASE WHEN attempt < ?4 THEN NULL ELSE acknowledged_at END,
        attempt = ?4, started_at = coalesce(started_at, ?5), ended_at = ?6
    WHERE tenant_id = ?1 AND id = ?2";
/// Who started it stays who it was.
const SET_ABOUT: &str =
    "UPDATE runs SET operation = ?3, target = ?4, announced_counts = ?5, error = ?6, started_by = coalesce(started_by, (
            SELECT p.id FROM people p WHERE p.name_key = ?7
                AND EXISTS (SELECT 1 FROM memberships m WHERE m.tenant_id = ?1 AND m.person_id = p.id)))
    WHERE tenant_id = ?1 AND id = ?2";
const MOVE_REV: &str = "UPDATE runs SET rev = rev + 1 WHERE tenant_id = ?1 AND id = ?2";
const URL: &str = "SELECT url FROM announced WHERE tenant_id = ?1 AND run = ?2";

/// Takes the events in their order. One judgement for each.
pub(super) fn ingest(
    write: &mut Write<'_>,
    tenant_id: TenantId,
    events: &[RunEvent],
) -> Result<Vec<Judgement>> {
    tenants::one(write.connection, tenant_id)?;
    events
        .iter()
        .map(|event| Announcement { tenant_id, event }.take(write))
        .collect()
}

/// The portal's page of a run; none for our own.
pub(super) fn url(
    connection: &Connection,
    tenant_id: TenantId,
    row: RunRow,
) -> Result<Option<String>> {
    let url = connection.one(URL, (tenant_id.0, row.0), |row| row.get(0))?;
    Ok(url.flatten())
}

/// An event, and the tenant that it is taken for.
struct Announcement<'a> {
    tenant_id: TenantId,
    event: &'a RunEvent,
}

impl Announcement<'_> {
    fn take(&self, write: &mut Write<'_>) -> Result<Judgement> {
        let Some(row) = run_row::row_of(write.connection, &self.key())? else {
            return self.first(write);
        };
        if !self.is_new(write, row)? {
            return Ok(Judgement::Duplicate);
        }
        let known: Option<Announced> = write
            .connection
            .one(KNOWN, (self.tenant_id.0, row.0), |row| json(row, "state"))?
            .flatten();
        let mut known = known.ok_or_else(|| {
            Error::Unavailable("a run with a source has no announced state".into())
        })?;
        let effect = known.fold(self.event);
        self.store(write, row, &known, effect)?;
        Ok(if effect.is_late {
            Judgement::Late
        } else {
            Judgement::Accepted
        })
    }

    fn first(&self, write: &mut Write<'_>) -> Result<Judgement> {
        let event = self.event;
        let params = (
            self.tenant_id.0,
            &event.source,
            &event.run_type,
            event.run_id.0,
            write.now.0,
            self.happened_at(write),
        );
        let row = write
            .connection
            .one(ADD, params, |row| Ok(RunRow(row.get(0)?)))?
            .ok_or_else(|| Error::Unavailable("the new row was not returned".into()))?;
        self.is_new(write, row)?;
        let first = Effect {
            status: true,
            about: true,
            ..Effect::default()
        };
        self.store(write, row, &Announced::first(event), first)?;
        Ok(Judgement::Accepted)
    }

    /// Whether the event was not taken before.
    fn is_new(&self, write: &Write<'_>, row: RunRow) -> Result<bool> {
        let event = self.event;
        let at = event.at.map_or(0, |at| at.0);
        let (sequence, attempt, at, status) = match event.sequence {
            Some(sequence) => (sequence, 0, 0, ""),
            None => (0, event.attempt, at, event.status.as_str()),
        };
        let params = (
            row.0,
            sequence,
            attempt,
            at,
            status,
            self.tenant_id.0,
            write.now.0,
        );
        Ok(write.connection.change(TAKE, params)? == 1)
    }

    fn store(
        &self,
        write: &mut Write<'_>,
        row: RunRow,
        known: &Announced,
        effect: Effect,
    ) -> Result<()> {
        let (tenant, connection) = (self.tenant_id, write.connection);
        let params = (row.0, tenant.0, to_json(known)?, known.url());
        connection.change(KEEP, params)?;
        if effect.status {
            self.set_status(write, row, known)?;
        }
        if effect.status || effect.about || effect.counts {
            let counts = known.counts().map(to_json).transpose()?;
            let error = known.error().map(to_json).transpose()?;
            let params = (
                tenant.0,
                row.0,
                known.operation(),
                known.target(),
                counts,
                error,
                known.started_by().map(links::name_key),
            );
            connection.change(SET_ABOUT, params)?;
        }
        if effect.status {
            event_log::log_status(write, tenant, row)?;
        } else if effect.about && !effect.is_late {
            event_log::log_mark(write, tenant, row)?;
        } else if effect.about || effect.counts {
            connection.change(MOVE_REV, (tenant.0, row.0))?;
            settle::tell_progress(write, tenant, row)?;
        }
        Ok(())
    }

    fn set_status(&self, write: &Write<'_>, row: RunRow, known: &Announced) -> Result<()> {
        let (status, happened_at) = (known.status(), self.happened_at(write));
        let params = (
            self.tenant_id.0,
            row.0,
            status.as_str(),
            known.attempt(),
            (status == RunStatus::Running).then_some(happened_at),
            status.is_ended().then_some(happened_at),
        );
        write.connection.change(SET_STATUS, params)?;
        Ok(())
    }

    /// By the portal's clock, which may be ahead of ours.
    fn happened_at(&self, write: &Write<'_>) -> i64 {
        self.event.at.unwrap_or(write.now).min(write.now).0
    }

    fn key(&self) -> RunKey {
        RunKey {
            tenant_id: self.tenant_id,
            source: self.event.source.clone(),
            run_type: self.event.run_type.clone(),
            run_id: self.event.run_id,
        }
    }
}
