//! Captures, from the start to the last outcome.

use std::collections::BTreeMap;

use contract::api::PolicyRows;
use contract::run::{Outcome, RunStatus};
use graph_standin::faults::{Action, Match, Rule};
use graph_standin::{Seed, seed};

use crate::browser::Frame;
use crate::place::{Place, TENANT, tenant};

/// As it is written on the control port.
pub(crate) fn status(code: u16) -> Action {
    serde_json::from_value(serde_json::json!({"do": "status", "code": code})).expect("an action")
}

#[tokio::test]
async fn the_demo_tenant_ends_partial_with_its_two_errors() {
    let place = Place::seeded(Seed::Demo).await;
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let ended = stream.end_of(&run).await;

    assert_eq!(ended.status, RunStatus::Partial);
    let counts = ended.counts;
    assert_eq!(
        (
            counts.total,
            counts.processed,
            counts.succeeded,
            counts.failed
        ),
        (Some(62), Some(62), Some(60), Some(2))
    );
    let items = admin.items(&ended).await.rows;
    assert_eq!(items.len(), 62);
    let mut codes: Vec<_> = items
        .iter()
        .filter_map(|item| item.error.as_ref())
        .map(|error| error.code.as_str())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["graph_forbidden", "settings_incomplete"]);
    let captured = items
        .iter()
        .filter(|item| item.outcome == Outcome::Succeeded);
    assert!(
        captured
            .clone()
            .all(|item| item.version == Some(1) && item.changed)
    );
    assert_eq!(captured.count(), 60);

    let policies: PolicyRows = admin.get("/api/tenants/1/policies?limit=500").await.json();
    assert_eq!(policies.total, 62);
    assert_eq!(
        policies
            .rows
            .iter()
            .filter(|row| row.error.is_some())
            .count(),
        2
    );
    assert!(policies.listed_at.is_some() && policies.list_error.is_none());
    assert!(
        place
            .standin
            .journal()
            .graph_calls()
            .iter()
            .all(|call| call.method == "GET")
    );
}

#[tokio::test]
async fn content_that_has_not_changed_makes_no_new_version() {
    let (_place, admin) = Place::with_admin().await;
    let mut stream = admin.stream("").await;
    for n_changed in [7, 0] {
        let run = admin.capture(TENANT, None).await.run;
        let ended = stream.end_of(&run).await;
        assert_eq!(ended.status, RunStatus::Completed);
        let items = admin.items(&ended).await.rows;
        assert!(items.iter().all(|item| item.version == Some(1)));
        assert_eq!(items.iter().filter(|item| item.changed).count(), n_changed);
    }
}

#[tokio::test]
async fn wrong_credentials_fail_the_run_and_say_what_to_do() {
    let mut place = Place::stopped(Seed::Small).await;
    std::fs::write(place.folder.path().join("secret"), "not-the-secret").unwrap();
    place.start().await;
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let ended = stream.end_of(&run).await;
    let error = ended.error.expect("a failed run says why");
    assert_eq!(
        (ended.status, error.code.as_str()),
        (RunStatus::Failed, "credentials_refused")
    );
    assert!(error.message.contains("secret"), "{}", error.message);
    assert!(
        !error.message.contains("not-the-secret"),
        "{}",
        error.message
    );
    let policies: PolicyRows = admin.get("/api/tenants/1/policies").await.json();
    assert_eq!(
        policies.list_error.map(|error| error.code).as_deref(),
        Some("credentials_refused")
    );
}

#[tokio::test]
async fn a_graph_that_cannot_be_reached_fails_the_run_and_not_the_server() {
    let mut place = Place::stopped(Seed::Small).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base = format!("http://{}", nobody.local_addr().expect("a bound port"));
    drop(nobody);
    place.tenants = vec![tenant(
        "Contoso",
        seed::DEMO_DIRECTORY_ID,
        seed::DEMO_CLIENT_ID,
        &base,
    )];
    place.start().await;
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let ended = stream.end_of(&run).await;
    let error = ended.error.expect("a failed run says why");
    assert_eq!(
        (ended.status, error.code.as_str()),
        (RunStatus::Failed, "login_unreachable")
    );
    assert!(error.retryable);
    assert_eq!(admin.get("/healthz").await.text(), "ok\n");
}

#[tokio::test]
async fn a_kind_of_policy_that_is_refused_is_not_passed_over() {
    let place = Place::small().await;
    let refused = status(403);
    let list = Match::path("/deviceManagement/deviceConfigurations$");
    place.standin.faults().add(Rule::new(list, refused));
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let ended = stream.end_of(&run).await;
    let error = ended.error.clone().expect("a failed run says why");
    assert_eq!(
        (ended.status.clone(), error.code.as_str()),
        (RunStatus::Failed, "graph_forbidden")
    );
    assert!(
        error.message.starts_with("Not every kind of policy"),
        "{}",
        error.message
    );
    // What could be listed was captured all the same.
    let items = admin.items(&ended).await.rows;
    let mut n_outcomes = BTreeMap::new();
    for item in &items {
        assert_eq!(item.family, "configurationPolicies");
        *n_outcomes.entry(item.outcome).or_insert(0) += 1;
    }
    assert_eq!(n_outcomes, BTreeMap::from([(Outcome::Succeeded, 4)]));
}

#[tokio::test]
async fn a_permission_that_is_missing_for_all_fails_the_run() {
    let mut place = Place::stopped(Seed::Small).await;
    let base = place.standin.base_url();
    place.tenants = vec![tenant(
        "Contoso",
        seed::DEMO_DIRECTORY_ID,
        seed::NO_RIGHTS_CLIENT_ID,
        &base,
    )];
    place.start().await;
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let ended = stream.end_of(&run).await;
    let error = ended.error.expect("a failed run says why");
    assert_eq!(
        (ended.status, error.code.as_str()),
        (RunStatus::Failed, "graph_forbidden")
    );
    assert!(
        error
            .message
            .contains("DeviceManagementConfiguration.Read.All"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn credentials_that_are_refused_in_the_middle_end_the_run_with_each_begun_item_settled() {
    let place = Place::small().await;
    let refused = status(401);
    let some = Match::path("/assignments$");
    place.standin.faults().add(Rule::new(some, refused));
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let ended = stream.end_of(&run).await;
    assert_eq!(ended.status, RunStatus::Failed);
    assert_eq!(
        ended.error.clone().map(|error| error.code).as_deref(),
        Some("token_refused")
    );
    let items = admin.items(&ended).await.rows;
    assert!(
        items.iter().all(|item| item.outcome != Outcome::Inflight),
        "{items:?}"
    );
    assert!(
        items.iter().any(|item| item.outcome == Outcome::Failed),
        "{items:?}"
    );
}

#[tokio::test]
async fn one_answer_that_always_breaks_off_fails_its_policy_and_not_the_run() {
    let (place, admin) = Place::with_admin().await;
    let mut stream = admin.stream("").await;
    let first = admin.capture(TENANT, None).await.run;
    stream.end_of(&first).await;
    let policies: PolicyRows = admin.get("/api/tenants/1/policies").await.json();
    let broken = &policies.rows[0];
    let one = Match::path(&format!("{}/assignments$", broken.graph_id));
    place
        .standin
        .faults()
        .add(Rule::new(one, Action::DropMidBody));

    let run = admin.capture(TENANT, None).await.run;
    let ended = stream.end_of(&run).await;
    assert_eq!(
        (ended.status.clone(), ended.counts.succeeded),
        (RunStatus::Partial, Some(6))
    );
    let items = admin.items(&ended).await.rows;
    let failed = items.iter().find(|item| item.outcome == Outcome::Failed);
    let failed = failed.expect("the policy whose answer breaks off");
    assert_eq!(failed.policy_id, broken.id);
    let error = failed.error.as_ref().expect("it says why");
    assert_eq!(error.code, "graph_unreachable");
    assert!(error.message.contains("broke off"), "{}", error.message);
}

#[tokio::test]
async fn a_run_that_graph_throttles_says_that_it_waits_and_then_goes_on() {
    let place = Place::small().await;
    let held = serde_json::json!({"do": "status", "code": 429, "retry_after": "3"});
    let held: Action = serde_json::from_value(held).expect("an action");
    let some = Match::path("/assignments$").nth(2);
    place.standin.faults().add(Rule::new(some, held).times(1));
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let waiting = stream
        .until_that(|frame| frame.event == "run" && frame.run().waiting.is_some())
        .await
        .run();
    assert_eq!(waiting.status, RunStatus::Running);
    let waiting = waiting.waiting.expect("it waits");
    assert_eq!(waiting.reason, "throttled");
    assert!(waiting.until.is_some());
    let ended = stream.end_of(&run).await;
    assert_eq!((ended.status, ended.waiting), (RunStatus::Completed, None));
}

#[tokio::test]
async fn a_run_that_graph_throttles_for_longer_says_the_new_time() {
    let place = Place::small().await;
    for (nth, seconds) in [(2, "3"), (3, "8")] {
        let held = serde_json::json!({"do": "status", "code": 429, "retry_after": seconds});
        let held: Action = serde_json::from_value(held).expect("an action");
        let some = Match::path("/assignments$").nth(nth);
        place.standin.faults().add(Rule::new(some, held).times(1));
    }
    let gate = place
        .standin
        .faults()
        .gate(Match::path("/assignments$").nth(3));
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    admin.capture(TENANT, None).await;
    let waits_or_has_ended = |frame: &Frame| {
        let run = (frame.event == "run").then(|| frame.run());
        run.is_some_and(|run| run.waiting.is_some() || run.status.is_ended())
    };
    let until = |frame: Frame| frame.run().waiting.and_then(|waiting| waiting.until);
    let first = until(stream.until_that(waits_or_has_ended).await);
    gate.release();
    let second = until(stream.until_that(waits_or_has_ended).await);
    assert!(second > first, "{second:?} after {first:?}");
}
