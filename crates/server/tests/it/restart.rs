//! A server that goes away in the middle of a run, and comes back.

use std::time::Duration;

use contract::run::{Outcome, RunStatus};
use graph_standin::Seed;
use graph_standin::faults::Match;

use crate::place::{Place, TENANT};

#[tokio::test]
async fn a_run_goes_on_after_a_restart_with_every_item_once() {
    let mut place = Place::stopped(Seed::Small).await;
    // So that the test does not wait for the real one to expire.
    place.lease = Duration::from_secs(1);
    place.start().await;
    let admin = place.admin().await;
    let mut before = admin.stream("").await;
    let gate = place
        .standin
        .faults()
        .gate(Match::path("/assignments$").nth(4));
    let run = admin.capture(TENANT, None).await.run;
    gate.reached().await;
    place.stop().await;
    while before.next().await.is_some() {}
    let id = before.last_id.expect("the run's first events");
    gate.release();

    place.start().await;
    let admin = admin.at(place.server().base());
    let mut after = admin.stream_after("", Some(&id)).await;
    let ended = after.end_of(&run).await;
    assert_eq!(
        (ended.status.clone(), ended.attempt),
        (RunStatus::Completed, 2)
    );
    let items = admin.items(&ended).await.rows;
    let mut policies: Vec<_> = items.iter().map(|item| item.policy_id).collect();
    policies.sort_unstable();
    policies.dedup();
    assert_eq!((items.len(), policies.len()), (7, 7));
    assert!(
        items
            .iter()
            .all(|item| item.outcome == Outcome::Succeeded && item.version == Some(1))
    );
}

#[tokio::test]
async fn a_tenant_that_the_configuration_names_no_more_fails_its_runs_with_a_reason() {
    let mut place = Place::small().await;
    let admin = place.admin().await;
    place.stop().await;
    place.tenants.clear();
    place.start().await;
    let admin = admin.at(place.server().base());
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let ended = stream.end_of(&run).await;
    assert_eq!(ended.status, RunStatus::Failed);
    assert_eq!(
        ended.error.map(|error| error.code).as_deref(),
        Some("tenant_not_configured")
    );
    assert_eq!(admin.run(&run).await.status, RunStatus::Failed);
}
