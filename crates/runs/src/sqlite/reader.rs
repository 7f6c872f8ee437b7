//! Readers: connections that cannot write, used on the blocking pool. A read is one transaction, so what it says fits together.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::statement::keep;
use crate::error::{Error, Result};

/// How many read at once: reads are short, and each connection has a page cache of its own.
const CONNECTIONS: usize = 4;

/// Connections that are opened when they are first needed and kept.
pub(super) struct Readers {
    file: PathBuf,
    busy_timeout: Duration,
    /// Never more than [`CONNECTIONS`] are out.
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Readers of this file. Opens none yet.
    pub(super) fn new(file: &Path, busy_timeout: Duration) -> Readers {
        Readers {
            file: file.to_owned(),
            busy_timeout,
            places: Arc::new(Semaphore::new(CONNECTIONS)),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Runs a read in one transaction.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let readers = self.clone();
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(|error| Error::Unavailable(Box::new(error)))?;
        let reading = move || {
            let result = readers.read(read);
            // Held to the end of the read, also when the caller went away in the middle of it.
            drop(place);
            result
        };
        let done = tokio::task::spawn_blocking(reading).await;
        done.map_err(|error| Error::Unavailable(Box::new(error)))?
    }

    /// As [`Readers::run`], on the caller's thread where a connection is free: for a few rows by their key. They take less time than the way
    /// to another thread and back, and every request asks who sends it.
    pub(super) async fn run_here<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self.places.try_acquire() {
            Ok(_place) => self.read(read),
            Err(_none_is_free) => self.run(read).await,
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.lock().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.open()?,
        };
        // Deferred: the state is fixed by the first row that is read, for all that follow.
        let transaction = connection.transaction()?;
        let result = read(&transaction);
        // Nothing to keep, and the connection goes back clean.
        transaction.rollback()?;
        self.lock().push(connection);
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // A list of idle connections is whole at any time.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.file, flags)?;
        keep(&connection, self.busy_timeout)?;
        Ok(connection)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_read_whose_caller_went_away_keeps_its_place_until_it_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("database");
        Connection::open(&file).unwrap();
        let readers = Arc::new(Readers::new(&file, Duration::ZERO));
        let mut gates = Vec::new();
        for _read in 0..CONNECTIONS {
            let ((open, gate), (here, entered)) = (channel::<()>(), channel());
            let read = move |_: &Connection| {
                here.send(()).ok();
                gate.recv().ok();
                Ok(())
            };
            let reading = readers.clone();
            let caller = tokio::spawn(async move { reading.run(read).await });
            entered.recv().unwrap();
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
            gates.push(open);
        }
        assert_eq!(readers.places.available_permits(), 0);
        drop(gates);
        readers.run(|_| Ok(())).await.unwrap();
        let all = readers.places.acquire_many(CONNECTIONS as u32).await;
        drop(all.unwrap());
        assert!(readers.lock().len() <= CONNECTIONS);
    }
}
