//! How long the client waits and how often it tries: the numbers of the contract with Graph, in one place.

use std::time::Duration;

/// The limits of one [`Reader`](crate::Reader). The default is what a real tenant needs; tests shorten the waits.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Until a connection stands.
    pub connect_timeout: Duration,
    /// For one whole GET, its body included.
    pub read_timeout: Duration,
    /// The first wait where the answer names none; it doubles with each attempt, with full jitter.
    pub first_backoff: Duration,
    /// The wait for a Retry-After that is zero, negative or past.
    pub least_retry_after: Duration,
    /// A longer Retry-After is not waited for: the caller gets the error, and the item back.
    pub most_retry_after: Duration,
    /// Attempts at one GET, throttled ones included.
    pub most_attempts: u32,
    /// Attempts after which an unreachable host, a broken connection or a 500 is final.
    pub most_failures: u32,
    /// One GET with all its attempts.
    pub most_time: Duration,
    /// Pages of one collection: a server that never ends its list must not keep us for ever.
    pub most_pages: usize,
    /// Bytes of one answer, unpacked: far above any policy, far below our memory.
    pub most_bytes: usize,
    /// Requests of one tenant at the same time.
    pub in_flight: usize,
    /// Requests of one tenant in one [`window`](Self::window). Graph allows 1,000 for an app; others share the tenant.
    pub calls_a_window: u32,
    /// The length of the window of Graph's limits.
    pub window: Duration,
    /// A token is replaced when less than this is left of it.
    pub token_margin: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            first_backoff: Duration::from_secs(2),
            least_retry_after: Duration::from_secs(1),
            most_retry_after: Duration::from_secs(300),
            most_attempts: 6,
            most_failures: 3,
            most_time: Duration::from_secs(300),
            most_pages: 10_000,
            most_bytes: 64 * 1024 * 1024,
            in_flight: 8,
            calls_a_window: 600,
            window: Duration::from_secs(20),
            token_margin: Duration::from_secs(300),
        }
    }
}

impl Patience {
    /// The wait before attempt `attempt + 1` where the answer named none: 2, 4, 8, 16, 32 s by default, each as an upper
    /// bound of a random wait, so that many clients do not come back at once.
    pub(crate) fn backoff(&self, attempt: u32) -> Duration {
        let bound = self
            .first_backoff
            .saturating_mul(1 << attempt.saturating_sub(1).min(4));
        bound.mul_f64(rand::random_range(0.0..=1.0))
    }
}
