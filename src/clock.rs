//! The server's time in the browser: what `hello`, `pulse` and the snapshot said, carried on by a monotonic local clock.
//!
//! The local wall clock is never asked: it may be wrong by hours, and it jumps. Pure but for [`local_ms`].

use contract::timestamp::Timestamp;

/// A reading that puts the server this far behind the estimate is a clock that was set back, and not a slow answer.
const SET_BACK_MS: f64 = 5_000.0;

/// The difference between the server's clock and the local monotonic one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clock {
    offset_ms: Option<f64>,
}

impl Clock {
    /// Takes what the server said; `local_ms` is the monotonic clock when it arrived.
    ///
    /// A reading is late by the time it was under way, never early, so the highest offset is the best one.
    pub fn set(&mut self, server_time: Timestamp, local_ms: f64) {
        let offset_ms = server_time.0 as f64 - local_ms;
        self.offset_ms = Some(match self.offset_ms {
            Some(known_ms) if known_ms - offset_ms < SET_BACK_MS => known_ms.max(offset_ms),
            _ => offset_ms,
        });
    }

    /// The server's time at a reading of the monotonic clock; `None` before the server said anything.
    pub fn at(&self, local_ms: f64) -> Option<Timestamp> {
        self.offset_ms
            .map(|offset_ms| Timestamp((offset_ms + local_ms).round() as i64))
    }
}

/// The monotonic clock: `performance.now()`, in milliseconds since the page began.
pub fn local_ms() -> f64 {
    #[cfg(feature = "gallery")]
    if let Some(ms) = crate::gallery::stands_at_ms() {
        return ms;
    }
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |performance| performance.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(readings: &[(i64, f64)], local_ms: f64, expected: Option<i64>) {
        let mut clock = Clock::default();
        for (server_ms, local_ms) in readings {
            clock.set(Timestamp(*server_ms), *local_ms);
        }
        assert_eq!(clock.at(local_ms), expected.map(Timestamp));
    }

    #[test]
    fn the_time_goes_on_between_readings_and_a_slow_answer_does_not_set_it_back() {
        check(&[], 5.0, None);
        check(&[(1_000_000, 100.0)], 350.0, Some(1_000_250));
        check(
            &[(1_000_000, 100.0), (1_010_000, 12_100.0)],
            12_100.0,
            Some(1_012_000),
        );
    }

    #[test]
    fn a_clock_set_forward_or_back_is_followed() {
        check(
            &[(1_000_000, 0.0), (2_000_000, 10.0)],
            10.0,
            Some(2_000_000),
        );
        check(&[(1_000_000, 0.0), (500_000, 10.0)], 10.0, Some(500_000));
    }
}
