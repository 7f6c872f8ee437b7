//! Who has seen that a run failed: the first of them by name, and how many. A new status or attempt begins anew ([`super::event_log`]).

use contract::ids::PersonId;
use contract::run::{MAX_SEEN_BY, Run};

use super::run_row::RunRow;
use super::settle;
use super::statement::Statements;
use super::writer::Write;
use crate::error::Result;

const NOTE: &str = "UPDATE runs SET n_seen = n_seen + 1, rev = rev + 1, seen_by = CASE WHEN n_seen < ?4
        THEN json_insert(coalesce(seen_by, '[]'), '$[#]', json((SELECT json_object('id', p.id, 'name', p.name) FROM people p WHERE p.id = ?3)))
        ELSE seen_by END
    WHERE tenant_id = ?1 AND id = ?2";

/// Somebody who had not seen it before has seen it now. It is told as progress: the run has no event for it.
pub(super) fn note(write: &mut Write<'_>, person: PersonId, run: &Run, row: RunRow) -> Result<()> {
    let params = (run.tenant_id.0, row.0, person.0, MAX_SEEN_BY as i64);
    write.connection.change(NOTE, params)?;
    settle::tell_progress(write, run.tenant_id, row)
}
