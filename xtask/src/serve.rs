//! `cargo xtask serve`: builds, starts the demo tenant's Graph and the server, and keeps both up until Ctrl-C.

mod children;
mod demo;
mod restart;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::Args;

use self::{
    children::{Children, Event, Name},
    restart::{Patience, Verdict},
};
use crate::{
    app::{build_for_serving, dist, ensure_built, serving_binary},
    gallery, minutes,
    process::command,
    say,
};

/// What the server prints once it answers; the address follows.
const READY: &str = "tenant-atlas is ready: ";
/// What it prints after that for as long as nobody has set it up.
const SET_UP: &str = "Open this link once to set up: ";
/// How long the line with the set-up link may come after the other one, before a browser is opened without it.
const SET_UP_LINE_LATE_BY: Duration = Duration::from_millis(300);

#[derive(Args)]
pub(crate) struct Options {
    /// Where the server listens; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where everything is kept
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Tenants of your own and their credentials
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Start without the demo tenant
    #[arg(long)]
    no_demo: bool,
    /// Open the link in the browser
    #[arg(long)]
    open: bool,
    /// For development: the app with the gallery of all components, at /gallery
    #[arg(long)]
    gallery: bool,
    /// For the end-to-end tests: everything has been built
    #[arg(long, hide = true)]
    no_build: bool,
    /// For the end-to-end tests: the stand-in takes orders at /_control
    #[arg(long, hide = true)]
    standin_control: bool,
}

/// Serves until Ctrl-C or SIGTERM.
///
/// A server that fails before it was ever ready has said why: its code is ours. One that dies later is started again.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let started = Instant::now();
    let data = std::path::absolute(&options.data).context("failed to find the data folder")?;
    let config = options
        .config
        .as_deref()
        .map(std::path::absolute)
        .transpose()
        .context("failed to find the config file")?;
    if options.no_build {
        ensure_built()?;
    } else {
        build_for_serving()?;
        say(&format!(
            "Everything is built, in {}",
            minutes(started.elapsed())
        ));
    }

    let app = if options.gallery {
        gallery::build()?;
        gallery::dist()
    } else {
        dist()
    };

    let mut children = Children::new()?;
    let mut configs: Vec<PathBuf> = config.into_iter().collect();
    let mut demo_secret = None;
    if !options.no_demo {
        let secret = demo::fresh_secret()?;
        let standin = demo::standin(&secret, options.standin_control);
        let Some(graph) = wait_for_standin(&mut children, standin)? else {
            return Ok(children.end_all());
        };
        configs.push(demo::write_config(&data, &graph)?);
        demo_secret = Some(secret);
    }
    let server = |listen: SocketAddr| server(listen, &data, &app, &configs, demo_secret.as_deref());
    supervise(&mut children, options, server)
}

/// Starts the stand-in and gives its address, or `None` when we were told to end meanwhile.
fn wait_for_standin(children: &mut Children, standin: Command) -> Result<Option<String>> {
    children.start(Name::Standin, standin)?;
    loop {
        match children.next(None)? {
            Some(Event::Line(Name::Standin, line)) => {
                if let Some(address) = line.strip_prefix(demo::LISTENING) {
                    return Ok(Some(address.trim_end_matches('/').to_owned()));
                }
            }
            Some(Event::Ended(Name::Standin, status)) => {
                bail!("the demo tenant's Graph did not start ({status})")
            }
            Some(Event::ToldToEnd) => return Ok(None),
            Some(Event::Line(..) | Event::Ended(..)) | None => {}
        }
    }
}

fn server(
    listen: SocketAddr,
    data: &Path,
    app: &Path,
    configs: &[PathBuf],
    demo_secret: Option<&str>,
) -> Command {
    let mut server = command(serving_binary("tenant-atlas-server"));
    server.arg("serve").arg("--listen").arg(listen.to_string());
    server.arg("--data").arg(data).arg("--app").arg(app);
    for config in configs {
        server.arg("--config").arg(config);
    }
    if let Some(secret) = demo_secret {
        server.env(demo::SECRET_VARIABLE, secret);
    }
    server
}

fn supervise(
    children: &mut Children,
    options: &Options,
    server: impl Fn(SocketAddr) -> Command,
) -> Result<ExitCode> {
    let mut listen = options.listen;
    let mut patience = Patience::default();
    let mut open = options.open.then(String::new);
    children.start(Name::Server, server(listen))?;
    loop {
        // With an address to open, the link for setting up is waited for a moment: it is the better one.
        let limit = open
            .as_ref()
            .filter(|url| !url.is_empty())
            .map(|_| SET_UP_LINE_LATE_BY);
        match children.next(limit)? {
            Some(Event::Line(Name::Server, line)) => {
                if let Some(url) = line.strip_prefix(READY) {
                    patience.ready(Instant::now());
                    listen = with_port_of(listen, url);
                    if let Some(open) = &mut open {
                        url.clone_into(open);
                    }
                } else if let Some(url) = line.strip_prefix(SET_UP)
                    && open.take().is_some()
                {
                    open_browser(url);
                }
            }
            Some(Event::Ended(Name::Server, status)) => {
                match patience.ended(status, Instant::now()) {
                    Verdict::StartAgain { after } => {
                        say(&format!(
                            "The server has ended ({status}); it is started again. Runs go on where they were"
                        ));
                        if children.told_to_end_within(after) {
                            return Ok(children.end_all());
                        }
                        children.start(Name::Server, server(listen))?;
                    }
                    Verdict::GiveUp => {
                        children.end_all();
                        bail!(
                            "the server has ended again and again within seconds ({status}); what it said is above"
                        );
                    }
                    Verdict::EndWith(code) => {
                        children.end_all();
                        return Ok(ExitCode::from(code));
                    }
                }
            }
            Some(Event::Ended(Name::Standin, status)) => {
                // Its state was in its memory: what a new one would say contradicts what has been captured.
                children.end_all();
                bail!("the demo tenant's Graph has ended ({status}); start again for a new one");
            }
            Some(Event::ToldToEnd) => return Ok(children.end_all()),
            Some(Event::Line(Name::Standin, _)) => {}
            None => {
                if let Some(url) = open.take() {
                    open_browser(&url);
                }
            }
        }
    }
}

/// The address that we were given, with the port that port 0 turned into, so that a new server is found at the old place.
fn with_port_of(listen: SocketAddr, url: &str) -> SocketAddr {
    let port = url
        .trim()
        .trim_end_matches('/')
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok())
        .unwrap_or_else(|| listen.port());
    SocketAddr::new(listen.ip(), port)
}

/// Opens the reader's browser. Where there is none the link is on the terminal.
fn open_browser(url: &str) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    if let Err(error) = Command::new(opener).arg(url.trim()).spawn() {
        say(&format!(
            "No browser could be opened ({opener}: {error}); open the link above"
        ));
    }
}

/// Writes a file, and the folder that it is in.
fn write_file(path: &Path, content: &str) -> Result<()> {
    let folder = path.parent().expect("the file is inside the data folder");
    fs::create_dir_all(folder)
        .with_context(|| format!("failed to make the folder {}", folder.display()))?;
    fs::write(path, content).with_context(|| format!("failed to write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::with_port_of;

    #[track_caller]
    fn check(listen: &str, url: &str, expected: &str) {
        assert_eq!(
            with_port_of(listen.parse().unwrap(), url).to_string(),
            expected
        );
    }

    #[test]
    fn a_server_is_started_again_on_the_port_that_it_had() {
        check("127.0.0.1:0", "http://127.0.0.1:43211/", "127.0.0.1:43211");
        check("0.0.0.0:0", "http://localhost:43211/", "0.0.0.0:43211");
        check("[::1]:0", "http://[::1]:43211/", "[::1]:43211");
        check("127.0.0.1:8080", "http://atlas.example/", "127.0.0.1:8080");
    }
}
