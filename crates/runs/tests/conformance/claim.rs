//! Claims, leases and the fence.

use std::collections::BTreeSet;
use std::time::Duration;

use contract::run::{Outcome, RunStatus, Waiting};
use runs::Error;
use runs::lease::{Ending, Lease};

use super::world::{LEASE, UNBOUND, World, capture, captured, key_of, later, new_item};

/// A wait that only a lost wake-up would use up.
const LONG: Duration = Duration::from_secs(600);
/// More than a wake-up needs.
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) async fn ten_thousand_queued_runs_delay_no_other_tenants_one(world: World) {
    let (busy, person) = world.manned().await;
    let (quiet, other) = world.manned().await;
    let mut tasks = tokio::task::JoinSet::new();
    for policy in world.policies(busy, 10_000).await {
        let store = world.store.clone();
        let request = capture(busy, Some(policy), person);
        tasks.spawn(async move { store.start(request).await.map(drop) });
    }
    let started: runs::error::Result<Vec<()>> = tasks.join_all().await.into_iter().collect();
    started.unwrap();
    world.claim().await;

    let one = world.start_all(quiet, other).await.run;
    assert_eq!(world.claim().await.run.key(), one.key());
}

pub(crate) async fn claims_go_round_the_tenants(world: World) {
    let mut queued = Vec::new();
    for _ in 0..3 {
        let (tenant, person) = world.manned().await;
        for policy in world.policies(tenant, 2).await {
            let run = world.start_policy(tenant, policy, person).await.run;
            queued.push((tenant, run.run_id));
        }
    }
    let mut claimed = Vec::new();
    for _ in 0..queued.len() {
        let run = world.claim().await.run;
        claimed.push((run.tenant_id, run.run_id));
    }
    let in_turn: Vec<_> = [0, 2, 4, 1, 3, 5].iter().map(|i| queued[*i]).collect();
    assert_eq!(
        claimed, in_turn,
        "the oldest of each, then the next of each"
    );
}

pub(crate) async fn a_tenant_never_runs_more_than_its_bound(world: World) {
    let (tenant, person) = world.manned().await;
    for policy in world.policies(tenant, 3).await {
        world.start_policy(tenant, policy, person).await;
    }
    let claim = || world.store.claim_next("worker", LEASE, 2);
    let first = claim().await.unwrap().unwrap();
    assert!(claim().await.unwrap().is_some());
    assert!(claim().await.unwrap().is_none());
    world
        .store
        .finish(&first.lease, Ending::ByItems)
        .await
        .unwrap();
    assert!(claim().await.unwrap().is_some());
}

pub(crate) async fn an_expired_lease_is_claimed_again_as_a_later_attempt(world: World) {
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    let first = world.claim().await;
    assert_eq!(
        (first.run.attempt, &first.run.status),
        (1, &RunStatus::Running)
    );
    assert_eq!(first.expires_at, later(first.run.at, LEASE));
    assert!(world.try_claim().await.is_none());

    world.pass(LEASE - Duration::from_millis(1));
    assert!(world.try_claim().await.is_none());
    world.pass(Duration::from_millis(1));
    let second = world.claim().await;
    assert_eq!(second.run.run_id, first.run.run_id);
    assert_eq!(second.run.attempt, 2);
    assert!(second.lease.lease_epoch > first.lease.lease_epoch);
    assert_eq!(second.run.started_at, first.run.started_at);
    assert!(second.run.status_seq > first.run.status_seq);

    world.pass(LEASE);
    assert_eq!(world.claim().await.run.attempt, 3);
}

pub(crate) async fn a_clock_that_went_back_does_not_keep_a_dead_workers_lease(world: World) {
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    world.pass(Duration::from_secs(3600));
    let first = world.claim().await;
    // A step of seconds is what time servers do all day.
    world.go_back(LEASE / 2);
    assert!(world.try_claim().await.is_none());
    world.go_back(Duration::from_secs(3600));
    let second = world.claim().await;
    assert_eq!(
        (second.run.run_id, second.run.attempt),
        (first.run.run_id, 2)
    );
    assert!(world.try_claim().await.is_none());
}

pub(crate) async fn a_heartbeat_keeps_the_lease(world: World) {
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    let claim = world.claim().await;
    world.pass(LEASE / 3);
    let beat = world.store.heartbeat(&claim.lease, LEASE).await.unwrap();
    assert_eq!(beat.expires_at, later(world.now(), LEASE));
    assert!(!beat.cancel_requested);
    world.pass(LEASE - Duration::from_millis(1));
    assert!(world.try_claim().await.is_none());
}

pub(crate) async fn a_worker_that_lost_its_lease_changes_nothing(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 2).await;
    let (lost, open) = world.planned(tenant, person, &policies[..1]).await;
    world.pass(LEASE);
    let held = world.claim().await.lease;
    let state = || async {
        let run = world.run_of(&held).await;
        let items = world.items(&key_of(&held)).await;
        let policies = world.store.policies(tenant, None, 500).await.unwrap();
        (run, items, policies, world.store.head())
    };
    let before = state().await;
    world.take_told();

    let item = open[0].item_id;
    let store = &world.store;
    let waiting = Waiting {
        reason: "throttled".to_owned(),
        until: None,
    };
    let refused = [
        store.heartbeat(&lost, LEASE).await.map(drop),
        store.plan_items(&lost, vec![new_item(policies[1])]).await,
        store.open_items(&lost).await.map(drop),
        store.begin_item(&lost, item, "capture").await,
        store.settle_item(&lost, item, captured("new")).await,
        store.set_waiting(&lost, Some(waiting)).await,
        store.finish(&lost, Ending::ByItems).await,
        store.finish(&lost, Ending::Cancelled).await,
    ];
    for (write, refused) in refused.iter().enumerate() {
        assert!(
            matches!(refused, Err(Error::LeaseLost)),
            "write {write}: {refused:?}"
        );
    }
    assert_eq!(state().await, before);
    assert!(world.take_told().is_empty());

    // A lease that nobody ever had is none either.
    let guessed = Lease {
        lease_epoch: held.lease_epoch + 1,
        ..held.clone()
    };
    let refused = store.finish(&guessed, Ending::ByItems).await;
    assert!(matches!(refused, Err(Error::LeaseLost)), "{refused:?}");
}

pub(crate) async fn an_expired_lease_that_nobody_took_still_writes(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    world.pass(LEASE * 4);
    world.settle(&lease, &open[0], captured("content")).await;
    assert_eq!(
        world.items(&key_of(&lease)).await[0].outcome,
        Outcome::Succeeded
    );
    world.store.heartbeat(&lease, LEASE).await.unwrap();
    assert!(world.try_claim().await.is_none());
}

pub(crate) async fn many_workers_claim_each_run_once(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 100).await;
    for policy in &policies {
        world.start_policy(tenant, *policy, person).await;
    }
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..8 {
        let store = world.store.clone();
        workers.spawn(async move {
            let mut claimed = Vec::new();
            let name = format!("worker {worker}");
            while let Some(claim) = store.claim_next(&name, LEASE, UNBOUND).await.unwrap() {
                claimed.push(claim.run.run_id);
            }
            claimed
        });
    }
    let claimed: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    let once: BTreeSet<_> = claimed.iter().collect();
    assert_eq!(
        (claimed.len(), once.len()),
        (policies.len(), policies.len())
    );
}

pub(crate) async fn a_start_wakes_a_worker_that_waits(world: World) {
    let (tenant, person) = world.manned().await;
    assert!(world.try_claim().await.is_none());
    let wait = world.store.work_may_be_ready(LONG);
    let start = world.start_all(tenant, person);
    let woken = tokio::time::timeout(LIMIT, async { tokio::join!(wait, start) }).await;
    woken.expect("the worker is woken long before it would look by itself");
}

pub(crate) async fn an_end_wakes_a_worker_that_waits(world: World) {
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    let lease = world.claim().await.lease;
    // The claim itself may have woken the next.
    world.store.work_may_be_ready(Duration::ZERO).await;
    let wait = world.store.work_may_be_ready(LONG);
    let end = world.store.finish(&lease, Ending::ByItems);
    let woken = tokio::time::timeout(LIMIT, async { tokio::join!(wait, end) }).await;
    let ((), ended) = woken.expect("the worker is woken long before it would look by itself");
    ended.unwrap();
}
