//! When to ask, when to wait and when to stop asking: the states of the one connection, with time and chance as values. No DOM.
//!
//! ```text
//!             ┌──────────────── wait is over, online, visible, shown again, try now ◀───────────────┐
//!             ▼                                                                                      │
//! begin ─▶ Snapshot ──taken──▶ Asking ──200──▶ Open ──end, error, 30 s of silence, bye──▶ Waiting ───┘
//!             ▲                   │  └──network, 5xx, 429──▶ Waiting                          
//!             │                   ├──401, a sign-in page──▶ SignedOut ──signed in──▶ Snapshot
//!             │                   ├──403, 404, wrong type──▶ Refused ──try now, signed in──▶ Snapshot
//!             │                   └──204──▶ Stopped
//!             └──reset, a hole, 400 with an id
//! ```
//!
//! Rows of `sse-scenarios` that this decides are tests of the same names in `tests/it/connection.rs`.

/// The wait before a reconnect as long as the stream asked for none.
pub const DEFAULT_RETRY_MS: u64 = 3_000;
/// `retry:0` would make a busy loop.
pub const MIN_RETRY_MS: u64 = 200;
/// No wait grows beyond this, whatever `retry:` says. `Retry-After` and `bye` may ask for more.
pub const MAX_RETRY_MS: u64 = 30_000;
/// Two missed pulses: what is on screen may be old.
pub const STALE_AFTER_MS: f64 = 20_000.0;
/// Three missed pulses: connect anew. Also the patience with an answer that does not come.
pub const GIVE_UP_AFTER_MS: f64 = 30_000.0;
/// A shorter break is not worth a word.
pub const SHOW_BREAK_AFTER_MS: f64 = 2_000.0;
/// A reset this long after the one before has nothing to do with it.
const CALM_AFTER_MS: f64 = 60_000.0;
/// While the browser says that there is no network, which it may be wrong about.
const OFFLINE_RETRY_MS: f64 = 30_000.0;
/// Doubling stops here; the cap has been reached long before.
const MAX_DOUBLINGS: u32 = 10;

/// The head of an answer, as far as it decides anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// As it came, with parameters; empty if there was none.
    pub content_type: String,
    /// Another URL answered than the one that was asked.
    pub redirected: bool,
    /// From `Retry-After`, counted from now.
    pub retry_after_ms: Option<f64>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The page begins, or somebody has signed in.
    Begin,
    /// The snapshot was taken; its id is where the stream goes on.
    SnapshotTaken,
    /// The stream, or the snapshot unless it was taken, was answered.
    Answered(Head),
    /// Bytes of the body.
    Bytes,
    /// A whole event of the body, or more than one.
    Event,
    /// The stream named a reconnection time, or (`None`) took it back.
    Retry(Option<u64>),
    /// The body ended in good order.
    Ended,
    /// No answer, or the body broke.
    Failed,
    /// What is known cannot be gone on from: `reset`, a hole, a frame that cannot be read.
    SnapshotNeeded,
    /// The server goes away, and named the time of this reader's return.
    Bye {
        /// Counted from now.
        retry_ms: u64,
        /// The session has ended.
        signed_out: bool,
    },
    /// Time has passed; see [`Connection::wake_at`].
    Tick,
    /// The stream comes from elsewhere now: from another tab, or from the server again.
    Switched,
    /// The machine was asleep: nothing is trusted until a frame arrives.
    Woke,
    /// The browser says that there is a network again.
    Online,
    /// The browser says that there is none.
    Offline,
    /// The tab came to the front.
    Visible,
    /// The page is left, perhaps into the back/forward cache.
    PageHide,
    /// It came back from there, alive.
    PageShow,
    /// The person does not want to wait.
    TryNow,
    /// A call elsewhere was answered with 401.
    SignedOut,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// `GET /api/snapshot`.
    TakeSnapshot,
    /// `GET /api/events`, with the last id.
    Connect,
    /// End the request that is under way.
    Abort,
    /// The last id is worth nothing any more.
    ForgetId,
    /// `GET /api/me`, once: somebody may have signed in, in another tab.
    AskWhoIAm,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Idle,
    Snapshot {
        since_ms: f64,
    },
    Asking {
        since_ms: f64,
    },
    Open {
        trusted: bool,
    },
    Waiting {
        until_ms: f64,
    },
    /// In the back/forward cache, or about to be gone.
    Left,
    SignedOut,
    Refused {
        status: u16,
    },
    Stopped,
}

/// What may be said about the connection, in local monotonic milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Link {
    /// Nothing has arrived yet.
    #[default]
    Connecting,
    /// Frames arrive, or a break is too short to speak of.
    Live,
    /// Open, but silent for too long, or not yet trusted after sleep.
    Stale {
        /// The last byte.
        last_byte_ms: f64,
    },
    /// Broken; it comes back by itself.
    Reconnecting {
        /// The last byte.
        last_byte_ms: f64,
        /// The next try; `None` while one is under way.
        next_try_ms: Option<f64>,
    },
    /// The browser says that there is no network.
    Offline {
        /// The last byte.
        last_byte_ms: f64,
    },
    /// Nobody is signed in.
    SignedOut {
        /// The last byte; `None` where nothing has arrived.
        last_byte_ms: Option<f64>,
    },
    /// Asking again would not help.
    Refused {
        /// The answer's status.
        status: u16,
    },
    /// The server said stop.
    Stopped,
}

/// The connection.
#[derive(Clone, Debug)]
pub struct Connection {
    state: State,
    needs_snapshot: bool,
    /// After a 400 to a request with an id: the second one is an answer to us, not to the id.
    tried_without_id: bool,
    /// Ever since an event arrived.
    n_failures: u32,
    retry_ms: Option<u64>,
    last_byte_ms: Option<f64>,
    /// When frames stopped being trusted; `None` while they are.
    broken_since_ms: Option<f64>,
    offline_since_ms: Option<f64>,
    /// Of the request that is under way.
    had_event: bool,
    /// Ever.
    was_live: bool,
    /// Snapshots that the stream made necessary, shortly one after another, and when the latest was.
    n_resets: u32,
    reset_at_ms: f64,
}

impl Default for Connection {
    fn default() -> Self {
        Connection {
            state: State::Idle,
            needs_snapshot: true,
            tried_without_id: false,
            n_failures: 0,
            retry_ms: None,
            last_byte_ms: None,
            broken_since_ms: None,
            offline_since_ms: None,
            had_event: false,
            was_live: false,
            n_resets: 0,
            reset_at_ms: f64::NEG_INFINITY,
        }
    }
}

impl Connection {
    /// Takes one input. `now_ms` is a monotonic clock; `chance` is in 0..1 and spreads the readers of a server that restarts.
    pub fn step(&mut self, input: Input, now_ms: f64, chance: f64) -> Vec<Output> {
        match input {
            Input::Begin => {
                self.n_failures = 0;
                self.needs_snapshot = true;
                self.again_now(now_ms)
            }
            Input::SnapshotTaken => self.snapshot_taken(now_ms),
            Input::Answered(head) => self.answered(&head, now_ms, chance),
            Input::Bytes => {
                self.heard(now_ms);
                Vec::new()
            }
            Input::Event => {
                if matches!(self.state, State::Open { .. }) {
                    self.heard(now_ms);
                    self.state = State::Open { trusted: true };
                    self.had_event = true;
                    self.was_live = true;
                    self.n_failures = 0;
                    self.tried_without_id = false;
                    self.broken_since_ms = None;
                }
                Vec::new()
            }
            Input::Retry(retry_ms) => {
                self.retry_ms = retry_ms;
                Vec::new()
            }
            Input::Ended | Input::Failed => {
                // An end after events is no failure, orderly or not; an answer without any is one.
                if self.is_under_way() {
                    let failed = !self.had_event;
                    self.wait(now_ms, chance, failed, None);
                }
                Vec::new()
            }
            Input::SnapshotNeeded => self.snapshot_needed(now_ms, chance),
            Input::Bye {
                retry_ms,
                signed_out,
            } => self.bye(retry_ms, signed_out, now_ms),
            Input::Tick => self.tick(now_ms, chance),
            Input::Woke => {
                if !self.is_under_way() && !self.is_waiting() {
                    return Vec::new();
                }
                self.broken(now_ms - SHOW_BREAK_AFTER_MS);
                self.again_now(now_ms)
            }
            Input::Switched => match self.state {
                State::Asking { .. } | State::Open { .. } | State::Waiting { .. } => {
                    self.again_now(now_ms)
                }
                _ => Vec::new(),
            },
            Input::Online => {
                self.offline_since_ms = None;
                self.if_waiting(now_ms)
            }
            Input::Offline => {
                self.offline_since_ms = Some(now_ms);
                Vec::new()
            }
            Input::Visible => match self.state {
                State::SignedOut => vec![Output::AskWhoIAm],
                _ => {
                    let mut outputs = self.tick(now_ms, chance);
                    outputs.extend(self.if_waiting(now_ms));
                    outputs
                }
            },
            Input::PageHide => {
                let outputs = self.abort();
                if self.is_under_way() || self.is_waiting() {
                    self.broken(now_ms);
                    self.state = State::Left;
                }
                outputs
            }
            Input::PageShow => match self.state {
                State::Left => {
                    self.broken(now_ms - SHOW_BREAK_AFTER_MS);
                    self.again_now(now_ms)
                }
                _ => Vec::new(),
            },
            Input::TryNow => match self.state {
                State::Waiting { .. } | State::Refused { .. } | State::Stopped => {
                    self.again_now(now_ms)
                }
                State::SignedOut => vec![Output::AskWhoIAm],
                _ => Vec::new(),
            },
            Input::SignedOut => {
                let outputs = self.abort();
                self.state = State::SignedOut;
                outputs
            }
        }
    }

    /// When [`Input::Tick`] is due: the end of a wait or of patience, or the next moment at which [`Connection::shown`] changes by
    /// itself. `None` while only an input from outside changes anything.
    pub fn wake_at(&self, now_ms: f64) -> Option<f64> {
        let last_byte_ms = self.last_byte_ms.unwrap_or(now_ms);
        let act_at_ms = match self.state {
            State::Waiting { until_ms } => until_ms,
            State::Snapshot { since_ms } | State::Asking { since_ms } => {
                since_ms + GIVE_UP_AFTER_MS
            }
            State::Open { .. } => last_byte_ms + GIVE_UP_AFTER_MS,
            State::Idle
            | State::Left
            | State::SignedOut
            | State::Refused { .. }
            | State::Stopped => return None,
        };
        let show_at_ms = [
            self.broken_since_ms.map(|ms| ms + SHOW_BREAK_AFTER_MS),
            self.offline_since_ms.map(|ms| ms + SHOW_BREAK_AFTER_MS),
            matches!(self.state, State::Open { .. }).then_some(last_byte_ms + STALE_AFTER_MS),
        ];
        let next_ms = show_at_ms
            .into_iter()
            .flatten()
            .filter(|ms| *ms > now_ms)
            .fold(act_at_ms, f64::min);
        Some(next_ms.max(now_ms))
    }

    /// What may be said about the connection at this moment.
    pub fn shown(&self, now_ms: f64) -> Link {
        match self.state {
            State::SignedOut => {
                return Link::SignedOut {
                    last_byte_ms: self.last_byte_ms,
                };
            }
            State::Refused { status } => return Link::Refused { status },
            State::Stopped => return Link::Stopped,
            _ => {}
        }
        let last_byte_ms = self.last_byte_ms.unwrap_or(now_ms);
        let is_long = |since_ms: f64| now_ms - since_ms >= SHOW_BREAK_AFTER_MS;
        let is_silent_since_offline = self
            .offline_since_ms
            .is_some_and(|since_ms| is_long(since_ms) && last_byte_ms <= since_ms);
        if self.offline_since_ms.is_some() && self.is_waiting() || is_silent_since_offline {
            return Link::Offline { last_byte_ms };
        }
        let next_try_ms = match self.state {
            State::Waiting { until_ms } => Some(until_ms),
            _ => None,
        };
        match (self.state, self.broken_since_ms) {
            (State::Open { trusted: true }, _) if now_ms - last_byte_ms >= STALE_AFTER_MS => {
                Link::Stale { last_byte_ms }
            }
            (State::Open { trusted: true }, _) => Link::Live,
            // The first try of all is no reconnect, however long it takes.
            _ if !self.was_live && self.n_failures == 0 => Link::Connecting,
            (_, Some(since_ms)) if is_long(since_ms) => Link::Reconnecting {
                last_byte_ms,
                next_try_ms,
            },
            _ if self.was_live => Link::Live,
            _ => Link::Connecting,
        }
    }

    /// Whether frames are taken.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    fn is_under_way(&self) -> bool {
        matches!(
            self.state,
            State::Snapshot { .. } | State::Asking { .. } | State::Open { .. }
        )
    }

    fn is_waiting(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    fn heard(&mut self, now_ms: f64) {
        if matches!(self.state, State::Open { .. }) {
            self.last_byte_ms = Some(now_ms);
        }
    }

    /// Remembers since when nothing can be trusted; the earliest moment stands.
    fn broken(&mut self, since_ms: f64) {
        let known_ms = self.broken_since_ms.unwrap_or(since_ms);
        self.broken_since_ms = Some(known_ms.min(since_ms));
    }

    fn abort(&self) -> Vec<Output> {
        if self.is_under_way() {
            vec![Output::Abort]
        } else {
            Vec::new()
        }
    }

    fn if_waiting(&mut self, now_ms: f64) -> Vec<Output> {
        if self.is_waiting() {
            self.again_now(now_ms)
        } else {
            Vec::new()
        }
    }

    fn again_now(&mut self, now_ms: f64) -> Vec<Output> {
        let mut outputs = self.abort();
        self.broken(now_ms);
        self.had_event = false;
        if self.needs_snapshot {
            self.state = State::Snapshot { since_ms: now_ms };
            outputs.push(Output::TakeSnapshot);
        } else {
            self.state = State::Asking { since_ms: now_ms };
            outputs.push(Output::Connect);
        }
        outputs
    }

    fn wait(&mut self, now_ms: f64, chance: f64, failed: bool, not_before_ms: Option<f64>) {
        self.broken(now_ms);
        if failed {
            self.n_failures = self.n_failures.saturating_add(1);
        }
        let base_ms = self
            .retry_ms
            .unwrap_or(DEFAULT_RETRY_MS)
            .clamp(MIN_RETRY_MS, MAX_RETRY_MS);
        let doublings = self.n_failures.saturating_sub(1).min(MAX_DOUBLINGS);
        let longest_ms = (base_ms << doublings).min(MAX_RETRY_MS) as f64;
        // Full jitter: a server that restarts gets its readers spread over the whole window.
        let jitter_ms = (chance * longest_ms).max(MIN_RETRY_MS as f64);
        let mut wait_ms = match not_before_ms {
            Some(not_before_ms) => not_before_ms + chance * base_ms as f64,
            None => jitter_ms,
        };
        if self.offline_since_ms.is_some() {
            wait_ms = wait_ms.max(OFFLINE_RETRY_MS);
        }
        self.state = State::Waiting {
            until_ms: now_ms + wait_ms,
        };
    }

    fn snapshot_taken(&mut self, now_ms: f64) -> Vec<Output> {
        if !matches!(self.state, State::Snapshot { .. }) {
            return Vec::new();
        }
        self.needs_snapshot = false;
        self.last_byte_ms = Some(now_ms);
        self.state = State::Asking { since_ms: now_ms };
        vec![Output::Connect]
    }

    fn snapshot_needed(&mut self, now_ms: f64, chance: f64) -> Vec<Output> {
        self.needs_snapshot = true;
        if !matches!(self.state, State::Open { .. } | State::Asking { .. }) {
            return Vec::new();
        }
        if now_ms - self.reset_at_ms > CALM_AFTER_MS {
            self.n_resets = 0;
        }
        self.n_resets += 1;
        self.reset_at_ms = now_ms;
        if self.n_resets == 1 {
            return self.again_now(now_ms);
        }
        // A server that resets every time is asked ever more rarely, although its `hello` is an event.
        let outputs = self.abort();
        self.n_failures = self.n_resets - 1;
        self.wait(now_ms, chance, false, None);
        outputs
    }

    fn bye(&mut self, retry_ms: u64, signed_out: bool, now_ms: f64) -> Vec<Output> {
        if !self.is_under_way() {
            return Vec::new();
        }
        let outputs = self.abort();
        if signed_out {
            self.state = State::SignedOut;
            return outputs;
        }
        self.broken(now_ms);
        self.n_failures = 0;
        // The server spreads its readers itself.
        self.state = State::Waiting {
            until_ms: now_ms + retry_ms as f64,
        };
        outputs
    }

    fn tick(&mut self, now_ms: f64, chance: f64) -> Vec<Output> {
        match self.state {
            State::Waiting { until_ms } if now_ms >= until_ms => self.again_now(now_ms),
            State::Snapshot { since_ms } | State::Asking { since_ms }
                if now_ms - since_ms >= GIVE_UP_AFTER_MS =>
            {
                let outputs = self.abort();
                self.wait(now_ms, chance, true, None);
                outputs
            }
            State::Open { .. } => {
                let last_byte_ms = self.last_byte_ms.unwrap_or(now_ms);
                if now_ms - last_byte_ms < GIVE_UP_AFTER_MS {
                    return Vec::new();
                }
                self.broken(last_byte_ms);
                self.again_now(now_ms)
            }
            _ => Vec::new(),
        }
    }

    fn answered(&mut self, head: &Head, now_ms: f64, chance: f64) -> Vec<Output> {
        let is_stream = matches!(self.state, State::Asking { .. });
        if !is_stream && !matches!(self.state, State::Snapshot { .. }) {
            return Vec::new();
        }
        let essence = head
            .content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        match head.status {
            200 if is_stream && essence.eq_ignore_ascii_case("text/event-stream") => {
                self.last_byte_ms = Some(self.last_byte_ms.map_or(now_ms, |ms| ms.max(now_ms)));
                self.state = State::Open { trusted: false };
                Vec::new()
            }
            // A proxy in front sent us to its sign-in page.
            200 if head.redirected && essence.eq_ignore_ascii_case("text/html") => {
                self.end(State::SignedOut)
            }
            204 => self.end(State::Stopped),
            400 if is_stream && !self.tried_without_id => {
                self.tried_without_id = true;
                self.needs_snapshot = true;
                let mut outputs = vec![Output::ForgetId];
                outputs.extend(self.again_now(now_ms));
                outputs
            }
            401 => self.end(State::SignedOut),
            408 | 425 | 429 | 500..=599 => {
                let outputs = self.abort();
                self.wait(now_ms, chance, true, head.retry_after_ms);
                outputs
            }
            status => self.end(State::Refused { status }),
        }
    }

    fn end(&mut self, state: State) -> Vec<Output> {
        let outputs = self.abort();
        self.state = state;
        outputs
    }
}
