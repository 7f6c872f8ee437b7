//! How long is kept what nobody needs for ever. Runs, their events and marks, the audit trail and policy versions stay.

use std::time::Duration;

/// What may go, and after what time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Which events of an announced run were taken. Without it an event that comes again is told from a new one by its place: it is late.
    pub ingested: Duration,
    /// From the end of a run: its notifications, for whoever dismissed its card, and of a failure for everybody once it was acknowledged.
    pub notifications: Duration,
}
