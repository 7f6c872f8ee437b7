//! Our server as it is released: its program, a folder with its database, a signed-in person, a machine key.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use contract::ids::EventId;
use contract::snapshot::Snapshot;
use tempfile::TempDir;

use crate::feed::{Feed, Http, Ingest};
use crate::process::Process;
use crate::rounds::TENANTS;
use crate::subject::Subject;

pub(crate) struct Ours {
    program: PathBuf,
    folder: TempDir,
    address: SocketAddr,
    /// Of the first person, once there is one.
    cookie: String,
    key: String,
}

impl Ours {
    pub(crate) fn new(program: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("secret"), "nobody-asks-for-it")?;
        std::fs::write(folder.path().join("config.toml"), config())?;
        Ok(Self {
            program: program.to_owned(),
            folder,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            cookie: String::new(),
            key: String::new(),
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn set_up(&mut self, link: &str) -> Result<()> {
        let (_, token) = link.split_once('#').context("a token behind the #")?;
        let body = serde_json::json!({"token": token, "name": "bench", "password": "correct horse battery"});
        let headers = "sec-fetch-site: same-origin\r\n";
        let answered =
            Http::connect(self.address)?.post("/api/setup", headers, &body.to_string())?;
        let cookie = answered
            .head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "))
            .and_then(|cookie| cookie.split(';').next())
            .context("a session")?;
        cookie.clone_into(&mut self.cookie);

        let mut add = Command::new(&self.program);
        add.args(["key", "add", "bench", "--data"])
            .arg(self.path("data"));
        for tenant in 1..=TENANTS {
            add.args(["--tenant", &tenant.to_string()]);
        }
        let added = add.output()?;
        let text = String::from_utf8(added.stdout)?;
        let start = text.find("tak_").context("a key")?;
        self.key = text[start..]
            .chars()
            .take_while(|c| !c.is_whitespace())
            .collect();
        Ok(())
    }

    fn head(&self) -> Result<EventId> {
        let headers = format!("cookie: {}\r\n", self.cookie);
        let answered = Http::connect(self.address)?.get("/api/snapshot?tenant=40", &headers)?;
        Ok(serde_json::from_str::<Snapshot>(&answered.body)?.id)
    }
}

/// Tenants whose Graph is nowhere: the runs here are a portal's. One person reads all streams.
fn config() -> String {
    let server = "[server]\nmax_streams_per_person = 10000\ningest_events_per_second = 100000\n";
    let tenants = (1..=TENANTS).map(|tenant| {
        format!(
            "[[tenant]]\nname = \"Tenant {tenant}\"\ndirectory_id = \"11111111-2222-3333-4444-{tenant:012}\"\n\
             client_id = \"66666666-7777-8888-9999-000000000000\"\nclient_secret_file = \"secret\"\n\
             login_base = \"http://127.0.0.1:9\"\ngraph_base = \"http://127.0.0.1:9\"\n"
        )
    });
    server.to_owned() + &tenants.collect::<String>()
}

impl Subject for Ours {
    fn name(&self) -> &'static str {
        "tenant-atlas"
    }

    fn start(&mut self) -> Result<Process> {
        let (address, data) = (self.address.to_string(), self.path("data"));
        let config = self.path("config.toml");
        let (data, config) = (data.to_string_lossy(), config.to_string_lossy());
        let arguments = [
            "serve", "--listen", &address, "--data", &data, "--config", &config,
        ];
        let mut process = Process::start(&self.program, &arguments)?;
        let line = process.line()?;
        let (_, url) = line.split_once("http://").context("an address")?;
        self.address = url.trim_end_matches('/').parse()?;
        if self.cookie.is_empty() {
            let link = process.line()?;
            self.set_up(&link)?;
            ensure!(self.key.len() > 20, "a key");
        }
        Ok(process)
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn request(&self, behind: u64) -> Result<String> {
        let id = self.head()?;
        let (epoch, after) = (id.epoch, id.position.saturating_sub(behind));
        // As a browser sends it, about.
        Ok(format!(
            "GET /api/events?tenant={{tenant}} HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\naccept-language: en\r\n\
             user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36\r\n\
             sec-fetch-site: same-origin\r\nlast-event-id: {epoch}-{after}\r\ncookie: {}\r\n\r\n",
            self.address, self.cookie
        ))
    }

    fn live_mark(&self) -> &'static str {
        "event: seal"
    }

    fn feed(&self) -> Result<Box<dyn Feed>> {
        Ok(Box::new(Ingest {
            http: Http::connect(self.address)?,
            key: self.key.clone(),
        }))
    }
}
