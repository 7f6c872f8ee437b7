//! `cargo xtask test`: every check and test, in an order in which the cheap ones speak first.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{
    app::{build_for_serving, dist},
    e2e, gallery, minutes,
    process::{cargo, run_to_end},
    say, sizes, tidy,
    tools::{self, Browser},
};

const WASM: &str = "wasm32-unknown-unknown";
/// What is checked and tested has the gallery in it; what is built for people has not.
const WITH_GALLERY: &str = "--features=tenant-atlas/gallery";

/// One line of the table at the end.
struct Step {
    title: &'static str,
    duration: Duration,
    outcome: Result<()>,
}

/// Runs all steps, also after one that failed: each says something of its own. The end-to-end tests need their build.
///
/// The steps share two target folders' worth of work: clippy and the tests use the dev profile, the rest is what `serve`
/// builds. Nothing runs beside anything else but the two builds of `serve`, whose last steps use one core each; cargo
/// fills two cores by itself.
pub(crate) fn run() -> Result<ExitCode> {
    let started = Instant::now();
    tools::ensure_build_tools()?;
    let browser = tools::ensure_browser()?;

    let mut steps = vec![
        step("Tidy", tidy::run),
        step("Formatting", || {
            cargo_step(
                &["fmt", "--all", "--check"],
                "find everything formatted; run `cargo fmt`",
            )
        }),
        step("Clippy", || {
            let arguments = [
                "clippy",
                "--workspace",
                "--all-targets",
                WITH_GALLERY,
                "--",
                "-D",
                "warnings",
            ];
            cargo_step(&arguments, "pass clippy")
        }),
        step("Clippy for the browser", || {
            let arguments = [
                "clippy",
                "-p",
                "tenant-atlas",
                "--all-targets",
                WITH_GALLERY,
                "--target",
                WASM,
                "--",
                "-D",
                "warnings",
            ];
            cargo_step(&arguments, "pass clippy for wasm32")
        }),
        step("Tests on the host", || {
            let arguments = ["test", "--workspace", WITH_GALLERY];
            cargo_step(&arguments, "pass the tests on the host")
        }),
        step("Tests in the browser", || browser_tests(&browser)),
    ];
    let build = step("Build of app and server", build_for_serving);
    let is_built = build.outcome.is_ok();
    steps.push(build);
    if is_built {
        steps.push(step("Sizes", || sizes::check(&dist())));
        // Its spec says what is missing where this failed.
        steps.push(step("Build of the gallery", gallery::build));
        steps.push(step("End-to-end tests", e2e::run_specs));
    }

    say(&format!("All steps, {} in all", minutes(started.elapsed())));
    for step in &steps {
        let outcome = if step.outcome.is_ok() { "ok" } else { "FAILED" };
        println!(
            "{:<26} {:>6}  {outcome}",
            step.title,
            minutes(step.duration)
        );
    }
    if !is_built {
        println!(
            "{:<26} {:>6}  NOT RUN: the build failed",
            "Sizes, gallery, end-to-end", ""
        );
    }
    let failed: Vec<_> = steps
        .iter()
        .filter_map(|step| Some((step.title, step.outcome.as_ref().err()?)))
        .collect();
    for (title, error) in &failed {
        say(&format!("{title}: {error:#}"));
    }
    Ok(if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn step(title: &'static str, work: impl FnOnce() -> Result<()>) -> Step {
    say(title);
    let started = Instant::now();
    let outcome = work();
    let duration = started.elapsed();
    let word = if outcome.is_ok() { "ok" } else { "FAILED" };
    say(&format!("{title}: {word}, {}", minutes(duration)));
    Step {
        title,
        duration,
        outcome,
    }
}

fn cargo_step(arguments: &[&str], what: &str) -> Result<()> {
    run_to_end(cargo().args(arguments), what)
}

fn browser_tests(browser: &Browser) -> Result<()> {
    let mut tests: Command = cargo();
    tests
        .args([
            "test",
            "-p",
            "tenant-atlas",
            "--target",
            WASM,
            "--test",
            "browser",
        ])
        .env(
            "PATH",
            tools::path().context("failed to put wasm-bindgen's runner on PATH")?,
        )
        .env("CHROMEDRIVER", &browser.chromedriver)
        // A first page in a cold browser on a busy machine takes longer than the default of 20 s.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    run_to_end(&mut tests, "pass the tests in the browser")
}
