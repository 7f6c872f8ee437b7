//! `GET /api/me`: who am I, and what may I see.

use axum::Json;
use axum::extract::State;
use contract::api::Me;
use runs::people::Caller;

use crate::auth::SignedIn;
use crate::state::App;

/// Who is signed in, with their tenants and roles.
#[utoipa::path(
    get, path = "/api/me", operation_id = "me", tag = "session",
    responses(
        (status = 200, body = Me),
        (status = 401, description = "`signed_out`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn me(State(app): State<App>, SignedIn { caller, .. }: SignedIn) -> Json<Me> {
    Json(me_of(&app, caller))
}

/// The body that says who is signed in.
pub(super) fn me_of(app: &App, caller: Caller) -> Me {
    Me {
        person: caller.person,
        tenants: caller.tenants,
        marks_rev: caller.marks_rev,
        build: app.assets.build(),
    }
}
