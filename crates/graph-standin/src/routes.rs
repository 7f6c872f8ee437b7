//! Which object a path means, and who may do what with it.

mod assignments;
mod batch;
mod configuration_policies;
mod device_configurations;
mod filters;
mod groups;
mod policies;
mod writes;

use serde_json::Value;

use crate::answer::{Answer, Ids};
use crate::path::segments;
use crate::query::Query;
use crate::state::{Collection, State};
use crate::token::Bearer;

/// One call to Graph with a good token.
pub(crate) struct GraphCall<'a> {
    pub(crate) method: &'a str,
    /// As it was sent.
    pub(crate) path: &'a str,
    pub(crate) query: &'a Query,
    pub(crate) body: &'a [u8],
    pub(crate) bearer: &'a Bearer,
    pub(crate) ids: &'a Ids,
    /// Scheme, host and port as the client wrote them.
    pub(crate) origin: &'a str,
}

/// Counts one more call against the limits; a batch does it for each of its parts.
pub(crate) type Admit<'a> = dyn Fn(&str) -> Result<(), Answer> + 'a;

pub(crate) fn answer(state: &State, call: &GraphCall<'_>, admit: &Admit<'_>) -> Answer {
    let Some(segments) = segments(call.path) else {
        return Answer::error(400, "BadRequest", "The request URI is not valid.", call.ids);
    };
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["beta" | "v1.0", "groups", rest @ ..] => groups::answer(state, call, rest),
        ["beta", "$batch"] => batch::answer(state, call, admit),
        ["beta", "deviceManagement", "assignmentFilters", rest @ ..] => {
            filters::answer(state, call, rest)
        }
        ["beta", "deviceManagement", collection, rest @ ..] => {
            match Collection::parse(collection) {
                Some(collection) => policies::answer(state, call, collection, rest),
                None => no_segment(call, collection),
            }
        }
        ["beta", "deviceManagement"] | ["beta" | "v1.0"] => no_route(call),
        ["beta" | "v1.0", segment, ..] => no_segment(call, segment),
        _ => Answer::error(404, "ResourceNotFound", "Invalid version.", call.ids),
    }
}

/// Another admin's edit: `path` is `/beta/deviceManagement/{collection}/{id}`.
pub(crate) fn change_meanwhile(state: &State, directory_id: &str, path: &str, patch: &Value) {
    let segments = segments(path).unwrap_or_default();
    if let [_version, _area, collection, id] = segments.as_slice()
        && let Some(collection) = Collection::parse(collection)
    {
        state.touch(directory_id, collection, id, patch);
    }
}

fn no_segment(call: &GraphCall<'_>, segment: &str) -> Answer {
    Answer::error(
        400,
        "BadRequest",
        &format!("Resource not found for the segment '{segment}'."),
        call.ids,
    )
}

/// A known path with a verb that it does not have.
fn no_route(call: &GraphCall<'_>) -> Answer {
    Answer::error(
        400,
        "No method match route template",
        "No OData route exists that match template for this request.",
        call.ids,
    )
}

fn not_found(call: &GraphCall<'_>, what: &str) -> Answer {
    Answer::intune_error(
        404,
        "ResourceNotFound",
        &format!("{what} was not found."),
        call.ids,
    )
}

/// A token without one of these permissions gets the refusal that names them.
fn require(call: &GraphCall<'_>, any_of: &[&str]) -> Result<(), Answer> {
    if call
        .bearer
        .permissions
        .iter()
        .any(|held| any_of.contains(&held.as_str()))
    {
        return Ok(());
    }
    let message = format!(
        "Application is not authorized to perform this operation. Application must have one of the following scopes: {}",
        any_of.join(", ")
    );
    Err(Answer::intune_error(403, "Forbidden", &message, call.ids))
}

fn entity_context(call: &GraphCall<'_>, collection: &str) -> Value {
    let version = call
        .path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or("beta");
    Value::String(format!(
        "{}/{version}/$metadata#{collection}/$entity",
        call.origin
    ))
}
