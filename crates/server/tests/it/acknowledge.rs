//! Somebody looks after a failure: all members hear of it, and nobody else learns anything.

use contract::api::{AcknowledgedMany, Role, RunPage};
use contract::frame::Seal;
use contract::ids::TenantSeq;
use contract::run::{Run, RunStatus};
use contract::seal::{EMPTY, toggle};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::ingest::{Portal, event};
use crate::place::{OTHER_TENANT, Place, TENANT};

const MANY: &str = "/api/tenants/1/acknowledge";

fn path(tenant_id: i64, run: &str) -> String {
    format!("/api/tenants/{tenant_id}/runs/{run}/acknowledge?source=portal")
}

async fn run(browser: &Browser, run_id: i64) -> Run {
    let path = format!("/api/tenants/1/runs/sync/{run_id}?source=portal");
    browser.get(&path).await.json::<RunPage>().run
}

fn at(tenant_seq: TenantSeq, acknowledged: bool) -> Value {
    json!({"tenant_seq": tenant_seq, "acknowledged": acknowledged})
}

#[track_caller]
fn check(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.problem().as_str()), (status, code));
}

/// A place with a failure, number 1 of a portal.
async fn with_failure() -> (Place, Portal) {
    let place = Place::with_two_tenants().await;
    let portal = Portal::new(&place, &[TENANT, OTHER_TENANT], None).await;
    portal.taken(&event(1, "failed", 1)).await;
    (place, portal)
}

#[tokio::test]
async fn all_members_hear_who_looks_after_a_failure_and_the_seal_moves() {
    let (place, _portal) = with_failure().await;
    let operator = place.person("operator", TENANT, Role::Operator).await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let failed = run(&viewer, 1).await;
    let mut stream = viewer.stream("").await;
    stream.until("hello").await;
    let answer = operator
        .post(&path(1, "sync/1"), &at(failed.tenant_seq, true))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let now: Run = answer.json();
    let who = now.acknowledged.as_ref().expect("somebody");
    assert_eq!((who.by.name.as_str(), now.tenant_seq.0), ("operator", 2));
    assert_eq!(
        (now.status_seq, &now.status),
        (failed.status_seq, &RunStatus::Failed)
    );
    assert_eq!(stream.until("run").await.run(), now);
    let digest = toggle(EMPTY, &now.key(), now.tenant_seq);
    let seal = stream
        .until_that(|frame| frame.event == "seal" && frame.data["head"] == 2)
        .await;
    let seal: Seal = serde_json::from_value(seal.data).expect("a seal");
    assert_eq!((seal.n_failed, seal.digest), (1, format!("{digest:016x}")));

    // The first stays; taking it back is for whoever may.
    let admin = place.person("boss", TENANT, Role::Admin).await;
    let again = admin
        .post(&path(1, "sync/1"), &at(failed.tenant_seq, true))
        .await;
    assert_eq!(again.json::<Run>(), now);
    let back = admin
        .post(&path(1, "sync/1"), &at(now.tenant_seq, false))
        .await;
    assert_eq!(back.json::<Run>().acknowledged, None);
    assert_eq!(stream.until("run").await.run().tenant_seq.0, 3);

    let database = rusqlite::Connection::open(place.data().join(runs::sqlite::FILE));
    let database = database.expect("the server's database");
    let facts = "SELECT group_concat(person_name || ' ' || what, ', ' ORDER BY id) FROM audit WHERE what LIKE 'run.%ack%'";
    let facts: String = database
        .query_row(facts, [], |row| row.get(0))
        .expect("two facts");
    assert_eq!(facts, "operator run.acknowledged, boss run.unacknowledged");
}

#[tokio::test]
async fn operators_restorers_and_admins_acknowledge_and_others_only_look() {
    let (place, _portal) = with_failure().await;
    for (name, role) in [("v", Role::Viewer), ("a", Role::Auditor)] {
        let person = place.person(name, TENANT, role).await;
        for run in ["sync/1", "sync/4711"] {
            let answer = person.post(&path(1, run), &at(TenantSeq(1), true)).await;
            check(&answer, 403, "role_needed");
        }
        let runs = json!({"runs": [{"source": "portal", "run_type": "sync", "run_id": 1, "tenant_seq": 1}]});
        check(&person.post(MANY, &runs).await, 403, "role_needed");
    }
    let viewer = place.person("w", TENANT, Role::Viewer).await;
    assert_eq!(run(&viewer, 1).await.acknowledged, None);
    for (name, role) in [
        ("o", Role::Operator),
        ("r", Role::Restorer),
        ("m", Role::Admin),
    ] {
        let person = place.person(name, TENANT, role).await;
        for acknowledged in [true, false] {
            let seq = run(&person, 1).await.tenant_seq;
            let answer = person
                .post(&path(1, "sync/1"), &at(seq, acknowledged))
                .await;
            assert_eq!(answer.json::<Run>().acknowledged.is_some(), acknowledged);
        }
    }
}

#[tokio::test]
async fn a_stranger_gets_the_same_bytes_whatever_they_acknowledge() {
    let (place, _portal) = with_failure().await;
    let stranger = place.person("stranger", OTHER_TENANT, Role::Admin).await;
    let body = at(TenantSeq(1), true);
    let mut bodies = Vec::new();
    let long = format!("{}/1", "x".repeat(65));
    for path in [
        path(1, "sync/1"),
        path(1, "sync/4711"),
        path(99, "sync/1"),
        path(2, "sync/1"),
        path(2, "sync/4711"),
        path(2, "sync/x"),
        path(2, &long),
        "/api/tenants/x/runs/sync/1/acknowledge".to_owned(),
    ] {
        let answer = stranger.post(&path, &body).await;
        check(&answer, 403, "not_yours");
        bodies.push(answer.body);
    }
    let named = |run_id: i64, run_type: &str| json!({"runs": [{"source": "portal", "run_type": run_type, "run_id": run_id, "tenant_seq": 1}]});
    for (path, body) in [
        (MANY, named(1, "sync")),
        ("/api/tenants/99/acknowledge", named(1, "sync")),
        ("/api/tenants/2/acknowledge", named(1, "sync")),
        ("/api/tenants/2/acknowledge", named(1, &"x".repeat(65))),
    ] {
        let answer = stranger.post(path, &body).await;
        check(&answer, 403, "not_yours");
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| body == &bodies[0]));
}

#[tokio::test]
async fn what_has_changed_since_it_was_on_screen_is_a_conflict() {
    let (place, portal) = with_failure().await;
    let operator = place.person("operator", TENANT, Role::Operator).await;
    portal.taken(&event(2, "completed", 1)).await;
    let answer = operator
        .post(&path(1, "sync/2"), &at(TenantSeq(2), true))
        .await;
    check(&answer, 409, "changed");
    let answer = operator
        .post(&path(1, "sync/1"), &at(TenantSeq(0), true))
        .await;
    check(&answer, 409, "changed");
    let own = operator.capture(TENANT, None).await.run;
    let answer = operator
        .post(
            &format!(
                "/api/tenants/1/runs/{}/{}/acknowledge",
                own.run_type, own.run_id
            ),
            &at(own.tenant_seq, true),
        )
        .await;
    check(&answer, 409, "changed");
}

#[tokio::test]
async fn three_hundred_failures_of_a_bad_night_are_one_call() {
    let (place, portal) = with_failure().await;
    let operator = place.person("operator", TENANT, Role::Operator).await;
    let night: Vec<Value> = (2..=300).map(|run_id| event(run_id, "failed", 1)).collect();
    portal.taken(&Value::from(night)).await;
    portal.taken(&event(301, "completed", 1)).await;
    let mut runs: Vec<Value> = (1..=301)
        .map(|run_id| json!({"source": "portal", "run_type": "sync", "run_id": run_id, "tenant_seq": run_id}))
        .collect();
    let answer = operator.post(MANY, &json!({"runs": runs})).await;
    let expected = AcknowledgedMany {
        acknowledged: 300,
        changed: 1,
    };
    assert_eq!(answer.json::<AcknowledgedMany>(), expected);
    assert!(run(&operator, 300).await.acknowledged.is_some());
    assert_eq!(run(&operator, 300).await.tenant_seq.0, 601);
    assert_eq!(operator.post(MANY, &json!({"runs": []})).await.status, 200);

    // One that is not there stops all the others.
    portal.taken(&event(302, "failed", 1)).await;
    runs.truncate(1);
    runs[0]["run_id"] = json!(302);
    runs[0]["tenant_seq"] = json!(602);
    runs.push(json!({"run_type": "sync", "run_id": 302, "tenant_seq": 602}));
    check(
        &operator.post(MANY, &json!({"runs": runs})).await,
        403,
        "not_yours",
    );
    assert_eq!(run(&operator, 302).await.acknowledged, None);
}

#[tokio::test]
async fn a_request_that_does_not_fit_is_refused() {
    let (place, _portal) = with_failure().await;
    let operator = place.person("operator", TENANT, Role::Operator).await;
    for body in [
        json!({}),
        json!([]),
        json!({"tenant_seq": "1", "acknowledged": true}),
        json!({"tenant_seq": 1.5, "acknowledged": true}),
        json!({"tenant_seq": 1, "acknowledged": 1}),
        json!({"tenant_seq": 1}),
        json!({"tenant_seq": 9.3e18, "acknowledged": true}),
    ] {
        check(
            &operator.post(&path(1, "sync/1"), &body).await,
            400,
            "bad_request",
        );
    }
    for body in [
        json!({}),
        json!({"runs": {}}),
        json!({"runs": [{"run_id": 1}]}),
    ] {
        check(&operator.post(MANY, &body).await, 400, "bad_request");
    }
    let many: Vec<_> = (0..501)
        .map(|n| json!({"run_type": "x", "run_id": n, "tenant_seq": 1}))
        .collect();
    check(
        &operator.post(MANY, &json!({"runs": many})).await,
        422,
        "invalid_value",
    );
    let large = json!({"runs": [], "x": "x".repeat(70_000)});
    check(&operator.post(MANY, &large).await, 413, "too_large");
    for path in [path(1, "sync/1"), MANY.to_owned()] {
        let elsewhere = operator
            .request(Method::POST, &path)
            .header("sec-fetch-site", "cross-site")
            .json(&at(TenantSeq(1), true));
        check(&operator.send(elsewhere).await, 403, "cross_origin");
        let signed_out = place.visitor().post(&path, &at(TenantSeq(1), true)).await;
        check(&signed_out, 401, "signed_out");
        check(&operator.get(&path).await, 405, "method_not_allowed");
    }
    assert_eq!(run(&operator, 1).await.acknowledged, None);
}
