//! The budget of one tenant: how many requests may leave, and how long all of them rest after a 429.
//!
//! Graph counts per app and tenant, so one budget is shared by every clone of a reader. Throttling starts earlier than
//! the documented limits at times, and a request that is throttled still counts: it is cheaper not to send it.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Shared by all requests of a tenant.
pub(crate) struct Budget {
    in_flight: Semaphore,
    calls_a_window: f64,
    window: Duration,
    /// Written by every request that leaves and by every 429; nobody waits while it is locked.
    state: Mutex<State>,
}

struct State {
    /// Requests that may leave at once; refilled evenly over the window.
    tokens: f64,
    refilled_at: Instant,
    paused_until: Option<Instant>,
}

impl Budget {
    pub(crate) fn new(in_flight: usize, calls_a_window: u32, window: Duration) -> Self {
        let calls_a_window = f64::from(calls_a_window.max(1));
        Self {
            in_flight: Semaphore::new(in_flight.max(1)),
            calls_a_window,
            window,
            state: Mutex::new(State {
                tokens: calls_a_window,
                refilled_at: Instant::now(),
                paused_until: None,
            }),
        }
    }

    /// Waits until a request may leave. The place is given back when the permit is dropped, by cancellation as well.
    pub(crate) async fn admit(&self) -> SemaphorePermit<'_> {
        let permit = self
            .in_flight
            .acquire()
            .await
            .expect("the semaphore is never closed");
        while let Some(wait) = self.take_or_wait(Instant::now()) {
            tokio::time::sleep(wait).await;
        }
        permit
    }

    /// A 429 rests the whole tenant: the others would only be throttled as well, and prolong it.
    pub(crate) fn pause(&self, rest: Duration) {
        let until = Instant::now() + rest;
        let mut state = self
            .state
            .lock()
            .expect("no code panics while it holds the budget");
        state.paused_until = Some(
            state
                .paused_until
                .map_or(until, |current| current.max(until)),
        );
    }

    /// What is left of a [`pause`](Self::pause).
    pub(crate) fn rest(&self, now: Instant) -> Option<Duration> {
        let state = self
            .state
            .lock()
            .expect("no code panics while it holds the budget");
        state
            .paused_until
            .filter(|until| *until > now)
            .map(|until| until - now)
    }

    fn take_or_wait(&self, now: Instant) -> Option<Duration> {
        let mut state = self
            .state
            .lock()
            .expect("no code panics while it holds the budget");
        if let Some(until) = state.paused_until {
            if now < until {
                return Some(until - now);
            }
            state.paused_until = None;
        }
        let a_second = self.calls_a_window / self.window.as_secs_f64().max(0.001);
        let refill = now
            .saturating_duration_since(state.refilled_at)
            .as_secs_f64()
            * a_second;
        state.tokens = (state.tokens + refill).min(self.calls_a_window);
        state.refilled_at = now;
        if state.tokens >= 1.0 {
            state.tokens -= 1.0;
            return None;
        }
        // A millisecond more than computed: a timer that ends a little early would spin.
        Some(Duration::from_secs_f64((1.0 - state.tokens) / a_second) + Duration::from_millis(1))
    }
}

/// What a Retry-After header says: seconds, decimal seconds or an HTTP date. A past or negative one is zero.
///
/// `None`: there is no number and no date in it. Source: learn.microsoft.com/graph/throttling, "Retry-After".
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        if !seconds.is_finite() {
            return None;
        }
        // A day bounds what a Duration is made of; nobody waits for that long.
        return Some(Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected_ms: Option<u64>) {
        let now = httpdate::parse_http_date("Mon, 02 Mar 2026 09:14:00 GMT").expect("a fixed date");
        assert_eq!(
            retry_after(value, now),
            expected_ms.map(Duration::from_millis),
            "{value}"
        );
    }

    #[test]
    fn retry_after_is_read_in_each_of_its_forms() {
        check("7", Some(7_000));
        check(" 7 ", Some(7_000));
        check("2.128", Some(2_128));
        check("Mon, 02 Mar 2026 09:14:07 GMT", Some(7_000));
        check("Mon, 02 Mar 2026 09:13:07 GMT", Some(0));
        check("-3", Some(0));
        check("0", Some(0));
        check("soon", None);
        check("", None);
        check("NaN", None);
        check("1e300", Some(86_400_000));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_every_request_of_the_tenant() {
        let budget = Budget::new(8, 600, Duration::from_secs(20));
        let started = Instant::now();
        budget.pause(Duration::from_secs(5));
        budget.pause(Duration::from_secs(2));
        assert_eq!(budget.rest(started), Some(Duration::from_secs(5)));
        drop(budget.admit().await);
        assert!(
            started.elapsed() >= Duration::from_secs(5),
            "a shorter pause does not cut a longer one"
        );
        assert_eq!(budget.rest(Instant::now()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_spent_window_refills_evenly() {
        let budget = Budget::new(8, 10, Duration::from_secs(20));
        let started = Instant::now();
        for _call in 0..10 {
            drop(budget.admit().await);
        }
        assert!(started.elapsed() < Duration::from_millis(10));
        drop(budget.admit().await);
        assert!(started.elapsed() >= Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_leave_at_once_than_the_tenant_allows() {
        let budget = Budget::new(2, 600, Duration::from_secs(20));
        let (first, _second) = (budget.admit().await, budget.admit().await);
        assert!(
            tokio::time::timeout(Duration::from_secs(60), budget.admit())
                .await
                .is_err()
        );
        drop(first);
        let _third = budget.admit().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_gives_its_place_back() {
        let budget = Budget::new(1, 600, Duration::from_secs(20));
        budget.pause(Duration::from_secs(60));
        let waiting = tokio::time::timeout(Duration::from_secs(1), budget.admit()).await;
        assert!(waiting.is_err());
        assert_eq!(budget.in_flight.available_permits(), 1);
    }
}
