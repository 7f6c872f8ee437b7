//! `GET /healthz`: for whoever watches the server.

use axum::extract::State;

use crate::problem::Answer;
use crate::state::App;

/// Whether the store can be read and written to.
#[utoipa::path(
    get, path = "/healthz", operation_id = "health", tag = "server",
    responses(
        (status = 200, description = "It can", body = str, content_type = "text/plain"),
        (status = 503, description = "It cannot", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn check(State(app): State<App>) -> Answer<&'static str> {
    app.store.check().await?;
    Ok("ok\n")
}
