//! What the tests share: a stand-in, a reader of its tenant with short waits, and names instead of ids.

use std::time::Duration;

use graph::{Captured, Error, Family, GraphConfig, Patience, Reader, Secret};
use graph_standin::state::Collection;
use graph_standin::{Options, Seed, Standin, seed};

pub(crate) struct Tenant {
    pub(crate) standin: Standin,
    pub(crate) reader: Reader,
}

impl Tenant {
    pub(crate) async fn small() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn seeded(seed: Seed) -> Self {
        Self::with(Options {
            seed,
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let secret = options.client_secret.clone();
        let standin = Standin::start(options)
            .await
            .expect("a free port of this machine");
        let reader = reader(&standin.base_url(), seed::DEMO_CLIENT_ID, &secret);
        Self { standin, reader }
    }

    pub(crate) fn id(&self, family: Family, name: &str) -> String {
        let tenant = self
            .standin
            .state()
            .tenant(seed::DEMO_DIRECTORY_ID)
            .expect("the seed's tenant");
        let policies = &tenant.policies[&collection(family)];
        policies
            .iter()
            .find(|policy| policy.name() == name)
            .map(|policy| policy.id.clone())
            .expect("a policy of the seed")
    }

    pub(crate) async fn capture(&self, family: Family, name: &str) -> Result<Captured, Error> {
        self.reader.capture(family, &self.id(family, name)).await
    }
}

pub(crate) fn collection(family: Family) -> Collection {
    match family {
        Family::SettingsCatalog => Collection::ConfigurationPolicies,
        Family::DeviceConfiguration => Collection::DeviceConfigurations,
    }
}

/// Waits are a hundredth of the real ones, so that nothing has to pretend that time has passed.
pub(crate) fn short_waits() -> Patience {
    Patience {
        first_backoff: Duration::from_millis(20),
        least_retry_after: Duration::from_millis(10),
        read_timeout: Duration::from_secs(20),
        ..Patience::default()
    }
}

pub(crate) fn config(base: &str, client_id: &str, secret: &str) -> GraphConfig {
    let secret = Secret::new(secret.to_owned());
    GraphConfig::new(base, base, seed::DEMO_DIRECTORY_ID, client_id, secret)
        .expect("a loopback base and ids of the seed")
}

pub(crate) fn reader(base: &str, client_id: &str, secret: &str) -> Reader {
    Reader::with_patience(config(base, client_id, secret), short_waits()).expect("an HTTP client")
}

/// No text that an error can give holds one of these.
#[track_caller]
pub(crate) fn assert_says_nothing_of(error: &Error, secrets: &[&str]) {
    let mut said = format!(
        "{error} {error:?} {error:#?} {} {}",
        error.code(),
        error.safe_message()
    );
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        said.push_str(&format!("{cause} {cause:?}"));
        source = cause.source();
    }
    for secret in secrets {
        assert!(!said.contains(secret), "{said}");
    }
    assert!(error.safe_message().chars().count() <= 500);
}
