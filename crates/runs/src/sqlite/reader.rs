//! Readers: connections that cannot write, used on the blocking pool. A read is one transaction, so what it says fits together.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
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
    places: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Readers of this file. Opens none yet.
    pub(super) fn new(file: &Path, busy_timeout: Duration) -> Readers {
        Readers {
            file: file.to_owned(),
            busy_timeout,
            places: Semaphore::new(CONNECTIONS),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Runs a read in one transaction.
    pub(super) async fn run<T: Send + 'static>(
        self: &std::sync::Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let readers = self.clone();
        let place = self.places.acquire().await;
        let _place = place.map_err(|error| Error::Unavailable(Box::new(error)))?;
        let done = tokio::task::spawn_blocking(move || readers.read(read)).await;
        done.map_err(|error| Error::Unavailable(Box::new(error)))?
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
