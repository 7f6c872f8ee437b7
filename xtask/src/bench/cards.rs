//! `cargo xtask bench cards`: has the app and the rivals in place, and runs `tests/bench/cards/main.mjs` over them.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::{
    app::{build_app_and, dist},
    process::{command, root, run_to_end},
    tools,
};

/// What is measured, and for how long.
#[derive(Args)]
pub(crate) struct Options {
    /// One short round of 200 runs: whether it works, in under a minute
    #[arg(long)]
    quick: bool,
    /// So many runs in place of 50, 200 and 1,000; may be given more than once
    #[arg(long)]
    runs: Vec<u32>,
    /// So many rounds in place of 3
    #[arg(long)]
    rounds: Option<u32>,
    /// Events for so many seconds a round in place of 10
    #[arg(long)]
    seconds: Option<u32>,
    /// Those alone whose name contains this: `app`, `by hand`, `sonner`
    #[arg(long)]
    only: Option<String>,
    /// With icons that turn and bars that glide, as a reader sees it who did not ask for reduced motion
    #[arg(long)]
    motion: bool,
    /// The app's memory after 20,000 and after 100,000 events over 20,000 runs, and nothing else; takes 2 minutes
    #[arg(long, conflicts_with = "quick")]
    memory: bool,
    /// The functions of the app by their own time over a round, and nothing else
    #[arg(long, conflicts_with = "memory")]
    profile: bool,
    /// The folder of a built app to measure as it is, in place of building dist/
    #[arg(long)]
    app: Option<PathBuf>,
}

/// Fails when something could not be measured; a missed budget is printed.
pub(crate) fn run(options: &Options) -> Result<()> {
    let folder = root().join("tests/bench/cards");
    let browser = tools::ensure_browser()?;
    let app = match &options.app {
        Some(app) => std::path::absolute(app)?,
        None => {
            build_app_and(Vec::new())?;
            dist()
        }
    };
    // Also where the app is given: the browser is driven by a package of the root.
    tools::ensure_node_packages(root())?;
    tools::ensure_node_packages(&folder)?;

    let mut measure = command("node");
    measure.arg(folder.join("main.mjs"));
    measure.arg("--dist").arg(app);
    measure.env("CHROMIUM", &browser.chromium);
    let switches = [
        ("--quick", options.quick),
        ("--motion", options.motion),
        ("--memory", options.memory),
        ("--profile", options.profile),
    ];
    measure.args(switches.iter().filter(|(_, on)| *on).map(|(name, _)| name));
    for n_runs in &options.runs {
        measure.arg("--runs").arg(n_runs.to_string());
    }
    if let Some(rounds) = options.rounds {
        measure.arg("--rounds").arg(rounds.to_string());
    }
    if let Some(seconds) = options.seconds {
        measure.arg("--seconds").arg(seconds.to_string());
    }
    if let Some(only) = &options.only {
        measure.args(["--only", only]);
    }
    run_to_end(&mut measure, "measure the cards")
}
