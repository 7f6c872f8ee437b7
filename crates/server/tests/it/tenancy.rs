//! A stranger learns nothing: not whether a tenant, a run, a policy or an item exists.

use contract::api::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::place::{OTHER_TENANT, Place, TENANT};

#[tokio::test]
async fn a_stranger_gets_the_same_bytes_for_what_exists_and_for_what_does_not() {
    let place = Place::with_two_tenants().await;
    let admin = place.admin().await;
    let run = admin.capture(TENANT, None).await.run;
    let stranger = place.person("stranger", OTHER_TENANT, Role::Admin).await;

    let mut bodies = Vec::new();
    let run_id = run.run_id;
    for path in [
        "/api/tenants/1/policies".to_owned(),
        "/api/tenants/1/runs".to_owned(),
        format!("/api/tenants/1/runs/bulk_operation/{run_id}"),
        format!("/api/tenants/1/runs/bulk_operation/{run_id}/items"),
        "/api/tenants/1/runs/bulk_operation/4711".to_owned(),
        "/api/tenants/1/runs/bulk_operation/4711/items".to_owned(),
        "/api/tenants/1/runs/nothing/x".to_owned(),
        "/api/tenants/99/policies".to_owned(),
        "/api/tenants/99/runs".to_owned(),
        "/api/tenants/99/runs/bulk_operation/1".to_owned(),
        "/api/tenants/x/runs".to_owned(),
        "/api/tenants/%ff/runs".to_owned(),
        "/api/snapshot?tenant=1".to_owned(),
        "/api/snapshot?tenant=99".to_owned(),
        "/api/events?tenant=1".to_owned(),
        "/api/events?tenant=99".to_owned(),
        // Their own tenant, and the run of another one.
        format!("/api/tenants/2/runs/bulk_operation/{run_id}"),
        format!("/api/tenants/2/runs/bulk_operation/{run_id}/items"),
        "/api/tenants/2/runs/bulk_operation/4711".to_owned(),
    ] {
        let answer = stranger.get(&path).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (403, "not_yours"),
            "{path}"
        );
        bodies.push(answer.body);
    }
    for (tenant_id, body) in [
        (1, json!({"operation": "policy.capture_all"})),
        (99, json!({"operation": "policy.capture_all"})),
        (
            1,
            json!({"operation": "policy.capture_snapshot", "target": 1}),
        ),
        // A policy of another tenant as a target of one's own.
        (
            2,
            json!({"operation": "policy.capture_snapshot", "target": 1}),
        ),
        (
            2,
            json!({"operation": "policy.capture_snapshot", "target": 4711}),
        ),
    ] {
        let answer = stranger
            .post(&format!("/api/tenants/{tenant_id}/runs"), &body)
            .await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (403, "not_yours"),
            "{body}"
        );
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| body == &bodies[0]));
}

#[tokio::test]
async fn a_viewer_looks_and_does_not_start() {
    let place = Place::small().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let body = json!({"operation": "policy.capture_all"});
    let refused = viewer.post("/api/tenants/1/runs", &body).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (403, "role_needed")
    );
    for path in [
        "/api/tenants/1/runs",
        "/api/tenants/1/policies",
        "/api/snapshot?tenant=1",
    ] {
        assert_eq!(viewer.get(path).await.status, 200, "{path}");
    }
    let operator = place.person("operator", TENANT, Role::Operator).await;
    assert_eq!(
        operator.post("/api/tenants/1/runs", &body).await.status,
        202
    );
}

#[tokio::test]
async fn a_snapshot_holds_only_my_tenants() {
    let place = Place::with_two_tenants().await;
    let admin = place.admin().await;
    admin.capture(TENANT, None).await;
    let stranger = place.person("stranger", OTHER_TENANT, Role::Viewer).await;
    let snapshot: Value = stranger.get("/api/snapshot").await.json();
    assert_eq!(snapshot["runs"], json!([]));
    assert_eq!(snapshot["tenants"].as_array().map(Vec::len), Some(1));
    let marks = json!({"seen": [{"run": {"tenant_id": 1, "run_type": "bulk_operation", "run_id": 1}, "seq": 1}]});
    let put: Value = stranger
        .change(Method::PUT, "/api/me/marks", &marks)
        .await
        .json();
    assert_eq!(put["marks"], json!([]));
}
