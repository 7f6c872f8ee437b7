//! The history of my cards over HTTP: filters, pages, and that it holds nothing of others.

use contract::api::{NotificationRows, Role};
use reqwest::Method;
use serde_json::json;

use crate::browser::Browser;
use crate::ingest::{Portal, event, with};
use crate::place::{OTHER_TENANT, Place, TENANT};

const PATH: &str = "/api/me/notifications";

async fn page(browser: &Browser, query: &str) -> NotificationRows {
    let answer = browser.get(&format!("{PATH}{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

async fn ids(browser: &Browser, query: &str) -> Vec<i64> {
    let page = page(browser, query).await;
    assert_eq!(page.total, page.rows.len() as u64, "{query}");
    page.rows.iter().map(|row| row.run.run_id.0).collect()
}

#[tokio::test]
async fn my_cards_are_found_again_by_filter_and_search() {
    let place = Place::with_two_tenants().await;
    let portal = Portal::new(&place, &[TENANT], None).await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let failed =
        |run_id, operation: &str| with(event(run_id, "failed", 1), "operation", json!(operation));
    let batch = json!([
        failed(1, "users.sync"),
        failed(2, "groups.sync"),
        event(3, "completed", 1),
        event(4, "partial", 1)
    ]);
    portal.taken(&batch).await;
    let run = json!({"tenant_id": 1, "source": "portal", "run_type": "sync", "run_id": 1});
    let marks = json!({"dismissed": [{"run": run, "seq": 1}], "seen": [{"run": run, "seq": 1}]});
    viewer.change(Method::PUT, "/api/me/marks", &marks).await;

    assert_eq!(ids(&viewer, "").await, [4, 2, 1]);
    assert_eq!(
        ids(&viewer, "?state=all&q=&status=&operation=").await,
        [4, 2, 1]
    );
    assert_eq!(ids(&viewer, "?state=open").await, [4, 2]);
    assert_eq!(ids(&viewer, "?state=unread&tenant=1").await, [4, 2]);
    assert_eq!(ids(&viewer, "?state=dismissed").await, [1]);
    assert_eq!(ids(&viewer, "?state=failed").await, [4, 2, 1]);
    assert_eq!(ids(&viewer, "?status=completed_with_errors").await, [4]);
    assert_eq!(ids(&viewer, "?operation=users.sync").await, [1]);
    assert_eq!(ids(&viewer, "?q=%20GROUPS%20").await, [2]);
    assert_eq!(ids(&viewer, "?q=contoso").await, [4, 2, 1]);
    assert_eq!(ids(&viewer, "?q=%25").await, [] as [i64; 0]);
    assert_eq!(ids(&viewer, "?q=%00%ff%F0%9F").await, [] as [i64; 0]);
    assert_eq!(ids(&viewer, "?mine=true").await, [] as [i64; 0]);
    let first = page(&viewer, "?limit=2").await;
    assert_eq!((first.rows.len(), first.total), (2, 3));
    let row = page(&viewer, "?state=dismissed").await.rows.remove(0);
    assert!(row.mark.is_some_and(|mark| mark.dismissed.is_some()));
    let next = first.next.expect("another page");
    let last = page(&viewer, &format!("?limit=2&after={next}")).await;
    assert_eq!((last.rows.len(), last.total, last.next), (1, 3, None));

    let stranger = place.person("stranger", OTHER_TENANT, Role::Admin).await;
    assert_eq!(ids(&stranger, "").await, [] as [i64; 0]);
    for tenant in ["1", "99"] {
        let refused = stranger.get(&format!("{PATH}?tenant={tenant}")).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (403, "not_yours")
        );
    }
}

#[tokio::test]
async fn a_query_that_does_not_fit_is_refused() {
    let place = Place::small().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let long = |n: usize| "%C3%BC".repeat(n);
    assert_eq!(
        page(
            &viewer,
            &format!(
                "?q={}&operation={}&status={}",
                long(100),
                long(100),
                long(64)
            )
        )
        .await
        .total,
        0
    );
    for query in [
        "?limit=0".to_owned(),
        "?limit=501".to_owned(),
        format!("?q={}", long(101)),
        format!("?operation={}", long(101)),
        format!("?status={}", long(65)),
    ] {
        let refused = viewer.get(&format!("{PATH}{query}")).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (422, "invalid_value"),
            "{query}"
        );
    }
    for query in [
        "?after=x",
        "?after=1.5",
        "?after=99999999999999999999",
        "?mine=maybe",
        "?state=gone",
        "?tenant=x",
        "?q=a&q=b",
    ] {
        let refused = viewer.get(&format!("{PATH}{query}")).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (400, "bad_request"),
            "{query}"
        );
    }
    assert_eq!(place.visitor().get(PATH).await.status, 401);
}
