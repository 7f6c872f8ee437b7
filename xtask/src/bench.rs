//! `cargo xtask bench`: the figures that we hold ourselves to, measured here and now.

use anyhow::{Context, Result};

use crate::{
    app::{build_app_and, dist},
    process::step,
    sizes,
};

/// A measurement: its heading, and what prints its figures and fails beyond a budget.
type Benchmark = (&'static str, fn() -> Result<()>);

/// In the order in which they are printed; a new one is one more line.
const BENCHMARKS: &[Benchmark] = &[("Sizes of the built app", sizes_of_the_app)];

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
