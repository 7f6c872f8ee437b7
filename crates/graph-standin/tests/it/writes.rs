//! Writes: what is taken, what is refused, and what a read shows afterwards.

use graph_standin::faults::{Action, Match, Rule};
use graph_standin::{Options, seed};
use serde_json::{Value, json};

use crate::client::{Client, answered, nested};

const POLICIES: &str = "/beta/deviceManagement/configurationPolicies";
const DEVICES: &str = "/beta/deviceManagement/deviceConfigurations";

fn setting(definition: &str, value: &str) -> Value {
    json!({"settingInstance": {"@odata.type": "#microsoft.graph.deviceManagementConfigurationSimpleSettingInstance",
        "settingDefinitionId": definition, "simpleSettingValue":
            {"@odata.type": "#microsoft.graph.deviceManagementConfigurationStringSettingValue", "value": value}}})
}

fn secret(state: &str, value: &str) -> Value {
    let mut setting = setting("device_vendor_msft_secret", value);
    setting["settingInstance"]["simpleSettingValue"] = json!({"@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue", "valueState": state, "value": value});
    setting
}

fn catalog_policy() -> Value {
    json!({"name": "WIN - New", "platforms": "windows10", "technologies": "mdm", "settings": [setting("a", "1"), setting("b", "2")]})
}

fn custom_policy() -> Value {
    json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "WIN - New", "omaSettings": [
        {"@odata.type": "#microsoft.graph.omaSettingString", "displayName": "Key", "omaUri": "./x", "value": "clear"},
        {"@odata.type": "#microsoft.graph.omaSettingInteger", "displayName": "Number", "omaUri": "./y", "value": 7}]})
}

async fn write(client: &Client, method: &str, path: &str, body: Value) -> (u16, Value) {
    answered(client.send(method, path, Some(&body)).await).await
}

/// Changes one property of a good body and expects a refusal that says `expected`.
async fn check_refused(
    client: &Client,
    method: &str,
    path: &str,
    (mut body, name, value): (Value, &str, Value),
    expected: &str,
) {
    body[name] = value;
    let (status, answer) = write(client, method, path, body).await;
    assert_eq!(status, 400, "{method} {path} {name}");
    let text = nested(&answer);
    assert!(text.contains(expected), "{name}: {text}");
}

#[tokio::test]
async fn a_new_catalog_policy_is_there_with_an_id_of_the_services_own() {
    let client = Client::small().await;
    let mut body = catalog_policy();
    for (ignored, value) in [
        ("id", json!("mine")),
        ("settingCount", json!(99)),
        ("createdDateTime", json!("x")),
        ("creationSource", json!("x")),
    ] {
        body[ignored] = value;
    }
    let (status, created) = write(&client, "POST", &format!("{POLICIES}/"), body).await;
    assert_eq!(
        (
            status,
            &created["settingCount"],
            &created["roleScopeTagIds"]
        ),
        (201, &json!(2), &json!(["0"]))
    );
    let id = created["id"].as_str().expect("an id");
    assert_ne!(id, "mine");
    let (settings, _pages) = client.walk(&format!("{POLICIES}/{id}/settings")).await;
    assert_eq!(settings.len(), 2);
    assert_eq!(client.walk(POLICIES).await.0.len(), 5);
    assert_eq!(
        write(&client, "POST", POLICIES, catalog_policy()).await.0,
        201,
        "a name may be there twice"
    );
}

#[tokio::test]
async fn a_catalog_policy_that_is_not_well_made_is_refused() {
    let client = Client::small().await;
    let check = async |name: &str, value: Value, expected: &str| {
        check_refused(
            &client,
            "POST",
            POLICIES,
            (catalog_policy(), name, value),
            expected,
        )
        .await;
    };
    check("displayName", json!("x"), "'displayName'").await;
    check("payloads", json!([]), "'payloads'").await;
    check("name", json!(""), "'name'").await;
    check("platforms", Value::Null, "'platforms'").await;
    check("settings", setting("a", "1"), "an array").await;
    check(
        "settings",
        json!([{"settingInstance": {"settingDefinitionId": "a"}}]),
        "'@odata.type'",
    )
    .await;
    check(
        "settings",
        json!([secret("encryptedValueToken", "of-another-tenant")]),
        "does not belong to this tenant",
    )
    .await;
    assert_eq!(client.walk(POLICIES).await.0.len(), 4, "nothing was stored");
}

#[tokio::test]
async fn a_put_replaces_the_settings_and_a_patch_takes_none() {
    let client = Client::small().await;
    let path = format!("{POLICIES}/{}", client.id("WIN - Baseline of sixty"));
    let before = client.get(&path).await.1;
    let (status, _body) = write(&client, "PUT", &path, catalog_policy()).await;
    let after = client.get(&path).await.1;
    assert_eq!(
        (status, &after["settingCount"], &after["name"]),
        (204, &json!(2), &json!("WIN - New"))
    );
    assert!(after["lastModifiedDateTime"].as_str() > before["lastModifiedDateTime"].as_str());
    assert_eq!(
        write(&client, "PATCH", &path, json!({"description": "d"}))
            .await
            .1["description"],
        "d"
    );
    check_refused(
        &client,
        "PATCH",
        &path,
        (json!({}), "settings", json!([])),
        "'settings'",
    )
    .await;
    for (name, value) in [
        ("platforms", "macOS"),
        ("technologies", "mdm,microsoftSense"),
    ] {
        check_refused(
            &client,
            "PUT",
            &path,
            (catalog_policy(), name, json!(value)),
            name,
        )
        .await;
        check_refused(
            &client,
            "PATCH",
            &path,
            (json!({}), name, json!(value)),
            name,
        )
        .await;
    }
    check_refused(
        &client,
        "PUT",
        &path,
        (
            catalog_policy(),
            "templateReference",
            json!({"templateId": "another_1"}),
        ),
        "template",
    )
    .await;
    assert_eq!(
        write(
            &client,
            "PUT",
            &format!("{POLICIES}/nobody"),
            catalog_policy()
        )
        .await
        .0,
        404
    );
}

#[tokio::test]
async fn a_clear_secret_becomes_a_token_that_may_be_sent_back() {
    let client = Client::small().await;
    let mut body = catalog_policy();
    body["settings"] = json!([secret("notEncrypted", "hunter2")]);
    let (_status, created) = write(&client, "POST", POLICIES, body.clone()).await;
    let path = format!("{POLICIES}/{}", created["id"].as_str().expect("an id"));
    let (settings, _pages) = client.walk(&format!("{path}/settings")).await;
    let value = &settings[0]["settingInstance"]["simpleSettingValue"];
    assert_eq!(value["valueState"], "encryptedValueToken");
    assert!(!value.to_string().contains("hunter2"));
    body["settings"] = json!([settings[0]]);
    assert_eq!(
        write(&client, "PUT", &path, body).await.0,
        204,
        "with its position as the id, as other tools send it"
    );
}

#[tokio::test]
async fn a_new_device_configuration_keeps_its_texts_secret() {
    let client = Client::small().await;
    let (status, created) = write(&client, "POST", DEVICES, custom_policy()).await;
    assert_eq!((status, &created["version"]), (201, &json!(1)));
    let settings = &created["omaSettings"];
    assert_eq!(
        (&settings[0]["value"], &settings[0]["isEncrypted"]),
        (&json!("****"), &json!(true))
    );
    assert_eq!(
        (&settings[1]["value"], &settings[1]["isEncrypted"]),
        (&json!(7), &json!(false))
    );
    let path = format!("{DEVICES}/{}", created["id"].as_str().expect("an id"));
    let plain = async |created: &Value| {
        let reference = created["omaSettings"][0]["secretReferenceValueId"]
            .as_str()
            .expect("a reference")
            .to_owned();
        client
            .get(&format!(
                "{path}/getOmaSettingPlainTextValue(secretReferenceValueId='{reference}')"
            ))
            .await
            .1["value"]
            .clone()
    };
    assert_eq!(plain(&created).await, "clear");

    let mut masked = custom_policy();
    masked["omaSettings"][0]["value"] = json!("****");
    let (status, patched) = write(&client, "PATCH", &path, masked).await;
    assert_eq!((status, &patched["version"]), (200, &json!(2)));
    assert_eq!(
        plain(&patched).await,
        "****",
        "the mask was stored, as the service does it"
    );
}

#[tokio::test]
async fn a_device_configuration_that_is_not_well_made_is_refused() {
    let client = Client::small().await;
    let check = async |name: &str, value: Value, expected: &str| {
        check_refused(
            &client,
            "POST",
            DEVICES,
            (custom_policy(), name, value),
            expected,
        )
        .await;
    };
    check(
        "@odata.type",
        Value::Null,
        "'@odata.type' must be specified",
    )
    .await;
    check(
        "@odata.type",
        json!("#microsoft.graph.nonsense"),
        "not known",
    )
    .await;
    check("passwordRequired", json!(true), "'passwordRequired'").await;
    check("displayName", json!(""), "'displayName'").await;
    let reference = json!([{"@odata.type": "#microsoft.graph.omaSettingString", "omaUri": "./x", "value": "****", "secretReferenceValueId": "a_b_c"}]);
    let mut body = custom_policy();
    body["omaSettings"] = reference;
    let (status, answer) = write(&client, "POST", DEVICES, body).await;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (400, Some("NotSupported"))
    );
}

#[tokio::test]
async fn a_patch_keeps_the_type_and_has_to_change_something() {
    let client = Client::small().await;
    let path = format!("{DEVICES}/{}", client.id("WIN - Restrictions"));
    let restrictions = json!({"@odata.type": "#microsoft.graph.windows10GeneralConfiguration"});
    let patch = |name, value| (restrictions.clone(), name, value);
    check_refused(
        &client,
        "PATCH",
        &path,
        patch("passwordRequired", json!(true)),
        "does not change",
    )
    .await;
    check_refused(
        &client,
        "PATCH",
        &path,
        patch(
            "@odata.type",
            json!("#microsoft.graph.windowsWifiConfiguration"),
        ),
        "type",
    )
    .await;
    let mut body = restrictions.clone();
    body["passwordMinimumLength"] = json!(12);
    let (status, patched) = write(&client, "PATCH", &path, body).await;
    assert_eq!(
        (
            status,
            &patched["passwordMinimumLength"],
            &patched["passwordRequired"]
        ),
        (200, &json!(12), &json!(true))
    );
    let controls = json!({"windowsPrivacyAccessControls": []});
    assert_eq!(
        write(
            &client,
            "POST",
            &format!("{path}/windowsPrivacyAccessControls"),
            controls
        )
        .await
        .0,
        204
    );
}

#[tokio::test]
async fn assigning_replaces_the_set_but_for_what_a_policy_set_assigned() {
    let client = Client::small().await;
    let id = client.id("WIN - Defender");
    let path = format!("{POLICIES}/{id}/assign");
    let group = |id: &str| json!({"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": id}});
    let stamp =
        async || client.get(&format!("{POLICIES}/{id}")).await.1["lastModifiedDateTime"].clone();
    let before = stamp().await;
    let (status, answer) = write(
        &client,
        "POST",
        &path,
        json!({"assignments": [group("unknown-group")]}),
    )
    .await;
    assert_eq!(status, 200);
    let shown = answer["value"].as_array().expect("the new set");
    assert_eq!(shown.len(), 2);
    assert_eq!(
        (&shown[1]["id"], &shown[1]["source"]),
        (&json!(format!("{id}_unknown-group")), &json!("direct"))
    );
    assert_eq!(
        client.walk(&format!("{POLICIES}/{id}/assignments")).await.0,
        *shown
    );
    assert_eq!(stamp().await, before, "assignments move no stamp");
    let refused = async |assignment: Value, expected: &str| {
        check_refused(
            &client,
            "POST",
            &path,
            (json!({}), "assignments", assignment),
            expected,
        )
        .await;
    };
    refused(json!([group("g"), group("g")]), "more than once").await;
    refused(json!([group("")]), "groupId").await;
    let mut filtered = group("g");
    filtered["target"]["deviceAndAppManagementAssignmentFilterId"] =
        json!("00000000-0000-4000-8000-000000000000");
    refused(json!([filtered]), "filter").await;
    refused(
        json!([{"target": {"@odata.type": "#microsoft.graph.nonsense"}}]),
        "target type",
    )
    .await;
    refused(Value::Null, "'assignments'").await;
    assert_eq!(
        client
            .walk(&format!("{POLICIES}/{id}/assignments"))
            .await
            .0
            .len(),
        2,
        "a refused set changes nothing"
    );
    let (_status, answer) = write(&client, "POST", &path, json!({"assignments": []})).await;
    assert_eq!(
        answer["value"].as_array().map(Vec::len),
        Some(1),
        "an empty set unassigns all of its own"
    );
}

#[tokio::test]
async fn writing_needs_the_right_to_write() {
    let client = Client::with(Options::default(), seed::READ_ONLY_CLIENT_ID).await;
    let (status, body) = write(&client, "POST", POLICIES, catalog_policy()).await;
    assert_eq!(status, 403);
    assert!(nested(&body).contains("ReadWrite.All"));
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_has_happened_or_not_as_the_rule_says() {
    let client = Client::small().await;
    let faults = client.standin.faults();
    let n_policies = async || client.walk(POLICIES).await.0.len();
    let post = async || {
        let url = client.url(POLICIES);
        client
            .http
            .post(url)
            .bearer_auth(&client.token)
            .json(&catalog_policy())
            .send()
            .await
    };
    faults.add(Rule::new(
        Match::path(POLICIES).method("POST").nth(1),
        Action::DropBeforeApply,
    ));
    faults.add(Rule::new(
        Match::path(POLICIES).method("POST").nth(2),
        Action::DropAfterApply,
    ));
    faults.add(Rule::new(
        Match::path(POLICIES).method("POST").nth(3),
        Action::StatusAfterApply { code: 504 },
    ));
    assert!(post().await.is_err());
    assert_eq!(n_policies().await, 4);
    assert!(post().await.is_err());
    assert_eq!(n_policies().await, 5);
    assert_eq!(
        post().await.map(|answer| answer.status().as_u16()).ok(),
        Some(504)
    );
    assert_eq!(n_policies().await, 6);
}

#[tokio::test]
async fn a_deletion_is_for_clean_up_and_stands_in_the_journal() {
    let client = Client::small().await;
    let path = format!("{POLICIES}/{}", client.id("WIN - Empty"));
    assert_eq!(client.send("DELETE", &path, None).await.status(), 204);
    assert_eq!(client.send("DELETE", &path, None).await.status(), 404);
    assert_eq!(
        client
            .standin
            .journal()
            .count(|entry| entry.method == "DELETE"),
        2
    );
}
