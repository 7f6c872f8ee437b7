//! Runs other programs: in the workspace, with their output on our terminal, and never longer than we live.

use std::{
    ffi::{OsStr, OsString},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{minutes, say};

/// A build that is silent for this long is reported as still at work: linking the app says nothing for most of a minute.
const SILENCE: Duration = Duration::from_secs(20);

/// The folder of the root `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask/ is inside the workspace")
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// A command in the workspace root that ends when we end, even by SIGKILL, where the system can do that.
///
/// Linux can, and `setpriv` asks it to without `unsafe` here. The signal comes when the *thread* that started the
/// program ends: start what has to live long from the main thread.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = if setpriv_works() {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(root());
    // `cargo run` describes xtask in these. A build script that watches one would run again whenever the same build is
    // started by hand, and the whole tree after it.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

fn setpriv_works() -> bool {
    static WORKS: OnceLock<bool> = OnceLock::new();
    *WORKS.get_or_init(|| {
        Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--", "true"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}

/// Runs a command to its end, on our terminal. `what` reads after "failed to".
pub(crate) fn run_to_end(command: &mut Command, what: &str) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("failed to {what}: cannot start it"))?;
    if !status.success() {
        bail!("failed to {what} ({status})");
    }
    Ok(())
}

/// What a command prints on its standard output.
pub(crate) fn output(command: &mut Command, what: &str) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("failed to {what}: cannot start it"))?;
    if !output.status.success() {
        bail!("failed to {what} ({})", output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("failed to {what}: its output is no text"))
}

/// Finds a program on PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Runs several commands at the same time, each line of theirs behind the name of its command.
///
/// When one fails the others are ended, and its name is in the error.
pub(crate) fn run_together(commands: Vec<(&'static str, Command)>) -> Result<()> {
    struct Build {
        name: &'static str,
        child: Child,
        started: Instant,
    }
    enum Event {
        Line(&'static str, String),
        /// Both outputs of the command have ended: so has it, or it will at once.
        Ended(&'static str),
    }

    let (events, heard) = mpsc::channel();
    let mut builds = Vec::new();
    for (name, mut command) in commands {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start the build of the {name}"))?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let (for_stdout, for_stderr) = (events.clone(), events.clone());
        thread::spawn(move || {
            let reader = thread::spawn(move || {
                each_line(stdout, |line| {
                    drop(for_stdout.send(Event::Line(name, line)))
                })
            });
            each_line(stderr, |line| {
                drop(for_stderr.send(Event::Line(name, line)))
            });
            drop(reader.join());
            drop(for_stderr.send(Event::Ended(name)));
        });
        builds.push(Build {
            name,
            child,
            started: Instant::now(),
        });
    }

    while !builds.is_empty() {
        match heard.recv_timeout(SILENCE) {
            Ok(Event::Line(name, line)) => crate::process::print_line(name, &line),
            Ok(Event::Ended(name)) => {
                let at = builds
                    .iter()
                    .position(|build| build.name == name)
                    .expect("a build ends once");
                let mut build = builds.swap_remove(at);
                let status = build
                    .child
                    .wait()
                    .with_context(|| format!("failed to wait for the {name}"))?;
                if !status.success() {
                    for other in &mut builds {
                        // It may have ended by itself meanwhile.
                        drop(other.child.kill());
                        drop(other.child.wait());
                    }
                    bail!("failed to build the {name} ({status}); what it said is above");
                }
            }
            Err(_) => {
                for build in &builds {
                    print_line(
                        build.name,
                        &format!("still at work, {} so far", minutes(build.started.elapsed())),
                    );
                }
            }
        }
    }
    Ok(())
}

pub(crate) fn print_line(name: &str, line: &str) {
    println!("{name:>8} \u{2502} {line}");
}

/// Calls `take` with each line until the other side closes; what is no UTF-8 is replaced.
pub(crate) fn each_line(from: impl Read, mut take: impl FnMut(String)) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        take(String::from_utf8_lossy(&line).trim_end().to_owned());
        line.clear();
    }
}

/// Does one thing with a heading before it and its duration after it.
pub(crate) fn step<T>(title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    say(title);
    let started = Instant::now();
    let done = work()?;
    say(&format!("{title}: done in {}", minutes(started.elapsed())));
    Ok(done)
}
