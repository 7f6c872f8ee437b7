//! Heartbeats: the lease moves on, and the worker hears whether somebody wants the run ended.

use std::time::Duration;

use super::claim::after;
use super::fence::held;
use super::statement::Statements;
use super::writer::Write;
use crate::error::Result;
use crate::lease::{Heartbeat, Lease};

const BEAT: &str = "UPDATE runs SET lease_expires_at = ?3, heartbeat_at = ?4 WHERE tenant_id = ?1 AND id = ?2 RETURNING cancel_requested";

/// Moves the lease on.
pub(super) fn heartbeat(write: &Write<'_>, lease: &Lease, for_: Duration) -> Result<Heartbeat> {
    let row = held(write.connection, lease)?;
    let expires_at = after(write.now, for_);
    let params = (lease.tenant_id.0, row.0, expires_at.0, write.now.0);
    let cancel_requested = write.connection.one(BEAT, params, |row| row.get(0))?;
    Ok(Heartbeat {
        expires_at,
        cancel_requested: cancel_requested.unwrap_or(false),
    })
}
