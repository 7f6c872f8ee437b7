//! What can go wrong with the store, by what the caller can do about it.

use std::path::PathBuf;

use contract::ids::TenantId;

/// Messages read after "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lease passed to another worker: stop, and write nothing more.
    #[error("write to the run: its lease passed to another worker")]
    LeaseLost,
    /// The item has its outcome already: do nothing for it, and go on with the next.
    #[error("begin the item: it has its outcome already")]
    ItemSettled,
    /// There is no such thing in that tenant. Callers answer 403, never 404.
    #[error("find it in tenant {0}")]
    NotInTenant(TenantId),
    /// The run is no failure any more, or its status is newer than what was on screen.
    #[error("acknowledge: the run has changed since it was on screen")]
    Changed,
    /// The `Idempotency-Key` was used for another request.
    #[error("start: this idempotency key was used for another request")]
    KeyReused,
    /// Somebody has that name already.
    #[error("add the person: the name is taken")]
    NameTaken,
    /// The one-time link was used, replaced or has expired.
    #[error("use the link: it was used, replaced or has expired")]
    LinkUsed,
    /// The machine key was revoked: nothing was taken.
    #[error("take the events: the key was revoked")]
    KeyRevoked,
    /// The database stayed locked for longer than the busy timeout, or the queue is full; safe to try again.
    #[error("reach the database in time: it is busy")]
    Busy,
    /// The folder or the file cannot be used as it is; the text says what to do.
    #[error("open {path}: {reason}")]
    CannotOpen {
        /// The folder or file.
        path: PathBuf,
        /// A sentence that says what to do.
        reason: String,
    },
    /// The disk is full, the file is damaged, the writer thread is gone.
    #[error("use the database")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What every call of the store returns.
pub type Result<T> = std::result::Result<T, Error>;
