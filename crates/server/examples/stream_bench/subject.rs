//! A server that is measured: how it is started, read and fed.

use std::net::{SocketAddr, TcpStream};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::feed::{Bytes, Feed, Http, Publish};
use crate::process::Process;

/// One of them.
pub(crate) trait Subject {
    /// As the table calls it.
    fn name(&self) -> &'static str;

    /// Starts it, at the same address as before if there was one.
    fn start(&mut self) -> Result<Process>;

    /// Where it listens, once it was started.
    fn address(&self) -> SocketAddr;

    /// The request for a stream, with `{tenant}` in it; `behind` asks for some of what was before, where that can be.
    fn request(&self, behind: u64) -> Result<String>;

    /// What a reader has read when it is live and caught up.
    fn live_mark(&self) -> &'static str;

    /// A connection for events.
    fn feed(&self) -> Result<Box<dyn Feed>>;
}

/// [`crate::plain`] or [`crate::floor`].
pub(crate) struct Simple {
    name: &'static str,
    role: &'static str,
    port: u16,
    /// Where [`crate::plain`] keeps its events, if it does.
    log: Option<TempDir>,
}

impl Simple {
    pub(crate) fn new(name: &'static str, role: &'static str, log: Option<TempDir>) -> Self {
        Self {
            name,
            role,
            port: 0,
            log,
        }
    }
}

impl Subject for Simple {
    fn name(&self) -> &'static str {
        self.name
    }

    fn start(&mut self) -> Result<Process> {
        let log = self.log.as_ref().map(|folder| folder.path().join("log"));
        let log = log.as_ref().map(|log| log.to_string_lossy());
        let port = self.port.to_string();
        let arguments: Vec<&str> = [self.role, &port]
            .into_iter()
            .chain(log.as_deref())
            .collect();
        let mut process = Process::role(&arguments)?;
        let line = process.line()?;
        let port = line.strip_prefix("ready ").context("a port")?;
        self.port = port.parse()?;
        Ok(process)
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    fn request(&self, _behind: u64) -> Result<String> {
        Ok("GET /{tenant} HTTP/1.1\r\nhost: bench\r\n\r\n".to_owned())
    }

    fn live_mark(&self) -> &'static str {
        "event: hello"
    }

    fn feed(&self) -> Result<Box<dyn Feed>> {
        if self.role == "plain" {
            return Ok(Box::new(Publish(Http::connect(self.address())?)));
        }
        let mut socket = TcpStream::connect(self.address())?;
        socket.set_nodelay(true)?;
        std::io::Write::write_all(&mut socket, b"FEED")?;
        Ok(Box::new(Bytes(socket)))
    }
}
