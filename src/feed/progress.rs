//! How fast a run goes and how long it may still take, from the counts that arrived. Server times only; pure.

use std::collections::VecDeque;

use contract::run::Counts;
use contract::timestamp::Timestamp;

/// The rate is that of the last minute: a run slows down and speeds up with Graph's throttling.
const WINDOW_MS: i64 = 60_000;
/// At most this many samples are kept for a run; at ten frames a second they are thinned to one every half second.
const MAX_SAMPLES: usize = 128;
const SAMPLE_EVERY_MS: i64 = 500;
/// Fewer settled items than this say nothing about the rest.
const MIN_ITEMS: u64 = 3;
/// A shorter stretch says nothing either.
const MIN_STRETCH_MS: i64 = 2_000;
/// Even a steady run is not known better than this.
const LEAST_DOUBT: f64 = 0.1;
const MOST_DOUBT: f64 = 0.6;

/// How long a run may still take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLeft {
    /// Too little is known, or nothing has moved for a while.
    Unknown,
    /// Somewhere between; to be said as "about 2–3 min".
    Between {
        /// If it goes well.
        low_ms: i64,
        /// If it does not.
        high_ms: i64,
    },
}

/// Speed of a run and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Items settled a minute, over the last minute.
    pub per_minute: Option<f64>,
    /// For the rest.
    pub left: TimeLeft,
}

/// The counts of one run over the last minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    points: VecDeque<(Timestamp, u64)>,
    total: Option<u64>,
}

impl Samples {
    /// Takes absolute counts. Earlier or lower ones than known are ignored; a new attempt starts with [`Samples::default`].
    pub fn push(&mut self, at: Timestamp, counts: &Counts) {
        self.total = counts.total.or(self.total);
        let Some(processed) = counts.processed else {
            return;
        };
        if let Some((last_at, last)) = self.points.back().copied() {
            if at <= last_at || processed < last {
                return;
            }
            let before_last = self
                .points
                .len()
                .checked_sub(2)
                .map(|idx| self.points[idx].0);
            if before_last.is_some_and(|before| at.since(before) < SAMPLE_EVERY_MS) {
                self.points.pop_back();
            }
        }
        self.points.push_back((at, processed));
        while self.points.len() > MAX_SAMPLES || self.first_is_too_old(at, processed) {
            self.points.pop_front();
        }
    }

    /// A slow run keeps what is older than the window, for as long as what is younger says too little.
    fn first_is_too_old(&self, at: Timestamp, processed: u64) -> bool {
        let (Some(first), Some(second)) = (self.points.front(), self.points.get(1)) else {
            return false;
        };
        at.since(first.0) > WINDOW_MS
            && at.since(second.0) >= WINDOW_MS / 2
            && processed - second.1 >= MIN_ITEMS
    }

    /// The pace at a moment of the server's clock.
    pub fn pace(&self, now: Timestamp) -> Pace {
        let unknown = Pace {
            per_minute: None,
            left: TimeLeft::Unknown,
        };
        let (Some(first), Some(last)) = (self.points.front(), self.points.back()) else {
            return unknown;
        };
        let n_items = last.1 - first.1;
        let stretch_ms = last.0.since(first.0);
        if n_items < MIN_ITEMS || stretch_ms < MIN_STRETCH_MS {
            return unknown;
        }
        let per_ms = n_items as f64 / stretch_ms as f64;
        let silent_ms = now.since(last.0);
        // Five times the usual gap without an item, and at least ten seconds: the rate of before is no promise.
        if silent_ms > 10_000 && silent_ms as f64 > 5.0 / per_ms {
            return unknown;
        }
        Pace {
            per_minute: Some(per_ms * 60_000.0),
            left: self.left(last.1, n_items, per_ms, silent_ms),
        }
    }

    fn left(&self, processed: u64, n_items: u64, per_ms: f64, silent_ms: i64) -> TimeLeft {
        let Some(remaining) = self.total.and_then(|total| total.checked_sub(processed)) else {
            return TimeLeft::Unknown;
        };
        // Items settle more or less independently, so the count of a stretch is good to about its square root.
        let doubt = (1.0 / (n_items as f64).sqrt()).clamp(LEAST_DOUBT, MOST_DOUBT);
        let at_rate = |factor: f64| {
            let ms = remaining as f64 / (per_ms * factor);
            (ms.round() as i64).saturating_sub(silent_ms).max(0)
        };
        TimeLeft::Between {
            low_ms: at_rate(1.0 + doubt),
            high_ms: at_rate(1.0 - doubt),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(points: &[(i64, u64)], total: u64) -> Samples {
        let mut samples = Samples::default();
        for (at, processed) in points {
            let counts = Counts {
                total: Some(total),
                processed: Some(*processed),
                ..Counts::default()
            };
            samples.push(Timestamp(*at), &counts);
        }
        samples
    }

    #[test]
    fn a_steady_run_has_a_rate_and_a_range_that_holds_the_truth() {
        let points: Vec<_> = (0..=30)
            .map(|second| (second * 1000, second as u64 * 2))
            .collect();
        let pace = samples(&points, 120).pace(Timestamp(30_000));
        assert_eq!(pace.per_minute, Some(120.0));
        let TimeLeft::Between { low_ms, high_ms } = pace.left else {
            panic!("sixty items are enough for a range");
        };
        assert!(low_ms < 30_000 && 30_000 < high_ms, "{low_ms} to {high_ms}");
        assert!(high_ms < 40_000, "{high_ms}");
    }

    #[test]
    fn few_items_promise_nothing() {
        let pace = samples(&[(0, 0), (5000, 2)], 120).pace(Timestamp(5000));
        assert_eq!(pace.left, TimeLeft::Unknown);
        assert_eq!(pace.per_minute, None);
    }

    #[test]
    fn silence_takes_the_promise_back() {
        let samples = samples(&[(0, 0), (10_000, 20)], 120);
        assert_ne!(samples.pace(Timestamp(12_000)).left, TimeLeft::Unknown);
        assert_eq!(samples.pace(Timestamp(25_000)).left, TimeLeft::Unknown);
    }

    #[test]
    fn the_last_minute_counts_and_memory_is_bounded() {
        let mut points: Vec<_> = (0..1000).map(|tenth| (tenth * 100, tenth as u64)).collect();
        points.push((200_000, 1010));
        points.push((230_000, 1040));
        let samples = samples(&points, 2000);
        assert!(samples.points.len() <= MAX_SAMPLES);
        assert_eq!(samples.pace(Timestamp(230_000)).per_minute, Some(60.0));
    }
}
