//! `tenant-atlas-server`: reads the command line, and says on stdout what a person waits for. The log goes to stderr.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Parser as _;
use runs::people::Tenant as KnownTenant;
use runs::sqlite::SqliteStore;
use runs::store::{IngestStore as _, PeopleStore as _};
use server::cli::{Cli, Command, Key, Place, Serve, Tenant, User};
use server::serve::{Options, Server};
use server::{keys, openapi, people, shutdown};
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

/// What may still go on when all else has ended: looking up a name can take half a minute and cannot be called off.
const MOST_LEFTOVERS: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter =
        EnvFilter::try_from_env("TENANT_ATLAS_LOG").unwrap_or_else(|_unset| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let ended = Runtime::new()
        .context("failed to start the threads of this program")
        .and_then(|runtime| {
            let ended = runtime.block_on(run(cli));
            runtime.shutdown_timeout(MOST_LEFTOVERS);
            ended
        });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody reads stderr there is nobody to tell.
            drop(writeln!(std::io::stderr(), "error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve(options) => serve(options).await,
        Command::User {
            command:
                User::Add {
                    name,
                    tenant,
                    role,
                    place,
                },
        } => {
            check_name(&name)?;
            let store = open(&place.data)?;
            let link = match people::invite(&store, &place.url, &name, tenant, role).await {
                Err(runs::Error::NotInTenant(_)) => bail!(
                    "there is no tenant {tenant} in {}. `tenant-atlas-server tenant list` shows them",
                    place.data.display()
                ),
                invited => invited.context("failed to add the person")?,
            };
            say_link(&name, &link)
        }
        Command::User {
            command: User::Reset { name, place },
        } => {
            let Place { data, url } = place;
            let link = people::reset(&open(&data)?, &url, &name)
                .await
                .context("failed to make the link")?;
            match link {
                Some(link) => say_link(&name, &link),
                None => bail!(
                    "nobody has the name {name}. `tenant-atlas-server user add` adds somebody"
                ),
            }
        }
        Command::Tenant {
            command: Tenant::List { data },
        } => {
            for KnownTenant {
                id,
                directory_id,
                name,
            } in open(&data)?
                .tenants()
                .await
                .context("failed to list the tenants")?
            {
                say(&format!("{id}\t{directory_id}\t{name}"))?;
            }
            Ok(())
        }
        Command::Key { command } => key(command).await,
        Command::Openapi => say(openapi::text().trim_end()),
    }
}

async fn serve(options: Serve) -> anyhow::Result<()> {
    // From here on a signal is heard, and not the default's sudden end.
    let signal = shutdown::signal().context("failed to listen to signals")?;
    let mut server = Server::start(Options {
        listen: options.listen,
        data: options.data,
        app: options.app,
        config: options.config,
        lease: Duration::from_secs(options.lease_seconds),
        patience: graph::Patience::default(),
    })
    .await?;
    say(&format!("tenant-atlas is ready: {}/", server.base()))?;
    if let Some(link) = server.setup_link() {
        say(&format!("Open this link once to set up: {link}"))?;
    }
    let broken = tokio::select! {
        () = signal => None,
        broken = server.broken() => Some(broken),
    };
    tracing::info!("stopping");
    server.stop().await;
    match broken {
        None => Ok(()),
        Some(panic) => bail!("a part of the server broke ({panic}); runs go on at the next start"),
    }
}

async fn key(command: Key) -> anyhow::Result<()> {
    match command {
        Key::Add {
            name,
            tenant,
            source,
            data,
        } => {
            if !keys::is_name(&name) {
                bail!(
                    "a key's name has 1 to {} characters on one line, without blanks around it, and is not a number",
                    contract::api::MAX_NAME_CHARS
                );
            }
            let (key, token) = match keys::add(&open(&data)?, &name, tenant, source).await {
                Err(runs::Error::NotInTenant(tenant)) => bail!(
                    "there is no tenant {tenant} in {}. `tenant-atlas-server tenant list` shows them",
                    data.display()
                ),
                Err(runs::Error::NameTaken) => {
                    bail!("there is a key {name} already. Revoke it first, or choose another name")
                }
                added => added.context("failed to make the key")?,
            };
            say(&keys::line(&key))?;
            say(&format!(
                "{name} sends `Authorization: Bearer` with this key, which is shown this once: {token}"
            ))
        }
        Key::List { data } => {
            for key in open(&data)?
                .keys()
                .await
                .context("failed to list the keys")?
            {
                say(&keys::line(&key))?;
            }
            Ok(())
        }
        Key::Revoke { key, data } => {
            let revoked = open(&data)?
                .revoke_key(&key)
                .await
                .context("failed to revoke the key")?;
            match revoked {
                Some(key) => say(&keys::line(&key)),
                None => bail!(
                    "no key that stands has the number or name {key}. `tenant-atlas-server key list` shows them"
                ),
            }
        }
    }
}

/// Opens a data folder that is there, beside a server that may be using it.
fn open(data: &Path) -> anyhow::Result<SqliteStore> {
    if !data.is_dir() {
        bail!(
            "there is no data folder {}. Name the server's with --data",
            data.display()
        );
    }
    SqliteStore::open(data, Box::new(|_changes| {}))
        .map_err(|error| anyhow::anyhow!("failed to {error}"))
}

fn check_name(name: &str) -> anyhow::Result<()> {
    if server::people::is_name(name) {
        Ok(())
    } else {
        bail!(
            "a name has 1 to {} characters on one line, without blanks around it",
            contract::api::MAX_NAME_CHARS
        )
    }
}

fn say_link(name: &str, link: &str) -> anyhow::Result<()> {
    say(&format!(
        "{name} sets a password once, within 24 hours, at: {link}"
    ))
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .context("failed to write to stdout")
}
