//! The inventory of a tenant's policies.

/// A policy as Graph lists it.
#[derive(Clone, Debug)]
pub struct ListedPolicy {
    /// Graph's id.
    pub graph_id: String,
    /// `configurationPolicies`, …
    pub family: String,
    /// Its name.
    pub name: String,
    /// `windows10`, …; empty when Graph does not say.
    pub platform: String,
}
