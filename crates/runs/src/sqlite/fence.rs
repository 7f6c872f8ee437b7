//! The fence: every write of a worker finds its run by its lease, or finds nothing.

use rusqlite::Connection;

use super::run_row::RunRow;
use super::statement::Statements;
use crate::error::{Error, Result};
use crate::lease::Lease;

/// The epoch decides, not the clock: a lease that expired and was not claimed again is still the only one.
const HELD: &str =
    "SELECT id FROM runs WHERE tenant_id = ?1 AND source = '' AND run_type = ?2 AND run_id = ?3
    AND lease_epoch = ?4 AND status = 'running'";

/// The row of the run that this lease holds. What follows in the same transaction is behind the fence.
pub(super) fn held(connection: &Connection, lease: &Lease) -> Result<RunRow> {
    let params = (
        lease.tenant_id.0,
        &lease.run_type,
        lease.run_id.0,
        lease.lease_epoch,
    );
    connection
        .one(HELD, params, |row| Ok(RunRow(row.get(0)?)))?
        .ok_or(Error::LeaseLost)
}
