//! A rule: which calls, and what is done to them. Also its form on the control port.

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Call;
use crate::answer::ErrorShape;

/// Which calls. Everything that is left out matches.
#[derive(Clone, Debug, Default)]
pub struct Match {
    method: Option<String>,
    path: Option<Regex>,
    tenant: Option<String>,
    nth: Vec<u64>,
}

/// A path that is no regular expression.
#[derive(Clone, Debug)]
pub struct BadMatch(String);

impl std::fmt::Display for BadMatch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "the path to match is not a regular expression: {}",
            self.0
        )
    }
}

impl std::error::Error for BadMatch {}

impl Match {
    /// Every call.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// Calls whose path, as it was sent and without its query, matches a regular expression.
    ///
    /// # Panics
    /// Where it is none; [`Match::try_path`] says so instead.
    #[must_use]
    pub fn path(expression: &str) -> Self {
        Self::try_path(expression).expect("a path to match is a regular expression")
    }

    /// As [`Match::path`].
    ///
    /// # Errors
    /// [`BadMatch`] names what is wrong with the expression.
    pub fn try_path(expression: &str) -> Result<Self, BadMatch> {
        let path = Regex::new(expression).map_err(|error| BadMatch(error.to_string()))?;
        Ok(Self {
            path: Some(path),
            ..Self::default()
        })
    }

    /// Only this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = (method != "*").then(|| method.to_ascii_uppercase());
        self
    }

    /// Only calls of this directory.
    #[must_use]
    pub fn tenant(mut self, directory_id: &str) -> Self {
        self.tenant = (directory_id != "*").then(|| directory_id.to_owned());
        self
    }

    /// Only the nth of the matching calls, from 1; may be said more than once.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth.push(nth);
        self
    }
}

/// What is done, and to which calls.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    /// Which calls.
    #[serde(rename = "match", default)]
    pub matching: Match,
    /// At most so many times; without it, always.
    #[serde(default)]
    pub times: Option<u64>,
    /// What is done.
    #[serde(flatten)]
    pub action: Action,
}

impl Rule {
    /// A rule without an end.
    #[must_use]
    pub fn new(matching: Match, action: Action) -> Self {
        Self {
            matching,
            times: None,
            action,
        }
    }

    /// At most `times` times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }
}

/// Before or after the call had its effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing has happened yet.
    #[default]
    Before,
    /// The state has changed, the answer is still to come.
    After,
    /// Half of the answer has been sent.
    BetweenBytes,
}

/// What a rule does to a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Answers with a status instead of doing anything.
    Status {
        /// The HTTP status.
        code: u16,
        /// How the error is written.
        #[serde(default)]
        body: ErrorShape,
        /// The Retry-After header as it is sent, in any form.
        #[serde(default)]
        retry_after: Option<String>,
        /// The text of the error.
        #[serde(default)]
        message: Option<String>,
    },
    /// Does what was asked and answers with a status all the same.
    StatusAfterApply {
        /// The HTTP status.
        code: u16,
    },
    /// Closes the connection without an answer; nothing has happened.
    DropBeforeApply,
    /// Closes the connection without an answer; it has happened.
    DropAfterApply,
    /// Sends the headers and half of the body.
    DropMidBody,
    /// Answers late.
    Delay {
        /// How late, in milliseconds.
        ms: u64,
        /// Where the time is spent.
        #[serde(rename = "where", default)]
        when: When,
    },
    /// The token of this call is expired from now on; the call gets its 401.
    ExpireToken,
    /// The answer's nextLink names another place.
    ForeignNextLink {
        /// Scheme, host and port of it.
        to: String,
    },
    /// The answer's nextLink leads to the very page that it stands on.
    NextLinkLoop,
    /// The answer has no item, and a nextLink to the page that it should have been.
    EmptyPage,
    /// A collection ends early, with no link to the rest.
    TruncateSettings {
        /// Items of the whole collection that are still sent. Without it, the first page.
        #[serde(default)]
        keep: Option<usize>,
    },
    /// Sends the client to another host.
    Redirect {
        /// The whole address.
        to: String,
    },
    /// Another admin edits a policy just before this call is answered.
    ChangeMeanwhile {
        /// `/beta/deviceManagement/{collection}/{id}`
        path: String,
        /// Merged into the policy.
        patch: Value,
    },
}

/// A rule or a gate with what it has seen.
pub(super) struct Counted<T> {
    matching: Match,
    pub(super) item: T,
    n_matched: u64,
    pub(super) n_applied: u64,
}

impl<T> Counted<T> {
    pub(super) fn new(matching: Match, item: T) -> Self {
        Self {
            matching,
            item,
            n_matched: 0,
            n_applied: 0,
        }
    }

    pub(super) fn restart(&mut self) {
        self.n_matched = 0;
        self.n_applied = 0;
    }

    /// Counts a call that matches, and says whether it is one of those that were asked for.
    pub(super) fn hits(&mut self, call: &Call<'_>) -> bool {
        let Match {
            method,
            path,
            tenant,
            nth,
        } = &self.matching;
        let is_match = method.as_deref().is_none_or(|method| method == call.method)
            && path.as_ref().is_none_or(|path| path.is_match(call.path))
            && tenant
                .as_deref()
                .is_none_or(|tenant| Some(tenant) == call.tenant);
        self.n_matched += u64::from(is_match);
        is_match && (nth.is_empty() || nth.contains(&self.n_matched))
    }
}

/// `{"method":"POST","path":"^/beta/…$","tenant":"*","nth":[2,3]}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMatch {
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    tenant: Option<String>,
    #[serde(default)]
    nth: Vec<u64>,
}

impl<'de> Deserialize<'de> for Match {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = WrittenMatch::deserialize(deserializer)?;
        let mut matching = match &written.path {
            Some(path) => Self::try_path(path).map_err(serde::de::Error::custom)?,
            None => Self::any(),
        };
        if let Some(method) = &written.method {
            matching = matching.method(method);
        }
        if let Some(tenant) = &written.tenant {
            matching = matching.tenant(tenant);
        }
        matching.nth = written.nth;
        Ok(matching)
    }
}
