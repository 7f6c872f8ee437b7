//! Paths and verbs.

use graph_standin::{Options, Seed, seed};
use serde_json::{Value, json};

use crate::client::{Client, answered};

const POLICIES: &str = "/beta/deviceManagement/configurationPolicies";
const DEVICES: &str = "/beta/deviceManagement/deviceConfigurations";

#[tokio::test]
async fn paths_are_exact_but_for_keys_and_a_last_slash() {
    let client = Client::small().await;
    let id = client.id("WIN - Defender");
    for path in [
        format!("{POLICIES}/"),
        format!("{POLICIES}/{id}"),
        format!("{POLICIES}('{id}')"),
        format!("{POLICIES}('{id}')/settings"),
    ] {
        assert_eq!(client.get(&path).await.0, 200, "{path}");
    }
    let check = async |path: &str, status: u16, code: &str| {
        let (got, body) = client.get(path).await;
        assert_eq!(
            (got, body["error"]["code"].as_str().unwrap_or_default()),
            (status, code),
            "{path}"
        );
    };
    check(
        "/beta/deviceManagement/configurationpolicies",
        400,
        "BadRequest",
    )
    .await;
    check(
        "/beta/devicemanagement/configurationPolicies",
        400,
        "BadRequest",
    )
    .await;
    check("/beta/nonsense", 400, "BadRequest").await;
    check(
        "/v1.0/deviceManagement/configurationPolicies",
        400,
        "BadRequest",
    )
    .await;
    check(
        "/v3.0/deviceManagement/configurationPolicies",
        404,
        "ResourceNotFound",
    )
    .await;
    check(&format!("{POLICIES}/{id}/nonsense"), 400, "BadRequest").await;
    check(
        &format!("{POLICIES}/00000000-0000-4000-8000-000000000000"),
        404,
        "ResourceNotFound",
    )
    .await;
    check(
        &format!("{POLICIES}/{id}/assign"),
        400,
        "No method match route template",
    )
    .await;
}

#[tokio::test]
async fn one_setting_cannot_be_patched() {
    let client = Client::small().await;
    let id = client.id("WIN - Defender");
    let response = client
        .send(
            "PATCH",
            &format!("{POLICIES}/{id}/settings/0"),
            Some(&json!({})),
        )
        .await;
    let (status, body) = answered(response).await;
    assert_eq!(
        (status, body["error"]["code"].as_str()),
        (400, Some("No method match route template"))
    );
}

#[tokio::test]
async fn an_encrypted_value_is_stars_and_its_clear_text_needs_the_right_to_write() {
    let client = Client::small().await;
    let id = client.id("WIN - Custom with a key");
    let (_status, policy) = client.get(&format!("{DEVICES}/{id}")).await;
    for setting in policy["omaSettings"].as_array().expect("settings") {
        for key in [
            "displayName",
            "description",
            "omaUri",
            "isEncrypted",
            "secretReferenceValueId",
        ] {
            assert!(setting.get(key).is_some(), "{key}");
        }
    }
    let setting = &policy["omaSettings"][1];
    assert_eq!(
        (&setting["value"], &setting["isEncrypted"]),
        (&json!("****"), &json!(true))
    );
    let reference = setting["secretReferenceValueId"]
        .as_str()
        .expect("a reference");
    assert_eq!(reference.split('_').nth(1), Some(id.as_str()));
    let function =
        format!("{DEVICES}/{id}/getOmaSettingPlainTextValue(secretReferenceValueId='{reference}')");
    let (status, answer) = client.get(&function).await;
    assert_eq!(
        (status, &answer["value"]),
        (200, &json!("the-clear-key-of-the-seed"))
    );
    let reader = Client::with(Options::default(), seed::READ_ONLY_CLIENT_ID).await;
    assert_eq!(reader.get(&function).await.0, 403);
}

#[tokio::test]
async fn what_graph_never_returns_is_not_returned() {
    let client = Client::small().await;
    let (_status, policy) = client
        .get(&format!("{DEVICES}/{}", client.id("WIN - Wi-Fi office")))
        .await;
    assert_eq!(
        (&policy["preSharedKey"], &policy["preSharedKeyIsSet"]),
        (&Value::Null, &json!(true))
    );
    let restrictions = format!("{DEVICES}/{}", client.id("WIN - Restrictions"));
    assert!(
        client
            .get(&restrictions)
            .await
            .1
            .get("privacyAccessControls")
            .is_none()
    );
    let expanded = format!(
        "{restrictions}?$expand=microsoft.graph.windows10GeneralConfiguration/privacyAccessControls"
    );
    assert_eq!(
        client.get(&expanded).await.1["privacyAccessControls"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn assignments_are_read_as_the_service_shows_them() {
    let client = Client::small().await;
    let id = client.id("WIN - Defender");
    let (assignments, _pages) = client.walk(&format!("{POLICIES}/{id}/assignments")).await;
    assert_eq!(assignments.len(), 4);
    assert!(assignments.iter().all(|one| {
        one["id"]
            .as_str()
            .is_some_and(|text| text.starts_with(&format!("{id}_")))
    }));
    let sources: Vec<_> = assignments
        .iter()
        .map(|one| one["source"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(sources, ["direct", "direct", "direct", "policySets"]);
    let filtered = &assignments[2]["target"];
    let filter = filtered["deviceAndAppManagementAssignmentFilterId"]
        .as_str()
        .expect("a filter");
    assert_eq!(
        client
            .get(&format!(
                "/beta/deviceManagement/assignmentFilters/{filter}"
            ))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn two_starts_have_the_same_ids_and_stamps() {
    let (one, other) = (
        Client::seeded(Seed::Demo).await,
        Client::seeded(Seed::Demo).await,
    );
    for path in [POLICIES, DEVICES] {
        assert_eq!(one.walk(path).await.0, other.walk(path).await.0);
    }
}
