//! `GET /api/tenants/{t}/runs`, `…/runs/{run_type}/{run_id}` and `…/items`: a tenant's runs, one of them, and what it touched.

use axum::extract::State;
use contract::api::{ItemRows, RunPage, RunRows};
use contract::ids::RunId;
use serde::Deserialize;

use crate::extract::{Query, page_limit};
use crate::problem::Answer;
use crate::state::App;
use crate::tenancy::{Member, MemberRun};

/// The query of the list.
#[derive(Deserialize)]
pub struct RunsAfter {
    after: Option<RunId>,
    limit: Option<u32>,
}

/// The query of a run's items.
#[derive(Deserialize)]
pub struct ItemsAfter {
    after: Option<u32>,
    limit: Option<u32>,
}

/// A tenant's runs, newest first.
#[utoipa::path(
    get, path = "/api/tenants/{tenant}/runs", operation_id = "listRuns", tag = "runs",
    params(
        ("tenant" = i64, Path, description = "The tenant's id"),
        ("after" = Option<i64>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 500; 100 when it is left out"),
    ),
    responses(
        (status = 200, body = RunRows),
        (status = 403, description = "`not_yours`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Member { tenant_id, .. }: Member,
    Query(RunsAfter { after, limit }): Query<RunsAfter>,
) -> Answer<axum::Json<RunRows>> {
    let limit = page_limit(limit)?;
    Ok(axum::Json(app.store.runs(tenant_id, after, limit).await?))
}

/// One run with its timeline. A run that is not in this tenant gets the answer of a tenant that is not the caller's.
#[utoipa::path(
    get, path = "/api/tenants/{tenant}/runs/{run_type}/{run_id}", operation_id = "getRun", tag = "runs",
    params(
        ("tenant" = i64, Path, description = "The tenant's id"),
        ("run_type" = String, Path, description = "`bulk_operation`, `restore` or a portal's own"),
        ("run_id" = i64, Path, description = "The run's id"),
        ("source" = Option<String>, Query, description = "The portal that announced the run; left out for one of our own"),
    ),
    responses(
        (status = 200, body = RunPage),
        (status = 403, description = "`not_yours`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn one(State(app): State<App>, MemberRun(run): MemberRun) -> Answer<axum::Json<RunPage>> {
    Ok(axum::Json(app.store.run_page(&run).await?))
}

/// The records that a run touches, by `item_idx`, ascending.
#[utoipa::path(
    get, path = "/api/tenants/{tenant}/runs/{run_type}/{run_id}/items", operation_id = "listItems", tag = "runs",
    params(
        ("tenant" = i64, Path, description = "The tenant's id"),
        ("run_type" = String, Path, description = "`bulk_operation`, `restore` or a portal's own"),
        ("run_id" = i64, Path, description = "The run's id"),
        ("source" = Option<String>, Query, description = "The portal that announced the run (it has no items here); left out for one of our own"),
        ("after" = Option<u32>, Query, description = "The `next` of the page before: the last `item_idx` that was seen"),
        ("limit" = Option<u32>, Query, description = "1 to 500; 100 when it is left out"),
    ),
    responses(
        (status = 200, body = ItemRows),
        (status = 403, description = "`not_yours`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn items(
    State(app): State<App>,
    MemberRun(run): MemberRun,
    Query(ItemsAfter { after, limit }): Query<ItemsAfter>,
) -> Answer<axum::Json<ItemRows>> {
    let limit = page_limit(limit)?;
    Ok(axum::Json(app.store.items(&run, after, limit).await?))
}
