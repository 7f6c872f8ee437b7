//! A server as a model: a log, what it folds to, and what it says on a stream. And chance, by a seed.

use std::collections::BTreeMap;

use contract::frame::{Hello, PROTOCOL, Progress, Reset, Seal, name};
use contract::ids::{EventId, RunKey, TenantId, TenantSeq};
use contract::run::Run;
use contract::seal::{EMPTY, toggle};
use contract::snapshot::{FailedRun, Snapshot, TenantState, Totals};
use contract::timestamp::Timestamp;
use serde::Serialize;

use crate::world::{person, run, slot, tenant};

pub(crate) const N_TENANTS: i64 = 3;

/// `splitmix64`: the same seed plays the same world.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0..n.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Once in so many times.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Once in so many times; 0 is never.
pub(crate) fn happens(chance: &mut Chance, one_in: u64) -> bool {
    one_in > 0 && chance.one_in(one_in)
}

/// The server: a log, and what it folds to.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) epoch: u64,
    pub(crate) log: Vec<Run>,
    /// The latest of each run.
    pub(crate) runs: BTreeMap<RunKey, Run>,
    heads: BTreeMap<i64, i64>,
    pub(crate) oldest: usize,
    pub(crate) up_at_ms: f64,
}

impl Server {
    pub(crate) fn id(&self, position: usize) -> EventId {
        EventId {
            epoch: format!("e{}", self.epoch),
            position: position as u64,
        }
    }

    /// An older state, in a new log.
    pub(crate) fn restore(&mut self, n_events: usize) {
        let before = std::mem::take(self);
        self.epoch = before.epoch + 1;
        self.up_at_ms = before.up_at_ms;
        let log = before.log;
        for run in log.into_iter().take(n_events) {
            self.add(run);
        }
    }

    fn add(&mut self, run: Run) {
        self.heads.insert(run.tenant_id.0, run.tenant_seq.0);
        self.runs.insert(run.key(), run.clone());
        self.log.push(run);
    }

    pub(crate) fn head(&self, tenant_id: i64) -> i64 {
        self.heads.get(&tenant_id).copied().unwrap_or(0)
    }

    /// Something happens to a run, by the rules of a run's states.
    pub(crate) fn work(&mut self, chance: &mut Chance) {
        let tenant_id = 1 + chance.below(N_TENANTS as u64) as i64;
        let run_id = 1 + chance.below(12) as i64;
        let head = self.head(tenant_id) + 1;
        let mut next = run(run_id, "queued", head);
        next.tenant_id = TenantId(tenant_id);
        let before = self.runs.get(&next.key());
        if let Some(before) = before {
            let (status, again) = match before.status.as_str() {
                "queued" => ("running", 0),
                "running" => (
                    ["completed", "failed", "partial", "running"][chance.below(4) as usize],
                    0,
                ),
                "failed" | "partial" if chance.one_in(2) => ("running", 1),
                other => (other, 0),
            };
            let fresh = run(run_id, status, head);
            next.ended_at = fresh.ended_at;
            next.status = fresh.status;
            next.attempt = before.attempt + again;
            if next.status == before.status {
                next.status_seq = before.status_seq;
                next.stalled_since = Some(next.at);
            }
        }
        self.add(next);
    }

    pub(crate) fn snapshot(&self, now_ms: f64) -> Snapshot {
        let runs: Vec<Run> = self.runs.values().cloned().collect();
        let tenants = (1..=N_TENANTS).map(|id| {
            let mut totals = Totals::default();
            for run in runs.iter().filter(|run| run.tenant_id.0 == id) {
                *slot(&mut totals, &run.status) += 1;
            }
            TenantState {
                tenant: tenant(id),
                head: TenantSeq(self.head(id)),
                totals,
            }
        });
        let failed = runs.iter().filter(|run| run.status.is_failure());
        Snapshot {
            id: self.id(self.log.len()),
            server_time: server_time(now_ms),
            person: person(3),
            marks_rev: 0,
            marks: Vec::new(),
            rules: Vec::new(),
            tenants: tenants.collect(),
            failed: failed
                .map(|run| FailedRun {
                    run: run.key(),
                    seq: run.tenant_seq,
                })
                .collect(),
            runs,
        }
    }

    pub(crate) fn seal(&self, tenant_id: i64, now_ms: f64) -> Seal {
        let failed: Vec<_> = self
            .runs
            .iter()
            .filter(|(key, run)| key.tenant_id.0 == tenant_id && run.status.is_failure())
            .collect();
        let fold = |digest, (key, run): &(&RunKey, &Run)| toggle(digest, key, run.tenant_seq);
        Seal {
            tenant_id: TenantId(tenant_id),
            head: TenantSeq(self.head(tenant_id)),
            n_failed: failed.len() as u64,
            digest: format!("{:016x}", failed.iter().fold(EMPTY, fold)),
            server_time: server_time(now_ms),
        }
    }

    /// A new stream: what is sent at once, and the position from which it goes on.
    pub(crate) fn subscribe(&self, header: Option<&str>, now_ms: f64) -> (Vec<u8>, usize) {
        let mut bytes = b"retry: 400\n".to_vec();
        let hello = Hello {
            protocol: PROTOCOL,
            build: "b1".to_owned(),
            server_time: server_time(now_ms),
            person: person(3),
            marks_rev: 0,
            tenants: (1..=N_TENANTS).map(tenant).collect(),
            channel: "c".to_owned(),
        };
        write(&mut bytes, None, name::HELLO, &hello);
        let at_head = self.log.len();
        let position = match header.map(str::parse::<EventId>) {
            None => Ok(at_head),
            Some(Ok(id)) if id.epoch != self.id(0).epoch => Err("unknown"),
            Some(Ok(id)) if id.position as usize > at_head => Err("ahead"),
            Some(Ok(id)) if (id.position as usize) < self.oldest => Err("too_old"),
            Some(Ok(id)) => Ok(id.position as usize),
            Some(Err(_)) => Err("unknown"),
        };
        if let Err(reason) = position {
            let reason = reason.to_owned();
            write(&mut bytes, None, name::RESET, &Reset { reason });
        }
        (bytes, position.unwrap_or(at_head))
    }

    /// What is new, of a stream that is at `position`.
    pub(crate) fn send(
        &self,
        sent: &mut Vec<u8>,
        position: &mut usize,
        seals: &mut BTreeMap<i64, i64>,
        lose: u64,
        now_ms: f64,
        chance: &mut Chance,
    ) {
        while *position < self.log.len() {
            let run = &self.log[*position];
            *position += 1;
            if !happens(chance, lose) {
                write(sent, Some(self.id(*position)), name::RUN, run);
            }
            if run.status.is_active() && chance.one_in(4) {
                let mut progress = Progress {
                    tenant_id: run.tenant_id,
                    source: String::new(),
                    run_type: run.run_type.clone(),
                    run_id: run.run_id,
                    // Of an older state: it must change nothing.
                    tenant_seq: TenantSeq(run.tenant_seq.0 - 1),
                    rev: run.rev,
                    counts: run.counts,
                    at: run.at,
                    seen_by: Vec::new(),
                    n_seen: 0,
                };
                progress.counts.processed = Some(99);
                write(sent, None, name::PROGRESS, &progress);
            }
        }
        for tenant_id in 1..=N_TENANTS {
            let head = self.head(tenant_id);
            if seals.get(&tenant_id) != Some(&head) && chance.one_in(4) {
                seals.insert(tenant_id, head);
                write(sent, None, name::SEAL, &self.seal(tenant_id, now_ms));
            }
        }
    }
}

pub(crate) fn server_time(now_ms: f64) -> Timestamp {
    Timestamp(5_000_000 + now_ms as i64)
}

pub(crate) fn write(bytes: &mut Vec<u8>, id: Option<EventId>, event: &str, data: &impl Serialize) {
    if let Some(id) = id {
        bytes.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    let data = serde_json::to_string(data).expect("a frame is plain texts and numbers");
    bytes.extend_from_slice(format!("event: {event}\ndata: {data}\n\n").as_bytes());
}
