//! HTTP: sign-in, tenancy, REST, the event stream, workers, the built app.
//!
//! A run goes through the files in this order: `routes/start.rs` (accepted, 202) → [`worker`] (claimed) → [`jobs`] (done, item by item) → the
//! store, which tells [`hub`] after each commit → `routes/events.rs` → `handover.rs` (to the
//! browser).
//!
//! [`serve`] makes everything and [`router`] shows the API on one screen. Around them: [`config`] and [`cli`] (what the operator says),
//! [`auth`] and [`tenancy`] (who may do what), [`problem`] (every error, in one shape), [`assets`] (the built app), [`inventory`] and
//! [`upkeep`] (what happens again and again), [`shutdown`].
//!
//! **Invariants**: the request path never calls Graph; the hub tells nothing that is not durable; no log line holds a token, a secret, a
//! cookie or a body.

pub mod assets;
pub mod auth;
pub mod cli;
pub mod config;
mod connections;
pub mod event_rate;
pub mod extract;
mod file_limit;
mod handover;
pub mod hub;
pub mod inventory;
pub mod jobs;
pub mod keys;
pub mod limiter;
pub mod listen;
pub mod lock;
pub mod openapi;
pub mod passwords;
pub mod people;
pub mod problem;
pub mod router;
pub mod routes;
mod run_error;
pub mod serve;
pub mod shutdown;
pub mod state;
pub mod tenancy;
pub mod tokens;
pub mod upkeep;
pub mod worker;
