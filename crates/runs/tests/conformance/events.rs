//! The log, what is told of it, and the reads that stand on it.

use std::collections::BTreeMap;

use contract::ids::{RunKey, TenantId};
use contract::run::{Run, RunStatus};
use contract::snapshot::Totals;
use runs::change::Change;
use runs::lease::Ending;

use super::world::{LEASE, UNBOUND, World, captured, error, failed, new_item};

/// Runs of two tenants that take turns, in several states.
async fn history(world: &World) -> [TenantId; 2] {
    let (one, person) = world.manned().await;
    let (two, other) = world.manned().await;
    world.ended(one, person, Ending::ByItems).await;
    world.ended(two, other, Ending::Cancelled).await;
    world.ended(one, person, Ending::Failed(error("a"))).await;
    world.ended(two, other, Ending::Failed(error("b"))).await;
    world.start_all(one, person).await;
    world.start_all(two, other).await;
    world.claim().await;
    [one, two]
}

pub(crate) async fn every_event_has_the_next_place_in_the_log_and_in_its_tenant(world: World) {
    let tenants = history(&world).await;
    let log = world.log(&tenants).await;
    let positions: Vec<_> = log.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, (1..=log.len() as u64).collect::<Vec<_>>());
    assert_eq!(world.store.head().position, log.len() as u64);
    for tenant in tenants {
        let of_tenant = world.log(&[tenant]).await;
        let seqs: Vec<_> = of_tenant.iter().map(|(_, run)| run.tenant_seq.0).collect();
        assert_eq!(seqs, (1..=of_tenant.len() as i64).collect::<Vec<_>>());
        assert!(of_tenant.iter().all(|(_, run)| run.tenant_id == tenant));
    }
}

pub(crate) async fn what_is_told_is_what_is_logged_in_the_same_order(world: World) {
    let tenants = history(&world).await;
    let told: Vec<_> = world
        .told()
        .into_iter()
        .filter_map(|change| match change {
            Change::Run(event) => Some((event.position, Run::clone(&event.run))),
            _ => None,
        })
        .collect();
    assert_eq!(told, world.log(&tenants).await);
}

pub(crate) async fn a_mark_leaves_the_status_seq_alone(world: World) {
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    world.claim().await;
    world.pass(LEASE * 3);
    world.store.sweep_stalled(LEASE, LEASE * 100).await.unwrap();
    world.claim().await;
    let log = world.log(&[tenant]).await;
    let seqs: Vec<_> = log
        .iter()
        .map(|(_, run)| (run.tenant_seq.0, run.status_seq.0))
        .collect();
    assert_eq!(seqs, [(1, 1), (2, 2), (3, 2), (4, 4)]);
}

pub(crate) async fn a_runs_page_has_its_timeline(world: World) {
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    world.claim().await;
    world.pass(LEASE);
    let lease = world.claim().await.lease;
    world.store.finish(&lease, Ending::ByItems).await.unwrap();
    let run = world.run_of(&lease).await;
    let page = world.store.run_page(&run.key()).await.unwrap();
    let timeline: Vec<_> = page
        .timeline
        .iter()
        .map(|change| (change.status.as_str(), change.attempt))
        .collect();
    let expected = [
        ("queued", 1),
        ("running", 1),
        ("running", 2),
        ("completed", 2),
    ];
    assert_eq!(timeline, expected);
    assert_eq!(page.timeline[3].tenant_seq, run.tenant_seq);
}

pub(crate) async fn runs_are_listed_newest_first_in_pages(world: World) {
    let (tenant, person) = world.manned().await;
    let mut started = Vec::new();
    for policy in world.policies(tenant, 7).await {
        started.push(world.start_policy(tenant, policy, person).await.run);
    }
    started.reverse();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = world.store.runs(tenant, after, 3).await.unwrap();
        seen.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(seen, started);
}

pub(crate) async fn every_running_run_is_known_whatever_its_tenant(world: World) {
    history(&world).await;
    world.claim().await;
    let (third, person) = world.manned().await;
    world.start_all(third, person).await;
    let running = world.store.running().await.unwrap();
    let statuses: Vec<_> = running.iter().map(|run| run.status.as_str()).collect();
    assert_eq!(statuses, ["running", "running"]);
    assert!(running[0].tenant_id < running[1].tenant_id);
    for run in &running {
        assert_eq!(&world.run(&run.key()).await, run);
    }
}

pub(crate) async fn a_snapshot_has_exact_totals_and_names_each_failure(world: World) {
    let (tenant, person) = world.manned().await;
    for ending in [
        Ending::ByItems,
        Ending::Cancelled,
        Ending::Failed(error("a")),
        Ending::Failed(error("b")),
    ] {
        world.ended(tenant, person, ending).await;
    }
    let policies = world.policies(tenant, 2).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    world.settle(&lease, &open[0], captured("content")).await;
    world.settle(&lease, &open[1], failed("c")).await;
    world.store.finish(&lease, Ending::ByItems).await.unwrap();
    world.start_all(tenant, person).await;

    let snapshot = world.store.snapshot(person, None).await.unwrap();
    assert_eq!(snapshot.id, world.store.head());
    assert_eq!(snapshot.person.id, person);
    let [state] = snapshot.tenants.as_slice() else {
        panic!("one tenant, not {:?}", snapshot.tenants);
    };
    let totals = Totals {
        queued: 1,
        completed: 1,
        partial: 1,
        failed: 2,
        cancelled: 1,
        ..Totals::default()
    };
    assert_eq!(state.totals, totals);
    assert_eq!(state.head.0, world.log(&[tenant]).await.len() as i64);
    assert_eq!(snapshot.runs.len(), 6);
    let mut failures: Vec<_> = snapshot
        .runs
        .iter()
        .filter(|run| run.status.is_failure())
        .map(|run| (run.key(), run.tenant_seq))
        .collect();
    let mut named: Vec<_> = snapshot
        .failed
        .iter()
        .map(|failed| (failed.run.clone(), failed.seq))
        .collect();
    failures.sort();
    named.sort();
    assert_eq!(named, failures);
    assert_eq!(named.len(), 3);
}

/// The newest of each run: what any reader makes of what it gets.
fn fold(known: &mut BTreeMap<RunKey, Run>, run: &Run) {
    let newer = known
        .get(&run.key())
        .is_none_or(|old| (run.tenant_seq, run.rev) > (old.tenant_seq, old.rev));
    if newer {
        known.insert(run.key(), run.clone());
    }
}

pub(crate) async fn a_snapshot_and_the_events_after_it_are_everything(world: World) {
    let (tenant, person) = world.manned().await;
    let (other, _) = world.manned().await;
    world
        .member("person 1", other, contract::api::Role::Viewer)
        .await;
    let policies = world.policies(tenant, 40).await;
    let mut writers = tokio::task::JoinSet::new();
    for chunk in policies.chunks(10) {
        let (store, chunk) = (world.store.clone(), chunk.to_vec());
        writers.spawn(async move {
            for policy in chunk {
                let request = super::world::capture(tenant, Some(policy), person);
                store.start(request).await.unwrap();
                let claim = store.claim_next("worker", LEASE, UNBOUND).await.unwrap();
                let Some(claim) = claim else { continue };
                let plan = vec![new_item(policy)];
                store.plan_items(&claim.lease, plan).await.unwrap();
                let open = store.open_items(&claim.lease).await.unwrap();
                let item = open[0].item_id;
                let settlement = if policy.0 % 3 == 0 {
                    failed("a")
                } else {
                    captured("content")
                };
                store
                    .settle_item(&claim.lease, item, settlement)
                    .await
                    .unwrap();
                store.finish(&claim.lease, Ending::ByItems).await.unwrap();
            }
        });
    }
    let mut snapshots = Vec::new();
    while !writers.is_empty() {
        snapshots.push(world.store.snapshot(person, None).await.unwrap());
        // Between two snapshots a writer may end; none is waited for.
        while let Some(ended) = writers.try_join_next() {
            ended.unwrap();
        }
    }
    let mut truth = BTreeMap::new();
    for (_, run) in world.log(&[tenant]).await {
        fold(&mut truth, &run);
    }
    assert_eq!(truth.len(), policies.len());
    for snapshot in snapshots {
        let mut known = BTreeMap::new();
        for run in &snapshot.runs {
            fold(&mut known, run);
        }
        let after = snapshot.id.position;
        let events = world.store.events_after(after, &[tenant], u32::MAX).await;
        for event in events.unwrap() {
            assert!(event.position > after);
            fold(&mut known, &event.run);
        }
        // A snapshot may hold a rev that no event has; the ends are the same.
        let ends = |runs: &BTreeMap<RunKey, Run>| -> Vec<(RunKey, RunStatus, i64)> {
            let ends = runs.values();
            ends.map(|run| (run.key(), run.status.clone(), run.tenant_seq.0))
                .collect()
        };
        assert_eq!(ends(&known), ends(&truth), "from {}", snapshot.id);
        let totals = snapshot.tenants.iter().map(|state| &state.totals);
        let counted: u64 = totals
            .map(|of| of.queued + of.running + of.completed + of.partial + of.failed)
            .sum();
        assert_eq!(counted as usize, snapshot.runs.len());
    }
}

pub(crate) async fn every_event_of_the_log_can_be_resumed_from(world: World) {
    let tenants = history(&world).await;
    assert_eq!(world.store.oldest_resumable().await.unwrap(), 0);
    let log = world.log(&tenants).await;
    for (i, (position, _)) in log.iter().enumerate() {
        let page = world.store.events_after(*position, &tenants, 2).await;
        let page: Vec<_> = page.unwrap().iter().map(|event| event.position).collect();
        let expected: Vec<_> = log[i + 1..].iter().take(2).map(|(at, _)| *at).collect();
        assert_eq!(page, expected);
    }
    assert!(
        world
            .store
            .events_after(0, &[], 10)
            .await
            .unwrap()
            .is_empty()
    );
}
