//! Going away: in seconds, with streams open and runs in the middle.

use std::time::Duration;

use contract::frame::Bye;
use graph_standin::faults::Match;
use tokio::time::Instant;

use crate::place::{Place, TENANT};

#[tokio::test]
async fn a_server_with_open_streams_and_a_run_ends_within_three_seconds_and_says_bye() {
    let mut place = Place::small().await;
    let admin = place.admin().await;
    let mut streams = Vec::new();
    for _stream in 0..50 {
        let mut stream = admin.stream("").await;
        stream.until("hello").await;
        streams.push(stream);
    }
    let gate = place.standin.faults().gate(Match::path("/assignments$"));
    admin.capture(TENANT, None).await;
    gate.reached().await;

    let before = Instant::now();
    place.stop().await;
    assert!(
        before.elapsed() < Duration::from_secs(3),
        "{:?}",
        before.elapsed()
    );
    let mut waits = Vec::new();
    for mut stream in streams {
        let bye: Bye = serde_json::from_value(stream.until("bye").await.data).unwrap();
        assert_eq!(bye.reason, "shutdown");
        waits.push(bye.retry_ms);
        assert!(stream.next().await.is_none());
    }
    waits.sort_unstable();
    waits.dedup();
    assert!(
        waits.len() > 10,
        "readers come back one after the other: {waits:?}"
    );
}

#[tokio::test]
async fn a_reader_that_does_not_read_does_not_hold_the_server_up() {
    let mut place = Place::small().await;
    let admin = place.admin().await;
    let stalled = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    admin.stream_after("", Some("x-0")).await.end_of(&run).await;
    let before = Instant::now();
    place.stop().await;
    assert!(
        before.elapsed() < Duration::from_secs(3),
        "{:?}",
        before.elapsed()
    );
    drop(stalled);
}
