//! Marks: what a person has seen, dismissed and watches. Each change of a mark takes the next of the person's counter.

use std::collections::BTreeMap;
use std::sync::Arc;

use contract::api::{MAX_ROWS, MarkRows, MarksPut, PutMarks};
use contract::card::{Dismissed, Mark, has_card, is_unread};
use contract::frame::MarksChanged;
use contract::ids::{PersonId, RunId, RunKey, TenantId, TenantSeq};
use contract::preferences::Rule;
use contract::run::Run;
use rusqlite::{Connection, Row};

use super::run_row::{self, RunRow};
use super::statement::{Statements, to_json};
use super::writer::Write;
use super::{cards, rules, seen};
use crate::change::Change;
use crate::error::Result;

/// Marks with the names of their runs, in tenants that the person (still) is a member of.
macro_rules! select_marks {
    () => {
        "SELECT k.run AS row, r.tenant_id, r.source, r.run_type, r.run_id, k.marks_rev, k.watching, k.seen_seq, k.dismissed_seq, k.dismissed_attempt
        FROM marks k JOIN runs r ON r.id = k.run AND r.tenant_id = k.tenant_id
        WHERE k.person_id = ?1 AND EXISTS (SELECT 1 FROM memberships m WHERE m.person_id = ?1 AND m.tenant_id = k.tenant_id) "
    };
}

const AFTER: &str = concat!(
    select_marks!(),
    "AND k.marks_rev > ?2 ORDER BY k.marks_rev LIMIT ?3"
);
const ONE: &str = concat!(select_marks!(), "AND k.tenant_id = ?2 AND k.run = ?3");
const OF_ROWS: &str = concat!(
    select_marks!(),
    "AND k.run IN (SELECT value FROM json_each(?2)) ORDER BY k.run"
);
const REV: &str = "SELECT marks_rev FROM people WHERE id = ?1";
const NEXT_REV: &str =
    "UPDATE people SET marks_rev = marks_rev + 1 WHERE id = ?1 RETURNING marks_rev";
const IS_MEMBER: &str = "SELECT 1 FROM memberships WHERE person_id = ?1 AND tenant_id = ?2 LIMIT 1";
const PUT: &str = "INSERT INTO marks (person_id, run, tenant_id, marks_rev, watching, seen_seq, dismissed_seq, dismissed_attempt)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (person_id, run) DO UPDATE SET marks_rev = excluded.marks_rev, watching = excluded.watching,
        seen_seq = excluded.seen_seq, dismissed_seq = excluded.dismissed_seq, dismissed_attempt = excluded.dismissed_attempt";

/// The person's counter.
pub(super) fn rev(connection: &Connection, person: PersonId) -> Result<i64> {
    let rev = connection.one(REV, [person.0], |row| row.get(0))?;
    Ok(rev.unwrap_or(0))
}

/// The next of the person's counter.
pub(super) fn next_rev(connection: &Connection, person: PersonId) -> Result<i64> {
    let rev = connection.one(NEXT_REV, [person.0], |row| row.get(0))?;
    Ok(rev.unwrap_or_default())
}

/// Makes somebody a watcher of the run; whether they were none before.
pub(super) fn watch(
    write: &mut Write<'_>,
    person: PersonId,
    run: &Run,
    row: RunRow,
) -> Result<bool> {
    let mut marks = Marks::of(write, person)?;
    let became = marks.change(write, run, row, |mark| mark.watching = true)?;
    marks.tell(write)?;
    Ok(became)
}

/// Marks changed after `marks_rev`, in the order of their change.
pub(super) fn after(
    connection: &Connection,
    person: PersonId,
    marks_rev: i64,
    limit: u32,
) -> Result<MarkRows> {
    let limit = limit.clamp(1, MAX_ROWS) as usize;
    let mut rows = connection.all(AFTER, (person.0, marks_rev, limit as i64 + 1), mark)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = more
        .then(|| rows.last().map(|mark| mark.marks_rev))
        .flatten();
    Ok(MarkRows {
        rows,
        next,
        marks_rev: rev(connection, person)?,
        preferences: Some(rules::preferences(connection, person)?)
            .filter(|preferences| preferences.marks_rev > marks_rev),
    })
}

/// The person's marks of these rows of `runs`, of which some have none.
pub(super) fn of_rows(
    connection: &Connection,
    person: PersonId,
    rows: &[i64],
) -> Result<Vec<Mark>> {
    connection.all(OF_ROWS, (person.0, to_json(&rows)?), mark)
}

/// Changes what the request names. Runs that the person cannot see are left out, as if they did not exist.
pub(super) fn put(write: &mut Write<'_>, person: PersonId, request: &PutMarks) -> Result<MarksPut> {
    let mut marks = Marks::of(write, person)?;
    let mut stayed = Vec::new();
    for seen in &request.seen {
        if let Some((run, row)) = visible(write, person, &seen.run)? {
            let seq = seen.seq.min(run.tenant_seq);
            let mut was_unread = false;
            let change = |mark: &mut Mark| {
                was_unread = is_unread(&run, Some(mark));
                mark.seen_seq = mark.seen_seq.max(Some(seq));
            };
            marks.change(write, &run, row, change)?;
            if was_unread && seq >= run.status_seq && run.status.is_failure() {
                seen::note(write, person, &run, row)?;
            }
        }
    }
    for dismissed in &request.dismissed {
        let Some((run, row)) = visible(write, person, &dismissed.run)? else {
            continue;
        };
        if run.status_seq > dismissed.seq {
            marks.change(write, &run, row, |_| ())?;
            stayed.push(run.key());
            continue;
        }
        let on_screen = Dismissed {
            seq: dismissed.seq.min(run.tenant_seq),
            attempt: run.attempt,
        };
        marks.change(write, &run, row, |mark| mark.dismissed = Some(on_screen))?;
    }
    for restored in &request.restored {
        if let Some((run, row)) = visible(write, person, restored)? {
            marks.change(write, &run, row, |mark| mark.dismissed = None)?;
        }
    }
    let marks_rev = marks.tell(write)?;
    Ok(MarksPut {
        marks_rev,
        marks: marks.now.into_values().collect(),
        stayed,
    })
}

fn visible(write: &Write<'_>, person: PersonId, key: &RunKey) -> Result<Option<(Run, RunRow)>> {
    let connection = write.connection;
    let tenant_id = key.tenant_id;
    let is_member = connection.one(IS_MEMBER, (person.0, tenant_id.0), |_| Ok(()))?;
    if is_member.is_none() {
        return Ok(None);
    }
    let Some(row) = run_row::row_of(connection, key)? else {
        return Ok(None);
    };
    Ok(Some((run_row::read(connection, tenant_id, row)?, row)))
}

/// The marks that one command names, as they are now.
struct Marks {
    person: PersonId,
    rules: Vec<Rule>,
    now: BTreeMap<RunKey, Mark>,
    changed: Vec<RunKey>,
}

impl Marks {
    fn of(write: &Write<'_>, person: PersonId) -> Result<Marks> {
        Ok(Marks {
            person,
            rules: rules::stored(write.connection, person)?.rules,
            now: BTreeMap::new(),
            changed: Vec::new(),
        })
    }

    /// Changes one mark; whether anything is different. Nothing is written where nothing is.
    fn change(
        &mut self,
        write: &Write<'_>,
        run: &Run,
        row: RunRow,
        change: impl FnOnce(&mut Mark),
    ) -> Result<bool> {
        let person = self.person.0;
        let params = (person, run.tenant_id.0, row.0);
        let before = write
            .connection
            .one(ONE, params, mark)?
            .unwrap_or_else(|| Mark {
                run: run.key(),
                marks_rev: 0,
                watching: false,
                seen_seq: None,
                dismissed: None,
            });
        let mut after = before.clone();
        change(&mut after);
        let differs = after != before;
        if differs {
            after.marks_rev = next_rev(write.connection, self.person)?;
            let params = (
                person,
                row.0,
                run.tenant_id.0,
                after.marks_rev,
                after.watching,
                after.seen_seq.map(|seq| seq.0),
                after.dismissed.map(|dismissed| dismissed.seq.0),
                after.dismissed.map(|dismissed| dismissed.attempt),
            );
            write.connection.change(PUT, params)?;
            if has_card(run, self.person, Some(&after), &self.rules) {
                cards::keep(write, self.person, (run.tenant_id, row), true)?;
            }
            self.changed.push(after.run.clone());
        }
        self.now.insert(after.run.clone(), after);
        Ok(differs)
    }

    /// Tells the person's other tabs what changed. Returns the counter.
    fn tell(&mut self, write: &mut Write<'_>) -> Result<i64> {
        let marks_rev = rev(write.connection, self.person)?;
        let mut changed: Vec<Mark> = std::mem::take(&mut self.changed)
            .iter()
            .filter_map(|key| self.now.get(key).cloned())
            .collect();
        changed.sort_by_key(|mark| mark.marks_rev);
        changed.dedup();
        if !changed.is_empty() {
            let told = MarksChanged {
                marks_rev,
                marks: changed,
                preferences: None,
            };
            write
                .changes
                .push(Change::Marks(self.person, Arc::new(told)));
        }
        Ok(marks_rev)
    }
}

fn mark(row: &Row<'_>) -> rusqlite::Result<Mark> {
    let dismissed_seq: Option<i64> = row.get("dismissed_seq")?;
    let dismissed_attempt: Option<u32> = row.get("dismissed_attempt")?;
    Ok(Mark {
        run: RunKey {
            tenant_id: TenantId(row.get("tenant_id")?),
            source: row.get("source")?,
            run_type: row.get("run_type")?,
            run_id: RunId(row.get("run_id")?),
        },
        marks_rev: row.get("marks_rev")?,
        watching: row.get("watching")?,
        seen_seq: row.get::<_, Option<i64>>("seen_seq")?.map(TenantSeq),
        dismissed: dismissed_seq
            .zip(dismissed_attempt)
            .map(|(seq, attempt)| Dismissed {
                seq: TenantSeq(seq),
                attempt,
            }),
    })
}
