//! What the tests share: a stand-in, a folder, a server on a free port, and people who have an account.

use std::path::PathBuf;
use std::time::Duration;

use contract::api::Role;
use contract::ids::TenantId;
use graph::Patience;
use graph_standin::{Options as StandinOptions, Seed, Standin, seed};
use server::people;
use server::serve::{Options, Server};
use tempfile::TempDir;

use crate::browser::Browser;

/// The demo directory, as this server numbers it.
pub(crate) const TENANT: i64 = 1;
/// A tenant whose credentials are wrong; what matters is that it is another one.
pub(crate) const OTHER_TENANT: i64 = 2;
pub(crate) const PASSWORD: &str = "correct horse battery";

const OTHER_DIRECTORY: &str = "99999999-2222-3333-4444-555555555555";

/// Everything of one test; gone when it ends.
pub(crate) struct Place {
    pub(crate) standin: Standin,
    pub(crate) folder: TempDir,
    /// The tables of the configuration file.
    pub(crate) tenants: Vec<String>,
    /// How long a worker holds a run.
    pub(crate) lease: Duration,
    pub(crate) app: Option<PathBuf>,
    server: Option<Server>,
}

impl Place {
    /// A running server with the stand-in's small tenant.
    pub(crate) async fn small() -> Self {
        Self::seeded(Seed::Small).await
    }

    /// The same, and its first account.
    pub(crate) async fn with_admin() -> (Self, Browser) {
        let place = Self::small().await;
        let admin = place.admin().await;
        (place, admin)
    }

    pub(crate) async fn seeded(seed: Seed) -> Self {
        let mut place = Self::stopped(seed).await;
        place.start().await;
        place
    }

    /// Nothing runs but the stand-in; what is set before [`Place::start`] holds.
    pub(crate) async fn stopped(seed: Seed) -> Self {
        let options = StandinOptions {
            seed,
            ..StandinOptions::default()
        };
        let standin = Standin::start(options.clone())
            .await
            .expect("a free port of this machine");
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("secret"), options.client_secret).expect("a new file");
        let tenants = vec![tenant(
            "Contoso",
            seed::DEMO_DIRECTORY_ID,
            seed::DEMO_CLIENT_ID,
            &standin.base_url(),
        )];
        Self {
            standin,
            folder,
            tenants,
            lease: Duration::from_secs(15),
            app: None,
            server: None,
        }
    }

    /// With [`OTHER_TENANT`] beside [`TENANT`].
    pub(crate) async fn with_two_tenants() -> Self {
        let mut place = Self::stopped(Seed::Small).await;
        let base = place.standin.base_url();
        place.tenants.push(tenant(
            "Fabrikam",
            OTHER_DIRECTORY,
            seed::DEMO_CLIENT_ID,
            &base,
        ));
        place.start().await;
        place
    }

    pub(crate) async fn start(&mut self) {
        let config = self.folder.path().join("config.toml");
        std::fs::write(&config, self.tenants.concat()).expect("a file of ours");
        let server = Server::start(Options {
            listen: "127.0.0.1:0".to_owned(),
            data: self.data(),
            app: self.app.clone(),
            config: vec![config],
            lease: self.lease,
            patience: short_waits(),
        })
        .await;
        self.server = Some(server.expect("a server on a free port"));
    }

    pub(crate) async fn stop(&mut self) {
        let server = self.server.take().expect("a server that runs");
        server.stop().await;
    }

    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().expect("a server that runs")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Nobody who is signed in.
    pub(crate) fn visitor(&self) -> Browser {
        Browser::new(self.server().base())
    }

    /// The first account.
    pub(crate) async fn admin(&self) -> Browser {
        let link = self.server().setup_link().expect("nobody has an account");
        self.use_link(link, "admin").await
    }

    /// Somebody with one role in one tenant.
    pub(crate) async fn person(&self, name: &str, tenant_id: i64, role: Role) -> Browser {
        let (store, base) = (self.server().store(), self.server().base());
        let link = people::invite(&**store, base, name, TenantId(tenant_id), role)
            .await
            .expect("a tenant of this server");
        self.use_link(&link, name).await
    }

    async fn use_link(&self, link: &str, name: &str) -> Browser {
        let mut browser = self.visitor();
        let (_, token) = link.split_once('#').expect("the token is behind the #");
        let body = serde_json::json!({"token": token, "name": name, "password": PASSWORD});
        let answer = browser.post("/api/setup", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        browser.keep_cookie(&answer);
        browser
    }
}

/// A table of the configuration file.
pub(crate) fn tenant(name: &str, directory_id: &str, client_id: &str, base: &str) -> String {
    format!(
        "[[tenant]]\nname = \"{name}\"\ndirectory_id = \"{directory_id}\"\nclient_id = \"{client_id}\"\nclient_secret_file = \"secret\"\nlogin_base = \"{base}\"\ngraph_base = \"{base}\"\n"
    )
}

/// Waits are a hundredth of the real ones.
fn short_waits() -> Patience {
    Patience {
        first_backoff: Duration::from_millis(20),
        least_retry_after: Duration::from_millis(10),
        ..Patience::default()
    }
}
