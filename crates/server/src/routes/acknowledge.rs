//! `POST …/runs/{run_type}/{run_id}/acknowledge` and `POST /api/tenants/{t}/acknowledge`: somebody looks after a failure, or after many.

use axum::extract::State;
use contract::api::{Acknowledge, AcknowledgeMany, AcknowledgedMany, MAX_ROWS};
use contract::ingest::MAX_NAME;
use contract::run::Run;

use crate::extract::Json;
use crate::problem::{Answer, Problem};
use crate::state::App;
use crate::tenancy::{Acknowledger, AcknowledgersRun};

/// Says that somebody looks after a failure, or takes that back. Where it is so already, the answer is the run as it is: the first stays.
///
/// All members hear of it, by an event of the run that leaves its status alone.
#[utoipa::path(
    post, path = "/api/tenants/{tenant}/runs/{run_type}/{run_id}/acknowledge", operation_id = "acknowledgeRun", tag = "runs",
    request_body = Acknowledge,
    params(
        ("tenant" = i64, Path, description = "The tenant's id"),
        ("run_type" = String, Path, description = "`bulk_operation`, `restore` or a portal's own"),
        ("run_id" = i64, Path, description = "The run's id"),
        ("source" = Option<String>, Query, description = "The portal that announced the run; left out for one of our own"),
    ),
    responses(
        (status = 200, description = "As it stands", body = Run),
        (status = 403, description = "`not_yours`, `role_needed` or `cross_origin`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 409, description = "`changed`: it is no failure any more, or its status is newer than `tenant_seq`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`busy`, with Retry-After", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn one(
    State(app): State<App>,
    AcknowledgersRun { caller, run }: AcknowledgersRun,
    Json(request): Json<Acknowledge>,
) -> Answer<axum::Json<Run>> {
    let run = app
        .store
        .acknowledge(caller.person.id, &run, request)
        .await?;
    Ok(axum::Json(run))
}

/// Says of many failures that somebody looks after them: at most 500, in one transaction. Runs that have changed since stay as they are, and
/// are counted; if any is not in this tenant, nothing is done.
#[utoipa::path(
    post, path = "/api/tenants/{tenant}/acknowledge", operation_id = "acknowledgeRuns", tag = "runs", request_body = AcknowledgeMany,
    params(("tenant" = i64, Path, description = "The tenant's id")),
    responses(
        (status = 200, body = AcknowledgedMany),
        (status = 403, description = "`not_yours`, `role_needed` or `cross_origin`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_value`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`busy`, with Retry-After", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn many(
    State(app): State<App>,
    Acknowledger { caller, tenant_id }: Acknowledger,
    Json(AcknowledgeMany { runs }): Json<AcknowledgeMany>,
) -> Answer<axum::Json<AcknowledgedMany>> {
    if runs.len() > MAX_ROWS as usize {
        return Err(Problem::invalid_value(format!(
            "`runs` has {MAX_ROWS} entries at most. Send them in parts."
        )));
    }
    let is_bounded = |text: &str| text.len() <= MAX_NAME;
    if !runs
        .iter()
        .all(|run| is_bounded(&run.source) && is_bounded(&run.run_type))
    {
        return Err(Problem::not_yours());
    }
    let answer = app
        .store
        .acknowledge_many(caller.person.id, tenant_id, runs)
        .await?;
    Ok(axum::Json(answer))
}
