//! `serve`: makes everything in an order in which each thing finds what it needs, and takes it down again within seconds.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use contract::ids::TenantId;
use graph::{Patience, Reader};
use runs::Store;
use runs::people::NewTenant;
use runs::sqlite::SqliteStore;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinHandle, JoinSet};

use crate::assets::Assets;
use crate::config::{Config, ConfigError};
use crate::event_rate::EventRate;
use crate::hub::{Beginning, Changes, Hub};
use crate::limiter::Limiter;
use crate::listen::{self, ListenError};
use crate::lock::{FolderLock, LockError};
use crate::passwords::Passwords;
use crate::shutdown::{End, Shutdown};
use crate::state::App;
use crate::upkeep::Upkeep;
use crate::worker::Workers;
use crate::{connections, file_limit, inventory, people, router, upkeep};

/// From the signal to the exit, whoever is still reading.
const MOST_GOODBYE: Duration = Duration::from_secs(2);

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct Options {
    /// Address and port.
    pub listen: String,
    /// Where everything is kept.
    pub data: PathBuf,
    /// The built app.
    pub app: Option<PathBuf>,
    /// Tenants and their credentials.
    pub config: Vec<PathBuf>,
    /// How long a run is a worker's without a heartbeat.
    pub lease: Duration,
    /// How long Graph is waited for.
    pub patience: Patience,
}

/// Why the server does not start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] LockError),
    /// The address.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// What is in the data folder.
    #[error("failed to {0}")]
    Store(#[from] runs::Error),
    /// The machine.
    #[error("failed to {0}")]
    Graph(#[from] graph::Error),
}

/// A server that answers from now on.
pub struct Server {
    address: SocketAddr,
    base: String,
    setup_link: Option<String>,
    app: App,
    end: End,
    http: JoinHandle<()>,
    /// The hub, workers and upkeep: they end by [`End`], or with the process.
    background: JoinSet<()>,
    /// Let go last.
    _folder: FolderLock,
}

impl Server {
    /// Starts everything. Wrong credentials and an unreachable Graph are no reason not to: they are shown where they matter.
    ///
    /// # Errors
    /// [`StartError`]; nothing was changed but that the folder was made.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let config = Config::read(&options.config)?;
        let folder = FolderLock::take(&options.data)?;
        let listener = listen::listen(&options.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|reason| ListenError::Refused {
                address: SocketAddr::from(([0, 0, 0, 0], 0)),
                reason,
            })?;

        file_limit::raise(config.limits.most_of_all);
        let (hub, changes) = Hub::new(config.limits.clone());
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&options.data, hub.on_commit())?);
        hub.begin_at(Beginning::read(&*store).await?);
        let readers = tenants(&*store, &config, &options.patience).await?;

        let base = format!("http://{}", shown(address));
        let setup_link = people::first_link(&*store, &base).await?;
        let app = App {
            store,
            hub,
            assets: Arc::new(Assets::new(options.app)),
            passwords: Passwords::new(),
            limiter: Arc::new(Limiter::default()),
            known_keys: Arc::default(),
            event_rate: Arc::new(EventRate::new(config.events_per_second)),
            behind_proxy: config.behind_proxy,
        };
        let (end, shutdown) = Shutdown::new();
        let background = background(
            &app,
            changes,
            readers,
            (options.lease, config.upkeep),
            &shutdown,
        );
        let http = tokio::spawn(connections::answer(
            listener,
            router::router(app.clone()),
            shutdown,
        ));
        Ok(Self {
            address,
            base,
            setup_link,
            app,
            end,
            http,
            background,
            _folder: folder,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where a browser finds it, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The link for the first account, while nobody has one.
    pub fn setup_link(&self) -> Option<&str> {
        self.setup_link.as_deref()
    }

    /// The store that it works on.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.app.store
    }

    /// How many streams are open.
    pub fn n_streams(&self) -> usize {
        self.app.hub.n_streams()
    }

    /// Says `bye` to every stream, claims nothing more, and ends within [`MOST_GOODBYE`]. Runs that are held go on at the next start.
    pub async fn stop(self) {
        self.end.now();
        self.app.hub.close();
        let http = self.http;
        let abort = http.abort_handle();
        if tokio::time::timeout(MOST_GOODBYE, http).await.is_err() {
            tracing::info!("closing connections that are still open");
            abort.abort();
        }
        let mut background = self.background;
        background.shutdown().await;
    }

    /// Waits until a part of the server breaks, which none does while it works as it should. A server that went on without its hub or
    /// its workers would show a picture that stands still.
    pub async fn broken(&mut self) -> JoinError {
        loop {
            match self.background.join_next().await {
                Some(Err(panic)) => return panic,
                Some(Ok(())) => {}
                None => std::future::pending().await,
            }
        }
    }
}

/// Puts the tenants of the configuration into the store, and makes a reader for each.
async fn tenants(
    store: &dyn Store,
    config: &Config,
    patience: &Patience,
) -> Result<BTreeMap<TenantId, Reader>, StartError> {
    let mut readers = BTreeMap::new();
    for tenant in &config.tenants {
        let known = store
            .put_tenant(NewTenant {
                directory_id: tenant.graph.directory_id.clone(),
                name: tenant.name.clone(),
            })
            .await?;
        let reader = Reader::with_patience(tenant.graph.clone(), patience.clone())?;
        readers.insert(known.id, reader);
    }
    Ok(readers)
}

fn background(
    app: &App,
    changes: Changes,
    readers: BTreeMap<TenantId, Reader>,
    (lease, upkeep): (Duration, Upkeep),
    shutdown: &Shutdown,
) -> JoinSet<()> {
    let store = || Arc::clone(&app.store);
    let (hub, clock) = (Arc::clone(&app.hub), store());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { hub.pump(changes, move || clock.now()).await });
    tasks.spawn(upkeep::sweep(store(), lease, shutdown.clone()));
    let silent_for = upkeep.portal_silent_for;
    tasks.spawn(upkeep::listen(store(), silent_for, shutdown.clone()));
    tasks.spawn(upkeep::clear(store(), upkeep, shutdown.clone()));
    let hub = Arc::clone(&app.hub);
    tasks.spawn(upkeep::check_access(store(), hub, shutdown.clone()));
    let places = Arc::new(Semaphore::new(inventory::AT_ONCE));
    for (tenant_id, reader) in &readers {
        let reader = reader.clone();
        tasks.spawn(inventory::keep(
            store(),
            *tenant_id,
            reader,
            Arc::clone(&places),
            shutdown.clone(),
        ));
    }
    let workers = Workers {
        store: store(),
        readers: Arc::new(readers),
        lease,
        shutdown: shutdown.clone(),
    };
    tasks.spawn(workers.work());
    tasks
}

/// An address that a browser on this machine can open.
fn shown(address: SocketAddr) -> SocketAddr {
    let mut shown = address;
    if address.ip().is_unspecified() {
        shown.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    shown
}
