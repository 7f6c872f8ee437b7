//! `GET /api/me`: who am I, and what may I see.

use axum::Json;
use axum::extract::State;
use contract::api::Me;
use runs::people::{Caller, TokenHash};

use crate::auth::SignedIn;
use crate::state::App;
use crate::tokens;

/// Who is signed in, with their tenants and roles.
#[utoipa::path(
    get, path = "/api/me", operation_id = "me", tag = "session",
    responses(
        (status = 200, body = Me),
        (status = 401, description = "`signed_out`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn me(State(app): State<App>, SignedIn { caller, token }: SignedIn) -> Json<Me> {
    Json(me_of(&app, caller, &token))
}

/// The body that says who is signed in.
pub(super) fn me_of(app: &App, caller: Caller, token: &TokenHash) -> Me {
    Me {
        person: caller.person,
        tenants: caller.tenants,
        marks_rev: caller.marks_rev,
        build: app.assets.build(),
        channel: tokens::channel(token),
    }
}
