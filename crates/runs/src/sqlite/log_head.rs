//! The file beside the database that tells a restored backup: `log.head` holds how far the log once was.
//!
//! A database that is behind it has lost events that people may have seen, and will give their positions to other events. So it gets a new
//! epoch, and readers that come with an id of the old one start from the snapshot. So does a database without the file, as a backup is when it
//! is put into another folder: one snapshot too many harms nobody.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use contract::ids::EventId;
use rusqlite::Connection;

use super::statement::Statements;
use crate::error::Result;

/// The file is written at most this often. It may lag, but is never ahead of what is durable.
const EVERY: Duration = Duration::from_secs(1);

const FILE: &str = "log.head";
/// The newest position. No event is ever deleted.
pub(super) const HEAD: &str = "SELECT coalesce(max(position), 0) AS head FROM events";
const EPOCH: &str = "SELECT value FROM meta WHERE key = 'epoch'";
/// 12 random hex digits.
const NEW_EPOCH: &str = "INSERT INTO meta (key, value) VALUES ('epoch', lower(hex(randomblob(6))))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING value";

/// Where the log stood when the store was opened, and how the file follows it.
pub(super) struct LogHead {
    file: PathBuf,
    epoch: String,
    position: u64,
    /// What the file holds, as far as we know.
    written: Option<u64>,
    written_at: Option<Instant>,
}

impl LogHead {
    /// Reads the log's epoch, or makes a new one for a new log and for one that was replaced.
    pub(super) fn open(folder: &Path, connection: &Connection) -> Result<LogHead> {
        let file = folder.join(FILE);
        // The file first: another process may write on, and the database must not look older than the file for that.
        let noted: Option<EventId> = std::fs::read_to_string(&file)
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let position = head(connection)?;
        let epoch: Option<String> = connection.one(EPOCH, [], |row| row.get(0))?;
        let goes_on = |epoch: &String| {
            noted
                .as_ref()
                .is_some_and(|noted| noted.epoch == *epoch && noted.position <= position)
        };
        let epoch = match epoch.filter(goes_on) {
            Some(epoch) => epoch,
            None => connection
                .prepare_cached(NEW_EPOCH)?
                .query_row([], |row| row.get(0))?,
        };
        let is_noted =
            noted.is_some_and(|noted| noted.epoch == epoch && noted.position == position);
        let mut head = LogHead {
            file,
            epoch,
            position,
            written: is_noted.then_some(position),
            written_at: None,
        };
        head.write();
        Ok(head)
    }

    /// The newest event of the log.
    pub(super) fn id(&self) -> EventId {
        EventId {
            epoch: self.epoch.clone(),
            position: self.position,
        }
    }

    /// A commit made this position durable.
    pub(super) fn moved_to(&mut self, position: u64) {
        self.position = position;
        if self.due_in() == Some(Duration::ZERO) {
            self.write();
        }
    }

    /// When the file has to be written, if it is behind.
    pub(super) fn due_in(&self) -> Option<Duration> {
        if self.written == Some(self.position) {
            return None;
        }
        Some(
            self.written_at
                .map_or(Duration::ZERO, |at| EVERY.saturating_sub(at.elapsed())),
        )
    }

    /// Writes the file if it is behind. A failure is logged: the database is what counts.
    pub(super) fn write(&mut self) {
        if self.written == Some(self.position) {
            return;
        }
        self.written_at = Some(Instant::now());
        let aside = self.file.with_extension("head.new");
        let written = std::fs::write(&aside, format!("{}\n", self.id()))
            .and_then(|()| std::fs::rename(&aside, &self.file));
        // Also after a failure, so that a full disk is not tried again before the next commit.
        self.written = Some(self.position);
        if let Err(error) = written {
            tracing::warn!(%error, file = %self.file.display(), "could not note the head of the log");
        }
    }
}

/// The newest position.
pub(super) fn head(connection: &Connection) -> Result<u64> {
    let head = connection.one(HEAD, [], |row| super::statement::unsigned(row, "head"))?;
    Ok(head.unwrap_or(0))
}
