//! Moves the write-ahead log into the database beside the writer, so that no commit has to wait for it, and lets the log begin anew.
//!
//! A checkpoint of the whole log copies all of it and waits for the disk twice: tens of milliseconds, in which nothing else would be committed
//! and nobody told. This thread does it, until what was committed meanwhile is little. That rest the writer moves itself, between two commits,
//! since the log begins anew only where all of it has been moved.
//!
//! A log that begins anew is written over: its file has its length and its blocks, so that a commit waits for its bytes and for no inode. On
//! ext4 that is half the time and half the CPU of an `fdatasync` of a file that grows.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::statement::keep;
use crate::error::{Error, Result};

/// What was committed is moved after this time.
const EVERY: Duration = Duration::from_secs(5);
/// And after so many commands, which are some 16 MB of log: a page that several of them changed is copied once, and beyond that the log would
/// only take room in memory.
const COMMANDS: usize = 512;
/// It has all the time there is, and comes again.
const PATIENCE: Duration = Duration::from_millis(100);

/// Moves what was there when it began, and holds nobody up.
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

enum Word {
    /// There is something to move.
    Committed,
    /// It is much.
    LogIsLong,
    Stop,
}

/// What the writer and the thread know of each other.
#[derive(Default)]
struct Shared {
    /// Commands since the thread began last. Counted by the writer, begun anew by the thread.
    n_commands: AtomicUsize,
    /// Set by the thread when the rest is little, cleared by the writer.
    rest_is_little: AtomicBool,
}

/// The writer's end.
pub(super) struct Committed {
    words: Sender<Word>,
    shared: Arc<Shared>,
}

impl Committed {
    /// After each commit, of so many commands.
    pub(super) fn tell(&self, n_commands: usize) {
        let before = self
            .shared
            .n_commands
            .fetch_add(n_commands, Ordering::Relaxed);
        // The thread may have ended: whoever closes the database last moves the rest.
        if before == 0 {
            let _ = self.words.send(Word::Committed);
        }
        if before < COMMANDS && before + n_commands >= COMMANDS {
            let _ = self.words.send(Word::LogIsLong);
        }
    }

    /// Moves the rest, where it is little, so that the next commit begins the log anew. Outside of a transaction.
    pub(super) fn finish(&self, connection: &Connection) {
        if self.shared.rest_is_little.load(Ordering::Relaxed) {
            self.shared.rest_is_little.store(false, Ordering::Relaxed);
            checkpoint(connection);
        }
    }
}

/// The thread. Dropping it ends it at once; whoever closes the database last moves the rest.
pub(super) struct Checkpoints {
    words: Sender<Word>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpoints {
    /// Starts the thread on a file that is there. It waits until it is told of a commit.
    pub(super) fn start(file: &Path) -> Result<(Checkpoints, Committed)> {
        let connection = Connection::open(file)?;
        keep(&connection, PATIENCE)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let (words, told) = channel();
        let shared = Arc::<Shared>::default();
        let committed = Committed {
            words: words.clone(),
            shared: shared.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("run-store-checkpoints".to_owned())
            .spawn(move || serve(&connection, &told, &shared))
            .map_err(|error| Error::Unavailable(Box::new(error)))?;
        let checkpoints = Checkpoints {
            words,
            thread: Mutex::new(Some(thread)),
        };
        Ok((checkpoints, committed))
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.words.send(Word::Stop);
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread for the checkpoints of the run store had panicked");
        }
    }
}

fn serve(connection: &Connection, told: &Receiver<Word>, shared: &Shared) {
    while let Ok(Word::Committed | Word::LogIsLong) = told.recv() {
        match told.recv_timeout(EVERY) {
            Ok(Word::Committed | Word::LogIsLong) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Word::Stop) | Err(RecvTimeoutError::Disconnected) => return,
        }
        shared.n_commands.store(0, Ordering::Relaxed);
        checkpoint(connection);
        // What was committed during the first, which took long. During the second there is little.
        checkpoint(connection);
        shared.rest_is_little.store(true, Ordering::Relaxed);
    }
}

fn checkpoint(connection: &Connection) {
    let done = connection
        .prepare_cached(CHECKPOINT)
        .and_then(|mut statement| statement.query_row([], |_row| Ok(())));
    if let Err(error) = done {
        // The next one does it then.
        tracing::debug!(%error, "a checkpoint failed");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn database(file: &Path) -> Connection {
        let writer = Connection::open(file).unwrap();
        writer
            .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
            .unwrap();
        writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        writer.execute("CREATE TABLE t (x)", []).unwrap();
        writer
    }

    #[test]
    fn a_commit_reaches_the_database_while_its_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database");
        let writer = database(&file);
        let (checkpoints, committed) = Checkpoints::start(&file).unwrap();
        writer
            .execute("INSERT INTO t VALUES (hex(randomblob(100000)))", [])
            .unwrap();
        let size = || std::fs::metadata(&file).unwrap().len();
        assert!(size() < 100_000);
        committed.tell(1);
        let limit = Instant::now() + Duration::from_secs(20);
        while size() < 200_000 {
            assert!(Instant::now() < limit);
            std::thread::yield_now();
        }
        drop(checkpoints);
    }

    #[test]
    fn the_log_begins_anew_while_its_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database");
        let writer = database(&file);
        let (_checkpoints, committed) = Checkpoints::start(&file).unwrap();
        // The log's header counts how often.
        let n_begun = || {
            let log = std::fs::read(folder.path().join("database-wal")).unwrap();
            u32::from_be_bytes(log[12..16].try_into().unwrap())
        };
        let first = n_begun();
        let limit = Instant::now() + Duration::from_secs(20);
        while n_begun() < first + 3 {
            assert!(Instant::now() < limit);
            writer.execute("INSERT INTO t VALUES (1)", []).unwrap();
            committed.tell(COMMANDS / 8);
            committed.finish(&writer);
        }
    }
}
