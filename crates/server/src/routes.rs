//! The calls of the API, a file for each resource or verb. `router.rs` lists them.

pub mod acknowledge;
pub mod events;
pub mod health;
pub mod ingest;
pub mod marks;
pub mod me;
pub mod notifications;
pub mod policies;
pub mod preferences;
pub mod runs;
pub mod session;
pub mod setup;
pub mod snapshot;
pub mod start;
pub mod tenants;
