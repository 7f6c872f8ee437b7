//! Settling an item: its outcome, the captured version, the run's counts and the policy's row, in one transaction.

use std::sync::Arc;

use contract::frame::Progress;
use contract::ids::{ItemId, PolicyId, TenantId};
use contract::run::{Outcome, RunError};

use super::fence::held;
use super::run_row::{self, RunRow};
use super::statement::{Statements, to_json};
use super::writer::Write;
use crate::change::Change;
use crate::error::{Error, Result};
use crate::items::{NewVersion, Settlement};
use crate::lease::Lease;

const ITEM: &str = "SELECT policy_id, outcome IN ('pending', 'inflight', 'unknown') FROM items WHERE tenant_id = ?1 AND run = ?2 AND id = ?3";
const SETTLE: &str =
    "UPDATE items SET outcome = ?4, settled_at = ?5, version = ?6, changed = ?7, error = ?8
    WHERE tenant_id = ?1 AND run = ?2 AND id = ?3";
const COUNT: &str = "UPDATE runs SET succeeded = succeeded + ?3, failed = failed + ?4, skipped = skipped + ?5, moved_at = ?6, rev = rev + 1
    WHERE tenant_id = ?1 AND id = ?2";

const NEWEST: &str = "SELECT v.version, v.content_hash FROM policies p
    JOIN policy_versions v ON v.policy_id = p.id AND v.version = p.n_versions
    WHERE p.tenant_id = ?1 AND p.id = ?2";
const ADD_VERSION: &str = "INSERT INTO policy_versions
    (tenant_id, policy_id, version, run, name, content_hash, object, assignments, redactions, last_modified, captured_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
const CAPTURED: &str = "UPDATE policies SET name = ?3, n_versions = ?4, changed = ?5, captured_at = ?6, error = NULL, run = ?7
    WHERE tenant_id = ?1 AND id = ?2";
const FAILED: &str = "UPDATE policies SET error = ?3, run = ?4 WHERE tenant_id = ?1 AND id = ?2";
const SKIPPED: &str = "UPDATE policies SET run = ?3 WHERE tenant_id = ?1 AND id = ?2";

/// Gives an item its outcome. One that has it stays as it is.
pub(super) fn settle(
    write: &mut Write<'_>,
    lease: &Lease,
    item_id: ItemId,
    settlement: &Settlement,
) -> Result<()> {
    let tenant_id = lease.tenant_id;
    let row = held(write.connection, lease)?;
    let (policy, is_open): (i64, bool) = write
        .connection
        .one(ITEM, (tenant_id.0, row.0, item_id.0), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .ok_or(Error::NotInTenant(tenant_id))?;
    if !is_open {
        return Ok(());
    }
    let item = OpenItem {
        tenant_id,
        row,
        item_id,
        policy_id: PolicyId(policy),
    };
    match settlement {
        Settlement::Captured(version) => item.captured(write, version)?,
        Settlement::Failed(error) => item.failed(write, error)?,
        Settlement::Skipped(error) => item.skipped(write, error)?,
    }
    tell_progress(write, tenant_id, row)
}

/// Tells where the run's counts stand.
pub(super) fn tell_progress(write: &mut Write<'_>, tenant_id: TenantId, row: RunRow) -> Result<()> {
    let run = run_row::read(write.connection, tenant_id, row)?;
    write.changes.push(Change::Progress(Arc::new(Progress {
        tenant_id,
        source: run.source,
        run_type: run.run_type,
        run_id: run.run_id,
        tenant_seq: run.tenant_seq,
        rev: run.rev,
        counts: run.counts,
        at: write.now,
        seen_by: run.seen_by,
        n_seen: run.n_seen,
    })));
    Ok(())
}

/// An item that has no outcome yet.
#[derive(Clone, Copy)]
pub(super) struct OpenItem {
    pub(super) tenant_id: TenantId,
    pub(super) row: RunRow,
    pub(super) item_id: ItemId,
    pub(super) policy_id: PolicyId,
}

impl OpenItem {
    fn captured(self, write: &Write<'_>, read: &NewVersion) -> Result<()> {
        let connection = write.connection;
        let policy = (self.tenant_id.0, self.policy_id.0);
        let newest: Option<(u32, String)> =
            connection.one(NEWEST, policy, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (version, changed) = match newest {
            Some((version, hash)) if hash == read.content_hash => (version, false),
            Some((version, _)) => (version + 1, true),
            None => (1, true),
        };
        if changed {
            let params = (
                policy.0,
                policy.1,
                version,
                self.row.0,
                &read.name,
                &read.content_hash,
                &read.object,
                &read.assignments,
                to_json(&read.redactions)?,
                &read.last_modified,
                write.now.0,
            );
            connection.change(ADD_VERSION, params)?;
        }
        let params = (
            policy.0,
            policy.1,
            &read.name,
            version,
            changed,
            write.now.0,
            self.row.0,
        );
        connection.change(CAPTURED, params)?;
        let kept = Kept {
            version: Some(version),
            changed,
            error: None,
        };
        self.end(write, Outcome::Succeeded, kept)
    }

    /// Also for what a worker left open when it ended the run.
    pub(super) fn failed(self, write: &Write<'_>, error: &RunError) -> Result<()> {
        let error = to_json(error)?;
        let params = (self.tenant_id.0, self.policy_id.0, &error, self.row.0);
        write.connection.change(FAILED, params)?;
        self.end(write, Outcome::Failed, Kept::only(error))
    }

    fn skipped(self, write: &Write<'_>, reason: &RunError) -> Result<()> {
        let params = (self.tenant_id.0, self.policy_id.0, self.row.0);
        write.connection.change(SKIPPED, params)?;
        self.end(write, Outcome::Skipped, Kept::only(to_json(reason)?))
    }

    fn end(self, write: &Write<'_>, outcome: Outcome, kept: Kept) -> Result<()> {
        let run = (self.tenant_id.0, self.row.0);
        let params = (
            run.0,
            run.1,
            self.item_id.0,
            outcome.as_str(),
            write.now.0,
            kept.version,
            kept.changed,
            kept.error,
        );
        write.connection.change(SETTLE, params)?;
        let one = |counted| i64::from(outcome == counted);
        let params = (
            run.0,
            run.1,
            one(Outcome::Succeeded),
            one(Outcome::Failed),
            one(Outcome::Skipped),
            write.now.0,
        );
        write.connection.change(COUNT, params)?;
        Ok(())
    }
}

/// What an item keeps beside its outcome.
struct Kept {
    version: Option<u32>,
    changed: bool,
    error: Option<String>,
}

impl Kept {
    fn only(error: String) -> Kept {
        Kept {
            version: None,
            changed: false,
            error: Some(error),
        }
    }
}
