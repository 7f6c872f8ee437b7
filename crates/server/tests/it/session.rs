//! Signing in and out.

use contract::api::Me;
use reqwest::Method;
use serde_json::{Value, json};

use crate::place::{PASSWORD, Place};

fn sign_in(name: &str, password: &str) -> Value {
    json!({"name": name, "password": password})
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let place = Place::small().await;
    place.admin().await;
    let mut browser = place.visitor();
    let signed_in = browser
        .post("/api/session", &sign_in("admin", PASSWORD))
        .await;
    browser.keep_cookie(&signed_in);
    let me: Me = browser.get("/api/me").await.json();
    assert_eq!(signed_in.json::<Me>(), me);

    let signed_out = browser
        .change(Method::DELETE, "/api/session", &Value::Null)
        .await;
    assert_eq!(signed_out.status, 204);
    assert!(
        signed_out
            .header("set-cookie")
            .starts_with("ta_session=; Path=/; Max-Age=0")
    );
    for path in [
        "/api/me",
        "/api/tenants",
        "/api/snapshot",
        "/api/events",
        "/api/tenants/1/runs",
        "/api/tenants/9/runs",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (401, "signed_out"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_name_of_nobody_get_the_same_answer() {
    let place = Place::small().await;
    place.admin().await;
    let browser = place.visitor();
    let wrong = browser
        .post("/api/session", &sign_in("admin", "not the password"))
        .await;
    let nobody = browser
        .post("/api/session", &sign_in("nobody", PASSWORD))
        .await;
    assert_eq!(
        (wrong.status, wrong.problem().as_str()),
        (401, "bad_credentials")
    );
    assert_eq!((nobody.status, &nobody.body), (401, &wrong.body));
    assert!(wrong.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn too_many_tries_are_held_up_with_the_right_password_too() {
    let place = Place::small().await;
    place.admin().await;
    let browser = place.visitor();
    for _try in 0..10 {
        let wrong = browser
            .post("/api/session", &sign_in("admin", "not the password"))
            .await;
        assert_eq!(wrong.status, 401);
    }
    let held = browser
        .post("/api/session", &sign_in("admin", PASSWORD))
        .await;
    assert_eq!((held.status, held.problem().as_str()), (429, "too_many"));
    let seconds: u64 = held.header("retry-after").parse().expect("seconds");
    assert!((1..=10).contains(&seconds), "{seconds}");
    let other = browser
        .post("/api/session", &sign_in("somebody", PASSWORD))
        .await;
    assert_eq!(other.status, 401);
}

#[tokio::test]
async fn blanks_and_capitals_make_no_other_name_to_try() {
    let place = Place::small().await;
    place.admin().await;
    let browser = place.visitor();
    for try_no in 0..10 {
        let same = format!("{}ADMIN\u{a0}", " ".repeat(try_no));
        let wrong = browser
            .post("/api/session", &sign_in(&same, "not the password"))
            .await;
        assert_eq!(wrong.status, 401);
    }
    let held = browser
        .post("/api/session", &sign_in("admin", PASSWORD))
        .await;
    assert_eq!((held.status, held.problem().as_str()), (429, "too_many"));
}

#[tokio::test]
async fn a_cookie_is_for_https_alone_where_a_proxy_in_front_speaks_it() {
    let mut place = Place::stopped(graph_standin::Seed::Small).await;
    place
        .tenants
        .push("[server]\nbehind_proxy = true\n".to_owned());
    place.start().await;
    place.admin().await;
    let browser = place.visitor();
    for (proto, is_secure) in [("https", true), ("http", false)] {
        let request = browser
            .request(Method::POST, "/api/session")
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-proto", proto)
            .header("x-forwarded-for", "192.0.2.1, 198.51.100.7");
        let signed_in = browser
            .send(request.json(&sign_in("admin", PASSWORD)))
            .await;
        let cookie = signed_in.header("set-cookie");
        assert_eq!(cookie.ends_with("; Secure"), is_secure, "{cookie}");
    }
}
