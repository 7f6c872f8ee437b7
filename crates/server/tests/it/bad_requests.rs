//! What does not fit is refused in one shape, and changes nothing.

use contract::api::RunRows;
use reqwest::Method;
use serde_json::json;

use crate::browser::Browser;
use crate::place::Place;

const RUNS: &str = "/api/tenants/1/runs";

async fn check(browser: &Browser, request: reqwest::RequestBuilder, status: u16, code: &str) {
    let answer = browser.send(request).await;
    assert_eq!((answer.status, answer.problem().as_str()), (status, code));
}

#[tokio::test]
async fn a_change_from_another_page_is_refused() {
    let (place, admin) = Place::with_admin().await;
    let start = json!({"operation": "policy.capture_all"});
    let authority = place.server().address().to_string();
    for headers in [
        vec![],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
    ] {
        let mut request = admin.request(Method::POST, RUNS).json(&start);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        check(&admin, request, 403, "cross_origin").await;
    }
    let sign_out = admin.request(Method::DELETE, "/api/session");
    check(&admin, sign_out, 403, "cross_origin").await;
    assert_eq!(admin.get(RUNS).await.json::<RunRows>().rows, []);

    let from_ours = admin.request(Method::POST, RUNS).json(&start);
    let from_ours = from_ours.header("origin", format!("http://{authority}"));
    assert_eq!(admin.send(from_ours).await.status, 202);
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_refused() {
    let (_place, admin) = Place::with_admin().await;
    let post = |body: String| {
        admin
            .request(Method::POST, RUNS)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/json; charset=utf-8")
            .body(body)
    };
    let no_type = admin
        .request(Method::POST, RUNS)
        .header("sec-fetch-site", "same-origin")
        .body("{}");
    check(&admin, no_type, 415, "json_only").await;
    let form = admin
        .request(Method::POST, RUNS)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "text/plain")
        .body("{}");
    check(&admin, form, 415, "json_only").await;
    for body in [
        "",
        "{",
        "[]",
        "\"text\"",
        "{\"operation\": 5}",
        "{}",
        "\u{feff}{}",
    ] {
        check(&admin, post(body.into()), 400, "bad_request").await;
    }
    for n_bytes in [65 * 1024, 3_000_000] {
        let large = json!({"operation": "x".repeat(n_bytes)}).to_string();
        check(&admin, post(large), 413, "too_large").await;
    }
    for body in [
        json!({"operation": "policy.delete_all"}),
        json!({"operation": "policy.capture_all", "target": 1}),
        json!({"operation": "policy.capture_snapshot"}),
    ] {
        check(&admin, post(body.to_string()), 422, "invalid_value").await;
    }
    let start = || post(json!({"operation": "policy.capture_all"}).to_string());
    for key in ["", "with blank", &"x".repeat(201)] {
        check(
            &admin,
            start().header("idempotency-key", key),
            422,
            "invalid_value",
        )
        .await;
    }
    let nowhere = json!({"operation": "policy.capture_snapshot", "target": 4711});
    check(&admin, post(nowhere.to_string()), 403, "not_yours").await;
    assert_eq!(admin.get(RUNS).await.json::<RunRows>().rows, []);
}

#[tokio::test]
async fn a_path_method_or_query_that_does_not_fit_is_refused() {
    let (_place, admin) = Place::with_admin().await;
    let get = |path: &str| admin.request(Method::GET, path);
    for path in ["/api", "/api/", "/api/nothing", "/api/tenants/1/nothing"] {
        check(&admin, get(path), 404, "no_such_path").await;
    }
    let delete = admin
        .request(Method::DELETE, "/api/me")
        .header("sec-fetch-site", "same-origin");
    check(&admin, delete, 405, "method_not_allowed").await;
    for query in ["limit=0", "limit=501"] {
        check(
            &admin,
            get(&format!("{RUNS}?{query}")),
            422,
            "invalid_value",
        )
        .await;
    }
    for query in ["limit=x", "limit=-1", "after=x"] {
        check(&admin, get(&format!("{RUNS}?{query}")), 400, "bad_request").await;
    }
    check(&admin, get("/api/events?tenant=x"), 400, "bad_request").await;
    let many: Vec<_> = (0..501)
        .map(|n| json!({"tenant_id": 1, "run_type": "x", "run_id": n}))
        .collect();
    let marks = admin
        .request(Method::PUT, "/api/me/marks")
        .header("sec-fetch-site", "same-origin")
        .json(&json!({"restored": many}));
    check(&admin, marks, 422, "invalid_value").await;
}

#[tokio::test]
async fn a_store_that_cannot_be_written_to_is_told_apart_from_a_wrong_request() {
    let (place, admin) = Place::with_admin().await;
    let file = place.data().join(runs::sqlite::FILE);
    let other = rusqlite::Connection::open(file).expect("the server's database");
    other
        .execute_batch("BEGIN EXCLUSIVE")
        .expect("nobody else writes");
    let start = admin
        .request(Method::POST, RUNS)
        .header("sec-fetch-site", "same-origin")
        .json(&json!({"operation": "policy.capture_all"}));
    let answer = admin.send(start).await;
    assert_eq!((answer.status, answer.problem().as_str()), (503, "busy"));
    assert_eq!(answer.header("retry-after"), "1");
    other.execute_batch("ROLLBACK").expect("the lock is ours");
    admin.capture(1, None).await;
}
