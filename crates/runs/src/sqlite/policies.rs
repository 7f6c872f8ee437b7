//! A tenant's policies: what Graph lists, and what captures made of them.

use std::collections::BTreeMap;

use contract::api::{MAX_ROWS, PolicyRow, PolicyRows};
use contract::ids::{PolicyId, RunId, RunKey, TenantId};
use contract::run::RunError;
use contract::timestamp::Timestamp;
use rusqlite::{Connection, Row};

use super::statement::{Statements, json, time, to_json, unsigned};
use super::writer::Write;
use crate::error::{Error, Result};
use crate::policies::ListedPolicy;

macro_rules! select_policies {
    () => {
        "SELECT p.id, p.tenant_id, p.graph_id, p.family, p.name, p.platform, p.n_versions, p.captured_at, p.changed, p.error, p.gone_since,
            r.source, r.run_type, r.run_id
        FROM policies p LEFT JOIN runs r ON r.id = p.run AND r.tenant_id = p.tenant_id "
    };
}

const ONE: &str = concat!(select_policies!(), "WHERE p.tenant_id = ?1 AND p.id = ?2");
const FIRST_PAGE: &str = concat!(
    select_policies!(),
    "WHERE p.tenant_id = ?1 ORDER BY p.family, p.name, p.id LIMIT ?2"
);
const NEXT_PAGE: &str = concat!(
    select_policies!(),
    "WHERE p.tenant_id = ?1 AND (p.family, p.name, p.id) > (?3, ?4, ?5) ORDER BY p.family, p.name, p.id LIMIT ?2"
);
const TOTAL: &str = "SELECT count(*) AS total FROM policies WHERE tenant_id = ?1";
const LISTING: &str = "SELECT listed_at, list_error FROM tenants WHERE id = ?1";

const PUT: &str = "INSERT INTO policies (tenant_id, family, graph_id, name, platform) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (tenant_id, family, graph_id) DO UPDATE SET name = excluded.name, platform = excluded.platform, gone_since = NULL
    RETURNING id";
const PRESENT: &str =
    "SELECT id FROM policies WHERE tenant_id = ?1 AND family = ?2 AND gone_since IS NULL";
const GONE: &str = "UPDATE policies SET gone_since = ?3 WHERE tenant_id = ?1 AND id = ?2";
const LISTED: &str = "UPDATE tenants SET listed_at = ?2, list_error = NULL WHERE id = ?1";
const NOT_LISTED: &str = "UPDATE tenants SET list_error = ?2 WHERE id = ?1";

/// Takes over what Graph lists. `families` were listed whole: what is missing there is gone.
pub(super) fn put_listed(
    write: &Write<'_>,
    tenant_id: TenantId,
    families: &[String],
    listed: &[ListedPolicy],
) -> Result<Vec<PolicyRow>> {
    let connection = write.connection;
    if connection.change(LISTED, (tenant_id.0, write.now.0))? == 0 {
        return Err(Error::NotInTenant(tenant_id));
    }
    let mut ids = BTreeMap::new();
    for policy in listed {
        let params = (
            tenant_id.0,
            &policy.family,
            &policy.graph_id,
            &policy.name,
            &policy.platform,
        );
        let id: Option<i64> = connection.one(PUT, params, |row| row.get(0))?;
        ids.extend(id.map(|id| (id, ())));
    }
    for family in families {
        let present: Vec<i64> = connection.all(PRESENT, (tenant_id.0, family), |row| row.get(0))?;
        for id in present.into_iter().filter(|id| !ids.contains_key(id)) {
            connection.change(GONE, (tenant_id.0, id, write.now.0))?;
        }
    }
    let mut rows = ids
        .into_keys()
        .map(|id| one(connection, tenant_id, PolicyId(id)))
        .collect::<Result<Vec<_>>>()?;
    rows.sort_by(|a, b| (&a.family, &a.name, &a.graph_id).cmp(&(&b.family, &b.name, &b.graph_id)));
    Ok(rows)
}

/// Notes that the list could not be read. What is known stays.
pub(super) fn put_list_error(
    write: &Write<'_>,
    tenant_id: TenantId,
    error: &RunError,
) -> Result<()> {
    match write
        .connection
        .change(NOT_LISTED, (tenant_id.0, to_json(error)?))?
    {
        0 => Err(Error::NotInTenant(tenant_id)),
        _ => Ok(()),
    }
}

/// One policy.
pub(super) fn one(
    connection: &Connection,
    tenant_id: TenantId,
    policy_id: PolicyId,
) -> Result<PolicyRow> {
    connection
        .one(ONE, (tenant_id.0, policy_id.0), policy)?
        .ok_or(Error::NotInTenant(tenant_id))
}

/// A page. `after` names the last policy of the page before.
pub(super) fn page(
    connection: &Connection,
    tenant_id: TenantId,
    after: Option<&str>,
    limit: u32,
) -> Result<PolicyRows> {
    let absent = || Error::NotInTenant(tenant_id);
    let limit = limit.clamp(1, MAX_ROWS) as usize;
    let most = limit as i64 + 1;
    let mut rows = match after {
        None => connection.all(FIRST_PAGE, (tenant_id.0, most), policy)?,
        Some(after) => {
            let id: PolicyId = after.parse().ok().ok_or_else(absent)?;
            let last = one(connection, tenant_id, id)?;
            let params = (tenant_id.0, most, &last.family, &last.name, last.id.0);
            connection.all(NEXT_PAGE, params, policy)?
        }
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = more
        .then(|| rows.last().map(|policy| policy.id.to_string()))
        .flatten();
    let (listed_at, list_error) = connection
        .one(LISTING, [tenant_id.0], |row| {
            Ok((time(row, "listed_at")?, json(row, "list_error")?))
        })?
        .ok_or_else(absent)?;
    let total = connection.one(TOTAL, [tenant_id.0], |row| unsigned(row, "total"))?;
    Ok(PolicyRows {
        rows,
        next,
        total: total.unwrap_or(0),
        listed_at,
        list_error,
    })
}

fn policy(row: &Row<'_>) -> rusqlite::Result<PolicyRow> {
    let tenant_id = TenantId(row.get("tenant_id")?);
    let run_id: Option<i64> = row.get("run_id")?;
    let run = match run_id {
        Some(run_id) => Some(RunKey {
            tenant_id,
            source: row.get("source")?,
            run_type: row.get("run_type")?,
            run_id: RunId(run_id),
        }),
        None => None,
    };
    Ok(PolicyRow {
        id: PolicyId(row.get("id")?),
        graph_id: row.get("graph_id")?,
        family: row.get("family")?,
        name: row.get("name")?,
        platform: row.get("platform")?,
        n_versions: row.get("n_versions")?,
        captured_at: row.get::<_, Option<i64>>("captured_at")?.map(Timestamp),
        changed: row.get("changed")?,
        error: json(row, "error")?,
        run,
        gone_since: time(row, "gone_since")?,
    })
}
