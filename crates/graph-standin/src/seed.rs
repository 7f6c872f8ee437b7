//! What the tenants hold at the start: the same ids, names and stamps each time.

mod assigned;
mod catalog;
mod demo;
mod device;
mod small;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::faults::Rule;
use crate::state::{App, Collection, Policy, Tenant, stamp};

/// The directory id of every seed's tenant.
pub const DEMO_DIRECTORY_ID: &str = "7c0a51de-3b5e-4c47-9d3a-0c6f2d8e1a01";
/// The app with every right. Its secret is the one that the stand-in was started with, as it is for the others.
pub const DEMO_CLIENT_ID: &str = "b1d6a4f2-58c9-4e0b-8a7d-2f9e4c3b5a02";
/// An app that may only read.
pub const READ_ONLY_CLIENT_ID: &str = "c2e7b5a3-69da-4f1c-9b8e-3a0f5d4c6b03";
/// An app with a token but without any permission.
pub const NO_RIGHTS_CLIENT_ID: &str = "d3f8c6b4-7aeb-4a2d-8c9f-4b1a6e5d7c04";
/// An app whose secret has expired.
pub const EXPIRED_CLIENT_ID: &str = "e4a9d7c5-8bfc-4b3e-9da0-5c2b7f6e8d05";

/// Which state to start from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Seed {
    /// "Contoso (demo)": 62 policies as a provider's customer has them; one is always refused, one never whole.
    Demo,
    /// A handful of policies, one of each kind that a test needs.
    #[default]
    Small,
    /// So many policies, evenly over both families, each with a few settings.
    Many(usize),
}

impl Seed {
    pub(crate) fn tenants(&self, client_secret: &str) -> Vec<Tenant> {
        let (name, catalog, devices) = match self {
            Self::Demo => ("Contoso (demo)", demo::catalog(), demo::devices()),
            Self::Small => ("Small", small::catalog(), small::devices()),
            Self::Many(count) => (
                "Many",
                catalog::many(count.div_ceil(2)),
                device::many(count / 2),
            ),
        };
        vec![Tenant {
            directory_id: DEMO_DIRECTORY_ID.to_owned(),
            name: name.to_owned(),
            apps: apps(client_secret),
            policies: BTreeMap::from([
                (Collection::ConfigurationPolicies, placed(catalog)),
                (Collection::DeviceConfigurations, placed(devices)),
            ]),
            groups: assigned::groups(),
            filters: assigned::filters(),
        }]
    }

    pub(crate) fn rules(&self) -> Vec<Rule> {
        match self {
            Self::Demo => demo::rules(),
            Self::Small | Self::Many(_) => Vec::new(),
        }
    }
}

/// The properties of a type of device configuration, as the seeds' own objects have them; `None` for a type that no seed has.
pub(crate) fn known_properties(odata_type: &str) -> Option<&'static BTreeSet<String>> {
    static BY_TYPE: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
        let mut by_type: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for policy in demo::devices().into_iter().chain(small::devices()) {
            let odata_type = policy
                .object
                .get("@odata.type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            by_type
                .entry(odata_type.to_owned())
                .or_default()
                .extend(policy.object.keys().cloned());
        }
        by_type
    });
    BY_TYPE.get(odata_type)
}

fn apps(client_secret: &str) -> Vec<App> {
    let app = |client_id: &str, is_secret_expired: bool, permissions: &[&str]| App {
        client_id: client_id.to_owned(),
        client_secret: client_secret.to_owned(),
        is_secret_expired,
        permissions: permissions
            .iter()
            .map(|&permission| permission.to_owned())
            .collect(),
    };
    let read = [
        "DeviceManagementConfiguration.Read.All",
        "GroupMember.Read.All",
    ];
    let all = [
        "DeviceManagementConfiguration.Read.All",
        "DeviceManagementConfiguration.ReadWrite.All",
        "GroupMember.Read.All",
    ];
    vec![
        app(DEMO_CLIENT_ID, false, &all),
        app(READ_ONLY_CLIENT_ID, false, &read),
        app(NO_RIGHTS_CLIENT_ID, false, &[]),
        app(EXPIRED_CLIENT_ID, true, &read),
    ]
}

/// The id that a label always has.
pub(crate) fn id_of(label: &str) -> String {
    let digest = Sha256::digest(label.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// The moment that belongs to the nth object of the seed.
fn moment(index: usize) -> String {
    let start =
        OffsetDateTime::from_unix_timestamp(1_767_607_200).expect("a second in January 2026");
    let step = i64::try_from(index).unwrap_or_default();
    stamp(start + Duration::hours(7 * step) + Duration::microseconds(1_234_567 * step % 1_000_000))
}

/// Orders the policies by id, as the service's lists are in no order that a person would expect, and gives each its place.
fn placed(mut policies: Vec<Policy>) -> Vec<Policy> {
    policies.sort_by(|one, other| one.id.cmp(&other.id));
    for (place, policy) in (1..).zip(&mut policies) {
        policy.place = place;
    }
    policies
}

/// The properties that every policy of both families has.
fn common(index: usize, description: &str) -> Map<String, Value> {
    let fields = json!({
        "description": if description.is_empty() { Value::Null } else { json!(description) },
        "roleScopeTagIds": ["0"],
        "createdDateTime": moment(index),
        "lastModifiedDateTime": moment(index + 40),
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
