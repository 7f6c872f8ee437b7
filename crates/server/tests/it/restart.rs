//! A server that goes away in the middle of a run, and comes back.

use std::time::Duration;

use contract::frame::Progress;
use contract::run::{Outcome, RunStatus};
use graph_standin::Seed;
use graph_standin::faults::{Match, Rule};

use crate::capture::status;
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
async fn what_an_earlier_attempt_could_not_list_is_not_passed_over_after_a_restart() {
    let mut place = Place::stopped(Seed::Small).await;
    place.lease = Duration::from_secs(1);
    place.start().await;
    let list = Match::path("/deviceManagement/deviceConfigurations$");
    place.standin.faults().add(Rule::new(list, status(403)));
    let admin = place.admin().await;
    let gate = place
        .standin
        .faults()
        .gate(Match::path("/assignments$").nth(2));
    let run = admin.capture(TENANT, None).await.run;
    gate.reached().await;
    assert_eq!(admin.items(&run).await.rows.len(), 4);
    place.stop().await;
    place.standin.faults().clear();

    place.start().await;
    let admin = admin.at(place.server().base());
    let mut stream = admin.stream("").await;
    let ended = stream.end_of(&run).await;
    assert_eq!(
        (ended.status.clone(), ended.counts.succeeded),
        (RunStatus::Completed, Some(7)),
        "{:?}",
        ended.error
    );
}

#[tokio::test]
async fn a_reader_that_comes_back_before_a_run_is_claimed_again_gets_its_progress() {
    let mut place = Place::small().await;
    let admin = place.admin().await;
    let mut before = admin.stream("").await;
    let gate = place
        .standin
        .faults()
        .gate(Match::path("/assignments$").nth(6));
    let run = admin.capture(TENANT, None).await.run;
    gate.reached().await;
    place.stop().await;
    while before.next().await.is_some() {}
    let id = before.last_id.expect("the run's first events");

    // The dead worker's lease holds for much longer than this takes.
    place.start().await;
    let admin = admin.at(place.server().base());
    let mut after = admin.stream_after("", Some(&id)).await;
    after.until("hello").await;
    let frame = after.next().await.expect("the stream goes on");
    assert_eq!(frame.event, "progress");
    let progress: Progress = serde_json::from_value(frame.data).unwrap();
    let now = admin.run(&run).await;
    assert_eq!((now.status, now.attempt), (RunStatus::Running, 1));
    assert_eq!(
        (progress.tenant_seq, progress.rev, progress.counts),
        (now.tenant_seq, now.rev, now.counts)
    );
}

#[tokio::test]
async fn a_run_that_no_worker_brings_to_its_end_fails_at_last() {
    let mut place = Place::stopped(Seed::Small).await;
    place.lease = Duration::from_secs(1);
    place.start().await;
    let admin = place.admin().await;
    let gate = place.standin.faults().gate(Match::path("/assignments$"));
    let run = admin.capture(TENANT, None).await.run;
    gate.reached().await;
    place.stop().await;
    let database = rusqlite::Connection::open(place.data().join(runs::sqlite::FILE)).unwrap();
    database
        .execute("UPDATE runs SET attempt = 20", [])
        .unwrap();
    drop(database);

    place.start().await;
    let admin = admin.at(place.server().base());
    let mut stream = admin.stream("").await;
    let ended = tokio::time::timeout(Duration::from_secs(20), stream.end_of(&run)).await;
    let ended = ended.expect("an end without anything of Graph");
    let error = ended.error.expect("a failed run says why");
    assert_eq!(
        (ended.status, ended.attempt, error.code.as_str()),
        (RunStatus::Failed, 21, "given_up")
    );
    gate.release();
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
