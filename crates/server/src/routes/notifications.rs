//! `GET /api/me/notifications`: the history of my cards.

use axum::extract::State;
use contract::api::{CardState, MAX_SEARCH_CHARS, NotificationRows};
use contract::ids::TenantId;
use contract::ingest::MAX_NAME;
use contract::preferences::MAX_OPERATION_CHARS;
use contract::run::RunStatus;
use runs::cards::CardQuery;
use serde::Deserialize;

use crate::auth::SignedIn;
use crate::extract::{Query, page_limit};
use crate::problem::{Answer, Problem};
use crate::routes::snapshot::require_member;
use crate::state::App;

/// The query. An empty text is as good as none.
#[derive(Deserialize)]
pub struct Wanted {
    after: Option<i64>,
    limit: Option<u32>,
    tenant: Option<TenantId>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    mine: bool,
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: CardState,
}

/// Every run that is or was a card of mine, the newest first, with what I did about it.
#[utoipa::path(
    get, path = "/api/me/notifications", operation_id = "listNotifications", tag = "marks",
    params(
        ("after" = Option<i64>, Query, description = "The `next` of the page before"),
        ("limit" = Option<u32>, Query, description = "1 to 500; 100 when it is left out"),
        ("tenant" = Option<i64>, Query, description = "One tenant only"),
        ("status" = Option<String>, Query, description = "One status only"),
        ("operation" = Option<String>, Query, description = "One operation only, to the letter"),
        ("mine" = Option<bool>, Query, description = "`true`: only what I started or watch"),
        ("q" = Option<String>, Query, description = "At most 100 characters, found in the operation, the target, the run's id, the tenant's name or the error's message; capitals do not count"),
        ("state" = Option<CardState>, Query, description = "`all` when it is left out"),
    ),
    responses(
        (status = 200, body = NotificationRows),
        (status = 403, description = "`not_yours`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_value`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(app): State<App>,
    SignedIn { caller, .. }: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer<axum::Json<NotificationRows>> {
    require_member(&caller, wanted.tenant)?;
    let query = CardQuery {
        after: wanted.after,
        limit: page_limit(wanted.limit)?,
        tenant_id: wanted.tenant,
        status: bounded("status", &wanted.status, MAX_NAME)?.map(RunStatus::from),
        operation: bounded("operation", &wanted.operation, MAX_OPERATION_CHARS)?.map(str::to_owned),
        mine: wanted.mine,
        text: bounded("q", wanted.q.trim(), MAX_SEARCH_CHARS)?.map(str::to_owned),
        state: wanted.state,
    };
    let rows = app.store.notifications(caller.person.id, query).await?;
    Ok(axum::Json(rows))
}

fn bounded<'a>(name: &str, text: &'a str, most_chars: usize) -> Answer<Option<&'a str>> {
    if text.chars().count() > most_chars {
        return Err(Problem::invalid_value(format!(
            "`{name}` has {most_chars} characters at most."
        )));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}
