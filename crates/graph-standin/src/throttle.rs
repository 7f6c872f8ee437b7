//! Graph's limits: fixed windows for each app and for each tenant. A call over a limit is not executed.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use crate::answer::{Answer, Ids};

const WINDOW: Duration = Duration::from_secs(20);
/// Writes and all calls of one app in one tenant, then of all apps in it.
const APP_LIMITS: (u32, u32) = (100, 1_000);
const TENANT_LIMITS: (u32, u32) = (200, 2_000);

/// The limits, and how a refusal says when to come back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throttle {
    /// 1.0 is the documented limit; 0.01 throttles after ten calls.
    pub scale: f64,
    /// The form of Retry-After.
    pub retry_after: RetryAfterForm,
}

/// The forms in which Graph's services write Retry-After.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryAfterForm {
    /// `7`
    #[default]
    Seconds,
    /// `6.128`
    Decimal,
    /// `Mon, 02 Mar 2026 09:14:07 GMT`
    Date,
    /// No header.
    None,
}

/// The counters.
#[derive(Default)]
pub(crate) struct Windows {
    counted: Mutex<HashMap<String, Window>>,
}

struct Window {
    began_at: Instant,
    writes: u32,
    calls: u32,
}

impl Windows {
    pub(crate) fn clear(&self) {
        self.counted
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clear();
    }

    /// Counts a call, or gives the 429 instead. A refused call is counted as well.
    pub(crate) fn admit(
        &self,
        throttle: Throttle,
        tenant: &str,
        app: &str,
        method: &str,
        ids: &Ids,
    ) -> Result<(), Answer> {
        let is_write = matches!(method, "POST" | "PUT" | "PATCH" | "DELETE");
        let mut counted = self
            .counted
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        let mut rest = None;
        for (key, (writes, calls)) in [
            (format!("{tenant}/{app}"), APP_LIMITS),
            (tenant.to_owned(), TENANT_LIMITS),
        ] {
            let window = counted.entry(key).or_insert(Window {
                began_at: now,
                writes: 0,
                calls: 0,
            });
            if now - window.began_at >= WINDOW {
                *window = Window {
                    began_at: now,
                    writes: 0,
                    calls: 0,
                };
            }
            window.calls += 1;
            window.writes += u32::from(is_write);
            let scaled = |limit: u32| f64::from(limit) * throttle.scale;
            if f64::from(window.calls) > scaled(calls) || f64::from(window.writes) > scaled(writes)
            {
                rest = Some(window.began_at + WINDOW - now);
            }
        }
        match rest {
            None => Ok(()),
            Some(rest) => {
                let answer = Answer::error(
                    429,
                    "TooManyRequests",
                    "Too many requests. Please retry later.",
                    ids,
                );
                Err(match retry_after(throttle.retry_after, rest) {
                    Some(value) => answer.with_header("retry-after", value),
                    None => answer,
                })
            }
        }
    }
}

fn retry_after(form: RetryAfterForm, rest: Duration) -> Option<String> {
    match form {
        RetryAfterForm::Seconds => Some(rest.as_secs().saturating_add(1).to_string()),
        RetryAfterForm::Decimal => Some(format!("{:.3}", rest.as_secs_f64())),
        RetryAfterForm::Date => Some(httpdate::fmt_http_date(
            SystemTime::now() + rest + Duration::from_secs(1),
        )),
        RetryAfterForm::None => None,
    }
}
