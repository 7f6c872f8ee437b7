//! `GET /api/tenants/{t}/policies`: a tenant's inventory.

use axum::extract::State;
use contract::api::PolicyRows;
use serde::Deserialize;

use crate::extract::{Query, page_limit};
use crate::problem::{Answer, Problem};
use crate::state::App;
use crate::tenancy::Member;

/// The longest `after`, in bytes.
const MAX_AFTER: usize = 2_048;

/// The query.
#[derive(Deserialize)]
pub struct Page {
    after: Option<String>,
    limit: Option<u32>,
}

/// A tenant's policies, by family, then name. `list_error` says why the latest reading from Graph failed.
#[utoipa::path(
    get, path = "/api/tenants/{tenant}/policies", operation_id = "listPolicies", tag = "tenants",
    params(
        ("tenant" = i64, Path, description = "The tenant's id"),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 500; 100 when it is left out"),
    ),
    responses(
        (status = 200, body = PolicyRows),
        (status = 403, description = "`not_yours`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    Member { tenant_id, .. }: Member,
    Query(Page { after, limit }): Query<Page>,
) -> Answer<axum::Json<PolicyRows>> {
    let limit = page_limit(limit)?;
    if after.as_ref().is_some_and(|after| after.len() > MAX_AFTER) {
        return Err(Problem::invalid_value(
            "`after` is the `next` of the page before.",
        ));
    }
    let rows = app
        .store
        .policies(tenant_id, after.as_deref(), limit)
        .await?;
    Ok(axum::Json(rows))
}
