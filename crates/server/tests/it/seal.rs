//! The seal: what a tenant's failed runs are, provably the same on both sides.

use std::collections::BTreeMap;

use contract::frame::Seal;
use contract::ids::{RunKey, TenantId, TenantSeq};
use contract::seal::{EMPTY, toggle};
use contract::snapshot::Snapshot;
use graph_standin::faults::{Match, Rule};

use crate::browser::{Browser, Frame, Stream};
use crate::capture::status;
use crate::place::{OTHER_TENANT, Place, TENANT};

fn seal(frame: Frame) -> Seal {
    assert_eq!((frame.event.as_str(), &frame.id), ("seal", &None));
    serde_json::from_value(frame.data).expect("a seal")
}

fn fold(failed: &BTreeMap<RunKey, TenantSeq>) -> String {
    let digest = failed
        .iter()
        .fold(EMPTY, |digest, (run, seq)| toggle(digest, run, *seq));
    format!("{digest:016x}")
}

/// What a browser folds from the frames alone, until a seal has this head.
#[derive(Default)]
struct Reader {
    heads: BTreeMap<TenantId, TenantSeq>,
    failed: BTreeMap<RunKey, TenantSeq>,
}

impl Reader {
    async fn sealed_at(&mut self, stream: &mut Stream, head: i64) -> Seal {
        loop {
            let frame = stream.next().await.expect("the stream goes on");
            match frame.event.as_str() {
                "run" => {
                    let run = frame.run();
                    self.heads.insert(run.tenant_id, run.tenant_seq);
                    if run.status.is_failure() {
                        self.failed.insert(run.key(), run.tenant_seq);
                    } else {
                        self.failed.remove(&run.key());
                    }
                }
                "seal" => {
                    let seal = seal(frame);
                    // Whatever a seal says was sent before it.
                    if let Some(known) = self.heads.get(&seal.tenant_id) {
                        assert_eq!(*known, seal.head);
                    }
                    let mut own = self.failed.clone();
                    own.retain(|key, _| key.tenant_id == seal.tenant_id);
                    assert_eq!(
                        (seal.n_failed, &seal.digest),
                        (own.len() as u64, &fold(&own))
                    );
                    if seal.head.0 == head {
                        return seal;
                    }
                }
                _ => assert_eq!(frame.id, None),
            }
        }
    }
}

async fn after(browser: &Browser, id: &str) -> (Vec<&'static str>, Seal) {
    let mut stream = browser.stream_after("", Some(id)).await;
    let mut names = Vec::new();
    loop {
        let frame = stream.next().await.expect("the stream goes on");
        match frame.event.as_str() {
            "hello" => names.push("hello"),
            "run" => names.push("run"),
            "progress" => names.push("progress"),
            _ => return (names, seal(frame)),
        }
    }
}

#[tokio::test]
async fn a_seal_comes_after_connecting_and_after_failures_and_folds_what_the_frames_said() {
    let place = Place::with_two_tenants().await;
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    stream.until("hello").await;
    for tenant_id in [TENANT, OTHER_TENANT] {
        let seal = seal(stream.next().await.expect("one for each tenant"));
        assert_eq!(
            (seal.tenant_id.0, seal.head.0, seal.n_failed),
            (tenant_id, 0, 0)
        );
        assert_eq!(seal.digest, format!("{EMPTY:016x}"));
    }
    let mut reader = Reader::default();
    let list = Match::path("/deviceConfigurations$");
    place.standin.faults().add(Rule::new(list, status(403)));
    admin.capture(TENANT, None).await;
    assert_eq!(reader.sealed_at(&mut stream, 3).await.n_failed, 1);
    admin.capture(TENANT, None).await;
    assert_eq!(reader.sealed_at(&mut stream, 6).await.n_failed, 2);
    place.standin.faults().clear();
    admin.capture(TENANT, None).await;
    let last = reader.sealed_at(&mut stream, 9).await;
    assert_eq!(last.n_failed, 2, "each capture is a run of its own");

    // From the snapshot alone: its names fold to the same.
    let snapshot: Snapshot = admin.get("/api/snapshot").await.json();
    let failed: BTreeMap<RunKey, TenantSeq> = snapshot
        .failed
        .into_iter()
        .map(|failed| (failed.run, failed.seq))
        .collect();
    assert_eq!(failed, reader.failed);
    let rows: BTreeMap<RunKey, TenantSeq> = snapshot
        .runs
        .iter()
        .filter(|run| run.status.is_failure())
        .map(|run| (run.key(), run.tenant_seq))
        .collect();
    assert_eq!(rows, reader.failed);
}

#[tokio::test]
async fn a_restart_seals_the_same() {
    let mut place = Place::small().await;
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let list = Match::path("/deviceConfigurations$");
    place.standin.faults().add(Rule::new(list, status(403)));
    admin.capture(TENANT, None).await;
    let before = Reader::default().sealed_at(&mut stream, 3).await;
    assert_eq!(before.n_failed, 1);
    let id = stream.last_id.take().expect("three events");
    place.stop().await;
    place.start().await;
    let admin = admin.at(place.server().base());
    let (names, seal) = after(&admin, &id).await;
    assert_eq!(names, ["hello"]);
    assert_eq!(
        (seal.head, seal.n_failed, &seal.digest),
        (before.head, before.n_failed, &before.digest)
    );
    assert!(seal.server_time > before.server_time);
}

#[tokio::test]
async fn the_seal_follows_the_replay_and_the_progress() {
    let (place, admin) = Place::with_admin().await;
    let mut stream = admin.stream("").await;
    let gate = place
        .standin
        .faults()
        .gate(Match::path("/assignments$").nth(6));
    let run = admin.capture(TENANT, None).await.run;
    gate.reached().await;
    let first = stream.until("run").await.id.expect("an id");
    let epoch = first.split_once('-').expect("epoch and position").0;
    let (names, seal) = after(&admin, &format!("{epoch}-0")).await;
    assert_eq!(names, ["hello", "run", "run", "progress"]);
    assert_eq!(seal.head.0, 2);
    gate.release();
    stream.end_of(&run).await;
}
