//! Everything that can happen to a [`Feed`](crate::feed::Feed): what the stream said, what an answer held, what its person did.

use contract::api::{MarkRows, MarksPut};
use contract::frame::{Hello, MarksChanged, Progress, Pulse, Seal};
use contract::ids::{RunKey, TenantId, TenantSeq};
use contract::preferences::Preferences;
use contract::run::Run;
use contract::snapshot::Snapshot;
use contract::timestamp::Timestamp;

use crate::feed::diagnostics::Tab;
use crate::feed::freshness::Link;

/// One step of the feed. Times named `now_ms` are the local monotonic clock's, in milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The state to start from: it replaces runs, marks and totals, and merges with nothing.
    Snapshot {
        /// As it came.
        snapshot: Box<Snapshot>,
        /// When it came.
        now_ms: f64,
    },
    /// A connection began.
    Hello {
        /// As it came.
        hello: Box<Hello>,
        /// When it came.
        now_ms: f64,
    },
    /// The connection lives.
    Pulse {
        /// As it came.
        pulse: Pulse,
        /// When it came.
        now_ms: f64,
    },
    /// A `seal` frame.
    Seal {
        /// As it came.
        seal: Seal,
        /// When it came.
        now_ms: f64,
    },
    /// A `reset` frame: the snapshot follows.
    Reset,
    /// What this tab is among the tabs of its session.
    Tab(Tab),
    /// The tab is hidden, or is visible again.
    Hidden {
        /// Which.
        is_hidden: bool,
        /// When.
        now_ms: f64,
    },
    /// When a page before this one was last read, and how many runs had ended then: before the first picture.
    WasHere {
        /// By the server's clock.
        at: Timestamp,
        /// Of all tenants.
        n_ended: u64,
    },
    /// The person has read what happened while they were away.
    AwayRead,
    /// A `run` frame: the next place in its tenant's history.
    Run(Box<Run>),
    /// A `progress` frame.
    Progress(Progress),
    /// A run that an answer held: of a start, a list or a run's page. It has no place in the history of the stream.
    Body(Box<Run>),
    /// A `marks` frame.
    Marks(MarksChanged),
    /// A page of marks that changed while nobody listened.
    MarkRows(MarkRows),
    /// The answer to a change of the preferences.
    Preferred(Preferences),
    /// How the connection stands.
    Connection(Link),
    /// Takes a card off the screen before the server knows. Settled by [`Event::MarksPut`] or [`Event::DismissFailed`].
    Dismiss {
        /// The run.
        key: RunKey,
        /// Its `tenant_seq` on screen.
        seq: TenantSeq,
        /// Its `attempt` on screen.
        attempt: u32,
        /// Names this change among those of the page; a later one of the same run has a higher number.
        change: u64,
    },
    /// Brings a dismissed card back before the server knows. Settled like a dismissal.
    Undo {
        /// The run.
        key: RunKey,
        /// As in [`Event::Dismiss`].
        change: u64,
    },
    /// The server did not take the change: the card stands as the server last said.
    DismissFailed {
        /// The run.
        key: RunKey,
        /// Which change; a later one of the same run stays.
        change: u64,
    },
    /// The server took the changes: its marks stand, and dismissals that it did not make are undone.
    MarksPut {
        /// The answer.
        put: MarksPut,
        /// Which change.
        change: u64,
    },
    /// The person has seen the run up to this.
    Seen {
        /// The run.
        key: RunKey,
        /// Its `tenant_seq` on screen.
        seq: TenantSeq,
    },
    /// The person may not see this tenant any more.
    TenantGone(TenantId),
    /// Something to say to the person.
    Notice(NoticeKind),
    /// The person has read it.
    NoticeRead(u64),
    /// Somebody signed out: nothing may stay.
    Wiped,
}

/// A sentence that the app owes its person, kept until it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Names it for [`Event::NoticeRead`]; later ones are higher.
    pub id: u64,
    /// What happened.
    pub kind: NoticeKind,
}

/// What a [`Notice`] says.
#[derive(Clone, Debug, PartialEq)]
pub enum NoticeKind {
    /// These changed while they were being dismissed, so they stay.
    Stayed(Vec<RunKey>),
    /// The server did not take a dismissal or its undoing; the cards are back as they were.
    MarksFailed {
        /// How many runs it was about.
        n_runs: usize,
        /// The problem's code, or `unreachable`.
        code: String,
        /// What the server says to people, if it did.
        detail: Option<String>,
    },
    /// The runs of an operation have no card any more.
    Muted {
        /// Which.
        operation: String,
    },
    /// The server did not take a change of the preferences: they are what they were.
    PreferFailed {
        /// What the server says to people, if it did.
        detail: Option<String>,
    },
    /// Nobody looks after these failures yet: the server did not take it, or they have changed since.
    NotAcknowledged {
        /// How many.
        n_runs: usize,
        /// What the server says to people, if it did.
        detail: Option<String>,
    },
    /// A start was not accepted.
    StartFailed {
        /// Where.
        tenant_id: TenantId,
        /// What.
        operation: String,
        /// The problem's code, or `unreachable`.
        code: String,
        /// What the server says to people, if it did.
        detail: Option<String>,
    },
    /// A start was answered with a run that was queued or running already.
    Reused(RunKey),
    /// The session still stands on the server.
    SignOutFailed {
        /// The problem's code, or `unreachable`.
        code: String,
        /// What the server says to people, if it did.
        detail: Option<String>,
    },
    /// A frame that this version cannot read; the picture was taken anew.
    Unreadable {
        /// The frame's `event:`.
        event: String,
    },
}
