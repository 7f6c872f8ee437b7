//! What the store tells the hub: after the commit, in commit order.

use std::sync::Arc;

use contract::frame::{MarksChanged, Progress};
use contract::ids::PersonId;
use contract::run::Run;

use crate::people::SessionId;

/// A `run` event of the log.
#[derive(Clone, Debug)]
pub struct LoggedEvent {
    /// One total order over all tenants: 1, 2, 3, …
    pub position: u64,
    /// The run after the event.
    pub run: Arc<Run>,
}

/// Something that open streams have to hear of.
#[derive(Clone, Debug)]
pub enum Change {
    /// Logged: a change of status, attempt, stall, wait or acknowledgement.
    Run(LoggedEvent),
    /// Not logged: absolute counts.
    Progress(Arc<Progress>),
    /// A person's marks.
    Marks(PersonId, Arc<MarksChanged>),
    /// A person's memberships, or the names of their tenants.
    Access(PersonId),
    /// A session ended: its streams have to end.
    SessionEnded(SessionId),
}

/// Called on the writer thread with what one commit changed. Must not block and must not call the store.
pub type OnCommit = Box<dyn Fn(&[Change]) + Send + Sync>;
