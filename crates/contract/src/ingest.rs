//! `POST /api/tenants/{tenant}/run-events`: what a portal says of its own runs, and what it is answered.
//!
//! A body is one event, a list of them, `{"events": […]}`, or a Laravel/Filament database notification whose `viewData.metadata` names the
//! run; a list may mix them. Each is judged by itself ([`check`]): one that does not fit keeps no other from being taken.

mod event;
mod fields;
mod link;

use serde::{Deserialize, Serialize};

use crate::metadata::Metadata;
use crate::problem::Problem;
use crate::run::{Counts, RunError};
use crate::timestamp::Timestamp;

pub use event::{Checks, RunEvent, check};
pub use fields::is_name;
pub use link::safe_link;

/// The most events of one body.
pub const MAX_EVENTS: usize = 1_000;
/// The most bytes of one body.
pub const MAX_BYTES: usize = 1_000_000;
/// The longest source and run type, in bytes: letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
pub const MAX_NAME: usize = 64;
/// The longest status, in characters.
pub const MAX_STATUS: usize = 64;
/// The longest operation, in characters.
pub const MAX_OPERATION: usize = 100;
/// The longest target, in characters.
pub const MAX_TARGET: usize = 200;
/// The longest address of a portal's page, in bytes.
pub const MAX_LINK: usize = 2_048;
/// The largest count. Beyond it a number is a mistake, and up to it every reader holds it exactly.
pub const MAX_COUNT: u64 = 1_000_000_000_000;
/// The highest attempt.
pub const MAX_ATTEMPT: u32 = 1_000_000;

/// An event as a portal writes it. Fields that are not known are ignored.
///
/// `sequence`, or else `at` and `status`, says which event of its run this is: the same one again is a duplicate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnnouncedEvent {
    /// The portal's name; may be left out where the key is for one source alone. 1 to 64 of letters, digits, `.`, `_` and `-`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// `bulk_operation`, `restore` or the portal's own. 1 to 64 of letters, digits, `.`, `_` and `-`.
    pub run_type: String,
    /// Positive, unique within (source, run type).
    pub run_id: i64,
    /// `queued`, `running`, `completed` (or `succeeded`), `partial` (or `completed_with_errors`), `failed`, `cancelled`; another is kept as it
    /// is and shown as "Run updated". At most 64 characters.
    pub status: String,
    /// Rises when the portal tries the run again; 1 when it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Positive, and rises with each event of the run. Once a run's events have it, those without are older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
    /// When it happened; needed where there is no `sequence`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Absolute. Left out: as they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// What the run does. At most 100 characters. Left out: as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What it works on, to show. At most 200 characters. Left out: as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The portal's own page of the run: http, https, or a path that begins with one `/`. Left out: as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who started it there. Left out: as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_by: Option<Starter>,
    /// Why it failed, safe to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
}

/// Who started a portal's run, by the name that they sign in with here.
///
/// A member of the tenant has a card of the run, as of their own starts. Any other name is nobody here, and is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Starter {
    /// Capitals and blanks around it do not count.
    pub name: String,
}

/// The body as a batch; one event alone and a bare list are taken as well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnnouncedEvents {
    /// At most [`MAX_EVENTS`].
    pub events: Vec<AnnouncedEvent>,
}

/// The answer, as soon as one event was taken (also as a duplicate or a late one).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestAnswer {
    /// One for each event, in the order of the body.
    pub results: Vec<EventResult>,
}

/// 422: there were events, and every one was rejected. A problem document with one field more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestRefused {
    /// 422.
    pub status: u16,
    /// `invalid_value`.
    pub code: String,
    /// A short name of the kind of problem.
    pub title: String,
    /// A sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// One for each event, in the order of the body.
    pub results: Vec<EventResult>,
}

impl IngestRefused {
    /// Adds what became of each event.
    pub fn new(problem: Problem, results: Vec<EventResult>) -> Self {
        IngestRefused {
            status: problem.status,
            code: problem.code,
            title: problem.title,
            detail: problem.detail,
            results,
        }
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Judgement {
    /// It is the newest of its run.
    Accepted,
    /// It was taken before.
    Duplicate,
    /// Something newer is known of the run, or its attempt has ended. Its status tells nobody; what nothing newer told of the run is noted.
    Late,
    /// It cannot be taken as it is; sending it again does not help.
    Rejected,
}

/// What became of one event, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventResult {
    /// What became of it.
    pub result: Judgement,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
}

/// Why an event was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rejection {
    /// Stable: one of [`code`].
    pub code: String,
    /// The field that does not fit, such as `counts.processed`; empty where it is the whole event.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// A sentence for people that names the field.
    pub message: String,
}

/// The codes of a [`Rejection`].
pub mod code {
    /// It is no object.
    pub const NOT_AN_EVENT: &str = "not_an_event";
    /// A notification that names no run in `viewData.metadata`.
    pub const NO_RUN: &str = "no_run";
    /// A field is missing.
    pub const MISSING_FIELD: &str = "missing_field";
    /// A field is of another type or out of its bounds.
    pub const INVALID_FIELD: &str = "invalid_field";
    /// The key is for another source.
    pub const OTHER_SOURCE: &str = "other_source";
    /// The event names another tenant than the path.
    pub const OTHER_TENANT: &str = "other_tenant";
}

impl From<Judgement> for EventResult {
    fn from(result: Judgement) -> Self {
        EventResult {
            result,
            rejection: None,
        }
    }
}

impl From<Rejection> for EventResult {
    fn from(rejection: Rejection) -> Self {
        EventResult {
            result: Judgement::Rejected,
            rejection: Some(rejection),
        }
    }
}

/// The body is none that this call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadBody {
    /// It is neither an object nor a list, or `events` is no list.
    NoEvents,
    /// It has more than [`MAX_EVENTS`].
    TooMany,
}

/// The events of a body, in its order, each still of any shape.
///
/// # Errors
/// [`BadBody`].
pub fn events_of(body: Metadata) -> Result<Vec<Metadata>, BadBody> {
    let events = match body {
        Metadata::List(events) => events,
        Metadata::Object(object) => match batch_of(object) {
            Ok(Metadata::List(events)) => events,
            Ok(_) => return Err(BadBody::NoEvents),
            Err(event) => vec![event],
        },
        _ => return Err(BadBody::NoEvents),
    };
    if events.len() > MAX_EVENTS {
        return Err(BadBody::TooMany);
    }
    Ok(events)
}

/// What stands at `events`, or the object itself where it has no such key.
fn batch_of(object: crate::metadata::Object) -> Result<Metadata, Metadata> {
    let has_events = object.entries().iter().any(|(key, _)| key == "events");
    if !has_events {
        return Err(Metadata::Object(object));
    }
    let events = object.into_iter().find(|(key, _)| key == "events");
    Ok(events.map_or(Metadata::Null, |(_, events)| events))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Result<usize, BadBody>) {
        let body = serde_json::from_str(body).unwrap();
        assert_eq!(events_of(body).map(|events| events.len()), expected);
    }

    #[test]
    fn a_body_is_an_event_a_list_or_a_batch() {
        check(r#"{"run_id":1}"#, Ok(1));
        check(r#"[{"run_id":1},5]"#, Ok(2));
        check(r#"{"events":[{"run_id":1},{},null]}"#, Ok(3));
        check("[]", Ok(0));
        check("{}", Ok(1));
        check("5", Err(BadBody::NoEvents));
        check("null", Err(BadBody::NoEvents));
        check(r#"{"events":{}}"#, Err(BadBody::NoEvents));
        check(r#"{"events":null}"#, Err(BadBody::NoEvents));
        let many = format!("[{}1]", "1,".repeat(MAX_EVENTS));
        check(&many, Err(BadBody::TooMany));
    }
}
