//! How many streams, for how long, and for whom.

use std::time::Duration;

use contract::api::{Me, Role};
use contract::frame::Bye;
use graph_standin::Seed;
use runs::sqlite::SqliteStore;
use runs::store::PeopleStore as _;
use tokio::time::Instant;

use crate::browser::{Browser, Stream};
use crate::place::{Place, TENANT};

async fn with(server: &str) -> Place {
    let mut place = Place::stopped(Seed::Small).await;
    place.tenants.push(format!("[server]\n{server}\n"));
    place.start().await;
    place
}

async fn open(browser: &Browser) -> Stream {
    let mut stream = browser.stream("").await;
    stream.until("hello").await;
    stream
}

#[tokio::test]
async fn one_person_has_a_bounded_number_of_streams_and_a_closed_one_makes_room() {
    let place = with("max_streams_per_person = 3").await;
    let admin = place.admin().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let mut streams = Vec::new();
    for _stream in 0..3 {
        streams.push(open(&admin).await);
    }
    let refused = admin.get("/api/events").await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (429, "too_many")
    );
    assert_eq!(refused.header("retry-after"), "30");
    open(&viewer).await;
    drop(streams.pop());
    // The server sees the end of a connection a moment later.
    while place.server().n_streams() > 2 {
        tokio::task::yield_now().await;
    }
    open(&admin).await;
}

#[tokio::test]
async fn a_server_has_a_bounded_number_of_streams() {
    let place = with("max_streams = 2").await;
    let admin = place.admin().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let _streams = (open(&admin).await, open(&admin).await);
    let refused = viewer.get("/api/events").await;
    assert_eq!((refused.status, refused.problem().as_str()), (503, "busy"));
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(place.server().n_streams(), 2);
}

#[tokio::test]
async fn a_stream_is_asked_to_connect_anew_after_its_lifetime_and_loses_nothing() {
    let place = with("stream_lifetime_seconds = 1").await;
    let admin = place.admin().await;
    let mut stream = open(&admin).await;
    let run = admin.capture(TENANT, None).await.run;
    let mut positions = Vec::new();
    let mut n_ends = 0;
    while n_ends < 2 || positions.len() < 3 {
        let Some(frame) = stream.next().await else {
            panic!("an end without a bye");
        };
        match frame.event.as_str() {
            "run" => {
                assert_eq!(frame.run().key(), run.key());
                positions.push(frame.position());
            }
            "bye" => {
                let bye: Bye = serde_json::from_value(frame.data).unwrap();
                assert_eq!(bye.reason, "lifetime");
                assert!(bye.retry_ms < 1_000, "{}", bye.retry_ms);
                assert!(stream.next().await.is_none());
                n_ends += 1;
                let id = stream.last_id.take();
                stream = admin.stream_after("", id.as_deref()).await;
                stream.last_id = id;
            }
            _ => {}
        }
    }
    assert_eq!(positions, [1, 2, 3]);
}

#[tokio::test]
async fn somebody_whom_another_process_removed_stops_hearing_within_two_seconds() {
    let place = Place::small().await;
    place.admin().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let me: Me = viewer.get("/api/me").await.json();
    let mut stream = open(&viewer).await;
    // As the command line beside a running server does.
    let other = SqliteStore::open(&place.data(), Box::new(|_changes| {})).unwrap();
    other
        .remove_member(me.person.id, contract::ids::TenantId(TENANT))
        .await
        .unwrap();
    let before = Instant::now();
    let bye: Bye = serde_json::from_value(stream.until("bye").await.data).unwrap();
    assert_eq!(bye.reason, "access_changed");
    assert!(stream.next().await.is_none());
    assert!(
        before.elapsed() < Duration::from_secs(2),
        "{:?}",
        before.elapsed()
    );
}

#[tokio::test]
async fn a_reader_that_goes_away_leaves_the_hub() {
    let (place, admin) = Place::with_admin().await;
    let stream = open(&admin).await;
    assert_eq!(place.server().n_streams(), 1);
    drop(stream);
    let left = async {
        while place.server().n_streams() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), left)
        .await
        .expect("without waiting for a frame that cannot be written");
}
