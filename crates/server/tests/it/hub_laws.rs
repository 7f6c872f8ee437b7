//! Log, hub and a bad network: whatever happens in whatever order, each reader ends with the log of its tenants, each event once and in order,
//! and every seal on its way says what the log says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use contract::frame::Seal;
use contract::ids::{EventId, PersonId, RunId, RunKey, TenantId, TenantSeq};
use contract::run::{Run, RunStatus};
use contract::seal::{EMPTY, toggle};
use contract::timestamp::Timestamp;
use futures::{FutureExt as _, StreamExt as _};
use proptest::prelude::*;
use runs::change::{Change, LoggedEvent, OnCommit};
use runs::people::SessionId;
use server::hub::{Beginning, Hub, Limits, Live, Reader, Reason, encode_run};
use tokio::task::JoinHandle;

const STATUSES: [RunStatus; 5] = [
    RunStatus::Queued,
    RunStatus::Running,
    RunStatus::Failed,
    RunStatus::Partial,
    RunStatus::Completed,
];
/// Reader n reads the tenants of its scope.
const SCOPES: [&[i64]; 3] = [&[1], &[2, 1], &[2]];

#[derive(Clone, Debug)]
enum Step {
    /// One commit: (tenant, run, status) of each event.
    Commit(Vec<(i64, i64, usize)>),
    /// The reader connects if it is not connected, from what it has.
    Connect(usize),
    /// It takes what has come.
    Read(usize),
    /// Its connection breaks, with whatever was on its way.
    Cut(usize),
    /// The server says bye to it.
    Bye(usize),
    /// The server is killed and comes back with the log as it is.
    Restart,
    /// Other tasks have so many turns.
    Turns(usize),
    /// Time passes.
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let event = (1..=2_i64, 1..=4_i64, 0..STATUSES.len());
    let reader = 0..SCOPES.len();
    prop_oneof![
        4 => proptest::collection::vec(event, 1..6).prop_map(Step::Commit),
        3 => reader.clone().prop_map(Step::Connect),
        3 => reader.clone().prop_map(Step::Read),
        1 => reader.clone().prop_map(Step::Cut),
        1 => reader.prop_map(Step::Bye),
        1 => Just(Step::Restart),
        3 => (0..5_usize).prop_map(Step::Turns),
        2 => (0..1_500_u64).prop_map(Step::Wait),
    ]
}

/// The durable part.
#[derive(Default)]
struct Log {
    events: Vec<LoggedEvent>,
    seqs: BTreeMap<i64, i64>,
}

impl Log {
    fn append(&mut self, (tenant_id, run_id, status): (i64, i64, usize)) -> LoggedEvent {
        let seq = self.seqs.entry(tenant_id).or_default();
        *seq += 1;
        let run = Run::bare(
            TenantId(tenant_id),
            RunId(run_id),
            TenantSeq(*seq),
            STATUSES[status].clone(),
        );
        let event = LoggedEvent {
            position: self.events.len() as u64 + 1,
            run: Arc::new(run),
        };
        self.events.push(event.clone());
        event
    }

    /// What the seal of a tenant has to say at a head.
    fn seal(&self, tenant_id: i64, head: i64) -> (u64, String) {
        let mut failed: BTreeMap<RunKey, TenantSeq> = BTreeMap::new();
        for LoggedEvent { run, .. } in &self.events {
            if run.tenant_id.0 == tenant_id && run.tenant_seq.0 <= head {
                failed.remove(&run.key());
                if run.status.is_failure() {
                    failed.insert(run.key(), run.tenant_seq);
                }
            }
        }
        let fold = |digest, (run, seq): (&RunKey, &TenantSeq)| toggle(digest, run, *seq);
        let digest = failed.iter().fold(EMPTY, fold);
        (failed.len() as u64, format!("{digest:016x}"))
    }

    fn of(&self, scope: &[i64]) -> Vec<u64> {
        let in_scope = |event: &&LoggedEvent| scope.contains(&event.run.tenant_id.0);
        let events = self.events.iter().filter(in_scope);
        events.map(|event| event.position).collect()
    }
}

struct Server {
    hub: Arc<Hub>,
    tell: OnCommit,
    pump: JoinHandle<()>,
}

impl Server {
    /// Begins as the store would tell it to; `kept` is how much of the log it has in memory.
    fn start(log: &Log, kept: usize) -> Self {
        let (hub, changes) = Hub::new(Limits::default());
        let head = log.events.len();
        let mut failures = BTreeMap::new();
        let mut latest: BTreeMap<RunKey, &Run> = BTreeMap::new();
        for event in &log.events {
            latest.insert(event.run.key(), &event.run);
        }
        for (tenant_id, seq) in &log.seqs {
            let failed = latest
                .iter()
                .filter(|(key, run)| key.tenant_id.0 == *tenant_id && run.status.is_failure());
            let failed = failed.map(|(key, run)| contract::snapshot::FailedRun {
                run: key.clone(),
                seq: run.tenant_seq,
            });
            failures.insert(
                *tenant_id,
                runs::failures::Failures {
                    tenant_id: TenantId(*tenant_id),
                    head: TenantSeq(*seq),
                    failed: failed.collect(),
                },
            );
        }
        hub.begin_at(Beginning {
            head: EventId {
                epoch: "e".into(),
                position: head as u64,
            },
            recent: log.events[head.saturating_sub(kept)..].to_vec(),
            running: latest
                .into_values()
                .filter(|run| run.status == RunStatus::Running)
                .cloned()
                .collect(),
            failures: failures.into_values().collect(),
        });
        let (tell, pumped) = (hub.on_commit(), Arc::clone(&hub));
        let pump = tokio::spawn(async move { pumped.pump(changes, || Timestamp(0)).await });
        Self { hub, tell, pump }
    }
}

/// A browser's part, without a browser.
struct Client {
    n: usize,
    live: Option<Live>,
    /// What was replayed, before what is live.
    opening: String,
    text: String,
    positions: Vec<u64>,
    heads: BTreeMap<i64, i64>,
}

impl Client {
    fn new(n: usize) -> Self {
        Self {
            n,
            live: None,
            opening: String::new(),
            text: String::new(),
            positions: Vec::new(),
            heads: BTreeMap::new(),
        }
    }

    fn scope(&self) -> &'static [i64] {
        SCOPES[self.n]
    }

    fn connect(&mut self, log: &Log, hub: &Arc<Hub>) {
        if self.live.is_some() {
            return;
        }
        let after = self.positions.last().copied().unwrap_or(0);
        let scope: Arc<[TenantId]> = self.scope().iter().map(|id| TenantId(*id)).collect();
        let reader = Reader {
            person: PersonId(1),
            session: SessionId(self.n as i64),
            token: [0; 32],
            tenants: Arc::new([]),
            scope: scope.clone(),
            after: Some(after),
        };
        let opened = hub.subscribe(reader, Timestamp(0)).expect("there is room");
        let mut opening = match opened.missed {
            Some(missed) => missed.to_vec(),
            // As the route reads it.
            None => log
                .events
                .iter()
                .filter(|event| after < event.position && event.position <= opened.begins_after)
                .filter(|event| scope.contains(&event.run.tenant_id))
                .flat_map(|event| encode_run("e", event).to_vec())
                .collect(),
        };
        for seal in &opened.seals {
            opening.extend_from_slice(seal);
        }
        self.opening = String::from_utf8(opening).expect("frames are UTF-8");
        self.live = Some(opened.live);
    }

    fn read(&mut self, log: &Log) {
        self.text += &std::mem::take(&mut self.opening);
        while let Some(live) = &mut self.live {
            match live.next().now_or_never() {
                None => break,
                Some(None) => self.live = None,
                Some(Some(Ok(frames))) => {
                    self.text += std::str::from_utf8(&frames).expect("frames are UTF-8")
                }
            }
        }
        for block in std::mem::take(&mut self.text).split_terminator("\n\n") {
            self.take(block, log);
        }
    }

    fn take(&mut self, block: &str, log: &Log) {
        let data = block.split_once("data: ").expect("a frame has data").1;
        if let Some(id) = block.strip_prefix("id: e-") {
            let position = id.split('\n').next().expect("a line");
            let position: u64 = position.parse().expect("a number");
            let run: Run = serde_json::from_str(data).expect("a run");
            self.positions.push(position);
            let head = self.heads.insert(run.tenant_id.0, run.tenant_seq.0);
            assert_eq!(
                head.unwrap_or(0) + 1,
                run.tenant_seq.0,
                "no hole, no double"
            );
        } else if block.starts_with("event: seal\n") {
            let seal: Seal = serde_json::from_str(data).expect("a seal");
            let tenant_id = seal.tenant_id.0;
            let head = self.heads.get(&tenant_id).copied().unwrap_or(0);
            assert_eq!(seal.head.0, head, "what a seal says was sent before it");
            assert_eq!((seal.n_failed, seal.digest), log.seal(tenant_id, head));
        }
    }

    fn cut(&mut self) {
        self.live = None;
        self.opening.clear();
    }
}

async fn play(steps: Vec<Step>, kept: usize) {
    let mut log = Log::default();
    let mut server = Server::start(&log, kept);
    let mut clients: Vec<Client> = (0..SCOPES.len()).map(Client::new).collect();
    for step in steps {
        match step {
            Step::Commit(events) => {
                let told = events
                    .into_iter()
                    .map(|event| Change::Run(log.append(event)));
                (server.tell)(&told.collect::<Vec<_>>());
            }
            Step::Connect(n) => clients[n].connect(&log, &server.hub),
            Step::Read(n) => clients[n].read(&log),
            Step::Cut(n) => clients[n].cut(),
            Step::Bye(n) => server
                .hub
                .end_session(SessionId(n as i64), Reason::Lifetime),
            Step::Restart => {
                server.pump.abort();
                clients.iter_mut().for_each(Client::cut);
                server = Server::start(&log, kept);
            }
            Step::Turns(n) => {
                for _turn in 0..n {
                    tokio::task::yield_now().await;
                }
            }
            Step::Wait(ms) => tokio::time::advance(Duration::from_millis(ms)).await,
        }
    }
    for client in &mut clients {
        // What comes after a bye is a new connection's.
        for _connection in 0..2 {
            client.read(&log);
            client.connect(&log, &server.hub);
            for _turn in 0..20 {
                tokio::task::yield_now().await;
            }
        }
        client.read(&log);
        assert_eq!(client.positions, log.of(client.scope()));
    }
    server.pump.abort();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_reader_ends_with_the_log_of_its_tenants_and_every_seal_is_true(
        steps in proptest::collection::vec(step(), 1..80),
        kept in prop_oneof![Just(0_usize), 1..30_usize],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(play(steps, kept));
    }
}
