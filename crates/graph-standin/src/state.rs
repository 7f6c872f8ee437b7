//! The tenants and their policies, in memory. Every call reads and changes them under one lock, so a call is atomic.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::seed::Seed;

/// A collection of policies, by its name in Graph's paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collection {
    /// The settings catalog.
    ConfigurationPolicies,
    /// The older profiles.
    DeviceConfigurations,
}

impl Collection {
    /// Both.
    pub const ALL: [Self; 2] = [Self::ConfigurationPolicies, Self::DeviceConfigurations];

    /// The segment in a path.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfigurationPolicies => "configurationPolicies",
            Self::DeviceConfigurations => "deviceConfigurations",
        }
    }

    pub(crate) fn parse(segment: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|collection| collection.as_str() == segment)
    }
}

/// A directory with what is in it.
#[derive(Clone, Debug, Default)]
pub struct Tenant {
    /// The directory id, a GUID.
    pub directory_id: String,
    /// For people.
    pub name: String,
    /// The app registrations that may sign in here.
    pub apps: Vec<App>,
    /// Both collections, in the order in which a list gives them.
    pub policies: BTreeMap<Collection, Vec<Policy>>,
    /// `id`, `displayName` and the rest of each group.
    pub groups: Vec<Value>,
    /// Assignment filters.
    pub filters: Vec<Value>,
}

/// An app registration.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// The application id, a GUID.
    pub client_id: String,
    /// The value of its secret.
    pub client_secret: String,
    /// A right secret is then answered with 7000222.
    pub is_secret_expired: bool,
    /// Application permissions with admin consent.
    pub permissions: Vec<String>,
}

/// One policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Grows with each new policy; a page goes on after it.
    pub place: u64,
    /// Graph's id, a GUID.
    pub id: String,
    /// The object as a single GET shows it, without what has a place of its own below.
    pub object: Map<String, Value>,
    /// The `settingInstance` of each setting of the catalog.
    pub settings: Vec<Value>,
    /// As a read shows them.
    pub assignments: Vec<Value>,
    /// Properties that only an expansion shows: `privacyAccessControls`.
    pub apart: Map<String, Value>,
    /// The clear values of encrypted settings, by their reference id.
    pub secrets: BTreeMap<String, String>,
}

/// Everything that the stand-in knows.
pub struct State {
    seed: Seed,
    client_secret: String,
    /// Locked for one call at a time; nobody waits for anything while it is locked.
    inner: Mutex<Inner>,
}

/// The locked part.
pub(crate) struct Inner {
    pub(crate) tenants: Vec<Tenant>,
    /// Of the last write: each write moves it, so that stamps grow strictly.
    clock: OffsetDateTime,
    places: u64,
}

impl State {
    pub(crate) fn new(seed: Seed, client_secret: &str) -> Self {
        let inner = Mutex::new(Inner::new(&seed, client_secret));
        Self {
            seed,
            client_secret: client_secret.to_owned(),
            inner,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic in one call must not take the server with it: each change is whole before the next step.
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Back to the seed.
    pub fn reset(&self) {
        *self.lock() = Inner::new(&self.seed, &self.client_secret);
    }

    /// A copy of a tenant as it is now.
    #[must_use]
    pub fn tenant(&self, directory_id: &str) -> Option<Tenant> {
        self.lock().tenant(directory_id).cloned()
    }

    /// Changes a tenant behind the product's back, as another admin would; `None` where there is no such tenant.
    ///
    /// Stamps are left as they are: use [`State::touch`] for an edit that Graph would have stamped.
    pub fn change<T>(
        &self,
        directory_id: &str,
        change: impl FnOnce(&mut Tenant) -> T,
    ) -> Option<T> {
        self.lock().tenant_mut(directory_id).map(change)
    }

    /// Merges `patch` into a policy and stamps it. False where there is no such policy.
    pub fn touch(
        &self,
        directory_id: &str,
        collection: Collection,
        id: &str,
        patch: &Value,
    ) -> bool {
        self.lock().patch(directory_id, collection, id, patch)
    }

    /// Deletes a policy as another admin would. False where there is none.
    pub fn delete(&self, directory_id: &str, collection: Collection, id: &str) -> bool {
        self.change(directory_id, |tenant| {
            let policies = tenant.policies.entry(collection).or_default();
            let before = policies.len();
            policies.retain(|policy| policy.id != id);
            policies.len() < before
        })
        .unwrap_or(false)
    }
}

impl Inner {
    fn new(seed: &Seed, client_secret: &str) -> Self {
        let tenants = seed.tenants(client_secret);
        let places = tenants
            .iter()
            .flat_map(|tenant| tenant.policies.values().flatten())
            .map(|policy| policy.place)
            .max();
        Self {
            tenants,
            clock: OffsetDateTime::from_unix_timestamp(1_772_440_000)
                .expect("a second in March 2026"),
            places: places.unwrap_or_default(),
        }
    }

    pub(crate) fn tenant(&self, directory_id: &str) -> Option<&Tenant> {
        self.tenants
            .iter()
            .find(|tenant| tenant.directory_id == directory_id)
    }

    pub(crate) fn tenant_mut(&mut self, directory_id: &str) -> Option<&mut Tenant> {
        self.tenants
            .iter_mut()
            .find(|tenant| tenant.directory_id == directory_id)
    }

    pub(crate) fn policy(
        &self,
        directory_id: &str,
        collection: Collection,
        id: &str,
    ) -> Option<&Policy> {
        self.tenant(directory_id)?
            .policies
            .get(&collection)?
            .iter()
            .find(|policy| policy.id == id)
    }

    pub(crate) fn policy_mut(
        &mut self,
        directory_id: &str,
        collection: Collection,
        id: &str,
    ) -> Option<&mut Policy> {
        self.tenant_mut(directory_id)?
            .policies
            .get_mut(&collection)?
            .iter_mut()
            .find(|policy| policy.id == id)
    }

    /// A stamp later than all before it, with seven fraction digits as Graph writes them.
    pub(crate) fn next_stamp(&mut self) -> String {
        self.clock += Duration::milliseconds(1_337);
        stamp(self.clock)
    }

    pub(crate) fn next_place(&mut self) -> u64 {
        self.places += 1;
        self.places
    }

    pub(crate) fn patch(
        &mut self,
        directory_id: &str,
        collection: Collection,
        id: &str,
        patch: &Value,
    ) -> bool {
        let stamp = self.next_stamp();
        let (Some(policy), Value::Object(patch)) =
            (self.policy_mut(directory_id, collection, id), patch)
        else {
            return false;
        };
        policy.object.extend(patch.clone());
        policy.stamp(&stamp);
        true
    }
}

impl Policy {
    /// Marks a change as Graph does: a later stamp and, where the family has one, a higher version.
    pub(crate) fn stamp(&mut self, stamp: &str) {
        self.object
            .insert("lastModifiedDateTime".to_owned(), json!(stamp));
        if let Some(version) = self.object.get("version").and_then(Value::as_u64) {
            self.object.insert("version".to_owned(), json!(version + 1));
        }
    }

    /// The name, whichever property holds it.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self
            .object
            .get("name")
            .or_else(|| self.object.get("displayName"));
        name.and_then(Value::as_str).unwrap_or_default()
    }
}

/// `2026-03-02T09:14:07.1337000Z`
pub(crate) fn stamp(at: OffsetDateTime) -> String {
    let seconds = at
        .replace_nanosecond(0)
        .unwrap_or(at)
        .format(&Rfc3339)
        .unwrap_or_default();
    format!(
        "{}.{:07}Z",
        seconds.trim_end_matches('Z'),
        at.nanosecond() / 100
    )
}
