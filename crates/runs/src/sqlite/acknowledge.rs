//! Acknowledging a failure: somebody looks after it. It is an event of the run, and leaves its status alone.

use contract::api::{Acknowledge, AcknowledgedMany, FailureOnScreen};
use contract::ids::{PersonId, RunKey, TenantId};
use contract::run::Run;

use super::audit::{Fact, note};
use super::event_log;
use super::run_row;
use super::statement::Statements;
use super::writer::Write;
use crate::error::{Error, Result};

const SET: &str =
    "UPDATE runs SET acknowledged_by = ?3, acknowledged_at = ?4 WHERE tenant_id = ?1 AND id = ?2";

/// Sets it or takes it back. Where it is so already, the run stays as it is.
pub(super) fn one(
    write: &mut Write<'_>,
    by: PersonId,
    key: &RunKey,
    request: Acknowledge,
) -> Result<Run> {
    let tenant_id = key.tenant_id;
    let row = run_row::row_of(write.connection, key)?.ok_or(Error::NotInTenant(tenant_id))?;
    let run = run_row::read(write.connection, tenant_id, row)?;
    if !run.status.is_failure() || run.status_seq > request.tenant_seq {
        return Err(Error::Changed);
    }
    if run.acknowledged.is_some() == request.acknowledged {
        return Ok(run);
    }
    let (who, when, what) = if request.acknowledged {
        (Some(by.0), Some(write.now.0), "run.acknowledged")
    } else {
        (None, None, "run.unacknowledged")
    };
    write
        .connection
        .change(SET, (tenant_id.0, row.0, who, when))?;
    note(
        write,
        Fact {
            what,
            tenant_id: Some(tenant_id),
            person: Some(by),
            run: Some(row),
            detail: run.status.as_str(),
        },
    )?;
    event_log::log_mark(write, tenant_id, row)
}

/// Acknowledges each that has not changed. One that is not there stops all.
pub(super) fn many(
    write: &mut Write<'_>,
    by: PersonId,
    tenant_id: TenantId,
    runs: Vec<FailureOnScreen>,
) -> Result<AcknowledgedMany> {
    let mut answer = AcknowledgedMany::default();
    for failure in runs {
        let request = Acknowledge {
            tenant_seq: failure.tenant_seq,
            acknowledged: true,
        };
        let key = RunKey {
            tenant_id,
            source: failure.source,
            run_type: failure.run_type,
            run_id: failure.run_id,
        };
        match one(write, by, &key, request) {
            Ok(_) => answer.acknowledged += 1,
            Err(Error::Changed) => answer.changed += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(answer)
}
