//! The Microsoft Graph client: token, paging, throttle budget, policy families.
//!
//! A read goes through the files in this order:
//!
//! 1. [`config`]: where Graph is and who asks, checked once
//! 2. [`read`]: [`Reader`], the type that can only GET
//! 3. `token`: client credentials, one request for many waiters
//! 4. `throttle`: the budget of one tenant, paused as a whole by a 429
//! 5. `request`: one GET with its attempts
//! 6. `paging`: all pages of a collection, followed only within Graph's own origin
//! 7. `policy`: what each family of policies looks like
//! 8. `redact`, then [`canonical`]: what may be stored, and its hash
//! 9. [`error`]: what the caller can do about a failure
//!
//! Invariants: nothing here sends a bearer token to another origin than the configured one; nothing follows a
//! redirect; no error, log line or stored object holds a token, the client secret or a raw body.

pub mod canonical;
pub mod config;
pub mod error;
mod paging;
mod patience;
mod policy;
pub mod read;
mod redact;
mod request;
mod throttle;
mod token;

pub use config::{ConfigError, GraphConfig, Secret};
pub use error::{Error, Scope};
pub use patience::Patience;
pub use policy::{Family, PolicySummary, UnknownFamily};
pub use read::{Captured, Reader};
pub use redact::PLACEHOLDER;
