//! `GET` and `PUT /api/me/marks`: what I have seen and dismissed.

use axum::extract::State;
use contract::api::{MAX_ROWS, MarkRows, MarksPut, PutMarks};
use contract::ids::RunKey;
use serde::Deserialize;

use crate::auth::SignedIn;
use crate::extract::{Json, Query, page_limit};
use crate::problem::{Answer, Problem};
use crate::state::App;

/// The longest source and run type of a run, in bytes.
const MAX_PART: usize = 64;

/// The query.
#[derive(Deserialize)]
pub struct Page {
    after: Option<i64>,
    limit: Option<u32>,
}

/// My marks that changed after `after`, by `marks_rev`, ascending.
#[utoipa::path(
    get, path = "/api/me/marks", operation_id = "listMarks", tag = "marks",
    params(
        ("after" = Option<i64>, Query, description = "The newest `marks_rev` that is known; 0 when it is left out"),
        ("limit" = Option<u32>, Query, description = "1 to 500; 100 when it is left out"),
    ),
    responses((status = 200, body = MarkRows))
)]
pub async fn list(
    State(app): State<App>,
    SignedIn { caller, .. }: SignedIn,
    Query(Page { after, limit }): Query<Page>,
) -> Answer<axum::Json<MarkRows>> {
    let limit = page_limit(limit)?;
    let rows = app
        .store
        .marks_after(caller.person.id, after.unwrap_or(0), limit)
        .await?;
    Ok(axum::Json(rows))
}

/// Marks runs as seen or dismissed, or undoes a dismissal. A run that has changed since it was on screen stays.
#[utoipa::path(
    put, path = "/api/me/marks", operation_id = "putMarks", tag = "marks", request_body = PutMarks,
    responses(
        (status = 200, body = MarksPut),
        (status = 422, description = "`invalid_value`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn put(
    State(app): State<App>,
    SignedIn { caller, .. }: SignedIn,
    Json(marks): Json<PutMarks>,
) -> Answer<axum::Json<MarksPut>> {
    let longest = marks
        .seen
        .len()
        .max(marks.dismissed.len())
        .max(marks.restored.len());
    if longest > MAX_ROWS as usize {
        return Err(Problem::invalid_value(format!(
            "Each list has {MAX_ROWS} entries at most. Send them in parts."
        )));
    }
    let pairs = marks.seen.iter().chain(&marks.dismissed);
    if !pairs
        .map(|pair| &pair.run)
        .chain(&marks.restored)
        .all(is_bounded)
    {
        return Err(Problem::invalid_value(format!(
            "A run's source and run type have {MAX_PART} bytes at most."
        )));
    }
    Ok(axum::Json(
        app.store.put_marks(caller.person.id, marks).await?,
    ))
}

fn is_bounded(run: &RunKey) -> bool {
    run.source.len() <= MAX_PART && run.run_type.len() <= MAX_PART
}
