//! `cargo xtask bench`: the figures that we hold ourselves to, measured here and now.

mod cards;

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::{
    app::{build_app_and, dist},
    process::{cargo, run_to_end, step, target_dir},
    sizes,
};

/// One benchmark by itself, where it takes minutes or has a choice. Without a name the others are run.
#[derive(Subcommand)]
pub(crate) enum Named {
    /// 4,000 open streams, beside plain axum and a bare writer: latency, CPU, memory, a burst, a restart; takes 4 minutes
    Stream {
        /// A quarter of the streams and one short round
        #[arg(long)]
        quick: bool,
        /// One of the servers alone: `floor`, `tenant-atlas`, `plain axum` or `durable axum`
        #[arg(long)]
        only: Option<String>,
    },
    /// What a card costs in the page, beside code written by hand, React, sonner and react-toastify; takes 15 minutes
    Cards(cards::Options),
}

/// A measurement: its heading, and what prints its figures and fails beyond a budget.
type Benchmark = (&'static str, fn() -> Result<()>);

/// In the order in which they are printed; a new one is one more line.
const BENCHMARKS: &[Benchmark] = &[
    ("Sizes of the built app", sizes_of_the_app),
    (
        "Starts, claims and ends of the store",
        throughput_of_the_store,
    ),
];

pub(crate) fn run(named: Option<Named>) -> Result<()> {
    match named {
        Some(Named::Stream { quick, only }) => {
            return delivery_over_streams(quick, only.as_deref());
        }
        Some(Named::Cards(options)) => return cards::run(&options),
        None => {}
    }
    for (title, benchmark) in BENCHMARKS {
        step(title, benchmark).with_context(|| format!("benchmark \"{title}\""))?;
    }
    Ok(())
}

fn sizes_of_the_app() -> Result<()> {
    build_app_and(Vec::new())?;
    sizes::check(&dist())
}

fn throughput_of_the_store() -> Result<()> {
    let mut example = cargo();
    example.args(["run", "--quiet", "--release", "--package", "runs"]);
    example.args(["--example", "throughput"]);
    run_to_end(&mut example, "measure the store")
}

/// The program that is released, measured by an example of its own crate.
fn delivery_over_streams(quick: bool, only: Option<&str>) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--release", "--package", "server", "--bins"]);
    build.args(["--example", "stream_bench"]);
    step("Building the server and its measurement", || {
        run_to_end(&mut build, "build the server and its measurement")
    })?;
    let release = target_dir().join("release");
    // Without the wrapper that ends it with us: it measures, and its own children end with it.
    let mut measure = std::process::Command::new(release.join("examples/stream_bench"));
    measure.arg("run").arg("--server");
    measure.arg(release.join("tenant-atlas-server"));
    if quick {
        measure.arg("--quick");
    }
    if let Some(only) = only {
        measure.args(["--only", only]);
    }
    run_to_end(&mut measure, "measure the stream")
}
