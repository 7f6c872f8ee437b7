//! `POST /api/tenants/{t}/run-events`: a portal announces its own runs, by a key for machines.
//!
//! Each event is checked by itself (`contract::ingest`), those that fit are taken in one transaction (`runs`), and each gets its answer.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use contract::ingest::{
    self, AnnouncedEvents, BadBody, Checks, EventResult, IngestAnswer, IngestRefused, Judgement,
    MAX_EVENTS, Rejection, RunEvent,
};
use contract::metadata::Metadata;
use contract::problem::MEDIA_TYPE;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

use crate::keys::{self, Announcement};
use crate::problem::{Answer, Problem};
use crate::state::App;

/// A larger body takes long enough to read that it is not done among the streams.
const SMALL_BYTES: usize = 64 * 1024;

/// Takes events of a portal's own runs: one event, a list, `{"events": […]}`, or Laravel/Filament database notifications whose
/// `viewData.metadata` names the run.
///
/// At most 1,000 events and 1,000,000 bytes. Each event is judged by itself, and taken once: by `sequence`, or else by `at`, attempt and
/// status. What is older than what is known of the run, or comes after the end of its attempt, changes no status and is answered as `late`.
#[utoipa::path(
    post, path = "/api/tenants/{tenant}/run-events", operation_id = "announceRuns", tag = "ingest",
    request_body = AnnouncedEvents, security(("machineKey" = [])),
    params(("tenant" = i64, Path, description = "The tenant's id")),
    responses(
        (status = 200, description = "At least one event was taken, or there were none", body = IngestAnswer),
        (status = 400, description = "`bad_request`: no JSON, or neither an event nor a list", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 401, description = "`key_needed`: no key, an unknown or a revoked one", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 403, description = "`not_yours`: the key is for another tenant", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 413, description = "`too_large`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_value`: every event was rejected, or there are more than 1,000", body = IngestRefused, content_type = "application/problem+json"),
        (status = 429, description = "`too_many`, with Retry-After; nothing was taken", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`busy`, with Retry-After; nothing was taken", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn ingest(State(app): State<App>, announcement: Announcement) -> Answer<Response> {
    let Announcement {
        key,
        tenant_id,
        body,
    } = announcement;
    let n_bytes = body.len();
    let (source, now) = (key.source.clone(), app.store.now());
    let read = move || {
        let checks = Checks {
            tenant_id,
            source: source.as_deref(),
            now,
        };
        checked(&body, &checks)
    };
    let checked = if n_bytes > SMALL_BYTES {
        let done = tokio::task::spawn_blocking(read).await;
        done.map_err(|_panicked| Problem::internal())??
    } else {
        read()?
    };
    // The first one was taken before the body was read.
    keys::take(&app, &key, checked.len().saturating_sub(1))?;
    let mut fitting = Vec::with_capacity(checked.len());
    let rejections: Vec<_> = checked
        .into_iter()
        .map(|event| event.map(|event| fitting.push(event)).err())
        .collect();
    // Also where nothing fits: the transaction looks whether the key still stands.
    let judged = app.store.ingest(key.id, tenant_id, fitting).await?;
    let results = results(rejections, judged);
    let n_rejected = results
        .iter()
        .filter(|event| event.result == Judgement::Rejected)
        .count();
    tracing::debug!(
        tenant.id = tenant_id.0,
        key.id = key.id.0,
        events = results.len(),
        rejected = n_rejected,
        "events were announced"
    );
    if n_rejected > 0 && n_rejected == results.len() {
        return Ok(refused(results));
    }
    Ok(axum::Json(IngestAnswer { results }).into_response())
}

type Checked = Result<RunEvent, Rejection>;

/// The events of a body, each checked.
fn checked(body: &Bytes, checks: &Checks<'_>) -> Answer<Vec<Checked>> {
    let body: Metadata = serde_json::from_slice(body).map_err(|error| {
        // Only where it ends: the text of a body is its sender's.
        Problem::bad_request(format!(
            "The body is no JSON: look at line {}, column {}.",
            error.line(),
            error.column()
        ))
    })?;
    let events = ingest::events_of(body).map_err(|bad| match bad {
        BadBody::NoEvents => Problem::bad_request(
            "The body is one event (an object), a list of events, or an object with such a list at `events`.",
        ),
        BadBody::TooMany => Problem::invalid_value(format!(
            "A body has {MAX_EVENTS} events at most. Send them in parts."
        )),
    })?;
    Ok(events
        .iter()
        .map(|event| ingest::check(event, checks))
        .collect())
}

/// One for each event, in the order of the body.
fn results(rejections: Vec<Option<Rejection>>, judged: Vec<Judgement>) -> Vec<EventResult> {
    let mut judged = judged.into_iter();
    let result = |rejection| match rejection {
        Some(rejection) => EventResult::from(rejection),
        None => judged
            .next()
            .expect("the store judges each event that it is given")
            .into(),
    };
    rejections.into_iter().map(result).collect()
}

/// Whoever looks at the status alone must not take it that something was taken.
fn refused(results: Vec<EventResult>) -> Response {
    let problem = Problem::invalid_value(
        "No event of this body can be taken as it is; `results` says why. Sending them again does not help.",
    );
    let body = IngestRefused::new(problem.body(), results);
    let json = HeaderValue::from_static(MEDIA_TYPE);
    let mut response = (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(body)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
