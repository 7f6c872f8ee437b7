//! The stand-in as a program of its own: says where it listens, and serves until it is told to stop.

use std::io::Write;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, ValueEnum};
use graph_standin::{Options, RetryAfterForm, Seed, Standin, Throttle, seed};

/// Holds the secret of the seed's apps, so that it stands in no process list and in no shell history.
const SECRET_VARIABLE: &str = "TENANT_ATLAS_DEMO_SECRET";

/// A strict, stateful stand-in for Microsoft Graph and its login host.
#[derive(Parser)]
#[command(version, after_help = after_help())]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How long each call takes, in milliseconds: `150..400`, both included.
    #[arg(long, value_parser = latency)]
    latency_ms: Option<RangeInclusive<u64>>,
    /// What the tenant holds.
    #[arg(long, value_enum, default_value_t = SeedName::Demo)]
    seed: SeedName,
    /// So many policies instead of a seed.
    #[arg(long)]
    policies: Option<usize>,
    /// Graph's limits of calls in 20 seconds, as a factor of the documented ones; 0 takes them away.
    #[arg(long, default_value_t = 1.0)]
    throttle: f64,
    /// Serves the control port under `/_control`: rules, gates, journal, reset.
    #[arg(long)]
    control: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum SeedName {
    Demo,
    Small,
}

fn after_help() -> String {
    format!(
        "The directory id is {}, the client id {}.\nThe client secret is taken from the environment variable {SECRET_VARIABLE}.",
        seed::DEMO_DIRECTORY_ID,
        seed::DEMO_CLIENT_ID
    )
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this cannot be written, the exit code still says that it failed.
            let _written = writeln!(std::io::stderr(), "graph-standin: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> anyhow::Result<()> {
    let client_secret = std::env::var(SECRET_VARIABLE).unwrap_or_default();
    if client_secret.trim().is_empty() {
        bail!(
            "set the environment variable {SECRET_VARIABLE} to the client secret that the demo tenant's app shall have"
        );
    }
    if !arguments.listen.ip().is_loopback() {
        bail!(
            "--listen must be an address of this machine alone, such as 127.0.0.1:0: the stand-in speaks plain http"
        );
    }
    let options = Options {
        listen: arguments.listen,
        seed: match (arguments.policies, arguments.seed) {
            (Some(count), _) => Seed::Many(count),
            (None, SeedName::Demo) => Seed::Demo,
            (None, SeedName::Small) => Seed::Small,
        },
        client_secret,
        latency_ms: arguments.latency_ms,
        throttle: (arguments.throttle > 0.0).then_some(Throttle {
            scale: arguments.throttle,
            retry_after: RetryAfterForm::Seconds,
        }),
        control: arguments.control,
        ..Options::default()
    };
    let standin = Standin::start(options)
        .await
        .with_context(|| format!("cannot listen on {}; is the port in use?", arguments.listen))?;
    // The one line on stdout: whoever started us reads the address from it.
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "graph-standin listening on {}", standin.base_url())?;
    stdout.flush()?;
    drop(stdout);
    stopped().await
}

/// Returns when the program is asked to stop.
async fn stopped() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

fn latency(text: &str) -> Result<RangeInclusive<u64>, String> {
    let parsed = text.split_once("..").and_then(|(from, to)| {
        Some((from.parse().ok()?, to.trim_start_matches('=').parse().ok()?))
    });
    match parsed {
        Some((from, to)) if from <= to && to <= 60_000 => Ok(from..=to),
        _ => Err(
            "expected two numbers of milliseconds, the smaller first, such as 150..400".to_owned(),
        ),
    }
}
