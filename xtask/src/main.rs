//! The commands of the README: `cargo xtask serve`, `build`, `test`, `e2e`, `bench`, `tidy`.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool speaks on the terminal"
)]

mod app;
mod bench;
mod build;
mod e2e;
mod gallery;
mod pack;
mod process;
mod serve;
mod sizes;
mod test;
mod tidy;
mod tools;

use std::{process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

/// Builds, serves and tests tenant-atlas.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds what is needed and serves the app with a demo tenant; open the printed link
    Serve(serve::Options),
    /// Builds for release into dist/: the app, compressed, and the server in dist/bin/; fails beyond the size budgets
    Build,
    /// Runs every check and test: what has to pass before a change goes in
    Test,
    /// Runs the end-to-end tests, or those whose path contains FILTER
    E2e {
        /// A part of the path below tests/e2e/
        filter: Option<String>,
        /// Keep the pictures of the gallery as the new baselines (tests/e2e/baselines/)
        #[arg(long)]
        accept_pictures: bool,
    },
    /// Prints what is measured so far
    Bench {
        #[command(subcommand)]
        named: Option<bench::Named>,
    },
    /// Checks the rules of this project that no other tool knows
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(options) => serve::run(&options),
        Command::Build => build::run().map(|()| ExitCode::SUCCESS),
        Command::Test => test::run(),
        Command::E2e {
            filter,
            accept_pictures,
        } => {
            let pictures = if accept_pictures {
                e2e::Pictures::Accept
            } else {
                e2e::Pictures::Compare
            };
            e2e::run(filter.as_deref(), pictures).map(|()| ExitCode::SUCCESS)
        }
        Command::Bench { named } => bench::run(named).map(|()| ExitCode::SUCCESS),
        Command::Tidy => tidy::run().map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|error| {
        say(&format!("error: {error:#}"));
        ExitCode::FAILURE
    })
}

/// Prints one line of our own, told apart from what the tools print.
fn say(text: &str) {
    println!("\u{2500}\u{2500} {text}");
}

/// `0:07`, `12:40`: minutes and seconds.
fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::minutes;

    #[test]
    fn a_duration_is_minutes_and_two_digits_of_seconds() {
        assert_eq!(minutes(Duration::from_millis(7_900)), "0:07");
        assert_eq!(minutes(Duration::from_secs(760)), "12:40");
    }
}
