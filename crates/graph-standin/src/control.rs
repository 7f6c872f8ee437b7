//! The control port, for tests in another process: rules, gates, journal, reset. It is no part of Graph, and off unless asked for.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{Match, Rule};
use crate::recorder::Entry;
use crate::serve::World;

pub(crate) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/faults", post(add_faults).delete(clear_faults))
        .route("/gates", post(set_gate))
        .route("/gates/{id}", get(gate_reached))
        .route("/gates/{id}/release", post(release_gate))
        .route("/journal", get(journal))
        .route("/reset", post(reset))
        .route("/state/{directory_id}", get(state))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    rules: Vec<Rule>,
}

async fn add_faults(
    Shared(world): Shared<Arc<World>>,
    Json(Rules { rules }): Json<Rules>,
) -> Json<Value> {
    let added = rules.len();
    rules.into_iter().for_each(|rule| world.faults.add(rule));
    Json(json!({"added": added}))
}

async fn clear_faults(Shared(world): Shared<Arc<World>>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGate {
    #[serde(rename = "match")]
    matching: Match,
}

async fn set_gate(
    Shared(world): Shared<Arc<World>>,
    Json(NewGate { matching }): Json<NewGate>,
) -> Json<Value> {
    Json(json!({"id": world.faults.open(matching).id}))
}

/// Answers when a call stands at the gate; the caller's own timeout bounds the wait.
async fn gate_reached(Shared(world): Shared<Arc<World>>, Path(id): Path<u64>) -> Response {
    match world.faults.latch(id) {
        Some(latch) => {
            latch.reached().await;
            Json(json!({"id": id, "reached": true})).into_response()
        }
        None => no_such_gate(),
    }
}

async fn release_gate(Shared(world): Shared<Arc<World>>, Path(id): Path<u64>) -> Response {
    if world.faults.release(id) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        no_such_gate()
    }
}

async fn journal(Shared(world): Shared<Arc<World>>) -> Json<Vec<Entry>> {
    Json(world.journal.entries())
}

async fn reset(Shared(world): Shared<Arc<World>>) -> StatusCode {
    world.reset();
    StatusCode::NO_CONTENT
}

async fn state(Shared(world): Shared<Arc<World>>, Path(directory_id): Path<String>) -> Response {
    let Some(tenant) = world.state.tenant(&directory_id) else {
        return (
            StatusCode::NOT_FOUND,
            Json(json!({"error": "no such directory"})),
        )
            .into_response();
    };
    let policies: Value = tenant
        .policies
        .iter()
        .map(|(collection, policies)| {
            let shown = policies.iter().map(|policy| {
                json!({"id": policy.id, "object": policy.object, "settings": policy.settings, "assignments": policy.assignments})
            });
            (collection.as_str().to_owned(), Value::Array(shown.collect()))
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    Json(json!({"directory_id": tenant.directory_id, "name": tenant.name, "policies": policies}))
        .into_response()
}

fn no_such_gate() -> Response {
    (
        StatusCode::NOT_FOUND,
        Json(json!({"error": "no such gate, or it was released"})),
    )
        .into_response()
}
