//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use contract::api::Role;
use contract::ids::TenantId;

/// tenant-atlas: watch and run long, risky jobs over many Microsoft 365 tenants.
#[derive(Debug, Parser)]
#[command(name = "tenant-atlas-server", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the app, the API and the event stream, and work on the runs.
    Serve(Serve),
    /// Add people, and give them new links.
    User {
        /// What to do with them.
        #[command(subcommand)]
        command: User,
    },
    /// Show the tenants of a data folder.
    Tenant {
        /// What to do with them.
        #[command(subcommand)]
        command: Tenant,
    },
    /// Make, show and revoke keys by which portals announce their own runs.
    Key {
        /// What to do with them.
        #[command(subcommand)]
        command: Key,
    },
    /// Print the description of the API as JSON.
    Openapi,
}

/// `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port. Port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: String,
    /// Where everything is kept.
    #[arg(long, default_value = "./data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// The built app: the folder that holds its index.html.
    #[arg(long, value_name = "FOLDER")]
    pub app: Option<PathBuf>,
    /// Tenants and their credentials. May be given more than once: the files merge.
    #[arg(long, value_name = "FILE")]
    pub config: Vec<PathBuf>,
    /// How long a worker holds a run without a sign of life.
    #[arg(long, default_value_t = 15, hide = true, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub lease_seconds: u64,
}

/// `user`.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a person, or give one another tenant. Prints a link by which they set their password.
    Add {
        /// The name that they sign in with.
        name: String,
        /// By number, as `tenant list` shows it.
        #[arg(long, value_name = "ID")]
        tenant: TenantId,
        /// viewer, auditor, operator, restorer or admin.
        #[arg(long, value_parser = role)]
        role: Role,
        /// Where to find it.
        #[command(flatten)]
        place: Place,
    },
    /// Print a link by which a person sets a new password.
    Reset {
        /// The name that they sign in with.
        name: String,
        /// Where to find it.
        #[command(flatten)]
        place: Place,
    },
}

/// `tenant`.
#[derive(Debug, Subcommand)]
pub enum Tenant {
    /// One a line: id, directory id, name.
    List {
        /// Where everything is kept.
        #[arg(long, default_value = "./data", value_name = "FOLDER")]
        data: PathBuf,
    },
}

/// `key`.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key and print it, once.
    Add {
        /// What it is called, to tell it from others: not a number.
        name: String,
        /// Where it may announce runs, by number, as `tenant list` shows it. May be given more than once.
        #[arg(long, value_name = "ID", required = true)]
        tenant: Vec<TenantId>,
        /// The only source that it may name. Left out: any.
        #[arg(long, value_parser = source)]
        source: Option<String>,
        /// Where everything is kept.
        #[arg(long, default_value = "./data", value_name = "FOLDER")]
        data: PathBuf,
    },
    /// One a line: number, name, tenants, source, when it was made and last used, and whether it stands.
    List {
        /// Where everything is kept.
        #[arg(long, default_value = "./data", value_name = "FOLDER")]
        data: PathBuf,
    },
    /// Revoke a key, from its next request on.
    Revoke {
        /// Its number or its name, as `key list` shows them.
        #[arg(value_name = "ID-or-NAME")]
        key: String,
        /// Where everything is kept.
        #[arg(long, default_value = "./data", value_name = "FOLDER")]
        data: PathBuf,
    },
}

/// Which server a link is for.
#[derive(Debug, Args)]
pub struct Place {
    /// Where everything is kept.
    #[arg(long, default_value = "./data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// Where people open the app.
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub url: String,
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| {
        let all: Vec<_> = Role::ALL.into_iter().map(Role::as_str).collect();
        format!("a role is one of {}", all.join(", "))
    })
}

fn source(text: &str) -> Result<String, String> {
    if contract::ingest::is_name(text) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "a source is 1 to {} letters, digits, `.`, `_` and `-`, and begins with a letter or digit",
            contract::ingest::MAX_NAME
        ))
    }
}
