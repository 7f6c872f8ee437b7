//! How a run ends.

use contract::run::{Outcome, Run, RunStatus};
use runs::Error;
use runs::items::Settlement;
use runs::lease::Ending;

use super::world::{LEASE, World, captured, error, failed, key_of, skipped};

/// A run that ends with these outcomes.
async fn end(world: &World, settlements: Vec<Settlement>) -> Run {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, settlements.len()).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    for (item, settlement) in open.iter().zip(settlements) {
        world.settle(&lease, item, settlement).await;
    }
    world.store.finish(&lease, Ending::ByItems).await.unwrap();
    let run = world.run_of(&lease).await;
    assert_eq!(run.ended_at, Some(world.now()));
    assert_eq!(run.counts.processed, run.counts.total);
    run
}

pub(crate) async fn a_run_without_failures_is_completed(world: World) {
    let run = end(&world, vec![captured("a"), skipped()]).await;
    assert_eq!((run.status, run.error), (RunStatus::Completed, None));
}

pub(crate) async fn a_run_with_some_failures_is_partial(world: World) {
    let run = end(&world, vec![captured("a"), failed("graph_forbidden")]).await;
    assert_eq!(run.status, RunStatus::Partial);
    assert_eq!(run.error, Some(error("graph_forbidden")));
    let run = end(&world, vec![skipped(), failed("graph_forbidden")]).await;
    assert_eq!(run.status, RunStatus::Partial);
}

pub(crate) async fn a_run_where_all_failed_is_failed(world: World) {
    let run = end(&world, vec![failed("a"), failed("a")]).await;
    assert_eq!(
        (run.status, run.error),
        (RunStatus::Failed, Some(error("a")))
    );
}

pub(crate) async fn a_run_without_items_is_completed(world: World) {
    let run = end(&world, Vec::new()).await;
    assert_eq!(
        (run.status, run.counts.total),
        (RunStatus::Completed, Some(0))
    );
    let (tenant, person) = world.manned().await;
    let unplanned = world.ended(tenant, person, Ending::ByItems).await;
    assert_eq!(unplanned.status, RunStatus::Completed);
}

pub(crate) async fn the_error_of_a_run_is_the_most_frequent_of_its_items(world: World) {
    let settlements = ["rare", "often", "often", "third"].map(failed).to_vec();
    assert_eq!(end(&world, settlements).await.error, Some(error("often")));
    let tie = ["first", "second", "second", "first"].map(failed).to_vec();
    assert_eq!(end(&world, tie).await.error, Some(error("first")));
}

pub(crate) async fn what_was_left_open_is_failed_as_not_done(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 2).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    world.settle(&lease, &open[0], captured("content")).await;
    world.store.finish(&lease, Ending::ByItems).await.unwrap();
    let run = world.run_of(&lease).await;
    assert_eq!(
        (run.status.clone(), run.counts.failed),
        (RunStatus::Partial, Some(1))
    );
    let left = &world.items(&run.key()).await[1];
    assert_eq!(left.outcome, Outcome::Failed);
    assert_eq!(left.error.as_ref().unwrap().code, "not_done");
    assert_eq!(run.error, left.error);
}

pub(crate) async fn a_run_that_failed_by_itself_leaves_its_items_as_they_are(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 2).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    world.settle(&lease, &open[0], captured("content")).await;
    let ending = Ending::Failed(error("graph_unreachable"));
    world.store.finish(&lease, ending).await.unwrap();
    let run = world.run_of(&lease).await;
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(run.error, Some(error("graph_unreachable")));
    assert_eq!(world.items(&run.key()).await[1].outcome, Outcome::Pending);
}

pub(crate) async fn an_ended_run_takes_no_more_writes(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    world.store.finish(&lease, Ending::Cancelled).await.unwrap();
    let ended = world.run_of(&lease).await;
    assert_eq!(ended.status, RunStatus::Cancelled);

    let store = &world.store;
    let refused = [
        store.heartbeat(&lease, LEASE).await.map(drop),
        store
            .settle_item(&lease, open[0].item_id, captured("late"))
            .await,
        store.finish(&lease, Ending::ByItems).await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Error::LeaseLost)), "{refused:?}");
    }
    world.pass(LEASE * 10);
    assert!(world.try_claim().await.is_none());
    assert_eq!(world.run(&key_of(&lease)).await, ended);
}
