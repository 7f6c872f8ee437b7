//! Moves the write-ahead log into the database beside the writer, so that no commit has to wait for it.
//!
//! A checkpoint of the whole log copies all of it and waits for the disk twice: tens of milliseconds, in which nothing else would be committed
//! and nobody told. This thread does it bit by bit. What it left is moved by the writer as before, which then begins the log anew, and that
//! is little.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::statement::keep;
use crate::error::{Error, Result};

/// Commits of this time are moved together: a page that they all changed is copied once, and while the disk is busy with it, commits take
/// longer. At 20 MB of log a second, which is 800 events, that is 100 MB.
const EVERY: Duration = Duration::from_secs(5);
/// It has all the time there is, and comes again.
const PATIENCE: Duration = Duration::from_millis(100);

/// Moves what was there when it began, and holds nobody up.
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Told by the writer after each commit.
pub(super) type Committed = SyncSender<()>;

/// The thread. Dropping it ends it at once; whoever closes the database last moves the rest.
pub(super) struct Checkpoints {
    /// `None` only while it is dropped.
    stop: Option<Sender<()>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpoints {
    /// Starts the thread on a file that is there. It waits until it is told of a commit.
    pub(super) fn start(file: &Path) -> Result<(Checkpoints, Committed)> {
        let connection = Connection::open(file)?;
        keep(&connection, PATIENCE)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let (committed, commits) = sync_channel(1);
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("run-store-checkpoints".to_owned())
            .spawn(move || serve(&connection, &commits, &stopped))
            .map_err(|error| Error::Unavailable(Box::new(error)))?;
        let checkpoints = Checkpoints {
            stop: Some(stop),
            thread: Mutex::new(Some(thread)),
        };
        Ok((checkpoints, committed))
    }
}

impl Drop for Checkpoints {
    /// After the writer, which holds the other end of what the thread waits for.
    fn drop(&mut self) {
        self.stop = None;
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread for the checkpoints of the run store had panicked");
        }
    }
}

fn serve(connection: &Connection, commits: &Receiver<()>, stopped: &Receiver<()>) {
    while commits.recv().is_ok() {
        match stopped.recv_timeout(EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
        let done = connection
            .prepare_cached(CHECKPOINT)
            .and_then(|mut statement| statement.query_row([], |_row| Ok(())));
        if let Err(error) = done {
            // The writer does it then.
            tracing::debug!(%error, "a checkpoint failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_commit_reaches_the_database_while_its_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database");
        let writer = Connection::open(&file).unwrap();
        writer
            .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
            .unwrap();
        writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        writer.execute("CREATE TABLE t (x)", []).unwrap();
        let (checkpoints, committed) = Checkpoints::start(&file).unwrap();
        writer
            .execute("INSERT INTO t VALUES (hex(randomblob(100000)))", [])
            .unwrap();
        let size = || std::fs::metadata(&file).unwrap().len();
        assert!(size() < 100_000);
        committed.send(()).unwrap();
        let limit = Instant::now() + Duration::from_secs(20);
        while size() < 200_000 {
            assert!(Instant::now() < limit);
            std::thread::yield_now();
        }
        drop(committed);
        drop(checkpoints);
    }
}
