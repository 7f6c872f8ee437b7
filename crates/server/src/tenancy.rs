//! Which tenant a request is about, and that the caller may be there: preconditions as types, which a handler cannot forget.
//!
//! A tenant that does not exist, one of strangers and an id that is no number get the same answer, byte for byte.

use axum::extract::FromRequestParts;
use contract::ids::{RunId, RunKey, TenantId};
use http::request::Parts;
use runs::people::Caller;
use serde::Deserialize;

use crate::auth::SignedIn;
use crate::extract::{Query, path_segment};
use crate::problem::Problem;
use crate::state::App;

/// The longest run type in a path, and the longest source.
const MAX_NAME: usize = contract::ingest::MAX_NAME;

/// A member of the path's `{tenant}`, in any role.
pub struct Member {
    /// Who.
    pub caller: Caller,
    /// Where.
    pub tenant_id: TenantId,
}

impl FromRequestParts<App> for Member {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = SignedIn::from_request_parts(parts, app).await?.caller;
        let tenant_id = path_segment(parts, app, "tenant")
            .await
            .and_then(|text| text.parse::<TenantId>().ok())
            .filter(|tenant_id| caller.roles_in(*tenant_id).is_some())
            .ok_or_else(Problem::not_yours)?;
        Ok(Self { caller, tenant_id })
    }
}

/// A member whose role may start captures and bulk operations.
pub struct Starter {
    /// Who.
    pub caller: Caller,
    /// Where.
    pub tenant_id: TenantId,
}

impl FromRequestParts<App> for Starter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Member { caller, tenant_id } = Member::from_request_parts(parts, app).await?;
        let roles = caller.roles_in(tenant_id).unwrap_or_default();
        if roles.iter().any(|role| role.may_start()) {
            Ok(Self { caller, tenant_id })
        } else {
            Err(Problem::role_needed())
        }
    }
}

/// A member whose role may say that somebody looks after a failure.
pub struct Acknowledger {
    /// Who.
    pub caller: Caller,
    /// Where.
    pub tenant_id: TenantId,
}

impl FromRequestParts<App> for Acknowledger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Member { caller, tenant_id } = Member::from_request_parts(parts, app).await?;
        let roles = caller.roles_in(tenant_id).unwrap_or_default();
        if roles.iter().any(|role| role.may_acknowledge()) {
            Ok(Self { caller, tenant_id })
        } else {
            Err(Problem::role_needed())
        }
    }
}

/// The path's run, and a member who may acknowledge its failure. Whether it exists is the store's to say.
pub struct AcknowledgersRun {
    /// Who.
    pub caller: Caller,
    /// Which.
    pub run: RunKey,
}

impl FromRequestParts<App> for AcknowledgersRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Acknowledger { caller, tenant_id } =
            Acknowledger::from_request_parts(parts, app).await?;
        let run = named_run(parts, app, tenant_id).await?;
        Ok(Self { caller, run })
    }
}

/// The query that completes a run's name: a portal's run has the source that it was announced with.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    source: String,
}

/// The path's run, of a tenant that the caller is a member of. Whether it exists is the store's to say.
pub struct MemberRun(pub RunKey);

impl FromRequestParts<App> for MemberRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Member { tenant_id, .. } = Member::from_request_parts(parts, app).await?;
        named_run(parts, app, tenant_id).await.map(Self)
    }
}

async fn named_run(parts: &mut Parts, app: &App, tenant_id: TenantId) -> Result<RunKey, Problem> {
    let Query(Named { source }) = Query::from_request_parts(parts, app).await?;
    let run_type = path_segment(parts, app, "run_type").await;
    let run_id = path_segment(parts, app, "run_id").await;
    let run_type = run_type.filter(|text| (1..=MAX_NAME).contains(&text.len()));
    let run_id = run_id.and_then(|text| text.parse::<RunId>().ok());
    let (Some(run_type), Some(run_id), true) = (run_type, run_id, source.len() <= MAX_NAME) else {
        return Err(Problem::not_yours());
    };
    Ok(RunKey {
        tenant_id,
        source,
        run_type,
        run_id,
    })
}
