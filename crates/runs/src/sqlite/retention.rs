//! Deletes what is kept for a time only: a few runs in each transaction, so that no command waits for it.
//!
//! **Invariant**: no run and no event goes, and nothing by which a failure is on somebody's screen or off it.

use std::time::Duration;

use contract::timestamp::Timestamp;
use rusqlite::Connection;

use super::before;
use super::statement::Statements;
use super::writer::Write;
use crate::error::Result;
use crate::retention::Keep;

/// Runs of one transaction.
const RUNS: i64 = 200;
/// The most rows of one kind in one transaction.
const ROWS: i64 = 2_000;

const UP_TO: &str = "SELECT max(id) FROM (SELECT id FROM runs WHERE id > ?1 ORDER BY id LIMIT ?2)";
const INGESTED: &str = "DELETE FROM ingested WHERE (run, sequence, attempt, at, status) IN (
        SELECT run, sequence, attempt, at, status FROM ingested WHERE run > ?1 AND run <= ?2 AND taken_at < ?3 LIMIT ?4)";
/// Of ended runs, for whoever dismissed the card as the run stands (`contract::card::is_dismissed`), and of failures that somebody looked after.
/// The mark itself stays with its run: without it the card would come back where the run is shown again.
const NOTIFICATIONS: &str = "DELETE FROM notifications WHERE id IN (
        SELECT n.id FROM people p JOIN notifications n ON n.person_id = p.id AND n.run > ?1 AND n.run <= ?2
        JOIN runs r ON r.id = n.run LEFT JOIN marks k ON k.person_id = n.person_id AND k.run = n.run
        WHERE r.ended_at < ?3 AND r.status IN ('completed', 'cancelled', 'partial', 'failed') AND (
            (k.dismissed_seq IS NOT NULL
                AND (r.status_seq <= k.dismissed_seq OR (r.status NOT IN ('failed', 'partial') AND r.attempt <= k.dismissed_attempt)))
            OR (r.status IN ('failed', 'partial') AND r.acknowledged_at IS NOT NULL)) LIMIT ?4)";
const OLD_KEYS: &str =
    "SELECT tenant_id, person_id, key FROM idempotency_keys WHERE created_at < ?1 LIMIT ?2";
const FORGET_KEY: &str =
    "DELETE FROM idempotency_keys WHERE tenant_id = ?1 AND person_id = ?2 AND key = ?3";

/// Where a key stands: tenant, person, key.
pub(super) type OldKey = (i64, i64, String);

/// Goes over the next runs behind `after`. The run to go on behind; `None` once there are no more.
pub(super) fn forget(write: &Write<'_>, keep: Keep, after: i64) -> Result<Option<i64>> {
    let connection = write.connection;
    let up_to: Option<i64> = connection
        .one(UP_TO, (after, RUNS), |row| row.get(0))?
        .flatten();
    let Some(up_to) = up_to else {
        return Ok(None);
    };
    let (taken, ended) = (
        before(write.now, keep.ingested),
        before(write.now, keep.notifications),
    );
    let n_ingested = connection.change(INGESTED, (after, up_to, taken, ROWS))?;
    let n_notifications = connection.change(NOTIFICATIONS, (after, up_to, ended, ROWS))?;
    let are_all = n_ingested.max(n_notifications) < ROWS as usize;
    Ok(Some(if are_all { up_to } else { after }))
}

/// Some of the keys that are older, found by a reader.
pub(super) fn old_keys(
    connection: &Connection,
    now: Timestamp,
    age: Duration,
) -> Result<Vec<OldKey>> {
    connection.all(OLD_KEYS, (before(now, age), ROWS), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })
}

/// Forgets these.
pub(super) fn forget_keys(write: &Write<'_>, keys: &[OldKey]) -> Result<()> {
    for (tenant_id, person_id, key) in keys {
        write
            .connection
            .change(FORGET_KEY, (tenant_id, person_id, key))?;
    }
    Ok(())
}
