//! `POST /api/tenants/{t}/runs`: starts a run, or answers the one that is there. **Invariant**: never calls Graph.

use axum::extract::State;
use contract::api::{StartRun, Started};
use contract::run::{CAPTURE_ALL, CAPTURE_POLICY, RESTORE, Run};
use http::{HeaderMap, StatusCode};

use crate::extract::Json;
use crate::problem::{Answer, Problem};
use crate::state::App;
use crate::tenancy::Starter;

/// The longest `Idempotency-Key`, in bytes.
const MAX_KEY: usize = 200;

/// Starts a run. While one for the same operation and target is queued or running, that one is the answer.
///
/// With an `Idempotency-Key` a repeated request answers the same run, ended or not.
#[utoipa::path(
    post, path = "/api/tenants/{tenant}/runs", operation_id = "startRun", tag = "runs", request_body = StartRun,
    params(
        ("tenant" = i64, Path, description = "The tenant's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 200 visible ASCII characters"),
    ),
    responses(
        (status = 202, description = "Accepted", body = Started),
        (status = 403, description = "`not_yours`, `role_needed` or `cross_origin`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 409, description = "`conflict`: the key was used for another request", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_value`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`busy`, with Retry-After", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn start(
    State(app): State<App>,
    Starter { caller, tenant_id }: Starter,
    headers: HeaderMap,
    Json(StartRun { operation, target }): Json<StartRun>,
) -> Answer<(StatusCode, axum::Json<Started>)> {
    match (operation.as_str(), target) {
        (CAPTURE_ALL, None) | (CAPTURE_POLICY, Some(_)) => {}
        (CAPTURE_ALL, Some(_)) => {
            return Err(Problem::invalid_value(format!(
                "`{CAPTURE_ALL}` takes no target."
            )));
        }
        (CAPTURE_POLICY, None) => {
            return Err(Problem::invalid_value(format!(
                "`{CAPTURE_POLICY}` takes a target: the id of the policy."
            )));
        }
        _ => {
            return Err(Problem::invalid_value(format!(
                "`operation` is `{CAPTURE_ALL}` or `{CAPTURE_POLICY}`."
            )));
        }
    }
    let started = app
        .store
        .start(runs::start::StartRun {
            tenant_id,
            operation,
            target,
            by: caller.person.id,
            idempotency_key: idempotency_key(&headers)?,
        })
        .await?;
    tracing::info!(
        tenant.id = tenant_id.0,
        run.id = started.run.run_id.0,
        reused = started.reused,
        "started {}",
        started.run.operation
    );
    let body = Started {
        link: link(&started.run),
        run: started.run,
        reused: started.reused,
    };
    Ok((StatusCode::ACCEPTED, axum::Json(body)))
}

fn idempotency_key(headers: &HeaderMap) -> Answer<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let fits =
        (1..=MAX_KEY).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if fits => Ok(Some(key.to_owned())),
        _ => Err(Problem::invalid_value(format!(
            "An Idempotency-Key is 1 to {MAX_KEY} visible ASCII characters."
        ))),
    }
}

/// The run's page, relative to the origin.
fn link(run: &Run) -> String {
    let page = if run.run_type == RESTORE {
        "restore-runs"
    } else {
        "bulk-operation-runs"
    };
    format!("/t/{}/{page}/{}", run.tenant_id, run.run_id)
}
