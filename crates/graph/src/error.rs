//! What can go wrong between us and Graph, by what the caller can do about it.
//!
//! Three texts exist for an error: `Display` for the log, [`Error::code`] for programs, and [`Error::safe_message`] for
//! people. None of them holds a token, the client secret, or more of an answer's body than its unpacked, redacted text.

mod message;
mod unpack;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use unpack::unpack;

/// The ids that a person needs when they ask Microsoft about a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Support {
    /// `request-id` of the answer.
    pub request_id: Option<String>,
    /// The `client-request-id` that we sent.
    pub client_request_id: Option<String>,
    /// The activity id inside the text of an Intune error.
    pub activity_id: Option<String>,
    /// `x-ms-ags-diagnostic` of the answer.
    pub diagnostic: Option<String>,
    /// `Date` of the answer.
    pub date: Option<String>,
}

/// What an error concerns, and so what is of no use to try next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only the policy that was asked for; the next one may well work.
    Item,
    /// The whole family in this tenant.
    Family,
    /// Everything in this tenant: credentials, or Graph itself.
    Tenant,
}

/// Which of the two hosts could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The login host, which gives the token.
    Login,
    /// Graph.
    Graph,
}

/// Why the login host gave no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 7000215: the secret is wrong, often its id instead of its value.
    WrongSecret,
    /// 7000222: the secret has expired.
    SecretExpired,
    /// 700016: the app is not in that directory: no consent, or the wrong directory.
    AppNotInDirectory,
    /// 90002: there is no such directory.
    NoSuchDirectory,
    /// 500011, 70011, 1002012: the Graph of another cloud.
    WrongCloud,
    /// 53003: a conditional access policy for workload identities blocked the app.
    Blocked,
    /// 50196: the same token was asked for in a loop.
    Loop,
    /// 7000216, 7000218, 900144: our request is not well made.
    Malformed,
    /// Anything else.
    Other,
}

/// An answer that is no answer: the sort of thing that a proxy, a captive portal or a changed API sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not JSON, or it ends too early.
    NotJson,
    /// It is JSON, but a collection without `value`, an object that is none, or a token answer without a token.
    WrongShape,
    /// It sends us to another place.
    Redirect,
    /// A nextLink leaves Graph's origin. The token was not sent there.
    ForeignLink,
    /// A nextLink was seen before, or there are more pages than any tenant has.
    EndlessPages,
    /// It is larger than any policy.
    TooLarge,
}

/// A failed read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The HTTP client cannot be set up on this machine.
    #[error("set up the HTTP client")]
    Setup(#[source] Arc<reqwest::Error>),
    /// The login host refused the credentials; final until somebody changes them.
    #[error("sign in to the directory: {refusal:?} (AADSTS{code})", code = .code.unwrap_or_default())]
    SignIn {
        /// Why.
        refusal: Refusal,
        /// The AADSTS number, for people.
        code: Option<u64>,
        /// `trace_id` as the request id.
        support: Arc<Support>,
    },
    /// Graph refused a token that was new.
    #[error("use a new token: Graph answered 401")]
    TokenRefused {
        /// Ids of the call.
        support: Arc<Support>,
    },
    /// 403: a permission, a licence or a scope is missing.
    #[error("read: forbidden: {message}")]
    Forbidden {
        /// Graph's own text, unpacked and redacted.
        message: String,
        /// The permission that reads this family.
        permission: &'static str,
        /// A list that is refused concerns the family, a single policy only itself.
        scope: Scope,
        /// Ids of the call.
        support: Arc<Support>,
    },
    /// 404: deleted since the list was read, or never there.
    #[error("read: not found")]
    NotFound {
        /// A list that is not found means a family that this cloud does not have.
        scope: Scope,
        /// Ids of the call.
        support: Arc<Support>,
    },
    /// 409 or 412.
    #[error("read: conflict: {message}")]
    Conflict {
        /// Graph's own text, unpacked and redacted.
        message: String,
        /// Ids of the call.
        support: Arc<Support>,
    },
    /// Any other 4xx: sending it again gives the same.
    #[error("read: status {status} {graph_code}: {message}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// Graph's code, `BadRequest` for example.
        graph_code: String,
        /// Graph's own text, unpacked and redacted.
        message: String,
        /// Item or family, by the call.
        scope: Scope,
        /// Ids of the call.
        support: Arc<Support>,
    },
    /// 429 for longer than we wait; nothing was executed.
    #[error("read: still throttled")]
    Throttled {
        /// What the last answer asked for.
        retry_after: Option<Duration>,
        /// Ids of the last call.
        support: Arc<Support>,
    },
    /// 5xx in each attempt.
    #[error("read: status {status} in each attempt: {message}")]
    Unavailable {
        /// Which host.
        service: Service,
        /// The last status.
        status: u16,
        /// The host's own text, unpacked and redacted.
        message: String,
        /// Ids of the last call.
        support: Arc<Support>,
    },
    /// No connection, or one that broke, in each attempt.
    #[error("reach {service:?}")]
    Unreachable {
        /// Which host.
        service: Service,
        /// Its scheme, host and port.
        base: String,
        /// The last failure, without its URL.
        #[source]
        source: Arc<reqwest::Error>,
    },
    /// No whole answer in time, in each attempt.
    #[error("wait for {service:?}")]
    TimedOut {
        /// Which host.
        service: Service,
        /// The last failure, without its URL.
        #[source]
        source: Arc<reqwest::Error>,
    },
    /// Fewer or more settings came than the policy says that it has, twice.
    #[error("read all settings: {got} of {expected}")]
    SettingsIncomplete {
        /// Settings that came.
        got: u64,
        /// `settingCount` of the policy.
        expected: u64,
        /// Ids of the last page.
        support: Arc<Support>,
    },
    /// The answer cannot be understood or must not be followed.
    #[error("understand the answer: {fault:?}")]
    BadAnswer {
        /// What is wrong with it.
        fault: Fault,
        /// Ids of the call.
        support: Arc<Support>,
    },
}

impl Error {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Setup(_) => "client_setup",
            Self::SignIn {
                refusal: Refusal::SecretExpired,
                ..
            } => "credentials_expired",
            Self::SignIn { .. } => "credentials_refused",
            Self::TokenRefused { .. } => "token_refused",
            Self::Forbidden { .. } => "graph_forbidden",
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "graph_conflict",
            Self::Rejected { .. } => "graph_rejected",
            Self::Throttled { .. } => "throttled",
            Self::Unavailable {
                service: Service::Login,
                ..
            } => "login_unavailable",
            Self::Unavailable { .. } => "graph_unavailable",
            Self::Unreachable {
                service: Service::Login,
                ..
            } => "login_unreachable",
            Self::Unreachable { .. } => "graph_unreachable",
            Self::TimedOut {
                service: Service::Login,
                ..
            } => "login_timeout",
            Self::TimedOut { .. } => "graph_timeout",
            Self::SettingsIncomplete { .. } => "settings_incomplete",
            Self::BadAnswer { .. } => "bad_answer",
        }
    }

    /// A plain sentence for a person: what happened and what to do. At most 500 characters.
    #[must_use]
    pub fn safe_message(&self) -> String {
        message::safe_message(self)
    }

    /// True where the same call may work later without anybody changing anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::SettingsIncomplete { .. }
            | Self::SignIn {
                refusal: Refusal::Loop,
                ..
            } => true,
            Self::BadAnswer { fault, .. } => matches!(fault, Fault::NotJson),
            Self::Setup(_)
            | Self::SignIn { .. }
            | Self::TokenRefused { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Conflict { .. }
            | Self::Rejected { .. } => false,
        }
    }

    /// What the error concerns.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Setup(_)
            | Self::SignIn { .. }
            | Self::TokenRefused { .. }
            | Self::Throttled { .. }
            | Self::Unavailable {
                service: Service::Login,
                ..
            }
            | Self::TimedOut {
                service: Service::Login,
                ..
            } => Scope::Tenant,
            // A connection that stood says that the host is there: what broke is this answer, and the next one may well come whole.
            Self::Unreachable {
                service, source, ..
            } => {
                if *service == Service::Graph && !source.is_connect() {
                    Scope::Item
                } else {
                    Scope::Tenant
                }
            }
            Self::Forbidden { scope, .. }
            | Self::NotFound { scope, .. }
            | Self::Rejected { scope, .. } => *scope,
            Self::Conflict { .. }
            | Self::Unavailable { .. }
            | Self::TimedOut { .. }
            | Self::SettingsIncomplete { .. }
            | Self::BadAnswer { .. } => Scope::Item,
        }
    }

    /// The ids of the last call, where there was an answer.
    #[must_use]
    pub fn support(&self) -> Option<&Support> {
        match self {
            Self::SignIn { support, .. }
            | Self::TokenRefused { support }
            | Self::Forbidden { support, .. }
            | Self::NotFound { support, .. }
            | Self::Conflict { support, .. }
            | Self::Rejected { support, .. }
            | Self::Throttled { support, .. }
            | Self::Unavailable { support, .. }
            | Self::SettingsIncomplete { support, .. }
            | Self::BadAnswer { support, .. } => Some(support),
            Self::Setup(_) | Self::Unreachable { .. } | Self::TimedOut { .. } => None,
        }
    }

    /// The id of the last answer, to be given to Microsoft's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        let support = self.support()?;
        support
            .request_id
            .as_deref()
            .or(support.activity_id.as_deref())
    }

    /// How long Graph asked us to wait, where the error is a throttled call.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
