//! The history of a person's cards: every run that is or was one, filtered, counted and paged.
//!
//! One pass over the person's rows of `cards` gives the ids of all that the filters let through, and so the total; the runs are read for the
//! page alone.

use std::collections::BTreeMap;

use contract::api::{CardState, MAX_ROWS, NotificationRow, NotificationRows};
use contract::card::Mark;
use contract::ids::{PersonId, RunKey};
use contract::run::Run;
use rusqlite::Connection;

use super::marks;
use super::run_row::{self, select_runs};
use super::statement::{Statements, to_json};
use crate::cards::CardQuery;
use crate::error::Result;

/// Of a row `k` of marks: the card stays away ([`contract::card::is_dismissed`]).
macro_rules! dismissed {
    () => {
        "(k.dismissed_seq IS NOT NULL AND NOT (r.status_seq > k.dismissed_seq
            AND (r.status IN ('failed', 'partial') OR r.attempt > k.dismissed_attempt)))"
    };
}
/// Of a row `r` of runs and `k` of marks: it is a card by the rules as they are.
macro_rules! is_card {
    () => {
        "gives_card(?8, r.tenant_id, r.operation, r.status IN ('failed', 'partial'), r.started_by IS ?1 OR k.watching IS 1)"
    };
}
/// The tenants that are looked at.
macro_rules! of_tenants {
    ($column:literal) => {
        concat!(
            $column,
            " IN (SELECT m.tenant_id FROM memberships m WHERE m.person_id = ?1 AND (?2 IS NULL OR m.tenant_id = ?2))"
        )
    };
}
macro_rules! filters {
    () => {
        concat!(
            " AND (?3 IS NULL OR r.status = ?3) AND (?4 IS NULL OR r.operation = ?4)
            AND (?5 = 0 OR r.started_by = ?1 OR k.watching = 1)
            AND CASE ?7 WHEN 'open' THEN NOT ",
            dismissed!(),
            " AND ",
            is_card!(),
            " WHEN 'unread' THEN (k.seen_seq IS NULL OR k.seen_seq < r.status_seq) AND NOT ",
            dismissed!(),
            " AND ",
            is_card!(),
            " WHEN 'dismissed' THEN ",
            dismissed!(),
            " WHEN 'failed' THEN r.status IN ('failed', 'partial') AND r.acknowledged_by IS NULL ELSE 1 END
            AND (?6 IS NULL OR contains_folded(?6, r.operation, r.target, r.run_id,
                (SELECT t.name FROM tenants t WHERE t.id = r.tenant_id), r.error ->> '$.message'))"
        )
    };
}

/// Without a filter, from the cards alone.
const EACH: &str = concat!(
    "SELECT c.run FROM cards c WHERE c.person_id = ?1 AND ",
    of_tenants!("c.tenant_id"),
    " AND (c.shown = 1 OR EXISTS (SELECT 1 FROM runs r LEFT JOIN marks k ON k.person_id = ?1 AND k.run = r.id
        WHERE r.id = c.run AND ",
    is_card!(),
    ")) ORDER BY c.run"
);
const FILTERED: &str = concat!(
    "SELECT c.run FROM cards c CROSS JOIN runs r ON r.id = c.run LEFT JOIN marks k ON k.person_id = ?1 AND k.run = r.id
    WHERE c.person_id = ?1 AND ",
    of_tenants!("c.tenant_id"),
    " AND (c.shown = 1 OR ",
    is_card!(),
    ")",
    filters!(),
    " ORDER BY c.run"
);
const RULES: &str = "SELECT rules FROM people WHERE id = ?1";
const ROWS: &str = concat!(
    select_runs!(),
    "WHERE r.tenant_id IN (SELECT m.tenant_id FROM memberships m WHERE m.person_id = ?1)
        AND r.id IN (SELECT value FROM json_each(?2)) ORDER BY r.id DESC"
);

/// A page, and how many there are on all.
pub(super) fn page(
    connection: &Connection,
    person: PersonId,
    query: &CardQuery,
) -> Result<NotificationRows> {
    let ids = matching(connection, person, query)?;
    let total = ids.len() as u64;
    let n_before = query
        .after
        .map_or(ids.len(), |after| ids.partition_point(|run| *run < after));
    let limit = query.limit.clamp(1, MAX_ROWS) as usize;
    let first = n_before.saturating_sub(limit);
    let wanted = &ids[first..n_before];
    let next = (first > 0).then(|| wanted.first().map(i64::to_string));
    Ok(NotificationRows {
        rows: rows(connection, person, wanted)?,
        next: next.flatten(),
        total,
    })
}

/// In the order of the runs.
fn matching(connection: &Connection, person: PersonId, query: &CardQuery) -> Result<Vec<i64>> {
    let rules: Option<String> = connection
        .one(RULES, [person.0], |row| row.get(0))?
        .flatten();
    let is_filtered = query.status.is_some()
        || query.operation.is_some()
        || query.mine
        || query.text.is_some()
        || query.state != CardState::All;
    let params = (
        person.0,
        query.tenant_id.map(|tenant| tenant.0),
        query.status.as_ref().map(|status| status.as_str()),
        &query.operation,
        query.mine,
        query.text.as_ref().map(|text| text.to_lowercase()),
        state(query.state),
        rules,
    );
    let sql = if is_filtered { FILTERED } else { EACH };
    connection.all(sql, params, |row| row.get(0))
}

/// As [`filters!`] spells it.
fn state(state: CardState) -> &'static str {
    match state {
        CardState::All => "all",
        CardState::Open => "open",
        CardState::Dismissed => "dismissed",
        CardState::Unread => "unread",
        CardState::Failed => "failed",
    }
}

/// The newest first.
fn rows(connection: &Connection, person: PersonId, ids: &[i64]) -> Result<Vec<NotificationRow>> {
    let marks = marks::of_rows(connection, person, ids)?;
    let mut marks: BTreeMap<RunKey, Mark> = marks
        .into_iter()
        .map(|mark| (mark.run.clone(), mark))
        .collect();
    let runs = connection.all(ROWS, (person.0, to_json(&ids)?), run_row::run)?;
    let row = |run: Run| NotificationRow {
        mark: marks.remove(&run.key()),
        run,
    };
    Ok(runs.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::super::SqliteStore;
    use super::*;
    use contract::timestamp::Timestamp;
    use std::sync::Arc;

    /// Lines of the plan that name a table of the query.
    async fn plan(sql: &'static str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(|| Timestamp(0));
        let store = SqliteStore::open_with_clock(folder.path(), Box::new(|_| ()), clock).unwrap();
        let explain = move |connection: &Connection| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let null = rusqlite::types::Null;
            let params = (1, null, null, null, 0, null, "all", null);
            let lines = statement.query_map(params, |row| row.get("detail"))?;
            Ok(lines.collect::<rusqlite::Result<Vec<String>>>()?)
        };
        store.read(explain).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_table_is_read_by_an_index() {
        for sql in [EACH, FILTERED] {
            let plan = plan(sql).await;
            let scans: Vec<_> = plan
                .iter()
                .filter(|line| line.starts_with("SCAN"))
                .collect();
            assert!(scans.is_empty(), "{plan:#?}");
        }
        let filtered = plan(FILTERED).await.join("\n");
        for by in [
            "SEARCH c USING PRIMARY KEY (person_id=?)",
            "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)",
            "SEARCH k USING PRIMARY KEY (person_id=? AND run=?)",
        ] {
            assert!(filtered.contains(by), "{by}: {filtered}");
        }
    }
}
