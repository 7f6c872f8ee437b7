//! How many streams, and for how long.

use std::time::Duration;

/// Chosen by the operator (`[server]` of the configuration), or these.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Streams of one person. Tabs share one, so this is many browsers.
    pub most_of_a_person: usize,
    /// Streams of this server. Each takes a file descriptor.
    pub most_of_all: usize,
    /// How long a stream is open, more or less: each ends at another time, up to a fifth sooner or later.
    pub lifetime: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            most_of_a_person: 64,
            most_of_all: 10_000,
            lifetime: Duration::from_secs(3_600),
        }
    }
}

impl Limits {
    /// Of one stream.
    pub(super) fn a_lifetime(&self) -> Duration {
        self.lifetime.mul_f64(rand::random_range(0.8..=1.2))
    }
}
