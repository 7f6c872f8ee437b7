//! How far what is on screen can be trusted: from the connection's state to what a card and the header say.

use contract::timestamp::Timestamp;

use crate::clock::Clock;

pub use crate::stream::connection::Link;

/// What may be said about the age of what is on screen. Times are the server's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Freshness {
    /// Nothing has arrived yet.
    #[default]
    Connecting,
    /// What is on screen is so.
    Live,
    /// Broken; it comes back by itself.
    Reconnecting {
        /// What is on screen was so then.
        since: Option<Timestamp>,
        /// `None` while a try is under way.
        next_try_at: Option<Timestamp>,
    },
    /// Open, but silent for too long.
    Stale {
        /// What is on screen was so then.
        as_of: Option<Timestamp>,
    },
    /// No network.
    Offline {
        /// What is on screen was so then.
        as_of: Option<Timestamp>,
    },
    /// Nobody is signed in; what is on screen is what was there.
    SignedOut {
        /// What is on screen was so then.
        as_of: Option<Timestamp>,
    },
    /// The server refuses this stream.
    Refused {
        /// The answer's status.
        status: u16,
    },
    /// The server told the page to stop asking.
    Stopped,
}

impl Freshness {
    /// What the link means in the server's time.
    pub fn of(link: Link, clock: &Clock) -> Freshness {
        match link {
            Link::Connecting => Freshness::Connecting,
            Link::Live => Freshness::Live,
            Link::Stale { last_byte_ms } => Freshness::Stale {
                as_of: clock.at(last_byte_ms),
            },
            Link::Reconnecting {
                last_byte_ms,
                next_try_ms,
            } => Freshness::Reconnecting {
                since: clock.at(last_byte_ms),
                next_try_at: next_try_ms.and_then(|ms| clock.at(ms)),
            },
            Link::Offline { last_byte_ms } => Freshness::Offline {
                as_of: clock.at(last_byte_ms),
            },
            Link::SignedOut { last_byte_ms } => Freshness::SignedOut {
                as_of: last_byte_ms.and_then(|ms| clock.at(ms)),
            },
            Link::Refused { status } => Freshness::Refused { status },
            Link::Stopped => Freshness::Stopped,
        }
    }

    /// Whether the app has to say that what is on screen may be old.
    pub fn may_be_old(self) -> bool {
        !matches!(self, Freshness::Live | Freshness::Connecting)
    }
}
