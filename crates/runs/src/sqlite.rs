//! The store in one `SQLite` file, `tenant-atlas.db`.
//!
//! [`writer`] gathers the waiting commands into one transaction, [`reader`] reads beside it; each other file is a verb or a resource with
//! its SQL as `const` text. [`run_store`], [`people_store`], [`policy_store`], [`ingest_store`] and [`card_store`] are the traits.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use contract::ids::EventId;
use contract::timestamp::Timestamp;
use rusqlite::Connection;
use tokio::sync::Notify;

use crate::change::OnCommit;
use crate::error::{Error, Result};
use checkpoint::Checkpoints;
use log_head::LogHead;
use reader::Readers;
use writer::{Thread, Write, Writer};

mod acknowledge;
mod audit;
mod card_store;
mod cards;
mod checkpoint;
mod claim;
mod event_log;
mod failures;
mod fence;
mod finish;
mod functions;
mod heartbeat;
mod history;
mod ingest;
mod ingest_store;
mod items;
mod keys;
mod links;
mod lists;
mod log_head;
mod marks;
mod members;
mod migrate;
mod notifications;
mod people_store;
mod policies;
mod policy_store;
mod reader;
mod retention;
mod rules;
mod run_row;
mod run_store;
mod seen;
mod sessions;
mod settle;
mod snapshot;
mod stalled;
mod start;
mod statement;
mod tenants;
mod writer;

/// The name of the database in its folder.
pub const FILE: &str = "tenant-atlas.db";

/// How long a write waits for another process (`user add` beside a running server).
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A clock, so that a test can move it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The store in one file. Several processes may have it open; each hears only of its own changes.
///
/// Dropping it ends its thread after what is queued is durable.
pub struct SqliteStore {
    /// Before the others, whose connections are the last to close: the last one moves the write-ahead log into the database, and they can.
    readers: Arc<Readers>,
    writer: Writer,
    /// After the writer, which holds its other end.
    _checkpoints: Checkpoints,
    clock: Clock,
    epoch: String,
    /// Written by the writer thread after each commit.
    head: Arc<AtomicU64>,
    /// Notified by the writer thread; workers wait for it.
    ready: Arc<Notify>,
    /// When a check last wrote, in milliseconds since 1970.
    proved_at: AtomicI64,
}

impl SqliteStore {
    /// Opens or makes `tenant-atlas.db` in the folder, which is made if it is missing.
    ///
    /// # Errors
    /// `CannotOpen` with a sentence that says what to do.
    pub fn open(folder: &Path, on_commit: OnCommit) -> Result<SqliteStore> {
        SqliteStore::open_with_clock(folder, on_commit, Arc::new(system_time))
    }

    /// As [`SqliteStore::open`], with a clock of the caller's.
    ///
    /// # Errors
    /// `CannotOpen`.
    pub fn open_with_clock(
        folder: &Path,
        on_commit: OnCommit,
        clock: Clock,
    ) -> Result<SqliteStore> {
        SqliteStore::open_patiently(folder, on_commit, clock, BUSY_TIMEOUT)
    }

    fn open_patiently(
        folder: &Path,
        on_commit: OnCommit,
        clock: Clock,
        busy_timeout: Duration,
    ) -> Result<SqliteStore> {
        std::fs::create_dir_all(folder).map_err(|error| Error::CannotOpen {
            path: folder.to_owned(),
            reason: format!(
                "the folder cannot be made ({error}): make it, or use another data folder"
            ),
        })?;
        let file = folder.join(FILE);
        let connection = open_to_write(&file, busy_timeout)?;
        let log_head = LogHead::open(folder, &connection).map_err(|error| refused(&file, error))?;
        let EventId { epoch, position } = log_head.id();
        let head = Arc::new(AtomicU64::new(position));
        let ready = Arc::new(Notify::new());
        let (checkpoints, committed) =
            Checkpoints::start(&file).map_err(|error| refused(&file, error))?;
        let writer = Writer::start(Thread {
            connection,
            committed,
            clock: clock.clone(),
            on_commit,
            head: head.clone(),
            log_head,
            ready: ready.clone(),
        })?;
        Ok(SqliteStore {
            readers: Arc::new(Readers::new(&file, busy_timeout)),
            writer,
            _checkpoints: checkpoints,
            clock,
            epoch,
            head,
            ready,
            proved_at: AtomicI64::new(i64::MIN),
        })
    }

    fn log_id(&self) -> EventId {
        EventId {
            epoch: self.epoch.clone(),
            position: self.head.load(Ordering::Acquire),
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Write<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(work).await
    }

    /// Of a few rows by their key.
    async fn look_up<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run_here(read).await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.run(read).await
    }
}

fn open_to_write(file: &Path, busy_timeout: Duration) -> Result<Connection> {
    make_private(file);
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(file)?;
        statement::keep(&connection, busy_timeout)?;
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        // FULL: whoever is told of a commit finds it after a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        // Only should [`checkpoint`] not keep up: 256 MiB of log.
        connection.pragma_update(None, "wal_autocheckpoint", 65_536)?;
        Ok(connection)
    };
    let mut connection = open().map_err(|error| migrate::cannot_open(file, error))?;
    // SQLite opens a file that it may not write as one to read.
    if connection.is_readonly("main")? {
        return Err(migrate::read_only(file));
    }
    migrate::migrate(&mut connection, file)?;
    Ok(connection)
}

/// Makes a file that is not there for this user alone: it holds what was captured and the hashes of passwords. `SQLite` gives its other files the
/// same permissions. Whatever is in the way is told when the file is opened.
fn make_private(file: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(file));
}

/// The first rows of the file could not be read or written.
fn refused(file: &Path, error: Error) -> Error {
    match error {
        Error::Unavailable(source) => match source.downcast::<rusqlite::Error>() {
            Ok(error) => migrate::cannot_open(file, *error),
            Err(source) => Error::Unavailable(source),
        },
        other => other,
    }
}

/// So long ago, in milliseconds since 1970.
fn before(now: Timestamp, age: Duration) -> i64 {
    let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    now.0.saturating_sub(age_ms)
}

fn system_time() -> Timestamp {
    // A clock before 1970 is a clock that was never set.
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore")
            .field("head", &self.log_id())
            .finish_non_exhaustive()
    }
}
