//! The fields of an event, one by one: what fits comes back as its own type, what does not as a [`Rejection`] that names the field.

use super::{MAX_ATTEMPT, MAX_COUNT, MAX_NAME, Rejection, code};
use crate::api::MAX_NAME_CHARS;
use crate::metadata::Metadata;
use crate::run::{Counts, RunError};
use crate::timestamp::Timestamp;

/// The longest message of an error, in characters; what is beyond is cut.
const MAX_MESSAGE: usize = 500;
/// Floats name whole numbers exactly up to here.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// 2000-01-01. Before it, an `at` is a clock that was never set.
const OLDEST: Timestamp = Timestamp(946_684_800_000);
/// A portal's clock may be a little ahead of ours. More than a day would make everything that follows look late.
const MOST_AHEAD_MS: i64 = 24 * 60 * 60 * 1000;

pub(super) type Checked<T> = Result<T, Rejection>;

pub(super) fn missing(field: &str) -> Rejection {
    Rejection {
        code: code::MISSING_FIELD.to_owned(),
        field: field.to_owned(),
        message: format!("`{field}` is missing."),
    }
}

pub(super) fn invalid(field: &str, what_fits: &str) -> Rejection {
    Rejection {
        code: code::INVALID_FIELD.to_owned(),
        field: field.to_owned(),
        message: format!("`{field}` is {what_fits}."),
    }
}

/// Whether a source or run type may be called so: it stands in paths and queries.
pub fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(is_plain)
        && text.as_bytes()[0].is_ascii_alphanumeric()
}

/// A source or run type.
pub(super) fn name(field: &str, value: &Metadata) -> Checked<String> {
    match value {
        Metadata::Text(text) if is_name(text) => Ok(text.clone()),
        _ => Err(invalid(
            field,
            &format!(
                "1 to {MAX_NAME} letters, digits, `.`, `_` and `-`, and begins with a letter or digit"
            ),
        )),
    }
}

/// A text on one line, that long at most.
pub(super) fn line(field: &str, value: &Metadata, longest: usize) -> Checked<String> {
    match value {
        Metadata::Text(text)
            if text.chars().count() <= longest && !text.chars().any(char::is_control) =>
        {
            Ok(text.clone())
        }
        _ => Err(invalid(
            field,
            &format!("a text of at most {longest} characters on one line"),
        )),
    }
}

/// A positive whole number within 64 bits: as a number, or as its digits, which is how some portals send what JavaScript cannot hold.
pub(super) fn positive(field: &str, value: &Metadata) -> Checked<i64> {
    whole_or_digits(value)
        .filter(|number| *number > 0)
        .ok_or_else(|| invalid(field, "a positive whole number within 64 bits"))
}

fn whole_or_digits(value: &Metadata) -> Option<i64> {
    match value {
        Metadata::Text(text) => digits(text),
        other => whole(other),
    }
}

/// As PHP reads an id, but for what it cuts off or guesses: blanks around the digits, a plus and zeros before them.
fn digits(text: &str) -> Option<i64> {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let digits = text.strip_prefix('+').unwrap_or(text);
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| digits.parse().ok()).flatten()
}

fn whole(value: &Metadata) -> Option<i64> {
    match value {
        Metadata::Int(number) => Some(*number),
        Metadata::Float(number) if number.fract() == 0.0 && number.abs() <= EXACT => {
            Some(*number as i64)
        }
        _ => None,
    }
}

/// The number of the try: 1 where it is left out.
pub(super) fn attempt(value: Option<&Metadata>) -> Checked<u32> {
    let Some(value) = value else {
        return Ok(1);
    };
    whole(value)
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| (1..=MAX_ATTEMPT).contains(number))
        .ok_or_else(|| {
            invalid(
                "attempt",
                &format!("a whole number from 1 to {MAX_ATTEMPT}"),
            )
        })
}

/// When the event happened, by the portal's clock.
pub(super) fn at(value: &Metadata, now: Timestamp) -> Checked<Timestamp> {
    let text = match value {
        Metadata::Text(text) => Timestamp::parse(text),
        _ => None,
    };
    let at = text.ok_or_else(|| {
        invalid(
            "at",
            "a time as RFC 3339 has it, like 2026-01-11T15:59:06.123Z",
        )
    })?;
    if at < OLDEST || at.0 > now.0.saturating_add(MOST_AHEAD_MS) {
        return Err(invalid(
            "at",
            "a time from 2000 on and at most a day ahead of this server's clock: look at the clock of the sender",
        ));
    }
    Ok(at)
}

/// How many records there are and what became of them.
pub(super) fn counts(value: &Metadata) -> Checked<Option<Counts>> {
    match value {
        Metadata::Object(_) => {}
        // PHP writes an empty object so.
        Metadata::List(values) if values.is_empty() => return Ok(None),
        _ => return Err(invalid("counts", "an object of whole numbers")),
    }
    let count = |name: &str| -> Checked<Option<u64>> {
        let Some(value) = value.get(name) else {
            return Ok(None);
        };
        let number = whole_or_digits(value)
            .and_then(|number| u64::try_from(number).ok())
            .filter(|number| *number <= MAX_COUNT);
        number.map(Some).ok_or_else(|| {
            invalid(
                &format!("counts.{name}"),
                &format!("a whole number from 0 to {MAX_COUNT}"),
            )
        })
    };
    let counts = Counts {
        total: count("total")?,
        processed: count("processed")?,
        succeeded: count("succeeded")?,
        failed: count("failed")?,
        skipped: count("skipped")?,
    };
    add_up(&counts)?;
    Ok((counts != Counts::default()).then_some(counts))
}

/// More were processed than there are, or more have an outcome than were processed: one of the numbers is wrong, and nobody knows which.
fn add_up(counts: &Counts) -> Checked<()> {
    let settled = [counts.succeeded, counts.failed, counts.skipped];
    let settled: u64 = settled.into_iter().flatten().sum();
    let most = counts.total.unwrap_or(MAX_COUNT);
    match counts.processed {
        Some(processed) if processed > most => {
            Err(invalid("counts.processed", "at most `counts.total`"))
        }
        Some(processed) if settled > processed => Err(invalid(
            "counts.processed",
            "at least the sum of `counts.succeeded`, `counts.failed` and `counts.skipped`",
        )),
        None if settled > most => Err(invalid(
            "counts.total",
            "at least the sum of `counts.succeeded`, `counts.failed` and `counts.skipped`",
        )),
        _ => Ok(()),
    }
}

/// The name of who started the run: {name}, or the name alone. Ids are the portal's own.
pub(super) fn started_by(value: &Metadata) -> Checked<Option<String>> {
    let name = match value {
        Metadata::Object(_) => value.get("name"),
        Metadata::List(values) if values.is_empty() => None,
        other => Some(other),
    };
    let name = name.map(|name| line("started_by", name, MAX_NAME_CHARS));
    Ok(name.transpose()?.filter(|name| !name.trim().is_empty()))
}

/// Why the run failed: {code, message}, or the message alone.
pub(super) fn error(value: &Metadata) -> Checked<Option<RunError>> {
    let fits = || invalid("error", "an object with the texts `code` and `message`");
    let (code, message) = match value {
        Metadata::Text(text) => (None, text),
        Metadata::List(values) if values.is_empty() => return Ok(None),
        Metadata::Object(_) => match value.get("message") {
            Some(Metadata::Text(text)) => (value.get("code"), text),
            _ => return Err(fits()),
        },
        _ => return Err(fits()),
    };
    let code = match code {
        None => "portal".to_owned(),
        Some(code) => name("error.code", code)?,
    };
    let request_id = match value.get("request_id") {
        None => None,
        Some(id) => Some(line("error.request_id", id, MAX_NAME)?),
    };
    Ok(Some(RunError {
        code,
        message: one_line(message),
        retryable: value.get("retryable") == Some(&Metadata::Bool(true)),
        request_id,
    }))
}

/// Blanks and control characters as one blank each, and no longer than a card shows.
fn one_line(text: &str) -> String {
    let is_gap = |character: char| character.is_whitespace() || character.is_control();
    let words: Vec<&str> = text.split(is_gap).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(MAX_MESSAGE).collect()
}
