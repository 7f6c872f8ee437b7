//! Items: planned once, begun before anything is written, settled once.

use contract::run::{Counts, Outcome};
use runs::Error;
use runs::change::Change;
use runs::lease::Ending;

use super::world::{LEASE, World, captured, failed, key_of, new_item, skipped};

pub(crate) async fn items_come_in_the_order_of_the_plan(world: World) {
    let (tenant, person) = world.manned().await;
    let mut policies = world.policies(tenant, 4).await;
    policies.reverse();
    world.start_all(tenant, person).await;
    let lease = world.claim().await.lease;
    assert!(world.store.open_items(&lease).await.unwrap().is_empty());
    assert_eq!(world.run_of(&lease).await.counts, Counts::default());

    let plan = policies.iter().map(|policy| new_item(*policy)).collect();
    world.store.plan_items(&lease, plan).await.unwrap();
    let open = world.store.open_items(&lease).await.unwrap();
    let order: Vec<_> = open.iter().map(|item| item.policy_id).collect();
    assert_eq!(order, policies);
    assert_eq!(open[0].graph_id, "graph id of policy 00003");
    let items = world.items(&key_of(&lease)).await;
    let places: Vec<_> = items.iter().map(|item| item.item_idx).collect();
    assert_eq!(places, [0, 1, 2, 3]);
    assert_eq!(world.run_of(&lease).await.counts.total, Some(4));
}

pub(crate) async fn a_later_plan_adds_behind_what_is_there(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 4).await;
    let (lease, open) = world.planned(tenant, person, &policies[1..3]).await;
    world.settle(&lease, &open[0], captured("content")).await;

    world.pass(LEASE);
    let lease = world.claim().await.lease;
    let plan = policies.iter().map(|policy| new_item(*policy)).collect();
    world.store.plan_items(&lease, plan).await.unwrap();

    let items = world.items(&key_of(&lease)).await;
    let order: Vec<_> = items.iter().map(|item| item.policy_id).collect();
    assert_eq!(order, [policies[1], policies[2], policies[0], policies[3]]);
    let places: Vec<_> = items.iter().map(|item| item.item_idx).collect();
    assert_eq!(places, [0, 1, 2, 3]);
    assert_eq!(items[0].outcome, Outcome::Succeeded);
    let counts = world.run_of(&lease).await.counts;
    assert_eq!((counts.total, counts.processed), (Some(4), Some(1)));
}

pub(crate) async fn what_a_dead_worker_had_begun_is_unknown(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 3).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    world.settle(&lease, &open[0], captured("content")).await;
    let begun = open[1].item_id;
    world
        .store
        .begin_item(&lease, begun, "capture")
        .await
        .unwrap();
    let items = world.items(&key_of(&lease)).await;
    assert_eq!(items[1].outcome, Outcome::Inflight);
    assert_eq!(items[1].begun_at, Some(world.now()));

    world.pass(LEASE);
    let lease = world.claim().await.lease;
    let outcomes: Vec<_> = world
        .items(&key_of(&lease))
        .await
        .iter()
        .map(|item| item.outcome)
        .collect();
    let expected = [Outcome::Succeeded, Outcome::Unknown, Outcome::Pending];
    assert_eq!(outcomes, expected);
    let open = world.store.open_items(&lease).await.unwrap();
    let left: Vec<_> = open.iter().map(|item| item.outcome).collect();
    assert_eq!(left, [Outcome::Unknown, Outcome::Pending]);

    world.settle(&lease, &open[0], captured("content")).await;
    let again = &world.items(&key_of(&lease)).await[1];
    assert_eq!((again.outcome, again.attempts), (Outcome::Succeeded, 2));
}

pub(crate) async fn a_settled_item_stays_as_it_is(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    world.settle(&lease, &open[0], captured("content")).await;
    let (run, items) = (
        world.run_of(&lease).await,
        world.items(&key_of(&lease)).await,
    );
    world.take_told();

    let item = open[0].item_id;
    for settlement in [failed("late"), skipped(), captured("other content")] {
        let settled = world.store.settle_item(&lease, item, settlement).await;
        settled.unwrap();
    }
    assert_eq!(world.run_of(&lease).await, run);
    assert_eq!(world.items(&key_of(&lease)).await, items);
    let policy = world.store.policy(tenant, policies[0]).await.unwrap();
    assert_eq!((policy.n_versions, policy.error), (1, None));
    assert!(world.take_told().is_empty());
}

pub(crate) async fn a_settled_item_cannot_be_begun_again(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    world.settle(&lease, &open[0], captured("content")).await;
    let begun = world.store.begin_item(&lease, open[0].item_id, "capture");
    let refused = begun.await;
    assert!(matches!(refused, Err(Error::ItemSettled)), "{refused:?}");
}

pub(crate) async fn progress_tells_absolute_counts_with_a_rising_rev(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 3).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    let planned = world.run_of(&lease).await;
    world.take_told();
    world.settle(&lease, &open[0], captured("content")).await;
    world
        .settle(&lease, &open[1], failed("graph_forbidden"))
        .await;
    world.settle(&lease, &open[2], skipped()).await;

    let mut rev = planned.rev;
    let mut counts = Vec::new();
    for change in world.take_told() {
        let Change::Progress(progress) = change else {
            panic!("items settle without an event, but there was {change:?}");
        };
        assert_eq!(progress.key(), planned.key());
        assert_eq!(progress.tenant_seq, planned.tenant_seq);
        assert!(progress.rev > rev);
        rev = progress.rev;
        let of = progress.counts;
        assert_eq!(of.total, Some(3));
        counts.push([of.processed, of.succeeded, of.failed, of.skipped].map(Option::unwrap));
    }
    assert_eq!(counts, [[1, 1, 0, 0], [2, 1, 1, 0], [3, 1, 1, 1]]);
    world.store.finish(&lease, Ending::ByItems).await.unwrap();
    assert!(world.run_of(&lease).await.rev > rev);
}

pub(crate) async fn items_are_read_in_pages(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 7).await;
    let (lease, _) = world.planned(tenant, person, &policies).await;
    let key = key_of(&lease);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = world.store.items(&key, after, 3).await.unwrap();
        assert_eq!(page.rev, world.run(&key).await.rev);
        assert!(page.rows.len() <= 3);
        seen.extend(page.rows.iter().map(|item| item.policy_id));
        match page.next {
            Some(next) => after = Some(next.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(seen, policies);
}
