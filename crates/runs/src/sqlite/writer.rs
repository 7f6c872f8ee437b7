//! Group commit: one thread gathers the waiting commands into one transaction, and answers each once it is durable.
//!
//! Each command has a savepoint of its own, so one that fails leaves the others alone. Nobody is told of anything before the commit:
//! first `on_commit` hears of all changes in their order, then each caller gets its answer. If the commit fails, every command of the
//! group fails, and nothing is told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use contract::timestamp::Timestamp;
use rusqlite::Connection;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

use super::Clock;
use super::log_head::LogHead;
use crate::change::{Change, OnCommit};
use crate::error::{Error, Result};

/// The most commands of one transaction: enough to share an fsync among all callers, few enough that the first waits milliseconds.
const GROUP: usize = 256;
/// The most commands that wait. Beyond it a caller waits for a place, up to [`PLACE_WITHIN`].
const QUEUE: usize = 4096;
/// How long a caller waits for a place in the queue before it hears `Busy`.
const PLACE_WITHIN: Duration = Duration::from_secs(5);

const BEGIN: &str = "BEGIN IMMEDIATE";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";
const SAVE: &str = "SAVEPOINT command";
const KEEP: &str = "RELEASE command";
const UNDO: &str = "ROLLBACK TO command";

/// What a command has in its hands: the transaction, the time, and what it changes for others.
pub(super) struct Write<'a> {
    /// Inside the group's transaction and the command's savepoint.
    pub(super) connection: &'a Connection,
    /// One moment for all that the command writes.
    pub(super) now: Timestamp,
    /// Told after the commit, in this order.
    pub(super) changes: Vec<Change>,
    /// Set where a claim may have become possible.
    pub(super) work_is_ready: bool,
}

/// A command between its caller and its commit.
trait Job: Send {
    /// Runs it; whether its changes are kept.
    fn run(&mut self, write: &mut Write<'_>) -> bool;

    /// Tells the caller. `failure`: nothing of the group was kept.
    fn answer(self: Box<Self>, failure: Option<&CommitFailed>);
}

struct Command<T, F> {
    /// Taken when it runs.
    work: Option<F>,
    /// Absent before it ran, and for ever if it panicked.
    result: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
    /// Its place in the queue, given back when it is taken out.
    place: Option<OwnedSemaphorePermit>,
}

impl<T: Send, F: FnOnce(&mut Write<'_>) -> Result<T> + Send> Job for Command<T, F> {
    fn run(&mut self, write: &mut Write<'_>) -> bool {
        self.place = None;
        let Some(work) = self.work.take() else {
            return false;
        };
        let result = catch_unwind(AssertUnwindSafe(|| work(write)));
        self.result = result.ok();
        self.result.as_ref().is_some_and(Result::is_ok)
    }

    fn answer(self: Box<Self>, failure: Option<&CommitFailed>) {
        // A command that failed by itself keeps its own reason.
        let result = match (self.result, failure) {
            (Some(Err(error)), _) => Err(error),
            (_, Some(failure)) => Err(failure.into()),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(Error::Unavailable("the command panicked".into())),
        };
        // A caller that went away does not hear.
        let _ = self.caller.send(result);
    }
}

/// Why nothing of a group was kept. Each of its callers gets one.
#[derive(Clone, Debug)]
enum CommitFailed {
    Busy,
    Unavailable(Arc<Error>),
}

impl From<Error> for CommitFailed {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy => CommitFailed::Busy,
            other => CommitFailed::Unavailable(Arc::new(other)),
        }
    }
}

impl From<&CommitFailed> for Error {
    fn from(failure: &CommitFailed) -> Self {
        match failure {
            CommitFailed::Busy => Error::Busy,
            CommitFailed::Unavailable(error) => Error::Unavailable(Box::new(error.clone())),
        }
    }
}

/// The way to the writer thread. Dropping it lets the waiting commands end, and ends the thread.
pub(super) struct Writer {
    /// `None` only while it is dropped: closing it ends the thread.
    queue: Option<Sender<Box<dyn Job>>>,
    places: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread owns.
pub(super) struct Thread {
    /// The only one that writes in this process.
    pub(super) connection: Connection,
    /// The store's clock.
    pub(super) clock: Clock,
    /// Hears of each commit.
    pub(super) on_commit: OnCommit,
    /// The newest position; written here after each commit, read by everybody.
    pub(super) head: Arc<AtomicU64>,
    /// The file beside the database.
    pub(super) log_head: LogHead,
    /// Wakes a worker that waits.
    pub(super) ready: Arc<Notify>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(thread: Thread) -> Result<Writer> {
        let (queue, commands) = channel();
        let thread = std::thread::Builder::new()
            .name("run-store-writer".to_owned())
            .spawn(move || thread.serve(&commands))
            .map_err(|error| Error::Unavailable(Box::new(error)))?;
        Ok(Writer {
            queue: Some(queue),
            places: Arc::new(Semaphore::new(QUEUE)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs a command in the next transaction and waits until it is durable.
    ///
    /// Once it is queued it runs, also if the caller goes away.
    ///
    /// # Errors
    /// The command's own; `Busy` where there was no place or the database stayed locked; `Unavailable`.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Write<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = tokio::time::timeout(PLACE_WITHIN, self.places.clone().acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            return Err(Error::Busy);
        };
        let (caller, answered) = oneshot::channel();
        let command = Command {
            work: Some(work),
            result: None,
            caller,
            place: Some(place),
        };
        let queue = self.queue.as_ref().expect("only drop takes the queue");
        queue
            .send(Box::new(command))
            .map_err(|_closed| writer_is_gone())?;
        answered.await.map_err(|_dropped| writer_is_gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer thread of the run store had panicked");
        }
    }
}

fn writer_is_gone() -> Error {
    Error::Unavailable("the writer thread has stopped".into())
}

impl Thread {
    fn serve(mut self, commands: &Receiver<Box<dyn Job>>) {
        while let Some(first) = self.next(commands) {
            let mut group = vec![first];
            group.extend(commands.try_iter().take(GROUP - 1));
            self.commit(group);
        }
        self.log_head.write();
    }

    /// Waits for a command, and brings the file of the head up to date when there is nothing else to do.
    fn next(&mut self, commands: &Receiver<Box<dyn Job>>) -> Option<Box<dyn Job>> {
        if let Some(wait) = self.log_head.due_in() {
            match commands.recv_timeout(wait) {
                Ok(command) => return Some(command),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.log_head.write(),
            }
        }
        commands.recv().ok()
    }

    fn commit(&mut self, mut group: Vec<Box<dyn Job>>) {
        let failure = match self.transaction(&mut group) {
            Ok(told) => {
                self.tell(&told);
                None
            }
            Err(error) => {
                tracing::error!(
                    ?error,
                    commands = group.len(),
                    "a transaction of the run store failed"
                );
                if !self.connection.is_autocommit()
                    && let Err(error) = self.connection.execute_batch(ROLLBACK)
                {
                    tracing::error!(?error, "the failed transaction did not roll back");
                }
                Some(CommitFailed::from(error))
            }
        };
        for job in group {
            job.answer(failure.as_ref());
        }
    }

    fn tell(&mut self, told: &Told) {
        let newest = told.changes.iter().rev().find_map(|change| match change {
            Change::Run(event) => Some(event.position),
            Change::Progress(_)
            | Change::Marks(..)
            | Change::Access(_)
            | Change::SessionEnded(_) => None,
        });
        if let Some(position) = newest {
            self.head.store(position, Ordering::Release);
            self.log_head.moved_to(position);
        }
        if !told.changes.is_empty() {
            (self.on_commit)(&told.changes);
        }
        if told.work_is_ready {
            // Wakes one, or the next that waits: each claim wakes another, until one finds nothing.
            self.ready.notify_one();
        }
    }

    /// Runs the group and commits it. On an error nothing of it is kept.
    fn transaction(&self, group: &mut [Box<dyn Job>]) -> Result<Told> {
        let connection = &self.connection;
        let mut told = Told::default();
        connection.execute_batch(BEGIN)?;
        for job in group {
            let mut write = Write {
                connection,
                now: (self.clock)(),
                changes: Vec::new(),
                work_is_ready: false,
            };
            connection.prepare_cached(SAVE)?.execute([])?;
            let keep = job.run(&mut write);
            // A full disk or a damaged file rolls the whole transaction back, and what ran before with it.
            if connection.is_autocommit() {
                return Err(Error::Unavailable(
                    "the database rolled the transaction back".into(),
                ));
            }
            if keep {
                told.changes.append(&mut write.changes);
                told.work_is_ready |= write.work_is_ready;
            } else {
                connection.prepare_cached(UNDO)?.execute([])?;
            }
            connection.prepare_cached(KEEP)?.execute([])?;
        }
        connection.execute_batch(COMMIT)?;
        Ok(told)
    }
}

/// What a commit has to tell, in the order of its commands.
#[derive(Default)]
struct Told {
    changes: Vec<Change>,
    work_is_ready: bool,
}
