//! The programs that `serve` keeps up: what they print, when they end, and ending them.

use std::{
    collections::BTreeMap,
    process::{Command, ExitCode, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{
    process::{each_line, print_line},
    say,
};

/// Time to end in good order after SIGTERM, before SIGKILL.
const GRACE: Duration = Duration::from_secs(8);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Server,
    Standin,
}

/// What happened to a child, or to us.
pub(super) enum Event {
    /// It printed a line, which is on the terminal already.
    Line(Name, String),
    /// It has ended, and all that it printed was told before.
    Ended(Name, ExitStatus),
    /// Ctrl-C or SIGTERM.
    ToldToEnd,
}

/// The children that run, and the one queue of what happens to them.
///
/// Each has a thread of its own that reads its output to the end and then waits for it.
pub(super) struct Children {
    running: BTreeMap<Name, Pid>,
    events: Sender<Event>,
    heard: Receiver<Event>,
}

impl Name {
    fn label(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Standin => "graph",
        }
    }
}

impl Children {
    /// Listens for the signals from here on.
    pub(super) fn new() -> Result<Self> {
        let (events, heard) = mpsc::channel();
        let mut signals = Signals::new([SIGINT, SIGTERM]).context("failed to listen for Ctrl-C")?;
        let told = events.clone();
        thread::spawn(move || {
            signals
                .forever()
                .try_for_each(|_| told.send(Event::ToldToEnd))
        });
        Ok(Self {
            running: BTreeMap::new(),
            events,
            heard,
        })
    }

    /// Starts a child. To be called from the main thread: see [`crate::process::command`].
    pub(super) fn start(&mut self, name: Name, mut command: Command) -> Result<()> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start the {}", name.label()))?;
        self.running.insert(name, Pid::from_child(&child));
        let events = self.events.clone();
        thread::spawn(move || {
            let stdout = child.stdout.take().expect("stdout is piped");
            each_line(stdout, |line| {
                match name {
                    // The server's lines are the command's own: its links can be copied from the start of the line.
                    Name::Server => println!("{line}"),
                    Name::Standin => print_line(name.label(), &line),
                }
                drop(events.send(Event::Line(name, line)));
            });
            if let Ok(status) = child.wait() {
                drop(events.send(Event::Ended(name, status)));
            }
        });
        Ok(())
    }

    /// The next thing that happens, or `None` after the limit.
    pub(super) fn next(&mut self, limit: Option<Duration>) -> Result<Option<Event>> {
        let event = match limit {
            Some(limit) => match self.heard.recv_timeout(limit) {
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                event => event.context("we hold a sender ourselves")?,
            },
            None => self.heard.recv().context("we hold a sender ourselves")?,
        };
        if let Event::Ended(name, _) = &event {
            self.running.remove(name);
        }
        Ok(Some(event))
    }

    /// Waits; tells whether we were told to end meanwhile.
    pub(super) fn told_to_end_within(&mut self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        loop {
            match self.next(Some(until.saturating_duration_since(Instant::now()))) {
                Ok(Some(Event::ToldToEnd)) => return true,
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return false,
            }
        }
    }

    /// Ends all children: in good order if they can within the grace, at once on a second Ctrl-C.
    pub(super) fn end_all(&mut self) -> ExitCode {
        self.signal_all(Signal::TERM);
        let until = Instant::now() + GRACE;
        while !self.running.is_empty() {
            match self.next(Some(until.saturating_duration_since(Instant::now()))) {
                Ok(Some(Event::ToldToEnd)) => self.signal_all(Signal::KILL),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => {
                    say("A program did not end within 8 s, so it is killed");
                    self.signal_all(Signal::KILL);
                    break;
                }
            }
        }
        ExitCode::SUCCESS
    }

    fn signal_all(&self, signal: Signal) {
        for pid in self.running.values() {
            // It may have ended already, and its thread not told us yet.
            let _ = kill_process(*pid, signal);
        }
    }
}

impl Drop for Children {
    /// On an error too nothing stays behind.
    fn drop(&mut self) {
        self.end_all();
    }
}
