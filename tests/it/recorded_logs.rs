//! The logs that the gallery plays are whole: the feed finds no hole, asks for no snapshot, and is complete at the end.

use contract::timestamp::Timestamp;
use tenant_atlas::feed::{Event, Feed, Link};
use tenant_atlas::gallery::LOGS;

#[test]
fn a_recorded_log_leaves_the_feed_with_nothing_missing() {
    for log in LOGS {
        let mut feed = Feed::default();
        feed.apply(Event::Connection(Link::Live));
        let mut last_ms = 0.0;
        for recorded in log.read() {
            assert!(recorded.at_ms >= last_ms, "{}: in its order", log.name);
            last_ms = recorded.at_ms;
            feed.apply(
                recorded
                    .event
                    .expect("each frame of a log is one that the feed knows"),
            );
        }
        assert_eq!(feed.n_holes(), 0, "{}", log.name);
        assert_eq!(feed.needs_snapshot(), None, "{}", log.name);
        assert!(!feed.cards().is_empty(), "{}", log.name);
    }
}

#[test]
fn every_log_begins_at_the_same_moment() {
    for log in LOGS {
        let first = log.read().swap_remove(0).event;
        let Some(Event::Snapshot { snapshot, now_ms }) = first else {
            panic!("{} begins with a snapshot", log.name);
        };
        assert_eq!(snapshot.server_time, Timestamp(1_768_485_727_000));
        assert!(now_ms.abs() < f64::EPSILON);
    }
}
