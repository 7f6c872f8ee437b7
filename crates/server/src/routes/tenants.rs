//! `GET /api/tenants`: the tenants that I may see.

use axum::Json;
use contract::api::TenantRef;

use crate::auth::SignedIn;

/// The tenants that the caller is a member of, by name, with their roles.
#[utoipa::path(get, path = "/api/tenants", operation_id = "listTenants", tag = "tenants", responses((status = 200, body = Vec<TenantRef>)))]
pub async fn list(SignedIn { caller, .. }: SignedIn) -> Json<Vec<TenantRef>> {
    Json(caller.tenants)
}
