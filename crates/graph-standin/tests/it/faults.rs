//! Rules and gates, by the library's handle.

use graph_standin::faults::{Action, ErrorShape, Match, Rule};
use graph_standin::seed;
use graph_standin::state::Collection;
use serde_json::json;

use crate::client::{Client, nested};

const POLICIES: &str = "/beta/deviceManagement/configurationPolicies";

fn refuse(code: u16) -> Action {
    Action::Status {
        code,
        body: ErrorShape::Nested,
        retry_after: Some("3".to_owned()),
        message: Some("Told to.".to_owned()),
    }
}

#[tokio::test]
async fn the_first_rule_that_matches_wins_and_each_counts_for_itself() {
    let client = Client::small().await;
    let faults = client.standin.faults();
    faults.add(
        Rule::new(
            Match::path(POLICIES).method("GET").nth(2).nth(3),
            refuse(503),
        )
        .times(1),
    );
    faults.add(Rule::new(
        Match::path(POLICIES).tenant(seed::DEMO_DIRECTORY_ID).nth(4),
        refuse(500),
    ));
    faults.add(Rule::new(
        Match::path(POLICIES).tenant("another"),
        refuse(418),
    ));
    let mut statuses = Vec::new();
    for _call in 0..5 {
        statuses.push(client.get(POLICIES).await.0);
    }
    assert_eq!(statuses, [200, 503, 200, 500, 200]);
    faults.add(Rule::new(Match::any(), refuse(503)));
    let (status, body) = client.get(POLICIES).await;
    assert_eq!(status, 503);
    assert!(
        nested(&body).starts_with("Told to. - Operation ID"),
        "{body}"
    );
    faults.clear();
    assert_eq!(client.get(POLICIES).await.0, 200);
}

#[tokio::test]
async fn a_gate_holds_the_call_that_it_names_until_it_is_released() {
    let client = Client::small().await;
    let gate = client
        .standin
        .faults()
        .gate(Match::path("/settings$").nth(2));
    let path = format!(
        "{POLICIES}/{}/settings",
        client.id("WIN - Baseline of sixty")
    );
    assert_eq!(client.get(&path).await.0, 200);
    let (answer, ()) = tokio::join!(client.get(&path), async {
        gate.reached().await;
        let journal = client.standin.journal();
        assert_eq!(
            journal.count(|entry| entry.path == path && entry.status.is_none()),
            1,
            "it has come, and has no answer"
        );
        gate.release();
    });
    assert_eq!(answer.0, 200);
}

#[tokio::test]
async fn a_gate_that_is_dropped_holds_nothing() {
    let client = Client::small().await;
    drop(client.standin.faults().gate(Match::any()));
    assert_eq!(client.get(POLICIES).await.0, 200);
}

#[tokio::test]
async fn a_connection_is_closed_without_an_answer() {
    let client = Client::small().await;
    client
        .standin
        .faults()
        .add(Rule::new(Match::path(POLICIES), Action::DropBeforeApply).times(1));
    let sent = client
        .http
        .get(client.url(POLICIES))
        .bearer_auth(&client.token)
        .send()
        .await;
    assert!(sent.is_err_and(|error| error.is_request()));
    let journal = client.standin.journal();
    assert_eq!(
        journal
            .graph_calls()
            .iter()
            .map(|entry| entry.status)
            .collect::<Vec<_>>(),
        [None]
    );
    assert_eq!(
        client.get(POLICIES).await.0,
        200,
        "the next one is answered"
    );
}

#[tokio::test]
async fn a_body_ends_in_its_middle() {
    let client = Client::small().await;
    client
        .standin
        .faults()
        .add(Rule::new(Match::path(POLICIES), Action::DropMidBody));
    let response = client.send("GET", POLICIES, None).await;
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn another_admin_edits_between_two_calls() {
    let client = Client::small().await;
    let path = format!("{POLICIES}/{}", client.id("WIN - Defender"));
    let before = client.get(&path).await.1;
    let edit = Action::ChangeMeanwhile {
        path: path.clone(),
        patch: json!({"description": "by another hand"}),
    };
    client
        .standin
        .faults()
        .add(Rule::new(Match::path("/assignments$"), edit).times(1));
    client.get(&format!("{path}/assignments")).await;
    let after = client.get(&path).await.1;
    assert_eq!(after["description"], "by another hand");
    assert!(after["lastModifiedDateTime"].as_str() > before["lastModifiedDateTime"].as_str());
}

#[tokio::test]
async fn the_state_can_be_looked_at_and_put_back() {
    let client = Client::small().await;
    let id = client.id("WIN - Defender");
    let state = client.standin.state();
    assert!(state.delete(
        seed::DEMO_DIRECTORY_ID,
        Collection::ConfigurationPolicies,
        &id
    ));
    assert!(!state.delete(
        seed::DEMO_DIRECTORY_ID,
        Collection::ConfigurationPolicies,
        &id
    ));
    assert_eq!(client.get(&format!("{POLICIES}/{id}")).await.0, 404);
    state.reset();
    assert_eq!(client.get(&format!("{POLICIES}/{id}")).await.0, 200);
}
