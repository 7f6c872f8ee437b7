//! The list of policies is there before the first capture.

use contract::api::PolicyRows;
use graph_standin::faults::Match;

use crate::place::Place;

#[tokio::test]
async fn policies_are_listed_in_pages_without_a_capture() {
    let (_place, admin) = Place::with_admin().await;
    // No event tells of a list; the page is asked for until it is there, as a person would.
    let limit = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    let all = loop {
        let rows: PolicyRows = admin.get("/api/tenants/1/policies").await.json();
        if rows.listed_at.is_some() {
            break rows;
        }
        assert!(tokio::time::Instant::now() < limit, "the list came in time");
        tokio::task::yield_now().await;
    };
    assert_eq!(all.total, 7);
    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let page: PolicyRows = admin
            .get(&format!("/api/tenants/1/policies?limit=3{after}"))
            .await
            .json();
        assert!(page.rows.len() <= 3);
        seen.extend(page.rows);
        let Some(next) = page.next else { break };
        let mut url = reqwest::Url::parse("http://x/").expect("a fixed address");
        url.query_pairs_mut().append_pair("after", &next);
        after = format!("&{}", url.query().expect("the pair"));
    }
    assert_eq!(seen, all.rows);
    assert!(
        seen.iter()
            .all(|row| row.captured_at.is_none() && row.n_versions == 0)
    );
}

#[tokio::test]
async fn the_request_path_does_not_wait_for_graph() {
    let place = Place::small().await;
    let gate = place.standin.faults().gate(Match::any());
    let admin = place.admin().await;
    let started = admin.capture(1, None).await;
    for path in [
        "/api/snapshot",
        "/api/tenants/1/policies",
        "/api/tenants/1/runs",
        "/healthz",
    ] {
        assert_eq!(admin.get(path).await.status, 200, "{path}");
    }
    let mut stream = admin.stream_after("", Some("x-0")).await;
    gate.release();
    stream.end_of(&started.run).await;
}
