//! What every answer carries.

use crate::client::Client;

#[tokio::test]
async fn every_answer_has_graphs_headers() {
    let client = Client::small().await;
    for path in [
        "/beta/deviceManagement/configurationPolicies",
        "/beta/deviceManagement/nonsense",
        "/v2.0/x",
    ] {
        let mut ids = Vec::new();
        for _call in 0..2 {
            let response = client.send("GET", path, None).await;
            let header = |name: &str| {
                response
                    .headers()
                    .get(name)
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or_default()
                    .to_owned()
            };
            assert!(
                header("content-type").starts_with("application/json;odata.metadata=minimal"),
                "{path}"
            );
            assert_eq!(header("odata-version"), "4.0");
            assert!(
                header("x-ms-ags-diagnostic").contains("ServerInfo") && !header("date").is_empty()
            );
            assert_eq!(
                header("client-request-id"),
                header("request-id"),
                "none was sent"
            );
            ids.push(header("request-id"));
        }
        assert_ne!(ids[0], ids[1]);
    }
}

#[tokio::test]
async fn a_clients_own_id_comes_back() {
    let client = Client::small().await;
    let url = client.url("/beta/deviceManagement/configurationPolicies");
    let response = client
        .http
        .get(url)
        .bearer_auth(&client.token)
        .header("client-request-id", "mine-1")
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.headers()["client-request-id"], "mine-1");
    assert_ne!(response.headers()["request-id"], "mine-1");
}

#[tokio::test]
async fn an_answer_is_packed_if_asked_for() {
    let client = Client::small().await;
    let url = client.url("/beta/deviceManagement/configurationPolicies");
    let http = reqwest::Client::builder()
        .no_proxy()
        .no_gzip()
        .build()
        .expect("a client");
    let response = http
        .get(url)
        .bearer_auth(&client.token)
        .header("accept-encoding", "gzip")
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.headers()["content-encoding"], "gzip");
}
