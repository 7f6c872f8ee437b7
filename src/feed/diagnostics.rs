//! What the stream has been through, for the panel that people can open.

use contract::timestamp::Timestamp;

use crate::feed::Feed;
use crate::feed::freshness::Freshness;

pub use crate::stream::leader::Tab;

/// Counted since the page began.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) n_holes: u64,
    pub(super) n_resets: u64,
    pub(super) n_connections: u64,
}

/// All of it at one moment. Times are the server's.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostics {
    /// How the connection stands.
    pub freshness: Freshness,
    /// Up to when it is proved that no failure is missing; `None` while it is not.
    pub complete_as_of: Option<Timestamp>,
    /// When a frame of each kind came last, by its name on the wire, in the order of [`crate::stream::decode::KINDS`]. Kinds that
    /// never came are left out.
    pub frames: Vec<(&'static str, Timestamp)>,
    /// Missing events of a tenant's history, each of which took the picture anew.
    pub n_holes: u64,
    /// Seals that the picture did not match, so that it was taken anew.
    pub n_repairs: u64,
    /// Positions that the server could not go on from.
    pub n_resets: u64,
    /// Connections that began; one is the first, the others are reconnects, of the tab that leads.
    pub n_connections: u64,
    /// How far the server's clock is ahead of this machine's, in milliseconds; negative if it is behind.
    pub server_ahead_ms: Option<i64>,
    /// Which tab has the stream.
    pub tab: Tab,
}

impl Feed {
    /// `local_ms` is the monotonic clock, `wall_ms` the machine's own time since 1970, `heard_ms` when frames came.
    pub fn diagnostics<'a>(
        &self,
        local_ms: f64,
        wall_ms: f64,
        heard_ms: impl Iterator<Item = (&'a &'static str, f64)>,
    ) -> Diagnostics {
        let server_now = self.clock.at(local_ms);
        Diagnostics {
            freshness: self.freshness(),
            complete_as_of: self.complete_as_of(),
            frames: heard_ms
                .filter_map(|(name, ms)| Some((*name, self.clock.at(ms)?)))
                .collect(),
            n_holes: self.counted.n_holes,
            n_repairs: self.repairs.n_repairs,
            n_resets: self.counted.n_resets,
            n_connections: self.counted.n_connections,
            server_ahead_ms: server_now.map(|now| now.0 - wall_ms as i64),
            tab: self.tab,
        }
    }
}
