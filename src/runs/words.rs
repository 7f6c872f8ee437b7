//! A run in words: what it does, to what, who started it, how long it takes. Names that came from outside are text.

use contract::ids::{PersonId, RunKey};
use contract::run::{BULK_OPERATION, CAPTURE_ALL, CAPTURE_POLICY, RESTORE, Run};
use contract::timestamp::Timestamp;
use yew::AttrValue;

use crate::feed::TimeLeft;
use crate::i18n::format::{clock, duration};
use crate::i18n::{Text, t};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// An operation by its code; one that is not known is shown as it came.
pub fn operation(code: &str) -> AttrValue {
    t(match code {
        CAPTURE_ALL => Text::CaptureAll,
        CAPTURE_POLICY => Text::CapturePolicy,
        "policy.export" => Text::ExportPolicies,
        "policy.verify" => Text::VerifySnapshots,
        "restore.live" => Text::RestoreLive,
        "restore.preview" => Text::RestorePreview,
        other => return AttrValue::from(other.to_owned()),
    })
}

/// Names a run among all, for the drawing.
pub fn name(key: &RunKey) -> String {
    format!(
        "{} {} {} {}",
        key.tenant_id, key.run_type, key.run_id, key.source
    )
}

/// Names a run to people, to tests and to a portal: `bulk_operation/42`.
pub fn short_name(run: &Run) -> String {
    format!("{}/{}", run.run_type, run.run_id)
}

/// What a run does.
pub fn what(run: &Run) -> AttrValue {
    if run.operation.is_empty() {
        run_type(&run.run_type).into()
    } else {
        operation(&run.operation)
    }
}

/// What it works on; empty before that is known.
pub fn target(run: &Run) -> AttrValue {
    match run.counts.total {
        _ if !run.target.is_empty() => run.target.clone().into(),
        Some(total) if matches!(run.run_type.as_str(), BULK_OPERATION | RESTORE) => {
            t(Text::NPolicies(total))
        }
        _ => AttrValue::from(""),
    }
}

/// A run type in words: `bulk_operation` → "bulk operation".
pub fn run_type(run_type: &str) -> String {
    run_type.replace('_', " ")
}

/// "A bulk operation run changed status to: running."
pub fn body(run: &Run) -> AttrValue {
    t(Text::ChangedStatus {
        run_type: &run_type(&run.run_type),
        status: run.status.as_str(),
    })
}

/// "you", a name, or "a schedule".
pub fn starter(run: &Run, me: Option<PersonId>) -> AttrValue {
    match &run.started_by {
        Some(person) if Some(person.id) == me => t(Text::You),
        Some(person) => person.name.clone().into(),
        None if !run.source.is_empty() => run.source.clone().into(),
        None => t(Text::ASchedule),
    }
}

/// "started by you".
pub fn started_by(run: &Run, me: Option<PersonId>) -> AttrValue {
    t(match &run.started_by {
        Some(person) if Some(person.id) == me => Text::StartedByYou,
        Some(person) => Text::StartedBy(&person.name),
        None if !run.source.is_empty() => Text::AnnouncedBy(&run.source),
        None => Text::StartedBySchedule,
    })
}

/// How long it took, once it has ended.
pub fn took(run: &Run) -> Option<AttrValue> {
    let ended_at = run.ended_at?;
    Some(duration(
        ended_at.since(run.started_at.unwrap_or(run.queued_at)),
    ))
}

/// "2–3 min"; `None` where it is not known, `Some(None)` for a few seconds.
pub fn range(left: TimeLeft) -> Option<Option<AttrValue>> {
    let TimeLeft::Between { low_ms, high_ms } = left else {
        return None;
    };
    if high_ms < 5 * SECOND_MS {
        return Some(None);
    }
    let words = if high_ms < MINUTE_MS {
        let five = |ms: i64| (ms / SECOND_MS / 5 * 5).unsigned_abs();
        let (low, high) = (five(low_ms), five(high_ms + 4 * SECOND_MS));
        if low >= high || low == 0 {
            t(Text::Seconds(high))
        } else {
            t(Text::RangeSeconds { low, high })
        }
    } else if high_ms < 90 * MINUTE_MS {
        let (low, high) = (
            (low_ms / MINUTE_MS).unsigned_abs(),
            ((high_ms + MINUTE_MS - 1) / MINUTE_MS).unsigned_abs(),
        );
        if low >= high || low == 0 {
            t(Text::Minutes(high))
        } else {
            t(Text::RangeMinutes { low, high })
        }
    } else {
        let (low, high) = (
            (low_ms / HOUR_MS).unsigned_abs(),
            ((high_ms + HOUR_MS - 1) / HOUR_MS).unsigned_abs(),
        );
        if low >= high || low == 0 {
            t(Text::Hours(high))
        } else {
            t(Text::RangeHours { low, high })
        }
    };
    Some(Some(words))
}

/// "about 2–3 min left", or that it is not known.
pub fn left(left: TimeLeft) -> AttrValue {
    match range(left) {
        None => t(Text::LeftUnknownYet),
        Some(None) => t(Text::LeftSoon),
        Some(Some(range)) => t(Text::LeftAbout(&range)),
    }
}

/// "since 14:00:31", in words that do not age.
pub fn since_clock(at: Timestamp) -> AttrValue {
    t(Text::SinceClock(&clock(at)))
}

/// A policy family by Graph's name.
pub fn family(family: &str) -> AttrValue {
    t(match family {
        "configurationPolicies" => Text::SettingsCatalog,
        "deviceConfigurations" => Text::DeviceConfigurations,
        other => return AttrValue::from(other.to_owned()),
    })
}
