//! What a portal announced of one run, folded. Pure: (state, event) → state, and the same state for every order of the same events.
//!
//! Events have a total order ([`Place`]), which is the portal's and not that of their arrival. Each field is what the last event in that order
//! told of it; an event that leaves a field out tells nothing of it.

use contract::ingest::RunEvent;
use contract::run::{Counts, RunError, RunStatus};
use serde::{Deserialize, Serialize};

/// Where an event stands among those of its run: compared field by field, in this order.
///
/// A later attempt is newer than an earlier one, and an end of an attempt than whatever is not. Then the sequence decides; events without one
/// are older than those with. Then the time; and at one time the status, the worst last, so that no failure hides behind another status.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    attempt: u32,
    has_ended: bool,
    sequence: i64,
    at: i64,
    rank: u8,
    status: String,
}

impl Place {
    /// Of this event.
    pub fn of(event: &RunEvent) -> Self {
        Self {
            attempt: event.attempt,
            has_ended: event.status.is_ended(),
            sequence: event.sequence.unwrap_or(0),
            at: event.at.map_or(0, |at| at.0),
            rank: rank(&event.status),
            status: event.status.as_str().to_owned(),
        }
    }
}

/// What makes an event the same as another of its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// 0 where it has none; then the others tell it from others, and are 0 and empty where it has one.
    pub sequence: i64,
    /// From 1.
    pub attempt: u32,
    /// 0 where a notification told none.
    pub at: i64,
    /// As it is written.
    pub status: &'a str,
}

impl Place {
    /// Of the event that stands here.
    pub fn identity(&self) -> Identity<'_> {
        let by_sequence = Identity {
            sequence: self.sequence,
            attempt: 0,
            at: 0,
            status: "",
        };
        if self.sequence != 0 {
            return by_sequence;
        }
        Identity {
            attempt: self.attempt,
            at: self.at,
            status: &self.status,
            ..by_sequence
        }
    }
}

fn rank(status: &RunStatus) -> u8 {
    match status {
        RunStatus::Queued => 0,
        RunStatus::Running => 1,
        RunStatus::Other(_) => 2,
        RunStatus::Cancelled => 3,
        RunStatus::Completed => 4,
        RunStatus::Partial => 5,
        RunStatus::Failed => 6,
    }
}

/// A field, and the event that told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told<T> {
    value: T,
    by: Place,
}

/// What is known of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    newest: Place,
    counts: Option<Told<Counts>>,
    error: Option<Told<RunError>>,
    operation: Option<Told<String>>,
    target: Option<Told<String>>,
    url: Option<Told<String>>,
    started_by: Option<Told<String>>,
}

/// What an event changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Something newer was known. Only fields that nothing newer told can have changed.
    pub is_late: bool,
    /// The status or the attempt.
    pub status: bool,
    /// The operation, the target, who started it, or the error.
    pub about: bool,
    /// The counts.
    pub counts: bool,
    /// The portal's page.
    pub url: bool,
}

impl Announced {
    /// What the first event of a run tells.
    pub fn first(event: &RunEvent) -> Self {
        let mut first = Self {
            newest: Place::of(event),
            counts: None,
            error: None,
            operation: None,
            target: None,
            url: None,
            started_by: None,
        };
        first.fold(event);
        first
    }

    /// Takes an event in.
    pub fn fold(&mut self, event: &RunEvent) -> Effect {
        let place = Place::of(event);
        let mut effect = Effect {
            is_late: place < self.newest,
            ..Effect::default()
        };
        if !effect.is_late {
            let is_later_attempt = place.attempt > self.newest.attempt;
            effect.status = is_later_attempt || place.status != self.newest.status;
            if is_later_attempt {
                // They were the earlier attempt's.
                effect.counts = self.counts.take().is_some();
                effect.about = self.error.take().is_some();
            }
            self.newest = place.clone();
        }
        if place.attempt == self.newest.attempt {
            effect.counts |= put(&mut self.counts, event.counts.as_ref(), &place);
            effect.about |= put(&mut self.error, event.error.as_ref(), &place);
        }
        effect.about |= put(&mut self.operation, event.operation.as_ref(), &place);
        effect.about |= put(&mut self.target, event.target.as_ref(), &place);
        effect.about |= put(&mut self.started_by, event.started_by.as_ref(), &place);
        effect.url = put(&mut self.url, event.url.as_ref(), &place);
        effect
    }

    /// The event that the run stands at.
    pub fn newest(&self) -> &Place {
        &self.newest
    }

    /// Where the run stands.
    pub fn status(&self) -> RunStatus {
        RunStatus::from(self.newest.status.as_str())
    }

    /// From 1.
    pub fn attempt(&self) -> u32 {
        self.newest.attempt
    }

    /// Of the newest attempt.
    pub fn counts(&self) -> Option<&Counts> {
        self.counts.as_ref().map(|told| &told.value)
    }

    /// Of the newest attempt, and only while the run stands as failed or partial.
    pub fn error(&self) -> Option<&RunError> {
        let error = self.error.as_ref().map(|told| &told.value);
        error.filter(|_| self.status().is_failure())
    }

    /// Empty where nobody told.
    pub fn operation(&self) -> &str {
        text(self.operation.as_ref())
    }

    /// Empty where nobody told.
    pub fn target(&self) -> &str {
        text(self.target.as_ref())
    }

    /// A name, which may be nobody's here.
    pub fn started_by(&self) -> Option<&str> {
        self.started_by.as_ref().map(|told| told.value.as_str())
    }

    /// The portal's page of the run.
    pub fn url(&self) -> Option<&str> {
        self.url.as_ref().map(|told| told.value.as_str())
    }
}

fn text(told: Option<&Told<String>>) -> &str {
    told.map_or("", |told| told.value.as_str())
}

/// Keeps the value of the later event; whether another value stands there now.
fn put<T: Clone + PartialEq>(field: &mut Option<Told<T>>, value: Option<&T>, by: &Place) -> bool {
    let Some(value) = value else {
        return false;
    };
    if field.as_ref().is_some_and(|told| told.by >= *by) {
        return false;
    }
    let told = Told {
        value: value.clone(),
        by: by.clone(),
    };
    let before = field.replace(told);
    before.is_none_or(|before| before.value != *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::ids::RunId;
    use contract::timestamp::Timestamp;
    use proptest::prelude::*;

    fn event(status: &str, attempt: u32, sequence: Option<i64>, at: i64) -> RunEvent {
        RunEvent {
            source: "portal".to_owned(),
            run_type: "sync".to_owned(),
            run_id: RunId(1),
            status: RunStatus::from(status),
            attempt,
            sequence,
            at: sequence.is_none().then_some(Timestamp(at)),
            counts: None,
            operation: None,
            target: None,
            url: None,
            started_by: None,
            error: None,
        }
    }

    #[track_caller]
    fn check(events: &[(&str, u32, Option<i64>, i64)], status: &str, late: &[bool]) {
        let events: Vec<_> = events
            .iter()
            .map(|(status, attempt, sequence, at)| event(status, *attempt, *sequence, *at))
            .collect();
        let mut known = Announced::first(&events[0]);
        let judged: Vec<_> = events[1..]
            .iter()
            .map(|event| known.fold(event).is_late)
            .collect();
        assert_eq!((known.status().as_str(), judged.as_slice()), (status, late));
    }

    #[test]
    fn an_ended_run_goes_on_only_as_a_later_attempt() {
        let ended = ("failed", 1, Some(5), 0);
        check(&[ended, ("running", 1, Some(9), 0)], "failed", &[true]);
        check(&[ended, ("running", 2, Some(1), 0)], "running", &[false]);
        check(
            &[ended, ("completed", 1, Some(6), 0)],
            "completed",
            &[false],
        );
        check(&[ended, ("completed", 1, Some(4), 0)], "failed", &[true]);
        check(&[("running", 2, Some(1), 0), ended], "running", &[true]);
    }

    #[test]
    fn without_a_sequence_the_time_decides_and_at_one_time_the_worst() {
        check(
            &[("running", 1, None, 7), ("queued", 1, None, 6)],
            "running",
            &[true],
        );
        check(
            &[("queued", 1, None, 7), ("running", 1, None, 7)],
            "running",
            &[false],
        );
        check(
            &[("failed", 1, None, 7), ("completed", 1, None, 7)],
            "failed",
            &[true],
        );
        check(
            &[("running", 1, Some(1), 0), ("queued", 1, None, 9)],
            "running",
            &[true],
        );
    }

    fn any_event() -> impl Strategy<Value = RunEvent> {
        let status = prop::sample::select(vec![
            "queued",
            "running",
            "paused",
            "completed",
            "partial",
            "failed",
            "cancelled",
        ]);
        let text = || prop::option::of("[ab]");
        let fields = (prop::option::of(0..3_u64), text(), text(), text(), text());
        (
            status,
            1..3_u32,
            prop::option::of(1..6_i64),
            1..4_i64,
            fields,
        )
            .prop_map(
                |(status, attempt, sequence, at, (total, operation, target, url, error))| {
                    RunEvent {
                        counts: total.map(|total| Counts {
                            total: Some(total),
                            ..Counts::default()
                        }),
                        operation,
                        target,
                        url,
                        error: error.map(|code| RunError {
                            code,
                            message: String::new(),
                            retryable: false,
                            request_id: None,
                        }),
                        ..event(status, attempt, sequence, at)
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn every_order_of_the_same_events_gives_the_same_state(
            events in prop::collection::vec(any_event(), 1..12).prop_shuffle(), seed in any::<u64>()
        ) {
            // Two events of one place are one event.
            let mut events: Vec<RunEvent> = events;
            let mut seen = std::collections::BTreeSet::new();
            events.retain(|event| seen.insert((event.sequence, event.sequence.is_none().then(|| Place::of(event)))));
            let fold = |events: &[RunEvent]| {
                let mut known = Announced::first(&events[0]);
                for event in &events[1..] {
                    known.fold(event);
                }
                known
            };
            let expected = fold(&events);
            let by = usize::try_from(seed % events.len() as u64).unwrap();
            events.rotate_left(by);
            prop_assert_eq!(&fold(&events), &expected);
            events.reverse();
            prop_assert_eq!(&fold(&events), &expected);
            events.sort_by_key(Place::of);
            prop_assert_eq!(&fold(&events), &expected);
        }
    }
}
