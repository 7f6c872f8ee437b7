//! Events: what they are, and how each server is told of them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use contract::ids::{RunId, TenantId, TenantSeq};
use contract::ingest::{AnnouncedEvent, AnnouncedEvents};
use contract::run::{Counts, Run, RunStatus};
use contract::timestamp::Timestamp;

/// Stands before the time at which an event was sent, in every frame.
pub(crate) const MARK: &[u8] = br#""target":"@"#;

/// Nanoseconds since 1970: the one clock of all processes here.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}

/// Tells a server of events of one tenant, over one connection.
pub(crate) trait Feed: Send {
    /// Returns once the server has answered.
    fn send(&mut self, tenant: usize, first_id: u64, n_events: usize) -> Result<()>;
}

/// `POST /api/tenants/{t}/run-events`.
pub(crate) struct Ingest {
    pub(crate) http: Http,
    pub(crate) key: String,
}

impl Feed for Ingest {
    fn send(&mut self, tenant: usize, first_id: u64, n_events: usize) -> Result<()> {
        let target = format!("@{}@", now());
        let events = (0..n_events as u64)
            .map(|n| AnnouncedEvent {
                source: Some("bench".into()),
                run_type: "bulk_operation".into(),
                run_id: (first_id + n) as i64,
                status: "completed".into(),
                sequence: Some(1),
                operation: Some("bench.deliver".into()),
                target: Some(target.clone()),
                counts: Some(counts()),
                ..AnnouncedEvent::default()
            })
            .collect();
        let body = serde_json::to_string(&AnnouncedEvents { events })?;
        let path = format!("/api/tenants/{tenant}/run-events");
        let authorization = format!("authorization: Bearer {}\r\n", self.key);
        self.http.post(&path, &authorization, &body)?;
        Ok(())
    }
}

/// The plain server takes data of frames, as a JSON list.
pub(crate) struct Publish(pub(crate) Http);

impl Feed for Publish {
    fn send(&mut self, tenant: usize, first_id: u64, n_events: usize) -> Result<()> {
        let data: Vec<(u64, String)> = runs(tenant, first_id, n_events)?;
        let body = serde_json::to_string(&data)?;
        self.0.post(&format!("/publish/{tenant}"), "", &body)?;
        Ok(())
    }
}

/// The floor takes whole frames, each behind its tenant and length.
pub(crate) struct Bytes(pub(crate) TcpStream);

impl Feed for Bytes {
    fn send(&mut self, tenant: usize, first_id: u64, n_events: usize) -> Result<()> {
        let mut out = Vec::new();
        for (id, data) in runs(tenant, first_id, n_events)? {
            let frame = format!("id: 0123456789ab-{id}\nevent: run\ndata: {data}\n\n");
            out.extend_from_slice(&(tenant as u32).to_le_bytes());
            out.extend_from_slice(&(frame.len() as u32).to_le_bytes());
            out.extend_from_slice(frame.as_bytes());
        }
        Ok(self.0.write_all(&out)?)
    }
}

/// The same data as our server makes of the event.
fn runs(tenant: usize, first_id: u64, n_events: usize) -> Result<Vec<(u64, String)>> {
    let target = format!("@{}@", now());
    (first_id..first_id + n_events as u64)
        .map(|id| {
            let (seq, at) = (id as i64, Timestamp((now() / 1_000_000) as i64));
            let run = Run {
                source: "bench".into(),
                counts: counts(),
                operation: "bench.deliver".into(),
                target: target.clone(),
                at,
                queued_at: at,
                ended_at: Some(at),
                ..Run::bare(
                    TenantId(tenant as i64),
                    RunId(seq),
                    TenantSeq(seq),
                    RunStatus::Completed,
                )
            };
            Ok((id, serde_json::to_string(&run)?))
        })
        .collect()
}

fn counts() -> Counts {
    Counts {
        total: Some(120),
        processed: Some(120),
        succeeded: Some(119),
        failed: Some(0),
        skipped: Some(1),
    }
}

/// As much of HTTP as it takes: one request after the other, bodies with a length.
pub(crate) struct Http {
    address: SocketAddr,
    socket: TcpStream,
}

/// What was answered.
pub(crate) struct Answered {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Http {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        Ok(Self { address, socket })
    }

    pub(crate) fn post(&mut self, path: &str, headers: &str, body: &str) -> Result<Answered> {
        let length = body.len();
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\n{headers}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address
        ))
    }

    pub(crate) fn get(&mut self, path: &str, headers: &str) -> Result<Answered> {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n",
            self.address
        ))
    }

    fn ask(&mut self, request: &str) -> Result<Answered> {
        self.socket.write_all(request.as_bytes())?;
        let mut read = Vec::new();
        let mut some = [0; 16 * 1024];
        loop {
            let n_bytes = self.socket.read(&mut some)?;
            ensure!(n_bytes > 0, "the server closed the connection");
            read.extend_from_slice(&some[..n_bytes]);
            let text = std::str::from_utf8(&read)?;
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .context("an answer with a length")?
                .parse()?;
            if body.len() >= length {
                ensure!(head.starts_with("HTTP/1.1 2"), "{head}\n{body}");
                return Ok(Answered {
                    head: head.to_owned(),
                    body: body.to_owned(),
                });
            }
        }
    }
}
