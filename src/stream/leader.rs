//! Which of the tabs of one session has the stream: the states of one tab, with time and chance as values. No DOM.
//!
//! ```text
//!                      ┌──── silence, a hidden leader, one that left: take the lock ────┐
//!                      │                                                                ▼
//! Left ──begin──▶ Follows ◀──────────────── another took the lock ──────────────── Leads
//!   ▲                  └──────────────────── the page is left ──────────────────────────┤
//!   └───────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The lock is always taken by `steal`: a frozen leader keeps its own. Whoever loses it ends its stream, so there is one. The leader
//! beats once a second, and whatever it passes on is a beat too. Where a tab is visible, one that is visible leads.

/// What a tab is among the tabs of its session in this browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// It has the stream, and shares it with nobody: tabs cannot agree in this browser or over this connection.
    #[default]
    Alone,
    /// It has the stream, and passes on what it hears.
    Leads,
    /// It hears what the leading tab passes on.
    Follows,
}

/// The leader says this often that it lives.
pub const BEAT_EVERY_MS: f64 = 1_000.0;
/// A visible follower leads after this much silence.
pub const SILENT_AFTER_MS: f64 = 2_000.0;
/// A hidden one after this, so only if no tab is visible. Browsers let the timers of hidden tabs run once a second at best.
pub const SILENT_AFTER_HIDDEN_MS: f64 = 18_000.0;
/// A leader answers a tab that begins within this time.
const ANSWER_MS: f64 = 200.0;
/// A hidden follower lets the visible ones go first when it begins, or the leader leaves.
const HIDDEN_LAST_MS: f64 = 1_000.0;
/// Several followers do not take the lock at the same moment.
const SPREAD_MS: f64 = 250.0;
/// A timer that is this late was frozen, and what was said meanwhile is still to be heard.
const LATE_MS: f64 = 1_000.0;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The page begins, or comes back from the back/forward cache.
    Begin,
    /// Another tab took the lock.
    Lost,
    /// The leader passed something on, or beat.
    Heard {
        /// Whether it is visible; a frame does not say.
        is_visible: Option<bool>,
    },
    /// The leader left in good order.
    Gone,
    /// This tab is visible now, or hidden.
    Visible(bool),
    /// The page is left.
    Leave,
    /// Time has passed; see [`Election::wake_at`].
    Tick,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Take the lock, from whoever has it, and the stream with it.
    Lead,
    /// Let go of it.
    LetGo,
    /// The stream is another tab's.
    Follow,
    /// Tell the others that we lead.
    Beat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Left,
    Leads,
    Follows,
}

/// One tab among the tabs of its session.
#[derive(Clone, Debug)]
pub struct Election {
    state: State,
    is_visible: bool,
    leader_is_visible: bool,
    /// The next beat of a leader; when a follower takes the lock.
    due_ms: f64,
    /// A late timer was forgiven since the leader was heard.
    was_late: bool,
}

impl Election {
    /// A tab that has not begun.
    pub fn new(is_visible: bool) -> Election {
        Election {
            state: State::Left,
            is_visible,
            leader_is_visible: true,
            due_ms: 0.0,
            was_late: false,
        }
    }

    /// Takes one input; `chance` is in 0..1.
    pub fn step(&mut self, input: Input, now_ms: f64, chance: f64) -> Vec<Output> {
        let last_ms = if self.is_visible { 0.0 } else { HIDDEN_LAST_MS };
        let soon_ms = now_ms + last_ms + chance * SPREAD_MS;
        match (input, self.state) {
            (Input::Begin, State::Left) => {
                self.state = State::Follows;
                self.leader_is_visible = true;
                self.due_ms = soon_ms + ANSWER_MS;
                // The page is busy with beginning, and no leader was missed.
                self.was_late = true;
                return vec![Output::Follow];
            }
            (Input::Lost, State::Leads) => {
                self.state = State::Follows;
                self.heard(Some(true), now_ms, chance);
                return vec![Output::Follow];
            }
            (Input::Heard { is_visible }, State::Follows) => self.heard(is_visible, now_ms, chance),
            (Input::Gone, State::Follows) => self.due_ms = self.due_ms.min(soon_ms),
            (Input::Visible(is_visible), state) => {
                self.is_visible = is_visible;
                match state {
                    State::Leads => return vec![Output::Beat],
                    State::Follows => {
                        let leader_is_visible =
                            std::mem::replace(&mut self.leader_is_visible, true);
                        self.heard(Some(leader_is_visible), now_ms, chance);
                    }
                    State::Left => {}
                }
            }
            (Input::Leave, state) => {
                self.state = State::Left;
                if state == State::Leads {
                    return vec![Output::LetGo];
                }
            }
            (Input::Tick, State::Leads) if now_ms >= self.due_ms => {
                self.due_ms = now_ms + BEAT_EVERY_MS;
                return vec![Output::Beat];
            }
            (Input::Tick, State::Follows) if now_ms >= self.due_ms => {
                if now_ms - self.due_ms > LATE_MS && !self.was_late {
                    self.was_late = true;
                    self.due_ms = now_ms + SILENT_AFTER_MS;
                    return Vec::new();
                }
                self.state = State::Leads;
                self.due_ms = now_ms + BEAT_EVERY_MS;
                return vec![Output::Lead, Output::Beat];
            }
            _ => {}
        }
        Vec::new()
    }

    fn heard(&mut self, is_visible: Option<bool>, now_ms: f64, chance: f64) {
        self.was_late = false;
        let was_visible = self.leader_is_visible;
        self.leader_is_visible = is_visible.unwrap_or(was_visible);
        let spread_ms = chance * SPREAD_MS;
        if !self.is_visible {
            self.due_ms = now_ms + SILENT_AFTER_HIDDEN_MS + spread_ms;
        } else if self.leader_is_visible {
            self.due_ms = now_ms + SILENT_AFTER_MS + spread_ms;
        } else if was_visible {
            // A hidden leader hands over. What it says until then does not put that off.
            self.due_ms = now_ms + spread_ms;
        }
    }

    /// When [`Input::Tick`] is due.
    pub fn wake_at(&self) -> Option<f64> {
        (self.state != State::Left).then_some(self.due_ms)
    }

    /// Whether the stream is ours.
    pub fn leads(&self) -> bool {
        self.state == State::Leads
    }
}
