//! `cargo xtask bench`: the figures that we hold ourselves to, measured here and now.

use anyhow::{Context, Result};

use crate::{
    app::{build_app_and, dist},
    process::{cargo, run_to_end, step},
    sizes,
};

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

pub(crate) fn run() -> Result<()> {
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
