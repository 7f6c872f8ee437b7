//! Errors on the wire: `application/problem+json` (RFC 9457) with a stable `code`.

use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What went wrong with a request, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// Stable, for programs.
    pub code: String,
    /// A short name of the kind of problem.
    pub title: String,
    /// A sentence for people: what happened and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When it may be tried again, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// The codes.
pub mod code {
    /// 401: nobody is signed in.
    pub const SIGNED_OUT: &str = "signed_out";
    /// 401: name or password do not match.
    pub const BAD_CREDENTIALS: &str = "bad_credentials";
    /// 401: no key, or one that is unknown or was revoked.
    pub const KEY_NEEDED: &str = "key_needed";
    /// 403: not a member of that tenant, or the thing is not in it. The body never tells which.
    pub const NOT_YOURS: &str = "not_yours";
    /// 403: a member, but the role does not reach.
    pub const ROLE_NEEDED: &str = "role_needed";
    /// 403: a change from another origin.
    pub const CROSS_ORIGIN: &str = "cross_origin";
    /// 403: the one-time link was used, replaced or has expired.
    pub const LINK_USED: &str = "link_used";
    /// 400: the body or the query does not fit.
    pub const BAD_REQUEST: &str = "bad_request";
    /// 404: no such path under `/api`.
    pub const NO_SUCH_PATH: &str = "no_such_path";
    /// 405: not with this method.
    pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
    /// 409: the name is taken, or the key was used for another request.
    pub const CONFLICT: &str = "conflict";
    /// 409: the run is another than was on screen.
    pub const CHANGED: &str = "changed";
    /// 413: the body is over the limit.
    pub const TOO_LARGE: &str = "too_large";
    /// 415: bodies are JSON.
    pub const JSON_ONLY: &str = "json_only";
    /// 422: a value is out of its bounds.
    pub const INVALID_VALUE: &str = "invalid_value";
    /// 429: too many tries.
    pub const TOO_MANY: &str = "too_many";
    /// 503: the store did not answer in time.
    pub const BUSY: &str = "busy";
    /// 500: our fault.
    pub const INTERNAL: &str = "internal";
}
