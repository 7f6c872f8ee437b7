//! What a fault does to an answer that is already made: its links, its length, its bytes.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Response, header};
use bytes::Bytes;
use futures::stream;
use serde_json::Value;

use crate::faults::Action;
use crate::listen::CloseWithoutAnswer;

/// What a paging fault does to a page.
pub(crate) fn page(body: &mut Value, action: &Action, url: &str, query: &str) {
    let here = if query.is_empty() {
        url.to_owned()
    } else {
        format!("{url}?{query}")
    };
    match action {
        Action::ForeignNextLink { to } => {
            let path = here.splitn(4, '/').nth(3).unwrap_or_default();
            body["@odata.nextLink"] = Value::String(format!("{to}/{path}"));
        }
        Action::NextLinkLoop => body["@odata.nextLink"] = Value::String(here),
        Action::EmptyPage => {
            // Another text than the page's own address, as a skip token would make it.
            let separator = if query.is_empty() { '?' } else { '&' };
            body["@odata.nextLink"] =
                Value::String(format!("{here}{separator}standin.after=empty"));
            body["value"] = Value::Array(Vec::new());
            body["@odata.count"] = Value::from(0);
        }
        Action::TruncateSettings { keep } => truncate(body, *keep),
        _ => {}
    }
}

/// Ends a collection early.
fn truncate(body: &mut Value, keep: Option<usize>) {
    let Some(Value::Array(items)) = body.get_mut("value") else {
        return;
    };
    let is_end = match keep {
        None => true,
        Some(keep) => {
            // The id of a setting is its position in the whole collection.
            let position = |item: &Value| {
                item.get("id")
                    .and_then(|id| id.as_str()?.parse::<usize>().ok())
            };
            let before = items.len();
            items.retain(|item| position(item).is_none_or(|position| position < keep));
            items.len() < before || items.last().and_then(position) == keep.checked_sub(1)
        }
    };
    let n_items = items.len();
    body["@odata.count"] = Value::from(n_items);
    if let (true, Value::Object(fields)) = (is_end, body) {
        fields.remove("@odata.nextLink");
    }
}

/// No answer at all: the connection is closed.
pub(crate) fn closed() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseWithoutAnswer);
    response
}

/// Sends half of the body, then the rest after a while, or never.
pub(crate) async fn in_two_parts(
    response: Response<Body>,
    pause: Option<Duration>,
) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = to_bytes(body, usize::MAX).await else {
        return closed();
    };
    let (first, second) = (
        whole.slice(..whole.len() / 2),
        whole.slice(whole.len() / 2..),
    );
    // Packing would keep the first half back until it has the second.
    parts.headers.insert(
        header::CONTENT_ENCODING,
        header::HeaderValue::from_static("identity"),
    );
    let rest = move || async move {
        match pause {
            Some(pause) => {
                tokio::time::sleep(pause).await;
                Ok::<Bytes, std::io::Error>(second)
            }
            None => {
                // Without a pause, the first half would still be in the buffer that the error throws away.
                tokio::task::yield_now().await;
                Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
            }
        }
    };
    let body = stream::unfold(0, move |part| {
        let (first, rest) = (first.clone(), rest.clone());
        async move {
            match part {
                0 => Some((Ok(first), 1)),
                1 => Some((rest().await, 2)),
                _ => None,
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(body))
}
