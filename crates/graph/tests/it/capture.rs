//! One policy, complete or not at all.

use graph::{Captured, Error, Family, PLACEHOLDER, Scope};
use graph_standin::faults::{Action, Match, Rule};
use graph_standin::{Seed, seed};
use serde_json::{Value, json};

use crate::tenant::{Tenant, assert_says_nothing_of, collection};

const CATALOG: Family = Family::SettingsCatalog;
const DEVICE: Family = Family::DeviceConfiguration;

#[tokio::test]
async fn all_three_pages_of_sixty_settings_are_read() {
    let tenant = Tenant::small().await;
    let captured = tenant
        .capture(CATALOG, "WIN - Baseline of sixty")
        .await
        .expect("a capture");
    assert_eq!(
        captured.object["settings"].as_array().map(Vec::len),
        Some(60)
    );
    assert_eq!(
        tenant
            .standin
            .journal()
            .count(|entry| entry.path.ends_with("/settings")),
        3
    );
    assert_eq!(
        captured.request_ids.len(),
        5,
        "object, three pages, assignments"
    );
    assert_eq!(captured.name, "WIN - Baseline of sixty");
}

#[tokio::test]
async fn a_policy_without_settings_is_complete() {
    let tenant = Tenant::small().await;
    let captured = tenant
        .capture(CATALOG, "WIN - Empty")
        .await
        .expect("a capture");
    assert_eq!(captured.object["settings"], json!([]));
    assert_eq!(captured.assignments, json!([]));
}

#[tokio::test]
async fn assignments_are_a_set_without_the_services_ids() {
    let tenant = Tenant::small().await;
    let captured = tenant
        .capture(CATALOG, "WIN - Defender")
        .await
        .expect("a capture");
    let assignments = captured.assignments.as_array().expect("an array");
    assert_eq!(assignments.len(), 4);
    assert!(
        assignments
            .iter()
            .all(|one| one.get("id").is_none() && one.get("sourceId").is_none())
    );
    assert_eq!(
        assignments
            .iter()
            .filter(|one| one["source"] == "policySets")
            .count(),
        1
    );
    let filters = assignments.iter().filter(|one| {
        one["target"]
            .get("deviceAndAppManagementAssignmentFilterId")
            .is_some()
    });
    assert_eq!(filters.count(), 1, "the zero id is no filter");
}

#[tokio::test]
async fn an_unchanged_policy_gives_the_same_hash_and_a_changed_one_another() {
    let tenant = Tenant::small().await;
    let hash = async |captured: Result<Captured, Error>| captured.expect("a capture").content_hash;
    let first = hash(tenant.capture(CATALOG, "WIN - Defender").await).await;
    assert_eq!(first.len(), 64);
    assert_eq!(
        hash(tenant.capture(CATALOG, "WIN - Defender").await).await,
        first
    );

    let id = tenant.id(CATALOG, "WIN - Defender");
    let state = tenant.standin.state();
    state.touch(
        seed::DEMO_DIRECTORY_ID,
        collection(CATALOG),
        &id,
        &json!({"description": null}),
    );
    assert_eq!(
        hash(tenant.capture(CATALOG, "WIN - Defender").await).await,
        first,
        "a new stamp is no new content"
    );

    state.change(seed::DEMO_DIRECTORY_ID, |tenant| {
        for policy in tenant.policies.entry(collection(CATALOG)).or_default() {
            policy.settings.reverse();
            policy.assignments.reverse();
        }
    });
    assert_eq!(
        hash(tenant.capture(CATALOG, "WIN - Defender").await).await,
        first,
        "order is no content"
    );

    state.change(seed::DEMO_DIRECTORY_ID, |tenant| {
        for policy in tenant.policies.entry(collection(CATALOG)).or_default() {
            policy.assignments.pop();
        }
    });
    assert_ne!(
        hash(tenant.capture(CATALOG, "WIN - Defender").await).await,
        first,
        "where it applies is content"
    );
}

#[tokio::test]
async fn settings_that_stay_fewer_than_their_number_are_an_error_after_a_second_reading() {
    let tenant = Tenant::small().await;
    tenant.standin.faults().add(Rule::new(
        Match::path("/settings$"),
        Action::TruncateSettings { keep: Some(58) },
    ));
    let error = tenant
        .capture(CATALOG, "WIN - Baseline of sixty")
        .await
        .expect_err("two settings are missing");
    assert_eq!(
        (error.code(), error.scope(), error.retryable()),
        ("settings_incomplete", Scope::Item, true)
    );
    assert!(
        error
            .safe_message()
            .starts_with("Graph returned 58 of 60 settings, so nothing was stored")
    );
    assert!(error.request_id().is_some());
    let journal = tenant.standin.journal();
    assert_eq!(journal.count(|entry| entry.path.ends_with("/settings")), 6);
    assert_eq!(
        journal.count(|entry| entry.path.ends_with("/assignments")),
        0
    );
}

#[tokio::test]
async fn a_link_that_was_lost_once_is_made_good_by_the_second_reading() {
    let tenant = Tenant::small().await;
    tenant.standin.faults().add(Rule::new(
        Match::path("/settings$").nth(1),
        Action::TruncateSettings { keep: None },
    ));
    let captured = tenant
        .capture(CATALOG, "WIN - Baseline of sixty")
        .await
        .expect("a capture");
    assert_eq!(
        captured.object["settings"].as_array().map(Vec::len),
        Some(60)
    );
}

#[tokio::test]
async fn a_policy_deleted_between_list_and_capture_is_not_found() {
    let tenant = Tenant::small().await;
    let listed = tenant.reader.list(DEVICE).await.expect("a list");
    tenant.standin.state().delete(
        seed::DEMO_DIRECTORY_ID,
        collection(DEVICE),
        &listed[0].graph_id,
    );
    let error = tenant
        .reader
        .capture(DEVICE, &listed[0].graph_id)
        .await
        .expect_err("it is gone");
    assert_eq!(
        (error.code(), error.scope(), error.retryable()),
        ("not_found", Scope::Item, false)
    );
}

#[tokio::test]
async fn a_policy_deleted_while_its_settings_are_read_is_not_found() {
    let tenant = Tenant::small().await;
    let id = tenant.id(CATALOG, "WIN - Baseline of sixty");
    let gate = tenant
        .standin
        .faults()
        .gate(Match::path("/settings$").nth(2));
    let reader = tenant.reader.clone();
    let capturing = tokio::spawn({
        let id = id.clone();
        async move { reader.capture(CATALOG, &id).await }
    });
    gate.reached().await;
    tenant
        .standin
        .state()
        .delete(seed::DEMO_DIRECTORY_ID, collection(CATALOG), &id);
    gate.release();
    let error = capturing.await.expect("no panic").expect_err("it is gone");
    assert_eq!(error.code(), "not_found");
}

#[tokio::test]
async fn an_id_that_is_no_id_asks_for_nothing_else() {
    let tenant = Tenant::small().await;
    for id in ["..", ".", "", "a/b", "x?$expand=assignments", "%2e%2e"] {
        let error = tenant
            .reader
            .capture(DEVICE, id)
            .await
            .expect_err("no such policy");
        assert!(
            matches!(error.code(), "not_found" | "bad_answer" | "graph_rejected"),
            "{id}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_property_that_a_plain_get_leaves_out_is_captured() {
    let tenant = Tenant::small().await;
    let captured = tenant
        .capture(DEVICE, "WIN - Restrictions")
        .await
        .expect("a capture");
    assert_eq!(
        captured.object["privacyAccessControls"][0]["displayName"],
        "Camera"
    );
    assert_eq!(captured.object["passwordMinimumLength"], 8);
}

#[tokio::test]
async fn secrets_are_gone_from_what_is_stored_and_their_places_are_named() {
    let tenant = Tenant::small().await;
    let secret = tenant
        .capture(CATALOG, "WIN - Proxy account")
        .await
        .expect("a capture");
    let custom = tenant
        .capture(DEVICE, "WIN - Custom with a key")
        .await
        .expect("a capture");
    let wifi = tenant
        .capture(DEVICE, "WIN - Wi-Fi office")
        .await
        .expect("a capture");

    assert_eq!(secret.redactions.len(), 1);
    assert_eq!(custom.redactions, ["/omaSettings/1/value"]);
    assert_eq!(
        custom.object.pointer("/omaSettings/1/value"),
        Some(&json!(PLACEHOLDER))
    );
    assert_eq!(
        custom.object.pointer("/omaSettings/1/isEncrypted"),
        Some(&json!(true))
    );
    assert_eq!(
        wifi.object["preSharedKey"],
        Value::Null,
        "Graph never returns it"
    );
    for captured in [&secret, &custom, &wifi] {
        let stored = format!("{captured:?} {} {}", captured.object, captured.assignments);
        for clear in ["c2VjcmV0LXRva2Vu", "the-clear-key", "the-clear-psk", "****"] {
            assert!(!stored.contains(clear), "{stored}");
        }
    }
    let plain_text_calls = tenant
        .standin
        .journal()
        .count(|entry| entry.path.contains("PlainText"));
    assert_eq!(plain_text_calls, 0, "clear values are never asked for");
}

#[tokio::test]
async fn a_changed_secret_does_not_show_in_the_hash() {
    let tenant = Tenant::small().await;
    let before = tenant
        .capture(CATALOG, "WIN - Proxy account")
        .await
        .expect("a capture");
    tenant
        .standin
        .state()
        .change(seed::DEMO_DIRECTORY_ID, |tenant| {
            for policy in tenant.policies.entry(collection(CATALOG)).or_default() {
                for setting in &mut policy.settings {
                    if setting["simpleSettingValue"]["valueState"] == "encryptedValueToken" {
                        setting["simpleSettingValue"]["value"] = json!("another-token");
                    }
                }
            }
        });
    let after = tenant
        .capture(CATALOG, "WIN - Proxy account")
        .await
        .expect("a capture");
    assert_eq!(before.content_hash, after.content_hash);
}

#[tokio::test]
async fn a_capture_of_the_whole_demo_fails_twice_in_two_ways_and_sends_only_gets() {
    let tenant = Tenant::seeded(Seed::Demo).await;
    let mut failures = Vec::new();
    let mut n_captured = 0;
    for family in Family::ALL {
        for policy in tenant.reader.list(family).await.expect("a list") {
            match tenant.reader.capture(family, &policy.graph_id).await {
                Ok(_captured) => n_captured += 1,
                Err(error) => {
                    assert_eq!(error.scope(), Scope::Item);
                    assert_says_nothing_of(&error, &["eyJ0eXAi", "of-the.standin"]);
                    failures.push((policy.name, error.code(), error.safe_message()));
                }
            }
        }
    }
    assert_eq!(n_captured, 60);
    let codes: Vec<_> = failures
        .iter()
        .map(|(_name, code, _message)| *code)
        .collect();
    assert_eq!(
        codes,
        ["settings_incomplete", "graph_forbidden"],
        "{failures:?}"
    );
    assert!(
        failures[0]
            .2
            .starts_with("Graph returned 41 of 43 settings, so nothing was stored"),
        "{failures:?}"
    );
    assert!(
        failures[1]
            .2
            .contains("scope tags are not within the scope"),
        "{failures:?}"
    );
    assert!(
        tenant
            .standin
            .journal()
            .graph_calls()
            .iter()
            .all(|entry| entry.method == "GET")
    );
    assert_eq!(tenant.standin.journal().token_calls().len(), 1);
}
