//! The one place where an error becomes an answer: `application/problem+json` with a stable code and a safe text.
//!
//! The cause of a 5xx goes to the log here, once. A body never holds more than its code's title and a sentence of ours.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use contract::problem::{MEDIA_TYPE, Problem as Body, code};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

/// An answer that is an error.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: Option<String>,
    retry_after: Option<Duration>,
}

/// What a handler returns.
pub type Answer<T> = Result<T, Problem>;

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            status,
            code,
            title,
            detail: None,
            retry_after: None,
        }
    }

    fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// 401: nobody is signed in.
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code::SIGNED_OUT, "Signed out").saying("Sign in first.")
    }

    /// 401: the same for a wrong password and for a name that nobody has.
    pub fn bad_credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            code::BAD_CREDENTIALS,
            "Name or password do not match",
        )
        .saying("The name or the password is not right. Capitals count in the password.")
    }

    /// 401: a machine that names no key, or one that is unknown or was revoked.
    pub fn key_needed() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code::KEY_NEEDED, "A key is needed").saying(
            "Send `Authorization: Bearer` with a key that stands. `tenant-atlas-server key add` makes one.",
        )
    }

    /// 403, with one body for everything: a stranger's tenant, one that does not exist, and an id that is not in this tenant.
    pub fn not_yours() -> Self {
        Self::new(StatusCode::FORBIDDEN, code::NOT_YOURS, "Not yours")
            .saying("This does not exist, was removed, or is in a tenant that you cannot see.")
    }

    /// 403: a member whose role does not reach.
    pub fn role_needed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            code::ROLE_NEEDED,
            "Your role does not reach",
        )
        .saying("Starting a run and acknowledging a failure take the role operator, restorer or admin in this tenant. An admin can give it to you.")
    }

    /// 403: the change came from another page than ours.
    pub fn cross_origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, code::CROSS_ORIGIN, "From another origin").saying(
            "A change has to come from a page of this server: with `Sec-Fetch-Site: same-origin`, or an Origin equal to the Host.",
        )
    }

    /// 403: the one-time link is spent.
    pub fn link_used() -> Self {
        Self::new(StatusCode::FORBIDDEN, code::LINK_USED, "The link is spent").saying(
            "This link was used, replaced by a newer one, or has expired. Ask for a new one; for the first account, start the server again.",
        )
    }

    /// 400: the body, the query or a header does not fit.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            code::BAD_REQUEST,
            "The request cannot be read",
        )
        .saying(detail)
    }

    /// 404: no such path under `/api`.
    pub fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, code::NO_SUCH_PATH, "No such path")
            .saying("The paths are listed in /api/openapi.json.")
    }

    /// 405: the path is there, the method is not.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            code::METHOD_NOT_ALLOWED,
            "Not with this method",
        )
        .saying("The methods of each path are listed in /api/openapi.json.")
    }

    /// 409: the name is taken, or the key was used for something else.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code::CONFLICT, "Conflict").saying(detail)
    }

    /// 409: the run is another than was on screen.
    pub fn changed() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            code::CHANGED,
            "It has changed meanwhile",
        )
        .saying("The run is no failure any more, or has another status than was on screen. Nothing was changed. Look at it again.")
    }

    /// 413: the body is over the limit.
    pub fn too_large(limit_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            code::TOO_LARGE,
            "The body is too large",
        )
        .saying(format!(
            "A body may have {limit_bytes} bytes at most. Send it in parts."
        ))
    }

    /// 415: bodies are JSON.
    pub fn json_only() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code::JSON_ONLY,
            "JSON only",
        )
        .saying("Send the body as JSON, with `Content-Type: application/json`.")
    }

    /// 422: a value is out of its bounds.
    pub fn invalid_value(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            code::INVALID_VALUE,
            "A value is out of its bounds",
        )
        .saying(detail)
    }

    /// 429: too many tries, or too many streams of one person.
    pub fn too_many(detail: impl Into<String>, wait: Duration) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            code::TOO_MANY,
            "Too many tries",
        )
        .saying(detail)
        .after(wait)
    }

    /// 503: the store or the server has no room at the moment; safe to try again.
    pub fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            code::BUSY,
            "Busy at the moment",
        )
        .saying("The server could not do it in time. Nothing was changed. Try again in a moment; if it stays like this, look at the server's log and at the space on its disk.")
        .after(Duration::from_secs(1))
    }

    /// 500: our fault.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            code::INTERNAL,
            "Our fault",
        )
        .saying("Something went wrong in the server. Its log says what.")
    }
}

impl From<runs::Error> for Problem {
    fn from(error: runs::Error) -> Self {
        match &error {
            runs::Error::NotInTenant(_) => Self::not_yours(),
            runs::Error::Changed => Self::changed(),
            runs::Error::KeyReused => {
                Self::conflict("This Idempotency-Key was used for another request. Use a new one.")
            }
            runs::Error::NameTaken => {
                Self::conflict("Somebody has this name already. Choose another.")
            }
            runs::Error::LinkUsed => Self::link_used(),
            runs::Error::KeyRevoked => Self::key_needed(),
            runs::Error::Busy | runs::Error::CannotOpen { .. } | runs::Error::Unavailable(_) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "failed to {error}"
                );
                Self::busy()
            }
            runs::Error::LeaseLost | runs::Error::ItemSettled => {
                tracing::error!("a request met a worker's error: failed to {error}");
                Self::internal()
            }
        }
    }
}

impl Problem {
    /// As it stands on the wire.
    pub fn body(&self) -> Body {
        Body {
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            title: self.title.to_owned(),
            detail: self.detail.clone(),
            retry_after_ms: self
                .retry_after
                .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.body();
        let bytes = serde_json::to_vec(&body).expect("a problem is plain texts and numbers");
        let mut response = (self.status, bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if self.code == code::KEY_NEEDED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            // Whole seconds, rounded up: a reader that comes back early is only refused again.
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            headers.insert(
                RETRY_AFTER,
                HeaderValue::from_str(&seconds.to_string()).expect("digits are a header value"),
            );
        }
        response
    }
}
