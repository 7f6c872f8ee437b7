//! The control port, for tests in another process.

use graph_standin::{Options, Standin, seed};
use serde_json::{Value, json};

use crate::client::{Client, answered, plain};

const POLICIES: &str = "/beta/deviceManagement/configurationPolicies";

async fn control(client: &Client, path: &str, body: Value) -> (u16, Value) {
    answered(
        client
            .http
            .post(client.url(path))
            .json(&body)
            .send()
            .await
            .expect("an answer"),
    )
    .await
}

#[tokio::test]
async fn rules_are_set_and_taken_away_from_outside() {
    let client = Client::small().await;
    let rules = json!({"rules": [
        {"match": {"method": "GET", "path": "^/beta/deviceManagement/configurationPolicies$", "tenant": "*", "nth": [1]},
         "do": "status", "code": 429, "retry_after": "2.5"},
        {"match": {"path": "/settings$"}, "do": "truncate_settings", "keep": 7},
        {"do": "delay", "ms": 1, "where": "after", "times": 1}]});
    assert_eq!(
        control(&client, "/_control/faults", rules).await,
        (200, json!({"added": 3}))
    );
    let response = client.send("GET", POLICIES, None).await;
    assert_eq!(
        (
            response.status().as_u16(),
            response.headers()["retry-after"].to_str().ok()
        ),
        (429, Some("2.5"))
    );
    let path = format!(
        "{POLICIES}/{}/settings",
        client.id("WIN - Baseline of sixty")
    );
    let (_status, page) = client.get(&path).await;
    assert_eq!(
        (
            page["value"].as_array().map(Vec::len),
            page.get("@odata.nextLink")
        ),
        (Some(7), None)
    );
    let cleared = client
        .http
        .delete(client.url("/_control/faults"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(cleared.status(), 204);
    assert_eq!(
        client.get(&path).await.1["value"].as_array().map(Vec::len),
        Some(25)
    );
}

#[tokio::test]
async fn a_rule_that_cannot_be_understood_is_refused() {
    let client = Client::small().await;
    for rule in [
        json!({"do": "explode"}),
        json!({"match": {"path": "("}, "do": "drop_mid_body"}),
        json!({"match": {"pth": "x"}, "do": "drop_mid_body"}),
    ] {
        let (status, _body) = control(&client, "/_control/faults", json!({"rules": [rule]})).await;
        assert_eq!(status, 422);
    }
}

#[tokio::test]
async fn a_gate_is_waited_for_and_released_from_outside() {
    let client = Client::small().await;
    let (_status, gate) = control(
        &client,
        "/_control/gates",
        json!({"match": {"path": "/configurationPolicies$", "nth": [1]}}),
    )
    .await;
    let id = gate["id"].as_u64().expect("an id");
    let (held, ()) = tokio::join!(client.get(POLICIES), async {
        let reached = client
            .http
            .get(client.url(&format!("/_control/gates/{id}")))
            .send()
            .await
            .expect("an answer");
        assert_eq!(
            answered(reached).await,
            (200, json!({"id": id, "reached": true}))
        );
        assert_eq!(
            control(&client, &format!("/_control/gates/{id}/release"), json!({}))
                .await
                .0,
            204
        );
    });
    assert_eq!(held.0, 200);
    assert_eq!(
        control(&client, &format!("/_control/gates/{id}/release"), json!({}))
            .await
            .0,
        404
    );
    assert_eq!(
        client
            .http
            .get(client.url(&format!("/_control/gates/{id}")))
            .send()
            .await
            .expect("an answer")
            .status(),
        404
    );
}

#[tokio::test]
async fn the_journal_tells_of_each_call_and_a_reset_forgets_them() {
    let client = Client::small().await;
    client.get(&format!("{POLICIES}?$top=1")).await;
    let journal = async || -> Value {
        client
            .http
            .get(client.url("/_control/journal"))
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    };
    let entries = journal().await;
    assert_eq!(
        entries.as_array().map(Vec::len),
        Some(2),
        "the control port is not in it"
    );
    let (token, list) = (&entries[0], &entries[1]);
    assert_eq!(
        (&token["method"], &token["has_token"], &token["status"]),
        (&json!("POST"), &json!(false), &json!(200))
    );
    assert!(token["body_sha256"].is_string());
    assert_eq!(
        (&list["path"], &list["query"], &list["has_token"]),
        (&json!(POLICIES), &json!("$top=1"), &json!(true))
    );
    assert_eq!(list["tenant"], seed::DEMO_DIRECTORY_ID);
    assert!(!entries.to_string().contains(&client.token));
    assert_eq!(control(&client, "/_control/reset", json!({})).await.0, 204);
    assert_eq!(journal().await, json!([]));
    assert_eq!(
        client.get(POLICIES).await.0,
        401,
        "tokens are forgotten as well"
    );
}

#[tokio::test]
async fn the_state_of_a_tenant_is_shown() {
    let client = Client::small().await;
    let url = client.url(&format!("/_control/state/{}", seed::DEMO_DIRECTORY_ID));
    let (status, state) = answered(client.http.get(url).send().await.expect("an answer")).await;
    assert_eq!(
        (
            status,
            state["policies"]["configurationPolicies"]
                .as_array()
                .map(Vec::len)
        ),
        (200, Some(4))
    );
}

#[tokio::test]
async fn without_control_there_is_no_control_port() {
    let standin = Standin::start(Options {
        control: false,
        ..Options::default()
    })
    .await
    .expect("a free port");
    let response = plain()
        .get(format!("{}/_control/journal", standin.base_url()))
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        response.status(),
        401,
        "it is a path like any other, and needs a token"
    );
}
