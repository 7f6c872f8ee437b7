//! The login host: every refusal has the number that the real one gives.

use graph_standin::{Options, Standin, seed};
use serde_json::{Value, json};

use crate::client::{Client, answered, plain};

const RIGHT: [(&str, &str); 4] = [
    ("grant_type", "client_credentials"),
    ("client_id", seed::DEMO_CLIENT_ID),
    ("client_secret", "p~Q8+small_secret.of-the.standin"),
    ("scope", "https://graph.microsoft.com/.default"),
];

/// Changes one field of a right form; `None` leaves it out.
async fn check(field: &str, value: Option<&str>, expected: (u16, &str, u64)) {
    let standin = Standin::start(Options::default())
        .await
        .expect("a free port");
    let form: Vec<(&str, &str)> = RIGHT
        .into_iter()
        .filter_map(|(name, right)| {
            if name == field {
                value.map(|value| (name, value))
            } else {
                Some((name, right))
            }
        })
        .collect();
    let directory = if field == "directory" {
        value.unwrap_or_default()
    } else {
        seed::DEMO_DIRECTORY_ID
    };
    let url = format!("{}/{directory}/oauth2/v2.0/token", standin.base_url());
    let (status, body) = answered(
        plain()
            .post(url)
            .form(&form)
            .send()
            .await
            .expect("an answer"),
    )
    .await;
    let (error, code) = (
        body["error"].as_str().unwrap_or_default(),
        body["error_codes"][0].as_u64().unwrap_or_default(),
    );
    assert_eq!((status, error, code), expected, "{field}: {value:?}");
    let text = body["error_description"]
        .as_str()
        .expect("a text for people");
    assert!(
        text.starts_with(&format!("AADSTS{code}: ")) && text.contains("Trace ID: "),
        "{text}"
    );
    assert!(!text.contains("p~Q8"), "a secret is not sent back");
}

#[tokio::test]
async fn each_mistake_has_its_number() {
    check(
        "client_secret",
        Some("wrong"),
        (401, "invalid_client", 7_000_215),
    )
    .await;
    check("client_secret", None, (401, "invalid_client", 7_000_218)).await;
    check(
        "client_id",
        Some(seed::EXPIRED_CLIENT_ID),
        (401, "invalid_client", 7_000_222),
    )
    .await;
    check(
        "client_id",
        Some("00000000-0000-4000-8000-000000000000"),
        (400, "unauthorized_client", 700_016),
    )
    .await;
    check("client_id", None, (400, "invalid_request", 900_144)).await;
    check("grant_type", None, (400, "invalid_request", 900_144)).await;
    check(
        "grant_type",
        Some("password"),
        (400, "unsupported_grant_type", 70_003),
    )
    .await;
    check("scope", None, (400, "invalid_request", 900_144)).await;
    check(
        "scope",
        Some("https://graph.microsoft.com/User.Read"),
        (400, "invalid_scope", 1_002_012),
    )
    .await;
    check(
        "scope",
        Some("https://graph.microsoft.us/.default"),
        (400, "invalid_resource", 500_011),
    )
    .await;
    check(
        "directory",
        Some("00000000-0000-4000-8000-000000000000"),
        (400, "invalid_request", 90_002),
    )
    .await;
}

#[tokio::test]
async fn a_json_body_is_no_form() {
    let standin = Standin::start(Options::default())
        .await
        .expect("a free port");
    let url = format!(
        "{}/{}/oauth2/v2.0/token",
        standin.base_url(),
        seed::DEMO_DIRECTORY_ID
    );
    let body: serde_json::Map<String, Value> = RIGHT
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let (status, answer) = answered(
        plain()
            .post(url)
            .json(&body)
            .send()
            .await
            .expect("an answer"),
    )
    .await;
    assert_eq!((status, &answer["error_codes"][0]), (400, &json!(900_144)));
}

#[tokio::test]
async fn a_token_is_opaque_new_each_time_and_good_for_its_tenant() {
    let client = Client::small().await;
    let again: Value = crate::client::sign_in(
        &client.http,
        &client.standin.base_url(),
        seed::DEMO_CLIENT_ID,
        RIGHT[2].1,
    )
    .await
    .json()
    .await
    .expect("JSON");
    assert_ne!(again["access_token"], client.token.as_str());
    assert!((1_000..3_000).contains(&client.token.len()));
    assert_eq!(again["expires_in"], 3_599);
    assert_eq!(
        client
            .get("/beta/deviceManagement/configurationPolicies")
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_missing_malformed_or_unknown_token_is_a_401() {
    let client = Client::small().await;
    let url = client.url("/beta/deviceManagement/configurationPolicies");
    for header in [
        None,
        Some("Bearer"),
        Some("Basic abc"),
        Some("Bearer nonsense"),
        Some("Bearer "),
    ] {
        let mut request = client.http.get(&url);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(
            response.headers()["www-authenticate"],
            "Bearer",
            "{header:?}"
        );
        let (status, body) = answered(response).await;
        assert_eq!(
            (status, body["error"]["code"].as_str()),
            (401, Some("InvalidAuthenticationToken")),
            "{header:?}"
        );
    }
}

#[tokio::test]
async fn a_token_without_the_permission_is_a_403_that_names_it() {
    let client = Client::with(Options::default(), seed::NO_RIGHTS_CLIENT_ID).await;
    for path in [
        "/beta/deviceManagement/configurationPolicies",
        "/beta/deviceManagement/deviceConfigurations",
        "/beta/deviceManagement/assignmentFilters",
    ] {
        let (status, body) = client.get(path).await;
        assert_eq!(
            (status, body["error"]["code"].as_str()),
            (403, Some("Forbidden"))
        );
        assert!(crate::client::nested(&body).contains("DeviceManagementConfiguration.Read.All"));
    }
    assert_eq!(client.get("/v1.0/groups").await.0, 403);
}
