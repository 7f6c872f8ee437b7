//! `GET /api/snapshot`: the state to start from.

use axum::extract::State;
use contract::ids::TenantId;
use contract::snapshot::Snapshot;
use runs::people::Caller;
use serde::Deserialize;

use crate::auth::SignedIn;
use crate::extract::Query;
use crate::problem::{Answer, Problem};
use crate::state::App;

/// The query.
#[derive(Deserialize)]
pub struct Scope {
    tenant: Option<TenantId>,
}

/// The runs that matter now, in all my tenants or in one, and the id from which the stream goes on.
#[utoipa::path(
    get, path = "/api/snapshot", operation_id = "snapshot", tag = "stream",
    params(("tenant" = Option<i64>, Query, description = "One tenant only")),
    responses(
        (status = 200, body = Snapshot),
        (status = 403, description = "`not_yours`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn snapshot(
    State(app): State<App>,
    SignedIn { caller, .. }: SignedIn,
    Query(Scope { tenant }): Query<Scope>,
) -> Answer<axum::Json<Snapshot>> {
    require_member(&caller, tenant)?;
    Ok(axum::Json(
        app.store.snapshot(caller.person.id, tenant).await?,
    ))
}

/// `?tenant=` names one of the caller's own, or nothing.
pub(super) fn require_member(caller: &Caller, tenant: Option<TenantId>) -> Answer<()> {
    match tenant {
        Some(tenant_id) if caller.roles_in(tenant_id).is_none() => Err(Problem::not_yours()),
        _ => Ok(()),
    }
}
