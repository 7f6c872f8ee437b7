//! One event, from any JSON to a value that the store can take: the whole check, and nothing but the check.

use super::fields::{self, Checked, invalid, missing};
use super::{MAX_OPERATION, MAX_STATUS, MAX_TARGET, Rejection, code, safe_link};
use crate::ids::{RunId, TenantId};
use crate::metadata::Metadata;
use crate::run::{Counts, RunError, RunStatus};
use crate::timestamp::Timestamp;

/// An event that fits. What is `None` stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEvent {
    /// The portal. Never empty: that is us.
    pub source: String,
    /// What kind of run.
    pub run_type: String,
    /// Positive.
    pub run_id: RunId,
    /// Where it stands.
    pub status: RunStatus,
    /// From 1.
    pub attempt: u32,
    /// Positive. Names the event within its run, and orders it.
    pub sequence: Option<i64>,
    /// Together with attempt and status it names the event where there is no `sequence`. Only a notification may have neither.
    pub at: Option<Timestamp>,
    /// At least one is known.
    pub counts: Option<Counts>,
    /// What it does.
    pub operation: Option<String>,
    /// What it works on.
    pub target: Option<String>,
    /// The portal's own page, see [`safe_link`].
    pub url: Option<String>,
    /// The name of who started it, which may be nobody's here.
    pub started_by: Option<String>,
    /// Why it failed.
    pub error: Option<RunError>,
}

/// What an event is held against.
#[derive(Clone, Copy, Debug)]
pub struct Checks<'a> {
    /// The path's.
    pub tenant_id: TenantId,
    /// The source that the key is for; `None`: any.
    pub source: Option<&'a str>,
    /// This server's clock.
    pub now: Timestamp,
}

/// Reads an event or a Filament notification.
///
/// # Errors
/// The first thing that does not fit.
pub fn check(entry: &Metadata, checks: &Checks<'_>) -> Result<RunEvent, Rejection> {
    if !matches!(entry, Metadata::Object(_)) {
        return Err(Rejection {
            code: code::NOT_AN_EVENT.to_owned(),
            field: String::new(),
            message: "An event is an object.".to_owned(),
        });
    }
    match entry.get("format") {
        Some(Metadata::Text(format)) if format == "filament" => notification(entry, checks),
        _ => plain(entry, checks),
    }
}

fn plain(entry: &Metadata, checks: &Checks<'_>) -> Checked<RunEvent> {
    if let Some(tenant) = entry.get("tenant_id")
        && fields::positive("tenant_id", tenant)? != checks.tenant_id.0
    {
        return Err(Rejection {
            code: code::OTHER_TENANT.to_owned(),
            field: "tenant_id".to_owned(),
            message: "`tenant_id` is another tenant than the one in the path.".to_owned(),
        });
    }
    let url = match entry.get("url") {
        None => None,
        Some(Metadata::Text(text)) if text.is_empty() => None,
        Some(Metadata::Text(text)) => Some(safe_link(text).ok_or_else(bad_url)?),
        Some(_) => return Err(bad_url()),
    };
    let status = entry.get("status").ok_or_else(|| missing("status"))?;
    let counts = match entry.get("counts") {
        None => None,
        Some(value) => fields::counts(value)?,
    };
    let given = Given {
        status,
        counts,
        url,
    };
    let event = named(entry, checks, given)?;
    if event.sequence.is_none() && event.at.is_none() {
        let mut rejection = missing("at");
        rejection.message =
            "`at` is missing, and so is `sequence`: one of them says which event of the run this is."
                .to_owned();
        return Err(rejection);
    }
    Ok(event)
}

fn bad_url() -> Rejection {
    invalid(
        "url",
        "an address by http or https, or a path that begins with one `/`",
    )
}

/// The run is in `viewData.metadata`. Its `tenant_id` is the portal's own number for the tenant, which says nothing here.
fn notification(entry: &Metadata, checks: &Checks<'_>) -> Checked<RunEvent> {
    let metadata = entry
        .get("viewData")
        .and_then(|view_data| view_data.get("metadata"))
        .filter(|metadata| matches!(metadata, Metadata::Object(_)))
        .ok_or_else(|| Rejection {
            code: code::NO_RUN.to_owned(),
            field: "viewData.metadata".to_owned(),
            message: "`viewData.metadata` names no run, so this notification is about none."
                .to_owned(),
        })?;
    let own = match metadata.get("url") {
        Some(Metadata::Text(text)) => safe_link(text),
        _ => None,
    };
    let url = own.or_else(|| entry.get("actions").and_then(first_link));
    // As its title says: "Run queued".
    let queued = Metadata::from("queued");
    let status = metadata.get("status").unwrap_or(&queued);
    // The notification tells of the status. Counts that do not fit must not keep a failure from being known.
    let counts = metadata.get("counts").map(fields::counts);
    let given = Given {
        status,
        counts: counts.and_then(Result::ok).flatten(),
        url,
    };
    named(metadata, checks, given).map_err(|rejection| Rejection {
        message: format!("In viewData.metadata: {}", rejection.message),
        ..rejection
    })
}

/// The first action that leads somewhere; groups are opened out.
fn first_link(actions: &Metadata) -> Option<String> {
    let of_action = |action: &Metadata| match action.get("actions") {
        Some(group) => first_link(group),
        None => match action.get("url") {
            Some(Metadata::Text(url)) if !is_set(action, "shouldPostToUrl") => safe_link(url),
            _ => None,
        },
    };
    match actions {
        Metadata::List(actions) => actions.iter().find_map(of_action),
        Metadata::Object(actions) => actions
            .entries()
            .iter()
            .find_map(|(_, action)| of_action(action)),
        _ => None,
    }
}

fn is_set(action: &Metadata, flag: &str) -> bool {
    action.get(flag) == Some(&Metadata::Bool(true))
}

/// What events and notifications tell in different ways.
struct Given<'a> {
    status: &'a Metadata,
    counts: Option<Counts>,
    url: Option<String>,
}

fn named(fields: &Metadata, checks: &Checks<'_>, given: Given<'_>) -> Checked<RunEvent> {
    let required = |field: &str| fields.get(field).ok_or_else(|| missing(field));
    let text = |field: &str, longest: usize| {
        let value = fields.get(field);
        value
            .map(|value| fields::line(field, value, longest))
            .transpose()
    };
    Ok(RunEvent {
        source: source(fields.get("source"), checks)?,
        run_type: fields::name("run_type", required("run_type")?)?,
        run_id: RunId(fields::positive("run_id", required("run_id")?)?),
        status: status(given.status)?,
        attempt: fields::attempt(fields.get("attempt"))?,
        sequence: fields
            .get("sequence")
            .map(|value| fields::positive("sequence", value))
            .transpose()?,
        at: fields
            .get("at")
            .map(|value| fields::at(value, checks.now))
            .transpose()?,
        counts: given.counts,
        operation: text("operation", MAX_OPERATION)?,
        target: text("target", MAX_TARGET)?,
        url: given.url,
        started_by: match fields.get("started_by") {
            None => None,
            Some(value) => fields::started_by(value)?,
        },
        error: match fields.get("error") {
            None => None,
            Some(value) => fields::error(value)?,
        },
    })
}

fn source(named: Option<&Metadata>, checks: &Checks<'_>) -> Checked<String> {
    match (named, checks.source) {
        (None, None) => Err(missing("source")),
        (None, Some(only)) => Ok(only.to_owned()),
        (Some(named), only) => {
            let source = fields::name("source", named)?;
            if only.is_some_and(|only| only != source) {
                return Err(Rejection {
                    code: code::OTHER_SOURCE.to_owned(),
                    field: "source".to_owned(),
                    message: "`source` is another than the one that this key is for.".to_owned(),
                });
            }
            Ok(source)
        }
    }
}

/// Any spelling that a status is read in; what nobody knows stays as it is.
fn status(value: &Metadata) -> Checked<RunStatus> {
    let text = fields::line("status", value, MAX_STATUS)?;
    if text.trim().is_empty() {
        return Err(invalid(
            "status",
            &format!("a text of 1 to {MAX_STATUS} characters on one line"),
        ));
    }
    Ok(RunStatus::from(text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_768_147_146_123);

    fn read(json: &str, source: Option<&str>) -> Result<RunEvent, Rejection> {
        let checks = Checks {
            tenant_id: TenantId(5),
            source,
            now: NOW,
        };
        check(&serde_json::from_str(json).unwrap(), &checks)
    }

    /// An event with one field more, or one that replaces its own.
    fn with(field: &str) -> Result<RunEvent, Rejection> {
        let event = format!(
            r#"{{"source":"p","run_type":"sync","run_id":1,"status":"running","sequence":1,{field}}}"#
        );
        read(&event, None)
    }

    #[track_caller]
    fn rejects(field: &str, named: &str) {
        let rejection = with(field).expect_err(field);
        assert_eq!(rejection.field, named, "{field}");
        assert!(
            rejection.message.contains(&format!("`{named}`")),
            "{rejection:?}"
        );
    }

    #[test]
    fn an_event_is_read_and_what_is_unknown_is_ignored() {
        let event = read(
            r#"{"source":"portal","run_type":"sync","run_id":"42","status":"completed_with_errors","attempt":2,"sequence":7,
                "at":"2026-01-11T16:59:06.1234567+01:00","counts":{"total":10,"processed":9,"succeeded":8,"failed":1,"colour":"x"},
                "operation":"users.sync","target":"10 users","url":" https://portal.example/runs/42 ",
                "error":{"code":"quota","message":"No\nroom.","retryable":true},"tenant_id":5,"later":[{}]}"#,
            None,
        );
        let event = event.unwrap();
        assert_eq!(
            (event.run_id, event.status.as_str()),
            (RunId(42), "partial")
        );
        assert_eq!(
            (event.attempt, event.sequence, event.at),
            (2, Some(7), Some(NOW))
        );
        assert_eq!(event.url.as_deref(), Some("https://portal.example/runs/42"));
        assert_eq!(event.counts.unwrap().failed, Some(1));
        assert_eq!(event.error.unwrap().message, "No room.");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for value in [
            "0",
            "-1",
            "1.5",
            "9223372036854775808",
            "1e30",
            "\"9223372036854775808\"",
            "true",
            "\"x\"",
            "[]",
        ] {
            rejects(&format!("\"run_id\":{value}"), "run_id");
            rejects(&format!("\"sequence\":{value}"), "sequence");
        }
        for (field, named) in [
            (r#""source":"""#, "source"),
            (r#""source":"a b""#, "source"),
            (r#""source":"..""#, "source"),
            (r#""run_type":"a/b""#, "run_type"),
            (r#""run_type":5"#, "run_type"),
            (r#""run_type":null"#, "run_type"),
            (r#""status":"""#, "status"),
            (r#""status":"a\nb""#, "status"),
            (r#""status":{}"#, "status"),
            (r#""attempt":0"#, "attempt"),
            (r#""attempt":4294967297"#, "attempt"),
            (r#""at":"yesterday""#, "at"),
            (r#""at":"1970-01-01T00:00:00Z""#, "at"),
            (r#""at":"2026-01-13T00:00:00Z""#, "at"),
            (r#""at":1768147146"#, "at"),
            (r#""counts":5"#, "counts"),
            (r#""counts":{"failed":-1}"#, "counts.failed"),
            (r#""counts":{"total":1.5}"#, "counts.total"),
            (r#""counts":{"total":1e18}"#, "counts.total"),
            (r#""counts":{"total":3,"processed":4}"#, "counts.processed"),
            (
                r#""counts":{"processed":1,"succeeded":1,"failed":1}"#,
                "counts.processed",
            ),
            (r#""counts":{"total":1,"succeeded":2}"#, "counts.total"),
            (r#""operation":5"#, "operation"),
            (r#""url":"javascript:alert(1)""#, "url"),
            (r#""url":5"#, "url"),
            (r#""error":5"#, "error"),
            (r#""started_by":5"#, "started_by"),
            (r#""started_by":{"name":["x"]}"#, "started_by"),
            (r#""error":{"code":"x"}"#, "error"),
            (r#""tenant_id":6"#, "tenant_id"),
        ] {
            rejects(field, named);
        }
        let long = "x".repeat(MAX_STATUS + 1);
        rejects(&format!("\"status\":\"{long}\""), "status");
        assert!(with(&format!("\"status\":\"{}\"", &long[1..])).is_ok());
    }

    #[test]
    fn an_event_says_which_one_of_its_run_it_is() {
        let event = r#"{"source":"p","run_type":"sync","run_id":1,"status":"running"}"#;
        assert_eq!(read(event, None).unwrap_err().field, "at");
    }

    #[test]
    fn a_key_for_one_source_fills_it_in_and_refuses_others() {
        let event = r#"{"run_type":"sync","run_id":1,"status":"running","sequence":1}"#;
        assert_eq!(read(event, None).unwrap_err().code, code::MISSING_FIELD);
        assert_eq!(read(event, Some("p")).unwrap().source, "p");
        let event =
            r#"{"source":"q","run_type":"sync","run_id":1,"status":"running","sequence":1}"#;
        assert_eq!(read(event, Some("p")).unwrap_err().code, code::OTHER_SOURCE);
        assert_eq!(read(event, Some("q")).unwrap().source, "q");
    }

    #[test]
    fn a_notification_names_its_run_in_the_metadata_and_its_page_in_the_action() {
        let event = read(
            r#"{"format":"filament","title":"<b>x</b>","actions":[{"url":"javascript:x"},{"actions":[{"url":"/admin/t/7/restore-runs/42"}]}],
                "viewData":{"metadata":{"tenant_id":7,"run_type":"restore","run_id":42,"status":"failed","counts":[]}}}"#,
            Some("portal"),
        );
        let event = event.unwrap();
        assert_eq!(
            (event.run_type.as_str(), event.run_id),
            ("restore", RunId(42))
        );
        assert_eq!(event.url.as_deref(), Some("/admin/t/7/restore-runs/42"));
        assert_eq!((event.at, event.counts), (None, None));
        let event = read(
            r#"{"format":"filament","viewData":{"metadata":{"run_type":"sync","run_id":"+42 ","counts":{"total":2,"processed":5}}}}"#,
            Some("portal"),
        );
        let event = event.unwrap();
        assert_eq!((event.status, event.counts), (RunStatus::Queued, None));
        for without in [
            "{}",
            r#"{"metadata":[]}"#,
            r#"{"metadata":"x"}"#,
            "\"x\"",
            "null",
        ] {
            let json = format!(r#"{{"format":"filament","viewData":{without}}}"#);
            assert_eq!(read(&json, Some("p")).unwrap_err().code, code::NO_RUN);
        }
    }
}
