//! `$batch`: up to twenty GETs in one POST, each with a status of its own, in any order.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Admit, GraphCall};
use crate::answer::{Answer, Payload};
use crate::query::Query;
use crate::state::State;

const MOST_PARTS: usize = 20;

pub(super) fn answer(state: &State, call: &GraphCall<'_>, admit: &Admit<'_>) -> Answer {
    let bad = |message: &str| Answer::error(400, "BadRequest", message, call.ids);
    if call.method != "POST" {
        return super::no_route(call);
    }
    let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
    let Some(parts) = body.get("requests").and_then(Value::as_array) else {
        return bad("Invalid batch payload format.");
    };
    if parts.is_empty() || parts.len() > MOST_PARTS {
        return bad("Number of batch request steps exceeds the maximum value of 20.");
    }
    let mut seen = HashSet::new();
    let mut responses = Vec::new();
    for part in parts {
        let id = match part.get("id") {
            Some(Value::String(id)) => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            _ => return bad("Each batch request needs an id."),
        };
        if !seen.insert(id.clone()) {
            return bad("Batch request ids must be unique.");
        }
        let (Some(method), Some(url)) = (
            part.get("method").and_then(Value::as_str),
            part.get("url").and_then(Value::as_str),
        ) else {
            return bad("Each batch request needs a method and a url.");
        };
        responses.push(answered(state, call, admit, &id, method, url));
    }
    // The order of the parts means nothing, and a client must not rely on it.
    responses.reverse();
    Answer::ok(json!({"responses": responses}))
}

fn answered(
    state: &State,
    call: &GraphCall<'_>,
    admit: &Admit<'_>,
    id: &str,
    method: &str,
    url: &str,
) -> Value {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = format!("/beta/{}", path.trim_start_matches('/'));
    let part = GraphCall {
        method,
        path: &path,
        query: &Query::parse(query),
        body: b"",
        ..*call
    };
    let answer = match admit(method) {
        Err(throttled) => throttled,
        Ok(()) if method != "GET" => Answer::error(
            400,
            "NotSupported",
            "This stand-in takes only GET requests in a batch.",
            call.ids,
        ),
        Ok(()) if path.ends_with("$batch") => {
            Answer::error(400, "BadRequest", "A batch cannot hold a batch.", call.ids)
        }
        Ok(()) => super::answer(state, &part, admit),
    };
    let mut headers = json!({"Content-Type": "application/json", "Cache-Control": "no-cache"});
    for (name, value) in &answer.headers {
        let name = if *name == "retry-after" {
            "Retry-After"
        } else {
            name
        };
        headers[name] = Value::String(value.clone());
    }
    let mut response = json!({"id": id, "status": answer.status, "headers": headers});
    if let Payload::Json(body) = answer.body {
        response["body"] = body;
    }
    response
}
