//! Who saw a failure: told to all members, without an event of its own.

use contract::api::{Role, RunPage};
use contract::frame::Progress;
use reqwest::Method;
use serde_json::json;

use crate::browser::{Browser, Frame};
use crate::ingest::{Portal, event};
use crate::place::{Place, TENANT};

async fn see(browser: &Browser, run_ids: impl Iterator<Item = i64>) {
    let seen: Vec<_> = run_ids
        .map(|run_id| json!({"run": {"tenant_id": 1, "source": "portal", "run_type": "sync", "run_id": run_id}, "seq": run_id}))
        .collect();
    let put = browser
        .change(Method::PUT, "/api/me/marks", &json!({"seen": seen}))
        .await;
    assert_eq!(put.status, 200, "{}", put.text());
}

fn progress(frame: Frame) -> Progress {
    assert_eq!(frame.id, None);
    serde_json::from_value(frame.data).expect("progress")
}

fn names(progress: &Progress) -> Vec<&str> {
    progress
        .seen_by
        .iter()
        .map(|person| person.name.as_str())
        .collect()
}

#[tokio::test]
async fn members_hear_who_saw_a_failure_also_those_who_were_away_for_that_moment() {
    let place = Place::small().await;
    let portal = Portal::new(&place, &[TENANT], None).await;
    portal.taken(&event(1, "failed", 1)).await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let operator = place.person("operator", TENANT, Role::Operator).await;
    let snapshot: contract::snapshot::Snapshot = viewer.get("/api/snapshot").await.json();
    let mut stream = operator.stream("").await;
    stream.until("seal").await;
    see(&viewer, [1].into_iter()).await;
    let told = progress(stream.until("progress").await);
    assert_eq!(
        (names(&told), told.n_seen, told.tenant_seq.0),
        (vec!["viewer"], 1, 1)
    );
    see(&operator, [1].into_iter()).await;
    let told = progress(stream.until("progress").await);
    assert_eq!((names(&told), told.n_seen), (vec!["viewer", "operator"], 2));
    let page: RunPage = viewer
        .get("/api/tenants/1/runs/sync/1?source=portal")
        .await
        .json();
    assert_eq!(
        (page.run.seen_by, page.run.rev),
        (told.seen_by.clone(), told.rev)
    );

    // Its snapshot was from before they looked.
    let id = snapshot.id.to_string();
    let mut late = viewer.stream_after("", Some(&id)).await;
    late.until("hello").await;
    let told_late = progress(late.next().await.expect("the stream goes on"));
    assert_eq!(told_late, told);
    let mut new = viewer.stream("").await;
    new.until("hello").await;
    assert_eq!(new.next().await.expect("the stream goes on").event, "seal");

    // A new status begins anew.
    let again = crate::ingest::with(event(1, "failed", 2), "attempt", json!(2));
    portal.taken(&again).await;
    let run = late.until("run").await.run();
    assert_eq!((run.seen_by.len(), run.n_seen), (0, 0));
    let mut later = viewer.stream_after("", Some(&id)).await;
    later.until("run").await;
    assert_eq!(
        later.next().await.expect("the stream goes on").event,
        "seal"
    );
}

#[tokio::test]
async fn three_hundred_read_at_once_are_told_each_once() {
    let place = Place::small().await;
    let portal = Portal::new(&place, &[TENANT], None).await;
    let night: Vec<_> = (1..=300).map(|run_id| event(run_id, "failed", 1)).collect();
    portal.taken(&json!(night)).await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let mut stream = viewer.stream("").await;
    stream.until("seal").await;
    for _again in 0..2 {
        see(&viewer, 1..=300).await;
    }
    portal.taken(&event(301, "completed", 1)).await;
    let mut told = Vec::new();
    while let Some(frame) = stream.next().await {
        match frame.event.as_str() {
            "progress" => told.push(progress(frame).run_id.0),
            "run" => break,
            _ => {}
        }
    }
    told.sort_unstable();
    assert!(told.iter().copied().eq(1..=300), "{told:?}");
}
