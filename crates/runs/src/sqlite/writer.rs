//! Group commit: one thread gathers the waiting commands into one transaction, and answers each once it is durable.
//!
//! Each command of several has a savepoint of its own, so one that fails leaves the others alone. Nobody is told of anything before the commit:
//! first `on_commit` hears of all changes in their order, then each caller gets its answer. If the commit fails, every command of the
//! group fails, and nothing is told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use contract::timestamp::Timestamp;
use rusqlite::Connection;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

use super::Clock;
use super::checkpoint::Committed;
use super::log_head::LogHead;
use crate::change::{Change, OnCommit};
use crate::error::{Error, Result};

/// The most commands of one transaction: enough to share an fsync among all callers, few enough that the first waits milliseconds.
const GROUP: usize = 256;
/// The most commands that wait. Beyond it a caller waits for a place, up to [`PLACE_WITHIN`].
const QUEUE: usize = 4096;
/// How long a caller waits for a place in the queue before it hears `Busy`.
const PLACE_WITHIN: Duration = Duration::from_secs(5);

/// How long a commit is put off for callers who are likely to come: much shorter than an fsync. A caller that is alone does not wait.
const GATHER: Duration = Duration::from_micros(500);

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
    /// Hears of each commit; asleep between them.
    pub(super) committed: Committed,
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
        let mut last = 1;
        while let Some(first) = self.next(commands) {
            let group = gather(first, commands, last);
            last = group.len();
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
                self.committed.tell(group.len());
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
        // Whoever waits for this commit has heard of it.
        self.committed.finish(&self.connection);
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
        connection.prepare_cached(BEGIN)?.execute([])?;
        // A savepoint keeps a copy of each page that changes after it.
        let alone = group.len() == 1;
        for job in group {
            let mut write = Write {
                connection,
                now: (self.clock)(),
                changes: Vec::new(),
                work_is_ready: false,
            };
            if !alone {
                connection.prepare_cached(SAVE)?.execute([])?;
            }
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
            } else if alone {
                connection.prepare_cached(ROLLBACK)?.execute([])?;
                return Ok(told);
            } else {
                connection.prepare_cached(UNDO)?.execute([])?;
            }
            if !alone {
                connection.prepare_cached(KEEP)?.execute([])?;
            }
        }
        connection.prepare_cached(COMMIT)?.execute([])?;
        Ok(told)
    }
}

/// What waits already, and what the callers of the last group, who were just answered, send within [`GATHER`].
///
/// Without that the first of them would get a commit of its own while all others wait for its fsync.
fn gather(
    first: Box<dyn Job>,
    commands: &Receiver<Box<dyn Job>>,
    last: usize,
) -> Vec<Box<dyn Job>> {
    let mut group = vec![first];
    let until = Instant::now() + GATHER;
    while group.len() < GROUP {
        let wait = if group.len() < last {
            until.saturating_duration_since(Instant::now())
        } else {
            Duration::ZERO
        };
        match commands.recv_timeout(wait) {
            Ok(job) => group.push(job),
            Err(_) => break,
        }
    }
    group
}

/// What a commit has to tell, in the order of its commands.
#[derive(Default)]
struct Told {
    changes: Vec<Change>,
    work_is_ready: bool,
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use contract::ids::PersonId;

    use super::super::SqliteStore;
    use super::*;

    const NOTE: &str = "INSERT INTO meta (key, value) VALUES (?1, '')";
    const NOTES: &str = "SELECT key FROM meta WHERE key LIKE 'note %' ORDER BY key";

    type Told = Arc<Mutex<Vec<PersonId>>>;

    fn store(folder: &std::path::Path) -> (Arc<SqliteStore>, Told) {
        let told = Told::default();
        let ear = told.clone();
        let on_commit = Box::new(move |changes: &[Change]| {
            let whose = changes.iter().map(|change| match change {
                Change::Access(person) => *person,
                other => panic!("only these are made here, not {other:?}"),
            });
            ear.lock().unwrap().extend(whose);
        });
        let clock: Clock = Arc::new(|| Timestamp(0));
        // Too short to wait for a lock that another test step holds on purpose.
        let patience = Duration::from_millis(10);
        let store = SqliteStore::open_patiently(folder, on_commit, clock, patience).unwrap();
        (Arc::new(store), told)
    }

    /// Writes a row and has something to tell.
    fn note(write: &mut Write<'_>, n: i64) -> Result<()> {
        let key = format!("note {n}");
        write.connection.execute(NOTE, [key])?;
        write.changes.push(Change::Access(PersonId(n)));
        Ok(())
    }

    async fn notes(store: &SqliteStore) -> Vec<String> {
        let read = |connection: &Connection| {
            let mut statement = connection.prepare(NOTES)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<Vec<String>>>()?)
        };
        store.read(read).await.unwrap()
    }

    type Step = fn(&mut Write<'_>) -> Result<()>;

    /// Runs the steps in one group: they queue up behind a command that waits for them.
    async fn in_one_group(store: &Arc<SqliteStore>, steps: Vec<Step>) -> Vec<Result<()>> {
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let entered = Arc::new(Notify::new());
        let gatekeeper = tokio::spawn({
            let (store, entered) = (store.clone(), entered.clone());
            async move {
                let work = move |_: &mut Write<'_>| {
                    entered.notify_one();
                    gate.recv().ok();
                    Ok(())
                };
                store.write(work).await
            }
        });
        entered.notified().await;
        let waiting = steps.into_iter().map(|step| store.write(step));
        let mut waiting: Vec<_> = waiting.map(Box::pin).collect();
        // Polled once, each is in the queue, in this order.
        for command in &mut waiting {
            let polled = std::future::poll_fn(|context| {
                std::task::Poll::Ready(command.as_mut().poll(context).is_pending())
            });
            assert!(polled.await);
        }
        drop(open);
        gatekeeper.await.unwrap().unwrap();
        let mut results = Vec::new();
        for command in waiting {
            results.push(command.await);
        }
        results
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_command_that_fails_leaves_the_others_of_its_group_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (store, told) = store(folder.path());
        let steps: Vec<Step> = vec![
            |write| note(write, 1),
            |write| note(write, 2).and(Err(Error::NameTaken)),
            |write| note(write, 3),
            |write| note(write, 3),
            |write| {
                note(write, 4)?;
                panic!("a bug in one command")
            },
            |write| note(write, 5),
        ];
        let results = in_one_group(&store, steps).await;
        let kept: Vec<bool> = results.iter().map(Result::is_ok).collect();
        assert_eq!(kept, [true, false, true, false, false, true]);
        assert!(matches!(results[1], Err(Error::NameTaken)));
        assert_eq!(notes(&store).await, ["note 1", "note 3", "note 5"]);
        let told = told.lock().unwrap();
        assert_eq!(*told, [PersonId(1), PersonId(3), PersonId(5)]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_commit_that_fails_keeps_nothing_and_tells_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let (store, told) = store(folder.path());
        let steps: Vec<Step> = vec![
            |write| note(write, 1),
            |write| {
                // Held back until the commit, which then fails.
                write
                    .connection
                    .execute_batch("PRAGMA defer_foreign_keys = ON")?;
                let stray = "INSERT INTO memberships (tenant_id, person_id, role) VALUES (99, 99, 'viewer')";
                write.connection.execute(stray, [])?;
                Ok(())
            },
            |write| note(write, 2).and(Err(Error::NameTaken)),
            |write| note(write, 3),
        ];
        let results = in_one_group(&store, steps).await;
        assert!(
            matches!(results[0], Err(Error::Unavailable(_))),
            "{results:?}"
        );
        assert!(
            matches!(results[1], Err(Error::Unavailable(_))),
            "{results:?}"
        );
        assert!(matches!(results[2], Err(Error::NameTaken)), "{results:?}");
        assert!(
            matches!(results[3], Err(Error::Unavailable(_))),
            "{results:?}"
        );
        assert!(notes(&store).await.is_empty());
        assert!(told.lock().unwrap().is_empty());

        store.write(|write| note(write, 4)).await.unwrap();
        assert_eq!(notes(&store).await, ["note 4"]);
        assert_eq!(*told.lock().unwrap(), [PersonId(4)]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_database_that_stays_locked_is_busy_and_works_again_after() {
        let folder = tempfile::tempdir().unwrap();
        let (store, told) = store(folder.path());
        let other = Connection::open(folder.path().join(super::super::FILE)).unwrap();
        other.execute_batch(BEGIN).unwrap();
        let refused = store.write(|write| note(write, 1)).await;
        assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
        assert!(told.lock().unwrap().is_empty());
        other.execute_batch(ROLLBACK).unwrap();
        store.write(|write| note(write, 2)).await.unwrap();
        assert_eq!(notes(&store).await, ["note 2"]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_queued_is_durable_before_the_store_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (writing, _) = store(folder.path());
        let mut command = Box::pin(writing.write(|write| note(write, 1)));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(command.as_mut().poll(context).is_pending())
        });
        polled.await;
        // The caller goes away, then the store.
        drop(command);
        drop(writing);
        assert_eq!(notes(&store(folder.path()).0).await, ["note 1"]);
    }
}
