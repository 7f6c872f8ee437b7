//! What goes after a time, and what stays for good.

use std::time::Duration;

use contract::api::{Acknowledge, PutMarks, RunSeq};
use contract::ids::PersonId;
use contract::ingest::Judgement::{Accepted, Duplicate, Late};
use contract::run::Run;
use runs::lease::Ending;
use runs::retention::Keep;
use rusqlite::Connection;

use crate::conformance::ingest::{event, key, take};
use crate::conformance::world::{World, capture, error};
use crate::world::{database, sqlite_in};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KEEP: Keep = Keep {
    ingested: Duration::from_secs(30 * 24 * 60 * 60),
    notifications: Duration::from_secs(180 * 24 * 60 * 60),
};
const N_INGESTED: &str = "SELECT count(*) FROM ingested";
const NOTIFIED: &str =
    "SELECT json_group_array(run) FROM (SELECT DISTINCT run FROM notifications ORDER BY run)";
const MARKED: &str = "SELECT json_group_array(run) FROM marks";

/// A store, and its file as another process sees it.
fn world() -> (World, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let world = sqlite_in(folder);
    let database = database(&path);
    (world, database)
}

async fn forget(world: &World) {
    let mut after = Some(0);
    while let Some(run) = after {
        after = world.store.forget_old(KEEP, run).await.unwrap();
    }
}

fn count(database: &Connection) -> i64 {
    let count = database.query_row(N_INGESTED, [], |row| row.get(0));
    count.unwrap()
}

fn runs_in(database: &Connection, sql: &str) -> Vec<i64> {
    let text: String = database.query_row(sql, [], |row| row.get(0)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_again_after_it_was_forgotten_is_not_new() {
    let (world, database) = world();
    let (tenant, _) = world.manned().await;
    let mut by_time = event(2, "running", 1);
    (by_time.sequence, by_time.at) = (None, Some(world.now()));
    let sent = [
        event(1, "queued", 1),
        event(1, "running", 2),
        event(1, "failed", 3),
        by_time.clone(),
        event(2, "completed", 4),
    ];
    assert_eq!(take(&world, tenant, &sent).await, [Accepted; 5]);
    assert_eq!(count(&database), 3, "the state knows the newest of each");
    world.pass(KEEP.ingested);
    forget(&world).await;
    assert_eq!(count(&database), 3);

    world.pass(Duration::from_millis(1));
    forget(&world).await;
    assert_eq!(count(&database), 0);
    let log = world.log(&[tenant]).await;
    let again = take(&world, tenant, &sent).await;
    assert_eq!(again, [Late, Late, Duplicate, Late, Duplicate]);
    assert_eq!(world.log(&[tenant]).await, log);
    assert_eq!(world.run(&key(tenant, 1)).await, log[2].1);
    let again = take(&world, tenant, &sent).await;
    assert_eq!(again, [Duplicate; 5], "it is known anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_events_of_one_run_go_in_several_transactions() {
    let (world, database) = world();
    let (tenant, _) = world.manned().await;
    for first in (1..5_000).step_by(1_000) {
        let events: Vec<_> = (first..first + 1_000)
            .map(|sequence| event(1, "running", sequence))
            .collect();
        take(&world, tenant, &events).await;
    }
    take(
        &world,
        tenant,
        &[event(2, "running", 1), event(2, "failed", 2)],
    )
    .await;
    world.pass(31 * DAY);
    let first = world.store.forget_old(KEEP, 0).await.unwrap();
    assert_eq!((first, count(&database)), (Some(0), 3_000));
    forget(&world).await;
    assert_eq!(count(&database), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_keeps_its_notification_until_somebody_took_notice() {
    let (world, database) = world();
    let (tenant, person) = world.manned().await;
    let failed = async || {
        let ending = Ending::Failed(error("a"));
        world.ended(tenant, person, ending).await
    };
    let (left, dismissed, acknowledged) = (failed().await, failed().await, failed().await);
    let back = failed().await;
    let completed = world.ended(tenant, person, Ending::ByItems).await;
    let untouched = world.ended(tenant, person, Ending::ByItems).await;
    for run in [&dismissed, &completed] {
        dismiss(&world, person, run, run.status_seq.0).await;
    }
    // Dismissed while it was running.
    dismiss(&world, person, &back, back.status_seq.0 - 1).await;
    let request = Acknowledge {
        tenant_seq: acknowledged.tenant_seq,
        acknowledged: true,
    };
    let failure = acknowledged.key();
    let done = world.store.acknowledge(person, &failure, request);
    done.await.unwrap();
    let of = |runs: &[&Run]| -> Vec<i64> { runs.iter().map(|run| run.run_id.0).collect() };

    world.pass(KEEP.notifications);
    forget(&world).await;
    assert_eq!(runs_in(&database, NOTIFIED).len(), 6);
    let before = world.store.snapshot(person, None).await.unwrap();
    world.pass(Duration::from_millis(1));
    forget(&world).await;
    assert_eq!(
        runs_in(&database, NOTIFIED),
        of(&[&left, &back, &untouched])
    );

    // The screen and the seal are what they were.
    assert_eq!(runs_in(&database, MARKED), of(&[&dismissed, &completed]));
    let after = world.store.snapshot(person, None).await.unwrap();
    assert_eq!(
        (after.failed, after.marks, after.runs),
        (before.failed, before.marks, before.runs)
    );
}

async fn dismiss(world: &World, person: PersonId, run: &Run, seq: i64) {
    let dismissed = vec![RunSeq {
        run: run.key(),
        seq: contract::ids::TenantSeq(seq),
    }];
    let marks = PutMarks {
        dismissed,
        ..PutMarks::default()
    };
    world.store.put_marks(person, marks).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_repeated_after_its_key_was_forgotten_starts_anew() {
    let (world, _database) = world();
    let (tenant, person) = world.manned().await;
    let mut request = capture(tenant, None, person);
    request.idempotency_key = Some("once".to_owned());
    let start = || world.store.start(request.clone());
    let first = start().await.unwrap().run;
    let lease = world.claim().await.lease;
    world.store.finish(&lease, Ending::ByItems).await.unwrap();
    world.pass(7 * DAY);
    world.store.forget_idempotency_keys(7 * DAY).await.unwrap();
    let again = start().await.unwrap();
    assert_eq!((again.run.run_id, again.reused), (first.run_id, true));

    world.pass(Duration::from_millis(1));
    world.store.forget_idempotency_keys(7 * DAY).await.unwrap();
    let anew = start().await.unwrap();
    assert!(anew.run.run_id > first.run_id && !anew.reused);
}
