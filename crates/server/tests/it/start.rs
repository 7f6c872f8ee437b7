//! Starting runs: accepted at once, and never twice.

use std::time::Duration;

use contract::api::{PolicyRows, Started};
use contract::run::RunStatus;
use graph_standin::faults::Match;
use graph_standin::{Seed, seed};
use reqwest::Method;
use serde_json::json;

use crate::place::{Place, TENANT, tenant};

#[tokio::test]
async fn a_second_start_gets_the_run_that_is_there_until_it_has_ended() {
    let (place, admin) = Place::with_admin().await;
    let mut stream = admin.stream("").await;
    let gate = place.standin.faults().gate(Match::path("/assignments$"));

    let first = admin.capture(TENANT, None).await;
    assert!(!first.reused);
    assert_eq!(
        first.link,
        format!("/t/1/bulk-operation-runs/{}", first.run.run_id)
    );
    assert!(first.run.status.is_active());
    gate.reached().await;
    let second = admin.capture(TENANT, None).await;
    assert!(second.reused);
    assert_eq!(second.run.key(), first.run.key());
    gate.release();

    let ended = stream.end_of(&first.run).await;
    assert_eq!(ended.status, RunStatus::Completed);
    let third = admin.capture(TENANT, None).await;
    assert!(!third.reused);
    assert_ne!(third.run.key(), first.run.key());
}

#[tokio::test]
async fn one_policy_is_captured_once_for_two_quick_starts() {
    let (_place, admin) = Place::with_admin().await;
    let mut stream = admin.stream("").await;
    let all = admin.capture(TENANT, None).await.run;
    stream.end_of(&all).await;
    let policies: PolicyRows = admin.get("/api/tenants/1/policies").await.json();
    let policy = &policies.rows[0];

    let (one, other) = tokio::join!(
        admin.capture(TENANT, Some(policy.id.0)),
        admin.capture(TENANT, Some(policy.id.0))
    );
    assert_eq!(one.run.key(), other.run.key());
    assert!(one.reused != other.reused);
    let ended = stream.end_of(&one.run).await;
    assert_eq!(
        (&ended.status, ended.target.as_str()),
        (&RunStatus::Completed, policy.name.as_str())
    );
    let items = admin.items(&ended).await.rows;
    assert_eq!(items.len(), 1);
    assert_eq!(
        (items[0].policy_id, items[0].version, items[0].changed),
        (policy.id, Some(1), false)
    );
}

#[tokio::test]
async fn an_idempotency_key_answers_the_same_run_after_its_end() {
    let (_place, admin) = Place::with_admin().await;
    let mut stream = admin.stream("").await;
    let start = async |key: &str, body: serde_json::Value| {
        let request = admin
            .request(Method::POST, "/api/tenants/1/runs")
            .header("sec-fetch-site", "same-origin")
            .header("idempotency-key", key);
        admin.send(request.json(&body)).await
    };
    let all = json!({"operation": "policy.capture_all"});
    let first: Started = start("key-1", all.clone()).await.json();
    stream.end_of(&first.run).await;
    let again: Started = start("key-1", all.clone()).await.json();
    assert_eq!((again.run.key(), again.reused), (first.run.key(), true));
    let another: Started = start("key-2", all).await.json();
    assert_ne!(another.run.key(), first.run.key());

    let policies: PolicyRows = admin.get("/api/tenants/1/policies").await.json();
    let other = json!({"operation": "policy.capture_snapshot", "target": policies.rows[0].id});
    let refused = start("key-1", other).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (409, "conflict")
    );
}

#[tokio::test]
async fn tenants_whose_graph_does_not_answer_hold_no_other_tenants_run_up() {
    let mut place = Place::stopped(Seed::Small).await;
    let base = place.standin.base_url();
    for n in 1..=12 {
        let directory_id = format!("99999999-2222-3333-4444-{n:012}");
        let name = format!("Silent {n}");
        place
            .tenants
            .push(tenant(&name, &directory_id, seed::DEMO_CLIENT_ID, &base));
    }
    let gate = place
        .standin
        .faults()
        .gate(Match::path("^/99999999-.*/token$"));
    place.start().await;
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    for silent in 2..=13 {
        admin.capture(silent, None).await;
    }
    let run = admin.capture(TENANT, None).await.run;
    let ended = tokio::time::timeout(Duration::from_secs(20), stream.end_of(&run)).await;
    let ended = ended.expect("an end before the others have theirs");
    assert_eq!(ended.status, RunStatus::Completed);
    gate.release();
}
