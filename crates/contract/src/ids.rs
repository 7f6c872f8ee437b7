//! Ids as their own types, so that a tenant's id cannot be passed as a run's.
//!
//! Each is a positive 64-bit integer that a database made, and a plain number on the wire.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$meta:meta] $name:ident),+ $(,)?) => {$(
        #[$meta]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    )+};
}

id! {
    /// A customer's Microsoft 365 tenant, as this server numbers it.
    TenantId,
    /// A run within (tenant, source, run type).
    RunId,
    /// A person who signs in.
    PersonId,
    /// A policy of a tenant, by our own database and not by Graph.
    PolicyId,
    /// A record that a run touches.
    ItemId,
    /// The place of a `run` event in its tenant's history: 1, 2, 3, … without holes.
    TenantSeq,
    /// Grows with each change of a run, progress included.
    Rev,
}

/// Names one run: what cards, marks and lists are keyed by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunKey {
    /// The tenant that the run works on.
    pub tenant_id: TenantId,
    /// Empty for our own runs, the portal's name for announced ones.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// `bulk_operation`, `restore`, or a portal's own.
    pub run_type: String,
    /// Unique within (tenant, source, run type).
    pub run_id: RunId,
}

/// The id of an SSE frame: `{epoch}-{position}`.
///
/// The epoch names the log and changes when the log was replaced; the position is one total order over all tenants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    /// 1 to 32 lower-case letters and digits.
    pub epoch: String,
    /// 0 before the first event.
    pub position: u64,
}

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.epoch, self.position)
    }
}

/// The text is not `{epoch}-{position}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadEventId;

impl std::fmt::Display for BadEventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an event id is an epoch, a hyphen and a position")
    }
}

impl std::error::Error for BadEventId {}

impl std::str::FromStr for EventId {
    type Err = BadEventId;

    fn from_str(text: &str) -> Result<Self, BadEventId> {
        let (epoch, position) = text.split_once('-').ok_or(BadEventId)?;
        let epoch_is_plain = (1..=32).contains(&epoch.len())
            && epoch
                .bytes()
                .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        let position_is_plain =
            (1..=19).contains(&position.len()) && position.bytes().all(|b| b.is_ascii_digit());
        if !epoch_is_plain || !position_is_plain {
            return Err(BadEventId);
        }
        let position = position.parse().ok().ok_or(BadEventId)?;
        Ok(EventId {
            epoch: epoch.to_owned(),
            position,
        })
    }
}

impl Serialize for EventId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_reads_back_as_it_was_written() {
        let id = EventId {
            epoch: "k3f9".into(),
            position: 812,
        };
        assert_eq!(id.to_string(), "k3f9-812");
        assert_eq!("k3f9-812".parse(), Ok(id));
    }

    #[test]
    fn garbage_is_not_an_event_id() {
        for text in [
            "",
            "-",
            "a-",
            "-1",
            "a-1-2",
            "a--1",
            "A-1",
            "a-+1",
            "a-1 ",
            "ü-1",
            "a-99999999999999999999",
        ] {
            assert_eq!(text.parse::<EventId>(), Err(BadEventId), "{text:?}");
        }
    }
}
