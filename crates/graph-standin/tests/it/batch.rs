//! `$batch`: reads only, each part by itself.

use graph_standin::{Options, RetryAfterForm, Throttle, seed};
use serde_json::{Value, json};

use crate::client::{Client, answered};

async fn batch(client: &Client, requests: Value) -> (u16, Value) {
    answered(
        client
            .send("POST", "/beta/$batch", Some(&json!({"requests": requests})))
            .await,
    )
    .await
}

#[tokio::test]
async fn each_part_has_its_own_status_and_headers() {
    let client = Client::with(Options::default(), seed::DEMO_CLIENT_ID).await;
    let id = client.id("WIN - Baseline of sixty");
    let (status, body) = batch(
        &client,
        json!([
            {"id": 1, "method": "GET", "url": format!("deviceManagement/configurationPolicies/{id}/settings?&top=1000")},
            {"id": "2", "method": "GET", "url": "/deviceManagement/configurationPolicies/nobody"},
            {"id": "3", "method": "GET", "url": "/deviceManagement/configurationPolicies"},
        ]),
    )
    .await;
    assert_eq!(status, 200);
    let responses = body["responses"].as_array().expect("parts");
    let part = |id: &str| {
        responses
            .iter()
            .find(|part| part["id"] == id)
            .expect("the part")
    };
    assert_eq!(
        part("1")["body"]["value"].as_array().map(Vec::len),
        Some(60)
    );
    assert_eq!(part("1")["headers"]["Content-Type"], "application/json");
    assert_eq!(part("2")["status"], 404);
    assert_eq!(part("3")["status"], 200);
    assert_ne!(
        responses[0]["id"], "1",
        "the order is not that of the requests"
    );
}

#[tokio::test]
async fn a_batch_that_is_not_well_made_is_refused_whole() {
    let client = Client::small().await;
    let part = |id: &str| json!({"id": id, "method": "GET", "url": "/groups"});
    let many: Vec<Value> = (0..21).map(|id| part(&id.to_string())).collect();
    for requests in [
        json!([]),
        json!(many),
        json!([part("1"), part("1")]),
        json!([{"id": "1"}]),
        json!("x"),
    ] {
        assert_eq!(batch(&client, requests).await.0, 400);
    }
}

#[tokio::test]
async fn each_part_counts_against_the_limits() {
    let throttle = Some(Throttle {
        scale: 0.005,
        retry_after: RetryAfterForm::Seconds,
    });
    let client = Client::with(
        Options {
            throttle,
            ..Options::default()
        },
        seed::DEMO_CLIENT_ID,
    )
    .await;
    // Five calls in a window; the batch itself is a write too many, so it is sent as the first.
    let (status, _body) = batch(
        &client,
        json!([{"id": "1", "method": "GET", "url": "/groups"}]),
    )
    .await;
    assert_eq!(status, 429, "half a write is allowed");
    let (status, body) = client.get("/beta/groups").await;
    assert_eq!(
        (status, body["error"]["code"].as_str()),
        (429, Some("TooManyRequests"))
    );
}
