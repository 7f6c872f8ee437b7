//! The run store and its rules: start, claim, lease, items, event log, people, policies.
//!
//! [`store`] is the contract; [`sqlite`] keeps it in one file. Every state change of a run and its event are one transaction, and nobody
//! is told of it ([`change`]) before its commit is durable.
//!
//! **Invariant**: every query that touches a tenant's data names the tenant.

pub mod announced;
pub mod cards;
pub mod change;
pub mod error;
pub mod failures;
pub mod ingest;
pub mod items;
pub mod lease;
pub mod people;
pub mod policies;
pub mod retention;
pub mod sqlite;
pub mod start;
pub mod store;

pub use error::Error;
pub use store::Store;
