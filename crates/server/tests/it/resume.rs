//! Going on behind an id: nothing lost, nothing twice.

use std::collections::BTreeMap;

use contract::api::Role;
use contract::snapshot::Snapshot;
use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::browser::{Browser, Stream};
use crate::place::{Place, TENANT};

/// Reads `run` frames until the position is reached.
async fn positions(stream: &mut Stream, until: u64) -> Vec<u64> {
    let mut positions = Vec::new();
    while positions.last() != Some(&until) {
        positions.push(stream.until("run").await.position());
    }
    positions
}

/// The positions in the text of a stream.
fn ids(text: &str) -> Vec<u64> {
    text.lines()
        .filter_map(|line| line.strip_prefix("id: ")?.rsplit_once('-')?.1.parse().ok())
        .collect()
}

async fn head(browser: &Browser) -> u64 {
    browser
        .get("/api/snapshot")
        .await
        .json::<Snapshot>()
        .id
        .position
}

#[tokio::test]
async fn readers_that_come_back_again_and_again_while_runs_go_on_have_every_event_once() {
    let (_place, admin) = Place::with_admin().await;
    let begin: Snapshot = admin.get("/api/snapshot").await.json();

    // Ten runs one after the other, three events each, while the readers come and go.
    let starter = admin.clone();
    let starting = tokio::spawn(async move {
        let mut stream = starter.stream("").await;
        for _run in 0..10 {
            let run = starter.capture(TENANT, None).await.run;
            stream.end_of(&run).await;
        }
    });
    let mut readers = Vec::new();
    for reader in 0..8_usize {
        let (browser, mut id) = (admin.clone(), begin.id.to_string());
        readers.push(tokio::spawn(async move {
            let mut seen = Vec::new();
            while seen.last() != Some(&30) {
                // Each goes away after another number of events.
                let mut stream = browser.stream_after("", Some(&id)).await;
                for _event in 0..=reader % 4 {
                    let frame = stream.until("run").await;
                    seen.push(frame.position());
                    id = frame.id.expect("a run frame has an id");
                    if seen.last() == Some(&30) {
                        break;
                    }
                }
            }
            seen
        }));
    }
    starting.await.expect("ten runs");
    for reader in readers {
        assert_eq!(
            reader.await.expect("a reader"),
            (1..=30).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_snapshot_and_the_stream_behind_it_fit_together() {
    let (_place, admin) = Place::with_admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let snapshot: Snapshot = admin.get("/api/snapshot").await.json();
    let mut behind = admin.stream(&format!("?after={}", snapshot.id)).await;
    stream.end_of(&run).await;
    assert_eq!(head(&admin).await, 3);
    let expected: Vec<u64> = (snapshot.id.position + 1..=3).collect();
    assert_eq!(positions(&mut behind, 3).await, expected);

    let mut by_query = admin
        .stream(&format!("?after={}-0", snapshot.id.epoch))
        .await;
    assert_eq!(positions(&mut by_query, 3).await, [1, 2, 3]);
    let header_first = format!("{}-2", snapshot.id.epoch);
    let query = format!("?after={}-0", snapshot.id.epoch);
    let mut by_both = admin.stream_after(&query, Some(&header_first)).await;
    assert_eq!(positions(&mut by_both, 3).await, [3]);
}

#[tokio::test]
async fn a_stream_without_an_id_begins_at_the_head() {
    let (_place, admin) = Place::with_admin().await;
    let mut stream = admin.stream("").await;
    let first = admin.capture(TENANT, None).await.run;
    stream.end_of(&first).await;
    let mut later = admin.stream("").await;
    later.until("hello").await;
    let second = admin.capture(TENANT, None).await.run;
    assert_eq!(later.until("run").await.run().key(), second.key());
}

#[tokio::test]
async fn an_id_of_no_use_gets_a_reset_and_then_goes_on_live() {
    let (_place, admin) = Place::with_admin().await;
    let snapshot: Snapshot = admin.get("/api/snapshot").await.json();
    let epoch = snapshot.id.epoch;
    for (id, reason) in [
        ("garbage".to_owned(), "unknown"),
        ("-".to_owned(), "unknown"),
        (format!("{epoch}-x"), "unknown"),
        (format!("{epoch}-99999999999999999999"), "unknown"),
        ("otherepoch-0".to_owned(), "unknown"),
        (format!("{epoch}-4711"), "ahead"),
    ] {
        let mut stream = admin.stream_after("", Some(&id)).await;
        assert_eq!(stream.next().await.expect("hello").event, "hello");
        let reset = stream.next().await.expect("reset");
        assert_eq!(
            (reset.event.as_str(), reset.data["reason"].as_str()),
            ("reset", Some(reason)),
            "{id}"
        );
        let run = admin.capture(TENANT, None).await.run;
        stream.end_of(&run).await;
    }
}

#[tokio::test]
async fn each_reader_sees_the_history_of_its_tenants_without_a_hole() {
    let place = Place::with_two_tenants().await;
    let admin = place.admin().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let begin: Snapshot = admin.get("/api/snapshot").await.json();
    let mut stream = admin.stream("").await;
    for tenant_id in [1, 2, 1, 2] {
        let run = admin.capture(tenant_id, None).await.run;
        stream.end_of(&run).await;
    }
    for (browser, tenants) in [(&admin, vec![1, 2]), (&viewer, vec![1])] {
        let mut replay = browser
            .stream(&format!("?after={}-0", begin.id.epoch))
            .await;
        let mut seqs: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        while !tenants
            .iter()
            .all(|tenant| seqs.get(tenant).map(Vec::len) == Some(6))
        {
            let run = replay.until("run").await.run();
            seqs.entry(run.tenant_id.0)
                .or_default()
                .push(run.tenant_seq.0);
        }
        assert_eq!(seqs.keys().copied().collect::<Vec<_>>(), tenants);
        assert!(
            seqs.values().all(|seqs| seqs == &[1, 2, 3, 4, 5, 6]),
            "{seqs:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_replay_ends_with_its_session_and_leaves_no_hole() {
    const MANY: &str = "WITH RECURSIVE n (n) AS (SELECT 4 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
        INSERT INTO events (tenant_id, tenant_seq, run, at, body) SELECT tenant_id, n, run, at, body FROM n, events WHERE position = 3";
    let mut place = Place::small().await;
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    stream.end_of(&run).await;
    let begin: Snapshot = admin.get("/api/snapshot").await.json();
    place.stop().await;
    let database = rusqlite::Connection::open(place.data().join(runs::sqlite::FILE)).unwrap();
    database.execute(MANY, []).unwrap();
    drop(database);
    place.start().await;

    let admin = admin.at(place.server().base());
    let path = format!("/api/events?after={}-0", begin.id.epoch);
    let mut slow = admin.stream_unread(place.server().address(), &path).await;
    let nothing = serde_json::Value::Null;
    let signed_out = admin.change(Method::DELETE, "/api/session", &nothing).await;
    assert_eq!(signed_out.status, 204);
    let mut text = String::new();
    slow.read_to_string(&mut text).await.unwrap();
    let events = ids(&text);
    assert!(events.len() < 10_000, "{} of 20000", events.len());
    assert!(events.iter().copied().eq(1..=events.len() as u64));
    assert!(text.contains("event: bye"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stalled_was_dropped_and_comes_back_to_the_whole() {
    let (place, admin) = Place::with_admin().await;
    let begin: Snapshot = admin.get("/api/snapshot").await.json();
    let path = format!("/api/events?after={}", begin.id);
    let mut reading = admin.stream("").await;
    let mut stalled = admin.stream_unread(place.server().address(), &path).await;
    let mut n_runs = 0;
    while place.server().n_streams() == 2 {
        let run = admin.capture(TENANT, None).await.run;
        reading.end_of(&run).await;
        n_runs += 1;
    }
    let mut text = Vec::new();
    // A reset is as good an end as any.
    drop(stalled.read_to_end(&mut text).await);
    let text = String::from_utf8_lossy(&text);
    let whole = text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
    let heard: Vec<u64> = ids(whole);
    let last = heard.last().copied().unwrap_or(begin.id.position);
    let id = format!("{}-{last}", begin.id.epoch);
    let mut all = heard;
    if last < n_runs * 3 {
        let mut back = admin.stream_after("", Some(&id)).await;
        all.extend(positions(&mut back, n_runs * 3).await);
    }
    assert!(all.iter().copied().eq(1..=n_runs * 3), "{all:?}");
}

#[tokio::test]
async fn a_cursor_of_another_person_tells_nothing_of_their_tenants() {
    let place = Place::with_two_tenants().await;
    let admin = place.admin().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let mut of_admin = admin.stream("").await;
    let run = admin.capture(2, None).await.run;
    of_admin.end_of(&run).await;
    let theirs = of_admin.last_id.clone().expect("an id of another tenant");
    let mut stream = viewer.stream_after("", Some(&theirs)).await;
    assert_eq!(stream.next().await.expect("hello").event, "hello");
    let run = admin.capture(TENANT, None).await.run;
    let frame = stream.until("run").await;
    assert_eq!(
        (frame.run().key(), frame.run().tenant_seq.0),
        (run.key(), 1)
    );
    let epoch = theirs.split_once('-').expect("epoch and position").0;
    let mut from_the_start = viewer.stream(&format!("?after={epoch}-0")).await;
    assert_eq!(from_the_start.until("run").await.run().key(), run.key());
}

#[tokio::test]
async fn a_client_that_does_not_wait_for_answers_gets_them_in_order_and_then_the_stream() {
    let (place, admin) = Place::with_admin().await;
    let address = place.server().address();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let cookie = admin.cookie().to_owned();
    let two = ["/api/me", "/api/events"]
        .map(|path| format!("GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n\r\n"));
    connection.write_all(two.concat().as_bytes()).await.unwrap();
    let mut text = String::new();
    while !text.contains("event: seal\n") {
        let mut some = [0; 4096];
        let n_bytes = connection.read(&mut some).await.unwrap();
        assert!(n_bytes > 0, "{text}");
        text += std::str::from_utf8(&some[..n_bytes]).unwrap();
    }
    let (me, stream) = text.split_once("\"channel\"").expect("who I am");
    assert!(me.starts_with("HTTP/1.1 200 OK\r\n"));
    let head = stream
        .split_once("HTTP/1.1 200 OK\r\n")
        .expect("the second answer")
        .1;
    let (head, frames) = head.split_once("\r\n\r\n").expect("its head");
    assert!(head.contains("\r\nconnection: close"), "{head}");
    assert!(head.contains("content-security-policy: "), "{head}");
    assert!(
        frames.starts_with("retry: 1000\nevent: hello\n"),
        "{frames}"
    );
}
