//! Runs that a portal announces: each event once, in the portal's order and not in that of their arrival.

use std::time::Duration;

use contract::api::Role;
use contract::ids::{RunId, RunKey, TenantId};
use contract::ingest::{Judgement, RunEvent};
use contract::run::{Counts, Run, RunStatus};
use contract::timestamp::Timestamp;
use runs::Error;
use runs::change::Change;

use super::world::{LEASE, World, later};
use Judgement::{Accepted, Duplicate, Late};

pub(crate) fn event(run_id: i64, status: &str, sequence: i64) -> RunEvent {
    RunEvent {
        source: "portal".to_owned(),
        run_type: "sync".to_owned(),
        run_id: RunId(run_id),
        status: RunStatus::from(status),
        attempt: 1,
        sequence: Some(sequence),
        at: None,
        counts: None,
        operation: None,
        target: None,
        url: None,
        started_by: None,
        error: None,
    }
}

fn counted(mut event: RunEvent, total: u64, processed: u64) -> RunEvent {
    event.counts = Some(Counts {
        total: Some(total),
        processed: Some(processed),
        ..Counts::default()
    });
    event
}

pub(crate) fn key(tenant_id: TenantId, run_id: i64) -> RunKey {
    RunKey {
        tenant_id,
        source: "portal".to_owned(),
        run_type: "sync".to_owned(),
        run_id: RunId(run_id),
    }
}

pub(crate) async fn take(world: &World, tenant: TenantId, events: &[RunEvent]) -> Vec<Judgement> {
    world.announce(tenant, events.to_vec()).await.unwrap()
}

fn statuses(log: &[(u64, Run)]) -> Vec<&str> {
    log.iter().map(|(_, run)| run.status.as_str()).collect()
}

pub(crate) async fn an_announced_run_is_made_by_its_first_event_and_told(world: World) {
    let (tenant, person) = world.manned().await;
    world.take_told();
    let first = counted(event(42, "running", 1), 10, 3);
    assert_eq!(take(&world, tenant, &[first]).await, [Accepted]);
    let run = world.run(&key(tenant, 42)).await;
    assert_eq!((&run.status, run.attempt), (&RunStatus::Running, 1));
    assert_eq!(
        (run.counts.total, run.counts.processed),
        (Some(10), Some(3))
    );
    assert_eq!(run.counts.succeeded, None, "nobody told");
    assert_eq!(
        (run.started_at, &run.started_by),
        (Some(world.now()), &None)
    );
    let told = world.take_told();
    let [Change::Run(told)] = told.as_slice() else {
        panic!("one event, and not {told:?}");
    };
    assert_eq!(*told.run, run);
    assert_eq!(world.log(&[tenant]).await, [(told.position, run.clone())]);
    let snapshot = world.store.snapshot(person, None).await.unwrap();
    assert_eq!(snapshot.runs, [run]);
}

pub(crate) async fn each_event_is_taken_once(world: World) {
    let (tenant, _) = world.manned().await;
    let mut timed = event(2, "running", 0);
    (timed.sequence, timed.at) = (None, Some(world.now()));
    let mut another_time = timed.clone();
    another_time.at = Some(later(world.now(), Duration::from_millis(1)));
    let batch = [
        event(1, "queued", 1),
        event(1, "running", 2),
        event(1, "queued", 1),
        timed.clone(),
        timed,
        another_time,
    ];
    let expected = [Accepted, Accepted, Duplicate, Accepted, Duplicate, Accepted];
    assert_eq!(take(&world, tenant, &batch).await, expected);
    assert_eq!(take(&world, tenant, &batch).await, [Duplicate; 6]);
    let log = world.log(&[tenant]).await;
    assert_eq!(statuses(&log), ["queued", "running", "running"]);
    assert_eq!(log[2].1.run_id, RunId(2));
}

pub(crate) async fn a_late_event_changes_nothing_and_is_not_logged(world: World) {
    let (tenant, _) = world.manned().await;
    take(&world, tenant, &[event(1, "running", 5)]).await;
    let before = world.run(&key(tenant, 1)).await;
    world.take_told();
    assert_eq!(take(&world, tenant, &[event(1, "queued", 4)]).await, [Late]);
    assert_eq!(world.run(&key(tenant, 1)).await, before);
    assert!(world.take_told().is_empty());
    assert_eq!(
        take(&world, tenant, &[event(1, "queued", 4)]).await,
        [Duplicate]
    );
    assert_eq!(world.log(&[tenant]).await.len(), 1);
}

pub(crate) async fn an_announced_end_is_left_only_by_a_later_attempt(world: World) {
    let (tenant, _) = world.manned().await;
    let mut failed = event(1, "failed", 2);
    failed.error = Some(super::world::error("quota"));
    let mut again = event(1, "running", 1);
    again.attempt = 2;
    again.sequence = Some(4);
    let batch = [failed, event(1, "running", 3), again];
    assert_eq!(
        take(&world, tenant, &batch).await,
        [Accepted, Late, Accepted]
    );
    let log = world.log(&[tenant]).await;
    assert_eq!(statuses(&log), ["failed", "running"]);
    assert!(log[0].1.error.is_some() && log[0].1.ended_at.is_some());
    let run = world.run(&key(tenant, 1)).await;
    assert_eq!((run.attempt, run.ended_at, run.error), (2, None, None));
}

pub(crate) async fn counts_alone_are_progress_and_not_logged(world: World) {
    let (tenant, _) = world.manned().await;
    take(&world, tenant, &[event(1, "running", 1)]).await;
    let before = world.run(&key(tenant, 1)).await;
    world.take_told();
    take(&world, tenant, &[counted(event(1, "running", 2), 10, 4)]).await;
    let told = world.take_told();
    let [Change::Progress(told)] = told.as_slice() else {
        panic!("progress, and not {told:?}");
    };
    let run = world.run(&key(tenant, 1)).await;
    assert_eq!(
        (told.key(), told.rev, told.counts),
        (run.key(), run.rev, run.counts)
    );
    assert_eq!(told.tenant_seq, before.tenant_seq);
    assert!(run.rev > before.rev);
    assert_eq!(world.log(&[tenant]).await.len(), 1);

    take(&world, tenant, &[counted(event(1, "running", 3), 10, 4)]).await;
    assert!(world.take_told().is_empty(), "the same counts are no news");
}

pub(crate) async fn what_an_event_leaves_out_stays_as_it_was(world: World) {
    let (tenant, _) = world.manned().await;
    let mut first = counted(event(1, "running", 1), 10, 4);
    first.operation = Some("users.sync".to_owned());
    first.target = Some("10 users".to_owned());
    first.url = Some("/runs/1".to_owned());
    take(&world, tenant, &[first, event(1, "completed", 2)]).await;
    let page = world.store.run_page(&key(tenant, 1)).await.unwrap();
    assert_eq!(page.url.as_deref(), Some("/runs/1"));
    assert_eq!(
        (page.run.operation.as_str(), page.run.target.as_str()),
        ("users.sync", "10 users")
    );
    assert_eq!(page.run.counts.processed, Some(4));
}

pub(crate) async fn a_late_event_fills_in_what_nobody_told(world: World) {
    let (tenant, _) = world.manned().await;
    take(&world, tenant, &[event(1, "completed", 9)]).await;
    let before = world.run(&key(tenant, 1)).await;
    let mut early = counted(event(1, "running", 2), 10, 4);
    early.target = Some("10 users".to_owned());
    assert_eq!(take(&world, tenant, &[early]).await, [Late]);
    let run = world.run(&key(tenant, 1)).await;
    assert_eq!(
        (run.target.as_str(), run.counts.total),
        ("10 users", Some(10))
    );
    assert_eq!(
        (&run.status, run.tenant_seq),
        (&RunStatus::Completed, before.tenant_seq)
    );
    assert!(run.rev > before.rev);
    assert_eq!(world.log(&[tenant]).await.len(), 1);
}

pub(crate) async fn a_changed_target_is_told_without_a_new_status(world: World) {
    let (tenant, _) = world.manned().await;
    take(&world, tenant, &[event(1, "running", 1)]).await;
    let before = world.run(&key(tenant, 1)).await;
    let mut renamed = event(1, "running", 2);
    renamed.target = Some("another".to_owned());
    take(&world, tenant, &[renamed]).await;
    let log = world.log(&[tenant]).await;
    assert_eq!(log[1].1.target, "another");
    assert_eq!(log[1].1.status_seq, before.status_seq);
}

pub(crate) async fn no_worker_claims_an_announced_run_and_none_is_stalled_for_want_of_one(
    world: World,
) {
    let (tenant, person) = world.manned().await;
    let batch = [event(1, "queued", 1), event(2, "running", 1)];
    take(&world, tenant, &batch).await;
    world.pass(LEASE * 1000);
    let sweep = world.store.sweep_stalled(LEASE, LEASE);
    sweep.await.unwrap();
    assert!(world.try_claim().await.is_none());
    assert_eq!(world.log(&[tenant]).await.len(), 2);

    // Nor does it take the place of one of ours, or its number.
    let ours = world.start_all(tenant, person).await.run;
    assert_eq!(world.claim().await.lease.run_id, ours.run_id);
    assert!(world.try_claim().await.is_none());
}

pub(crate) async fn who_started_it_there_has_a_card_if_they_are_a_member_here(world: World) {
    let (tenant, _) = world.manned().await;
    let member = world.member("Ann", tenant, Role::Viewer).await;
    let other = world.tenant().await;
    world.member("Bob", other, Role::Admin).await;
    let by = |run_id, name: &str| RunEvent {
        started_by: Some(name.to_owned()),
        ..event(run_id, "running", 1)
    };
    let batch = [by(1, " ann "), by(2, "Bob"), by(3, "nobody")];
    take(&world, tenant, &batch).await;
    let run = world.run(&key(tenant, 1)).await;
    assert_eq!(run.started_by.as_ref().unwrap().name, "Ann");
    assert!(contract::card::has_card(&run, member, None, &[]));
    for run_id in [2, 3] {
        let run = world.run(&key(tenant, run_id)).await;
        assert_eq!(run.started_by, None);
    }
    take(&world, tenant, &[event(1, "completed", 2)]).await;
    assert!(world.run(&key(tenant, 1)).await.started_by.is_some());
}

pub(crate) async fn a_portals_run_is_not_ours_of_the_same_number(world: World) {
    let (tenant, person) = world.manned().await;
    let ours = world.start_all(tenant, person).await.run;
    let mut theirs = event(ours.run_id.0, "failed", 1);
    theirs.run_type = ours.run_type.clone();
    let mut another = theirs.clone();
    another.source = "another".to_owned();
    take(&world, tenant, &[theirs, another]).await;
    assert_eq!(world.run(&ours.key()).await, ours);
    let rows = world.store.runs(tenant, None, 500).await.unwrap().rows;
    let sources: Vec<_> = rows.iter().map(|run| run.source.as_str()).collect();
    assert_eq!(sources, ["another", "portal", ""]);
    let snapshot = world.store.snapshot(person, None).await.unwrap();
    assert_eq!((snapshot.runs.len(), snapshot.failed.len()), (3, 2));
    assert_ne!(snapshot.failed[0].run, snapshot.failed[1].run);
}

pub(crate) async fn an_announced_run_has_a_page_with_its_timeline_and_no_items(world: World) {
    let (tenant, _) = world.manned().await;
    take(&world, tenant, &[event(1, "queued", 1)]).await;
    world.pass(Duration::from_secs(5));
    take(
        &world,
        tenant,
        &[event(1, "running", 2), event(1, "paused", 3)],
    )
    .await;
    let page = world.store.run_page(&key(tenant, 1)).await.unwrap();
    let timeline: Vec<_> = page
        .timeline
        .iter()
        .map(|change| change.status.as_str())
        .collect();
    assert_eq!(timeline, ["queued", "running", "paused"]);
    assert_eq!(page.url, None);
    assert!(world.items(&key(tenant, 1)).await.is_empty());
}

pub(crate) async fn an_unknown_status_is_kept_and_in_the_snapshot(world: World) {
    let (tenant, person) = world.manned().await;
    take(&world, tenant, &[event(1, "awaiting approval", 1)]).await;
    let snapshot = world.store.snapshot(person, None).await.unwrap();
    assert_eq!(snapshot.runs[0].status.as_str(), "awaiting approval");
    assert_eq!(snapshot.tenants[0].totals.other, 1);
}

pub(crate) async fn an_announced_time_is_never_ahead_of_ours(world: World) {
    let (tenant, _) = world.manned().await;
    let mut running = event(1, "running", 1);
    running.at = Some(Timestamp(world.now().0 - 60_000));
    let mut ended = event(1, "completed", 2);
    ended.at = Some(later(world.now(), Duration::from_secs(60)));
    take(&world, tenant, &[running, ended]).await;
    let run = world.run(&key(tenant, 1)).await;
    assert_eq!(run.started_at, Some(Timestamp(world.now().0 - 60_000)));
    assert_eq!((run.ended_at, run.at), (Some(world.now()), world.now()));
}

pub(crate) async fn a_tenant_that_is_not_there_takes_nothing(world: World) {
    let (tenant, _) = world.manned().await;
    let refused = world.announce(TenantId(999), vec![event(1, "failed", 1)]);
    let refused = refused.await;
    assert!(matches!(refused, Err(Error::NotInTenant(_))), "{refused:?}");
    assert!(world.log(&[tenant, TenantId(999)]).await.is_empty());
}

pub(crate) async fn an_announced_run_that_is_running_is_known_as_such(world: World) {
    let (tenant, _) = world.manned().await;
    let batch = [event(1, "running", 1), event(2, "queued", 1)];
    take(&world, tenant, &batch).await;
    let running = world.store.running().await.unwrap();
    assert_eq!(running, [world.run(&key(tenant, 1)).await]);
}
