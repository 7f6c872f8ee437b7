//! Announced runs: each event once, and what it changes of its run, with the run's event in the same transaction. A batch is one transaction.
//!
//! **Invariant**: only runs with a source are touched here, and nothing here ever gets a lease.

use contract::ids::TenantId;
use contract::ingest::{Judgement, RunEvent};
use contract::run::RunStatus;
use rusqlite::Connection;

use super::run_row::RunRow;
use super::statement::{Statements, json, to_json};
use super::writer::Write;
use super::{event_log, keys, links, settle};
use crate::announced::{Announced, Effect, Identity, Place};
use crate::error::{Error, Result};
use crate::ingest::KeyId;

const KNOWN: &str = "SELECT id, stalled_since IS NOT NULL AS is_stalled, announced FROM runs
    WHERE tenant_id = ?1 AND source = ?2 AND run_type = ?3 AND run_id = ?4";
const TAKE: &str = "INSERT INTO ingested (run, sequence, attempt, at, status, tenant_id, taken_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
const WAS_TAKEN: &str = "SELECT 1 FROM ingested WHERE run = ?1 AND sequence = ?2 AND attempt = ?3 AND at = ?4 AND status = ?5";
/// A person of the tenant by name; null where the name is nobody's.
macro_rules! member_named {
    ($name:literal) => {
        concat!(
            "(SELECT p.id FROM people p WHERE p.name_key = ",
            $name,
            " AND EXISTS (SELECT 1 FROM memberships m WHERE m.tenant_id = ?1 AND m.person_id = p.id))"
        )
    };
}
/// Written once as an event leaves it: each further change of the row would write its pages again. A later attempt is nobody's to look after
/// yet. Who started it stays who it was.
const PUT_STATUS: &str = concat!(
    "INSERT INTO runs (tenant_id, source, run_type, run_id, status, attempt, started_at, ended_at, operation, target, announced_counts, error,
        started_by, tenant_seq, status_seq, rev, at, moved_at, queued_at, url, announced)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ",
    member_named!("?13"),
    ", ?14, ?14, 1, ?15, ?15, ?16, ?17, ?18)
    ON CONFLICT (tenant_id, source, run_type, run_id) DO UPDATE SET status = excluded.status,
        acknowledged_by = CASE WHEN attempt < excluded.attempt THEN NULL ELSE acknowledged_by END,
        acknowledged_at = CASE WHEN attempt < excluded.attempt THEN NULL ELSE acknowledged_at END,
        attempt = excluded.attempt, started_at = coalesce(started_at, excluded.started_at), ended_at = excluded.ended_at,
        operation = excluded.operation, target = excluded.target, announced_counts = excluded.announced_counts, error = excluded.error,
        started_by = coalesce(started_by, excluded.started_by), tenant_seq = excluded.tenant_seq, status_seq = excluded.status_seq,
        rev = rev + 1, at = excluded.at, moved_at = excluded.moved_at, stalled_since = NULL, seen_by = NULL, n_seen = 0,
        url = excluded.url, announced = excluded.announced
    RETURNING id"
);
/// What an event tells that leaves the status. The portal has not forgotten the run.
const PUT_ABOUT: &str = concat!(
    "UPDATE runs SET operation = ?3, target = ?4, announced_counts = ?5, error = ?6, started_by = coalesce(started_by, ",
    member_named!("?7"),
    "), rev = rev + ?8, moved_at = ?9, stalled_since = NULL, url = ?10, announced = ?11 WHERE tenant_id = ?1 AND id = ?2"
);
const URL: &str = "SELECT url FROM runs WHERE tenant_id = ?1 AND id = ?2";

/// Takes the events in their order. One judgement for each.
pub(super) fn ingest(
    write: &mut Write<'_>,
    key: KeyId,
    tenant_id: TenantId,
    events: &[RunEvent],
) -> Result<Vec<Judgement>> {
    keys::still_stands(write.connection, key)?;
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

/// A run that was announced before.
struct Known {
    row: RunRow,
    is_stalled: bool,
    state: Announced,
}

impl Announcement<'_> {
    fn take(&self, write: &mut Write<'_>) -> Result<Judgement> {
        let Some(mut known) = self.known(write)? else {
            self.put_status(write, &Announced::first(self.event))?;
            return Ok(Judgement::Accepted);
        };
        if !self.is_new(write, &known)? {
            return Ok(Judgement::Duplicate);
        }
        let effect = known.state.fold(self.event);
        self.store(write, &known, effect)?;
        Ok(if effect.is_late {
            Judgement::Late
        } else {
            Judgement::Accepted
        })
    }

    fn known(&self, write: &Write<'_>) -> Result<Option<Known>> {
        let event = self.event;
        let params = (
            self.tenant_id.0,
            &event.source,
            &event.run_type,
            event.run_id.0,
        );
        let found = write.connection.one(KNOWN, params, |row| {
            let state: Option<Announced> = json(row, "announced")?;
            Ok((RunRow(row.get("id")?), row.get("is_stalled")?, state))
        })?;
        let Some((row, is_stalled, state)) = found else {
            return Ok(None);
        };
        let state = state.ok_or_else(|| {
            Error::Unavailable("a run with a source has no announced state".into())
        })?;
        Ok(Some(Known {
            row,
            is_stalled,
            state,
        }))
    }

    /// Whether the event was not taken before. From then on it is known: each event of a run has a row, but the newest, which the state names.
    fn is_new(&self, write: &Write<'_>, known: &Known) -> Result<bool> {
        let place = Place::of(self.event);
        let (event, newest) = (place.identity(), known.state.newest());
        if event == newest.identity() {
            return Ok(false);
        }
        if place < *newest {
            return self.note(write, known.row, event);
        }
        let params = (
            known.row.0,
            event.sequence,
            event.attempt,
            event.at,
            event.status,
        );
        if write
            .connection
            .one(WAS_TAKEN, params, |_| Ok(()))?
            .is_some()
        {
            return Ok(false);
        }
        self.note(write, known.row, newest.identity())?;
        Ok(true)
    }

    /// Adds a row for an event; whether there was none.
    fn note(&self, write: &Write<'_>, row: RunRow, event: Identity<'_>) -> Result<bool> {
        let params = (
            row.0,
            event.sequence,
            event.attempt,
            event.at,
            event.status,
            self.tenant_id.0,
            write.now.0,
        );
        Ok(write.connection.change(TAKE, params)? == 1)
    }

    fn store(&self, write: &mut Write<'_>, known: &Known, effect: Effect) -> Result<()> {
        let tenant = self.tenant_id;
        let Known {
            row,
            is_stalled,
            ref state,
        } = *known;
        if effect.status {
            return self.put_status(write, state);
        }
        let is_mark = is_stalled || (effect.about && !effect.is_late);
        let is_told = effect.about || effect.counts;
        let about = About::of(state)?;
        let params = (
            tenant.0,
            row.0,
            about.operation,
            about.target,
            about.counts,
            about.error,
            about.started_by,
            // A mark has the next one itself.
            i64::from(is_told && !is_mark),
            write.now.0,
            state.url(),
            about.all,
        );
        write.connection.change(PUT_ABOUT, params)?;
        if is_mark {
            event_log::log_mark(write, tenant, row)?;
        } else if is_told {
            settle::tell_progress(write, tenant, row)?;
        }
        Ok(())
    }

    /// Writes the run, which may be new, with its event.
    fn put_status(&self, write: &mut Write<'_>, state: &Announced) -> Result<()> {
        let (event, tenant) = (self.event, self.tenant_id);
        let seq = event_log::next_seq(write, tenant)?;
        let about = About::of(state)?;
        let (status, happened_at) = (state.status(), self.happened_at(write));
        let params = rusqlite::params![
            tenant.0,
            event.source,
            event.run_type,
            event.run_id.0,
            status.as_str(),
            state.attempt(),
            (status == RunStatus::Running).then_some(happened_at),
            status.is_ended().then_some(happened_at),
            about.operation,
            about.target,
            about.counts,
            about.error,
            about.started_by,
            seq.0,
            write.now.0,
            happened_at,
            state.url(),
            about.all,
        ];
        let row = write
            .connection
            .one(PUT_STATUS, params, |row| Ok(RunRow(row.get(0)?)))?
            .ok_or_else(|| Error::Unavailable("the row was not returned".into()))?;
        event_log::append_status(write, tenant, row, seq)?;
        Ok(())
    }

    /// By the portal's clock, which may be ahead of ours.
    fn happened_at(&self, write: &Write<'_>) -> i64 {
        self.event.at.unwrap_or(write.now).min(write.now).0
    }
}

/// The columns of what is told beside the status.
struct About<'a> {
    operation: &'a str,
    target: &'a str,
    counts: Option<String>,
    error: Option<String>,
    started_by: Option<String>,
    /// What they were folded from.
    all: String,
}

impl<'a> About<'a> {
    fn of(state: &'a Announced) -> Result<Self> {
        Ok(Self {
            operation: state.operation(),
            target: state.target(),
            counts: state.counts().map(to_json).transpose()?,
            error: state.error().map(to_json).transpose()?,
            started_by: state.started_by().map(links::name_key),
            all: to_json(state)?,
        })
    }
}
