//! Extractors whose failures are problem documents too: the JSON body, the query, an id in the path.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::BytesMut;
use futures::StreamExt as _;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The most bytes of a body.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Of a body that is too large, so much is read and thrown away: an answer that comes before the body's end may never be seen, since the
/// sender finds the connection closed while it writes.
const MOST_DISCARDED: usize = 16 * 1024 * 1024;
/// For a whole body.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Reads the body of a change before anybody answers, within [`MAX_BODY_BYTES`].
pub async fn whole_body(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match read_within(body, MAX_BODY_BYTES).await {
        Ok(bytes) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Reads a whole body of at most `limit` bytes. One that is larger is read to its end and thrown away.
pub async fn read_within(body: Body, limit: usize) -> Result<Bytes, Problem> {
    tokio::time::timeout(BODY_TIMEOUT, read(body, limit))
        .await
        .map_err(|_elapsed| ended_early())?
}

async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let (mut bytes, mut n_read) = (BytesMut::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_broken| ended_early())?;
        n_read += chunk.len();
        if n_read > MOST_DISCARDED {
            break;
        }
        if n_read <= limit {
            bytes.extend_from_slice(&chunk);
        }
    }
    if n_read > limit {
        return Err(Problem::too_large(limit));
    }
    Ok(bytes.freeze())
}

fn ended_early() -> Problem {
    Problem::bad_request("The body ended before it was whole, or came too slowly.")
}

/// A JSON body, read whole within [`MAX_BODY_BYTES`].
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::json_only());
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_broken| ended_early())?;
        serde_json::from_slice(&bytes).map(Json).map_err(|error| {
            // serde_json quotes a value that does not fit: it goes back to its sender alone, and never to the log.
            let text: String = error.to_string().chars().take(200).collect();
            Problem::bad_request(format!(
                "The body is not the JSON that this path takes: {text}."
            ))
        })
    }
}

/// Whether the body is said to be JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// The query, as a type of the handler's own.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Query(value))
            .map_err(|rejection| {
                let text: String = rejection.body_text().chars().take(200).collect();
                Problem::bad_request(format!("The query does not fit: {text}."))
            })
    }
}

/// A segment of the path, percent-decoded; `None` if the route has none of that name or it is not UTF-8.
pub async fn path_segment<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    name: &str,
) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, state).await.ok()?;
    params
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// `limit` of a page: 1 to [`contract::api::MAX_ROWS`], 100 when it is left out.
pub fn page_limit(limit: Option<u32>) -> Result<u32, Problem> {
    match limit {
        None => Ok(100),
        Some(limit) if (1..=contract::api::MAX_ROWS).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::invalid_value(format!(
            "`limit` is 1 to {}.",
            contract::api::MAX_ROWS
        ))),
    }
}
