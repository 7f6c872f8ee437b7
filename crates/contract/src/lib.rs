//! The wire types that browser and server share.
//!
//! In the order of the data: [`ids`] and [`timestamp`] · [`run`] · [`frame`] (the stream) · [`snapshot`] · [`card`] (whose card a run is) · [`preferences`] ·
//! [`seal`] (the proof that no failure is missing) · [`api`] (other bodies) · [`notification`] (what a portal stores) · [`ingest`] (what it
//! announces) · [`problem`] (errors).
//!
//! **Invariant**: this crate depends on serde alone, and compiles for wasm and the host.

pub mod api;
pub mod card;
pub mod frame;
pub mod ids;
pub mod ingest;
pub mod metadata;
pub mod notification;
#[cfg(feature = "openapi")]
mod openapi;
pub mod preferences;
pub mod problem;
pub mod run;
pub mod seal;
pub mod snapshot;
pub mod timestamp;
