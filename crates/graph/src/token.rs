//! Client credentials: the app's own token, asked for once however many requests wait for it.
//!
//! The token is opaque: it is never read, logged or stored. Its lifetime is what the answer says, never assumed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::{Error, Fault, Refusal, Service, unpack};
use crate::request::{Failure, Raw, Transport};

/// A bearer token. It has no `Debug`, so that nothing can print it.
#[derive(Clone)]
pub(crate) struct Token(Arc<str>);

impl Token {
    /// For the Authorization header alone.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// The one token of one app in one tenant, in memory.
#[derive(Default)]
pub(crate) struct TokenSource {
    /// Held while the login host is asked, so that all others wait for that one answer. A cancelled request lets go, and
    /// the next waiter asks.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    /// The last refusal and when it came: whoever waited meanwhile gets it, and does not ask with the same secret again.
    refused: Option<(Instant, Error)>,
}

struct Cached {
    token: Token,
    replace_at: Instant,
}

impl TokenSource {
    /// A token that is good for a while.
    ///
    /// # Errors
    /// [`Error::SignIn`] is final; the others mean that the login host could not be asked.
    pub(crate) async fn get(&self, transport: &Transport) -> Result<Token, Error> {
        let asked_at = Instant::now();
        let mut state = self.state.lock().await;
        if let Some(cached) = &state.cached
            && Instant::now() < cached.replace_at
        {
            return Ok(cached.token.clone());
        }
        if let Some((refused_at, error)) = &state.refused
            && *refused_at >= asked_at
        {
            return Err(error.clone());
        }
        match fetch(transport).await {
            Ok((token, lifetime)) => {
                let replace_at =
                    Instant::now() + usable_for(lifetime, transport.patience.token_margin);
                state.cached = Some(Cached {
                    token: token.clone(),
                    replace_at,
                });
                state.refused = None;
                Ok(token)
            }
            Err(error) => {
                state.refused = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Graph refused exactly this token: it is not used again. A newer one stays.
    pub(crate) async fn forget(&self, refused: &Token) {
        let mut state = self.state.lock().await;
        if state
            .cached
            .as_ref()
            .is_some_and(|cached| cached.token.0 == refused.0)
        {
            state.cached = None;
        }
    }
}

/// How long a new token is used. A lifetime that is short against the margin is used by half, or each call would ask anew.
fn usable_for(lifetime: Duration, margin: Duration) -> Duration {
    lifetime - margin.min(lifetime / 2)
}

async fn fetch(transport: &Transport) -> Result<(Token, Duration), Error> {
    let patience = &transport.patience;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let is_last = attempt > patience.most_failures;
        let wait = match transport.post_token_form().await {
            Ok(raw) if raw.is_success() => return granted(&raw),
            Ok(raw) => {
                let refused = refused(&raw, transport.config.client_secret.expose());
                if is_last || !matches!(refused, Error::Unavailable { .. }) {
                    return Err(refused);
                }
                match raw.retry_after() {
                    Some(wait) if wait > patience.most_retry_after => return Err(refused),
                    Some(wait) => wait.max(patience.least_retry_after),
                    None => patience.backoff(attempt),
                }
            }
            Err(failure) if is_last || matches!(failure, Failure::TooLarge) => {
                return Err(failure.into_error(Service::Login, &transport.config.login_base));
            }
            Err(_broken) => patience.backoff(attempt),
        };
        tracing::debug!(
            attempt,
            wait_ms = wait.as_millis(),
            "asking the login host again"
        );
        tokio::time::sleep(wait).await;
    }
}

fn granted(raw: &Raw) -> Result<(Token, Duration), Error> {
    let answer = raw.json()?;
    let token = answer
        .get("access_token")
        .and_then(Value::as_str)
        .filter(|token| !token.is_empty());
    // Some proxies and older endpoints write the number as a text.
    let expires_in = answer
        .get("expires_in")
        .and_then(|seconds| seconds.as_u64().or_else(|| seconds.as_str()?.parse().ok()));
    match (token, expires_in) {
        (Some(token), Some(seconds)) => Ok((
            Token(token.into()),
            Duration::from_secs(seconds.min(86_400 * 2)),
        )),
        _ => Err(Error::BadAnswer {
            fault: Fault::WrongShape,
            support: raw.support.clone(),
        }),
    }
}

/// Decides on `error` first, then on the first of `error_codes`, never on the text.
fn refused(raw: &Raw, secret: &str) -> Error {
    let body: Value = serde_json::from_slice(&raw.body).unwrap_or_default();
    let error = body
        .get("error")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let code = body
        .get("error_codes")
        .and_then(|codes| codes.get(0))
        .and_then(Value::as_u64);
    let is_transient = matches!(error, "temporarily_unavailable" | "server_error")
        && code != Some(50_196)
        || matches!(code, Some(90_033 | 90_024))
        || matches!(raw.status, 429 | 500..);
    let mut support = Arc::clone(&raw.support);
    if let Some(trace_id) = body.get("trace_id").and_then(Value::as_str) {
        Arc::make_mut(&mut support).request_id = Some(trace_id.to_owned());
    }
    if is_transient {
        let message = unpack(&raw.body, &[secret]).message;
        return Error::Unavailable {
            service: Service::Login,
            status: raw.status,
            message,
            support,
        };
    }
    if (300..=399).contains(&raw.status) {
        return Error::BadAnswer {
            fault: Fault::Redirect,
            support,
        };
    }
    if error.is_empty() {
        return Error::BadAnswer {
            fault: Fault::NotJson,
            support,
        };
    }
    Error::SignIn {
        refusal: refusal(error, code),
        code,
        support,
    }
}

fn refusal(error: &str, code: Option<u64>) -> Refusal {
    match (error, code) {
        (_, Some(7_000_222)) => Refusal::SecretExpired,
        (_, Some(7_000_216 | 7_000_218 | 900_144)) => Refusal::Malformed,
        (_, Some(700_016)) => Refusal::AppNotInDirectory,
        (_, Some(90_002)) => Refusal::NoSuchDirectory,
        (_, Some(50_196)) => Refusal::Loop,
        (_, Some(53_003)) => Refusal::Blocked,
        ("invalid_scope" | "invalid_resource", _) | (_, Some(500_011 | 70_011 | 1_002_012)) => {
            Refusal::WrongCloud
        }
        ("invalid_client", _) => Refusal::WrongSecret,
        ("unauthorized_client", _) => Refusal::AppNotInDirectory,
        ("access_denied", _) => Refusal::Blocked,
        _ => Refusal::Other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(status: u16, error: &str, code: u64, expected: &str) {
        let body = json!({"error": error, "error_description": "AADSTS: p~secret", "error_codes": [code], "trace_id": "5f0c"});
        let raw = Raw {
            status,
            headers: Default::default(),
            body: body.to_string().into_bytes(),
            support: Arc::default(),
        };
        let refused = refused(&raw, "p~secret");
        let shown = match &refused {
            Error::SignIn { refusal, .. } => format!("{refusal:?}"),
            _ => refused.code().to_owned(),
        };
        assert_eq!(shown, expected, "{error} {code}");
        assert!(!format!("{refused:?} {refused} {}", refused.safe_message()).contains("p~secret"));
    }

    #[test]
    fn each_refusal_of_the_login_host_has_its_own_meaning() {
        check(401, "invalid_client", 7_000_215, "WrongSecret");
        check(401, "invalid_client", 7_000_222, "SecretExpired");
        check(401, "invalid_client", 7_000_218, "Malformed");
        check(400, "invalid_client", 7_000_216, "Malformed");
        check(400, "unauthorized_client", 700_016, "AppNotInDirectory");
        check(400, "invalid_request", 90_002, "NoSuchDirectory");
        check(400, "invalid_request", 900_144, "Malformed");
        check(400, "invalid_scope", 70_011, "WrongCloud");
        check(400, "invalid_scope", 1_002_012, "WrongCloud");
        check(400, "invalid_resource", 500_011, "WrongCloud");
        check(400, "access_denied", 53_003, "Blocked");
        check(400, "invalid_grant", 53_003, "Blocked");
        check(400, "server_error", 50_196, "Loop");
        check(400, "temporarily_unavailable", 90_033, "login_unavailable");
        check(400, "server_error", 90_024, "login_unavailable");
        check(503, "", 0, "login_unavailable");
        check(429, "", 0, "login_unavailable");
        check(404, "", 0, "bad_answer");
    }

    #[test]
    fn a_token_is_replaced_when_less_than_the_margin_is_left_of_it() {
        let used = |lifetime| {
            usable_for(Duration::from_secs(lifetime), Duration::from_secs(300)).as_secs()
        };
        assert_eq!(
            [3_599, 86_400, 600, 60, 0].map(used),
            [3_299, 86_100, 300, 30, 0]
        );
    }
}
