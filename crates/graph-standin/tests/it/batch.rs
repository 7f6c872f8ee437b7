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
    // Half a write and five calls in a window: the batch is a POST, so it is over the limit by itself.
    let (status, body) = batch(
        &client,
        json!([{"id": "1", "method": "GET", "url": "/groups"}]),
    )
    .await;
    assert_eq!(
        (status, body["error"]["code"].as_str()),
        (429, Some("TooManyRequests"))
    );
    assert_eq!(
        client.get("/beta/groups").await.0,
        429,
        "the window stays over its limit"
    );

    let throttle = Some(Throttle {
        scale: 0.01,
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
    let parts: Vec<Value> = (0..12)
        .map(|id| json!({"id": id, "method": "GET", "url": "/groups"}))
        .collect();
    let (status, body) = batch(&client, json!(parts)).await;
    let throttled = body["responses"]
        .as_array()
        .expect("parts")
        .iter()
        .filter(|part| part["status"] == 429)
        .collect::<Vec<_>>();
    assert_eq!(
        (status, throttled.len()),
        (200, 3),
        "one write and ten calls, of which the batch is one"
    );
    assert!(throttled[0]["headers"]["Retry-After"].is_string());
}
