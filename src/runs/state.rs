//! What a run is in, for the eye: the icon, the words and the edge that say it. Colour comes last and alone says nothing.

use contract::run::{Run, RunStatus};
use yew::AttrValue;

use crate::i18n::{Text, t};
use crate::icons::Icon;

/// The state of a run on screen: its status, and what is wrong with an active one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for a worker.
    Queued,
    /// Works.
    Running,
    /// Works, and waits for Graph.
    Throttled,
    /// Should work, and nothing moves.
    Stalled,
    /// Ended well.
    Completed,
    /// Ended with some failures.
    Partial,
    /// Failed.
    Failed,
    /// Ended by somebody.
    Cancelled,
    /// In a status that this version does not know.
    Updated,
}

impl State {
    /// Of a run.
    pub fn of(run: &Run) -> State {
        match run.status {
            RunStatus::Queued | RunStatus::Running if run.stalled_since.is_some() => State::Stalled,
            RunStatus::Running if run.waiting.is_some() => State::Throttled,
            ref status => State::of_status(status),
        }
    }

    /// Of a status alone, as in a timeline.
    pub fn of_status(status: &RunStatus) -> State {
        match status {
            RunStatus::Queued => State::Queued,
            RunStatus::Running => State::Running,
            RunStatus::Completed => State::Completed,
            RunStatus::Partial => State::Partial,
            RunStatus::Failed => State::Failed,
            RunStatus::Cancelled => State::Cancelled,
            RunStatus::Other(_) => State::Updated,
        }
    }

    /// `data-state`, which chooses the edge.
    pub fn attribute(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Running => "running",
            State::Throttled => "throttled",
            State::Stalled => "stalled",
            State::Completed => "completed",
            State::Partial => "partial",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
            State::Updated => "updated",
        }
    }

    /// `data-tone`.
    pub fn tone(self) -> &'static str {
        match self {
            State::Completed => "success",
            State::Partial | State::Stalled => "warning",
            State::Failed => "danger",
            State::Queued
            | State::Running
            | State::Throttled
            | State::Cancelled
            | State::Updated => "neutral",
        }
    }

    /// The tone of its word in lists: green is the tick alone, so that a list in which nothing is wrong is grey.
    pub fn word_tone(self) -> &'static str {
        if self == State::Completed {
            "neutral"
        } else {
            self.tone()
        }
    }

    /// Each has an outline of its own.
    pub fn icon(self) -> Icon {
        match self {
            State::Queued => Icon::Queued,
            State::Running => Icon::Running,
            State::Throttled => Icon::Throttled,
            State::Stalled => Icon::Stalled,
            State::Completed => Icon::Completed,
            State::Partial => Icon::Partial,
            State::Failed => Icon::Failed,
            State::Cancelled => Icon::Cancelled,
            State::Updated => Icon::Updated,
        }
    }

    /// Whether the icon turns ([`dressed`](crate::icons::dressed)): that of a run that moves; what may be old stands still.
    pub fn turn(self, may_be_old: bool) -> Option<&'static str> {
        (self == State::Running && !may_be_old).then_some("")
    }

    /// The title of a card.
    pub fn title(self) -> AttrValue {
        t(match self {
            State::Queued => Text::RunQueued,
            State::Running | State::Throttled | State::Stalled => Text::RunStarted,
            State::Completed => Text::RunCompleted,
            State::Partial => Text::RunPartial,
            State::Failed => Text::RunFailed,
            State::Cancelled => Text::RunCancelled,
            State::Updated => Text::RunUpdated,
        })
    }

    /// The word of a row or a chip. A status that is not known is shown as it came.
    pub fn word(self, status: &RunStatus) -> AttrValue {
        t(match self {
            State::Queued => Text::Queued,
            State::Running => Text::Running,
            State::Throttled => Text::Throttled,
            State::Stalled => Text::Stalled,
            State::Completed => Text::Completed,
            State::Partial => Text::Partial,
            State::Failed => Text::Failed,
            State::Cancelled => Text::Cancelled,
            State::Updated => return AttrValue::from(status.as_str().to_owned()),
        })
    }
}
