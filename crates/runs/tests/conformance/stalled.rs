//! Marks of a run that does not move, by itself or because it waits.

use std::time::Duration;

use contract::run::{RunStatus, Waiting};
use runs::lease::Lease;

use super::ingest::{event, key, take};
use super::world::{LEASE, World, captured};

const NO_ITEM_FOR: Duration = Duration::from_secs(300);

async fn sweep(world: &World) {
    world.store.sweep_stalled(LEASE, NO_ITEM_FOR).await.unwrap();
}

pub(crate) async fn a_silent_worker_stalls_its_run_until_it_is_heard_again(world: World) {
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    let claim = world.claim().await;
    world.pass(LEASE * 2);
    sweep(&world).await;
    assert_eq!(world.run_of(&claim.lease).await, claim.run);

    world.pass(Duration::from_millis(1));
    sweep(&world).await;
    let stalled = world.run_of(&claim.lease).await;
    assert_eq!(stalled.stalled_since, Some(claim.run.at));
    assert_eq!(stalled.status, RunStatus::Running);
    assert!(stalled.tenant_seq > claim.run.tenant_seq);
    assert_eq!(stalled.status_seq, claim.run.status_seq);

    sweep(&world).await;
    assert_eq!(world.run_of(&claim.lease).await, stalled, "marked once");
    world.store.heartbeat(&claim.lease, LEASE).await.unwrap();
    sweep(&world).await;
    let moving = world.run_of(&claim.lease).await;
    assert_eq!(moving.stalled_since, None);
    assert!(moving.tenant_seq > stalled.tenant_seq);
}

pub(crate) async fn a_run_that_settles_nothing_is_stalled_and_never_ended(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    let beat = |lease: Lease| {
        let store = world.store.clone();
        async move { store.heartbeat(&lease, LEASE).await.map(drop) }
    };
    world.pass(NO_ITEM_FOR + Duration::from_millis(1));
    beat(lease.clone()).await.unwrap();
    sweep(&world).await;
    let stalled = world.run_of(&lease).await;
    assert!(stalled.stalled_since.is_some());
    assert_eq!(stalled.status, RunStatus::Running);

    world.settle(&lease, &open[0], captured("content")).await;
    sweep(&world).await;
    assert_eq!(world.run_of(&lease).await.stalled_since, None);
}

pub(crate) async fn a_wait_is_an_event_only_when_it_changes(world: World) {
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    let claim = world.claim().await;
    let throttled = Waiting {
        reason: "throttled".to_owned(),
        until: Some(world.soon()),
    };
    for waiting in [None, Some(&throttled), Some(&throttled), None, None] {
        let set = world.store.set_waiting(&claim.lease, waiting.cloned());
        set.await.unwrap();
    }
    let log = world.log(&[tenant]).await;
    let waits: Vec<_> = log.iter().map(|(_, run)| run.waiting.as_ref()).collect();
    assert_eq!(waits, [None, None, Some(&throttled), None]);
    assert!(
        log[2..]
            .iter()
            .all(|(_, run)| run.status_seq == claim.run.status_seq)
    );
}

pub(crate) async fn a_run_that_its_portal_forgot_is_stalled_until_its_next_event(world: World) {
    const SILENT_FOR: Duration = Duration::from_secs(30 * 60);
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    let ours = world.claim().await.lease;
    let batch = [event(1, "running", 1), event(2, "queued", 1)];
    take(&world, tenant, &batch).await;
    let sweep = || world.store.sweep_silent(SILENT_FOR);
    let began = world.now();

    world.pass(SILENT_FOR);
    sweep().await.unwrap();
    let running = world.run(&key(tenant, 1)).await;
    assert_eq!(running.stalled_since, None);
    world.pass(Duration::from_millis(1));
    sweep().await.unwrap();
    sweep().await.unwrap();
    let stalled = world.run(&key(tenant, 1)).await;
    assert_eq!(stalled.stalled_since, Some(began));
    assert_eq!(stalled.status, RunStatus::Running);
    assert_eq!(world.log(&[tenant]).await.len(), 5, "marked once");
    assert_eq!(stalled.status_seq, running.status_seq);
    assert_eq!(world.run(&key(tenant, 2)).await.stalled_since, None);
    assert_eq!(world.run_of(&ours).await.stalled_since, None);

    // Also one that says nothing new.
    take(&world, tenant, &[event(1, "running", 2)]).await;
    let heard = world.run(&key(tenant, 1)).await;
    assert_eq!(heard.stalled_since, None);
    assert_eq!(heard.tenant_seq.0, stalled.tenant_seq.0 + 1);
    world.pass(SILENT_FOR);
    sweep().await.unwrap();
    assert_eq!(world.run(&key(tenant, 1)).await, heard);

    world.pass(SILENT_FOR);
    sweep().await.unwrap();
    take(&world, tenant, &[event(1, "completed", 3)]).await;
    let ended = world.run(&key(tenant, 1)).await;
    assert_eq!(
        (ended.stalled_since, &ended.status),
        (None, &RunStatus::Completed)
    );
    let log = world.log(&[tenant]).await;
    let marks = log.iter().filter(|(_, run)| run.stalled_since.is_some());
    assert_eq!(marks.count(), 2);
}
