//! Who is told of what, over HTTP: bounds, tenants of others, and my other tabs.

use contract::api::{MarkRows, Role};
use contract::frame::MarksChanged;
use contract::preferences::{MAX_RULES, Preferences, Tell};
use contract::snapshot::Snapshot;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::place::{OTHER_TENANT, Place, TENANT};

const PATH: &str = "/api/me/preferences";

async fn put(browser: &Browser, rules: &Value) -> Answer {
    browser
        .change(Method::PUT, PATH, &json!({"rules": rules}))
        .await
}

#[tokio::test]
async fn my_rules_reach_my_other_tabs_and_devices_and_nobody_else() {
    let place = Place::small().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let other = place.person("other", TENANT, Role::Viewer).await;
    let none: Preferences = viewer.get(PATH).await.json();
    assert_eq!(none, Preferences::default());
    let mut stream = viewer.stream("").await;
    let hello = stream.until("hello").await;
    assert_eq!(hello.data["marks_rev"], 0);
    let rules =
        json!([{"tenant_id": 1, "operation": "users.sync", "tell": "none"}, {"tell": "all"}]);
    let answer = put(&viewer, &rules).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mine: Preferences = answer.json();
    assert_eq!((mine.rules[1].tell, mine.marks_rev), (Tell::All, 1));
    let told: MarksChanged =
        serde_json::from_value(stream.until("marks").await.data).expect("marks");
    assert_eq!(
        (told.marks_rev, told.preferences.as_ref()),
        (1, Some(&mine))
    );
    assert_eq!(viewer.get(PATH).await.json::<Preferences>(), mine);
    let rows: MarkRows = viewer.get("/api/me/marks").await.json();
    assert_eq!(rows.preferences.as_ref(), Some(&mine));
    let rows: MarkRows = viewer.get("/api/me/marks?after=1").await.json();
    assert_eq!((rows.preferences, rows.marks_rev), (None, 1));
    let snapshot: Snapshot = viewer.get("/api/snapshot").await.json();
    assert_eq!(snapshot.rules, mine.rules);
    assert_eq!(other.get(PATH).await.json::<Preferences>(), none);
}

#[tokio::test]
async fn rules_that_do_not_fit_are_refused_and_change_nothing() {
    let place = Place::with_two_tenants().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let kept = json!([{"operation": "x", "tell": "mine"}]);
    assert_eq!(put(&viewer, &kept).await.status, 200);
    let mut bodies = Vec::new();
    for tenant_id in [OTHER_TENANT, 99, -1] {
        let refused = put(&viewer, &json!([{"tenant_id": tenant_id, "tell": "all"}])).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (403, "not_yours")
        );
        bodies.push(refused.body);
    }
    assert!(bodies.iter().all(|body| body == &bodies[0]));
    let many = |n: usize| -> Value {
        (0..n)
            .map(|n| json!({"operation": n.to_string(), "tell": "none"}))
            .collect()
    };
    for rules in [
        many(MAX_RULES + 1),
        json!([{"operation": "", "tell": "all"}]),
        json!([{"operation": "ü".repeat(101), "tell": "all"}]),
        json!([{"tell": "all"}, {"tell": "none"}]),
        json!([{"tenant_id": 1, "operation": "a", "tell": "all"}, {"operation": "a", "tenant_id": 1, "tell": "all"}]),
    ] {
        let refused = put(&viewer, &rules).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (422, "invalid_value"),
            "{rules}"
        );
    }
    for rules in [
        json!([{"tell": "loudly"}]),
        json!([{}]),
        json!({}),
        json!([{"tenant_id": "1", "tell": "all"}]),
    ] {
        let refused = put(&viewer, &rules).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (400, "bad_request"),
            "{rules}"
        );
    }
    let now: Preferences = viewer.get(PATH).await.json();
    assert_eq!((json!(now.rules), now.marks_rev), (kept, 1));
    assert_eq!(put(&viewer, &many(MAX_RULES)).await.status, 200);
    let hostile = json!([{"operation": "'; DROP TABLE people; --\u{0}\u{202e}", "tell": "none"}]);
    assert_eq!(put(&viewer, &hostile).await.status, 200);
    assert_eq!(
        json!(viewer.get(PATH).await.json::<Preferences>().rules),
        hostile
    );
    assert_eq!(place.visitor().get(PATH).await.status, 401);
}
