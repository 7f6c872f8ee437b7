//! Delivery over 4,000 open streams: `cargo xtask bench stream`. Four servers side by side, in one run, on one machine.
//!
//! - *ours*: the real program with its real database; events come in over `POST /api/tenants/{t}/run-events`
//! - *plain axum*: `Sse` over a `tokio::sync::broadcast` channel for each tenant, and nothing else ([`plain`])
//! - *durable axum*: the same, with each event in `SQLite` before it is told
//! - *floor*: one thread that writes the same bytes to the same sockets ([`floor`])
//!
//! The readers are a process of their own ([`readers`]), so that the CPU and memory of a server are those of its process. What is measured is
//! in [`rounds`], what is printed in [`report`].
#![expect(
    clippy::print_stdout,
    reason = "a measurement speaks on the terminal, and its processes speak with each other by lines"
)]

mod feed;
mod floor;
mod ours;
mod plain;
mod process;
mod readers;
mod report;
mod rounds;
mod subject;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use rounds::Size;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Measures all and prints the table.
    Run {
        /// The server's program, as it is released.
        #[arg(long)]
        server: PathBuf,
        /// A quarter of the streams, one round, short phases.
        #[arg(long)]
        quick: bool,
        /// One of the servers alone, to look into it: no multiples then.
        #[arg(long)]
        only: Option<String>,
    },
    /// Started by `run`.
    Readers,
    /// Started by `run`.
    Plain { port: u16, log: Option<PathBuf> },
    /// Started by `run`.
    Floor { port: u16 },
}

fn main() -> Result<()> {
    match Arguments::parse().role {
        Role::Run {
            server,
            quick,
            only,
        } => {
            let size = if quick { Size::quick() } else { Size::whole() };
            anyhow::ensure!(server.is_file(), "{} is no program", server.display());
            let rounds = rounds::run(&server, &size, only.as_deref())?;
            println!("{}", report::table(&size, &rounds));
            Ok(())
        }
        Role::Readers => readers::run(),
        Role::Plain { port, log } => plain::run(port, log.as_deref()),
        Role::Floor { port } => floor::run(port),
    }
}
