//! Notification rows, one for each recipient, in the transaction that changes the status: what a portal's own table would hold.

use contract::card::{Mark, has_card, is_mine};
use contract::ids::{PersonId, TenantId};
use contract::notification::{Notification, OwnRun, Settings};
use contract::preferences::Rule;
use contract::run::Run;

use super::run_row::RunRow;
use super::statement::{Statements, json, to_json};
use super::writer::Write;
use super::{cards, rules};
use crate::error::Result;

/// Members who may have a card: everybody for a failure, else who started or watches the run, and who is told of all. [`has_card`] decides.
const CANDIDATES: &str =
    "SELECT DISTINCT m.person_id, w.run IS NOT NULL AS watching, (SELECT p.rules FROM people p WHERE p.id = m.person_id) AS rules
    FROM memberships m LEFT JOIN marks w ON w.run = ?2 AND w.person_id = m.person_id AND w.watching = 1
    WHERE m.tenant_id = ?1 AND (?3 OR m.person_id = ?4 OR w.run IS NOT NULL OR m.person_id IN (SELECT id FROM people WHERE told_all = 1))
    ORDER BY m.person_id";
const STORE: &str =
    "INSERT INTO notifications (tenant_id, person_id, run, status_seq, data, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (person_id, run, status_seq) DO NOTHING";

/// Stores the status for everybody who has a card.
pub(super) fn store(write: &Write<'_>, run: &Run, row: RunRow) -> Result<()> {
    let recipients = keep_cards(write, run, row)?;
    if recipients.is_empty() {
        return Ok(());
    }
    let data = data(run)?;
    for person in recipients {
        store_for(write, run.tenant_id, person, row, run.status_seq.0, &data)?;
    }
    Ok(())
}

/// Stores the status as it stands for somebody who just began to watch the run.
pub(super) fn store_for_watcher(
    write: &Write<'_>,
    run: &Run,
    row: RunRow,
    person: PersonId,
) -> Result<()> {
    let rules = rules::stored(write.connection, person)?.rules;
    let shown = has_card(run, person, Some(&mark(run, true)), &rules);
    cards::keep(write, person, (run.tenant_id, row), shown)?;
    if shown {
        let data = data(run)?;
        store_for(write, run.tenant_id, person, row, run.status_seq.0, &data)?;
    }
    Ok(())
}

fn data(run: &Run) -> Result<String> {
    let settings = Settings::default();
    to_json(&if run.source.is_empty() {
        Notification::for_run(&OwnRun::of(run), &settings)
    } else {
        Notification::for_announced(run, &settings)
    })
}

fn store_for(
    write: &Write<'_>,
    tenant_id: TenantId,
    person: PersonId,
    row: RunRow,
    status_seq: i64,
    data: &str,
) -> Result<()> {
    let params = (tenant_id.0, person.0, row.0, status_seq, data, write.now.0);
    write.connection.change(STORE, params)?;
    Ok(())
}

/// Notes whose card the run is now, in the history of each. Returns them.
pub(super) fn keep_cards(write: &Write<'_>, run: &Run, row: RunRow) -> Result<Vec<PersonId>> {
    let starter = run.started_by.as_ref().map(|person| person.id.0);
    let params = (run.tenant_id.0, row.0, run.status.is_failure(), starter);
    let candidates = write.connection.all(CANDIDATES, params, |row| {
        let rules: Vec<Rule> = json(row, "rules")?.unwrap_or_default();
        let person = PersonId(row.get("person_id")?);
        Ok((person, mark(run, row.get("watching")?), rules))
    })?;
    let mut recipients = Vec::new();
    for (person, mark, rules) in candidates {
        let shown = has_card(run, person, Some(&mark), &rules);
        if shown || is_mine(run, person, Some(&mark)) {
            cards::keep(write, person, (run.tenant_id, row), shown)?;
        }
        if shown {
            recipients.push(person);
        }
    }
    Ok(recipients)
}

/// All that [`has_card`] asks of a mark.
fn mark(run: &Run, watching: bool) -> Mark {
    Mark {
        run: run.key(),
        marks_rev: 0,
        watching,
        seen_seq: None,
        dismissed: None,
    }
}
