//! How many events a machine key may announce: a bucket for each key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use contract::ingest::MAX_EVENTS;
use runs::ingest::KeyId;

/// What a key may announce in the long run; for a moment it may be twice that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventsPerSecond(pub u32);

impl Default for EventsPerSecond {
    /// More than a portal with many jobs sends, and less than the store takes.
    fn default() -> Self {
        Self(10_000)
    }
}

/// Counts events by key.
#[derive(Debug)]
pub struct EventRate {
    per_second: f64,
    burst: f64,
    /// Written by each batch; nobody waits while it is locked. There are as many as there are keys.
    buckets: Mutex<HashMap<KeyId, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl EventRate {
    /// Two seconds' worth at once, and never less than one whole batch.
    pub fn new(EventsPerSecond(per_second): EventsPerSecond) -> Self {
        let per_second = f64::from(per_second);
        Self {
            per_second,
            burst: (per_second * 2.0).max(MAX_EVENTS as f64),
            buckets: Mutex::default(),
        }
    }

    /// Takes room for that many events, or says how long to wait until there is so much.
    ///
    /// # Errors
    /// The wait. Nothing was taken.
    pub fn take(&self, key: KeyId, n_events: usize, now: Instant) -> Result<(), Duration> {
        // A bucket is whole at any time.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(key).or_insert(Bucket {
            tokens: self.burst,
            at: now,
        });
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + since * self.per_second).min(self.burst);
        bucket.at = now;
        let missing = n_events as f64 - bucket.tokens;
        if missing > 0.0 {
            return Err(Duration::from_secs_f64(missing / self.per_second));
        }
        bucket.tokens -= n_events as f64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_burst_then_its_rate_and_others_have_their_own() {
        let (rate, now) = (EventRate::new(EventsPerSecond(1_000)), Instant::now());
        assert_eq!(rate.take(KeyId(1), 1_500, now), Ok(()));
        let wait = rate.take(KeyId(1), 1_000, now).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
        assert_eq!(rate.take(KeyId(2), 2_000, now), Ok(()));
        assert_eq!(rate.take(KeyId(1), 1_000, now + wait), Ok(()));
        assert!(rate.take(KeyId(1), 1, now + wait).is_err());
    }

    #[test]
    fn the_lowest_rate_lets_a_whole_batch_through() {
        let (rate, now) = (EventRate::new(EventsPerSecond(1)), Instant::now());
        assert_eq!(rate.take(KeyId(1), MAX_EVENTS, now), Ok(()));
        assert_eq!(
            rate.take(KeyId(1), MAX_EVENTS, now),
            Err(Duration::from_secs(1_000))
        );
    }
}
