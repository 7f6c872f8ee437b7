//! The rows of `sse-scenarios` that bytes and requests decide together: which id a reconnect sends, and what does not count.

use std::cell::RefCell;

use contract::ids::EventId;
use tenant_atlas::stream::connection::{Head, Input, Link};
use tenant_atlas::stream::decode::StreamEvent;
use tenant_atlas::stream::driver::{Act, Driver, Host};
use tenant_atlas::stream::leader::Tab;

/// Keeps what it is told.
#[derive(Default)]
struct Notes {
    acts: RefCell<Vec<Act>>,
    events: RefCell<Vec<StreamEvent>>,
}

impl Host for Notes {
    fn now_ms(&self) -> f64 {
        1_000.0
    }
    fn chance(&self) -> f64 {
        1.0
    }
    fn act(&self, act: Act) {
        self.acts.borrow_mut().push(act);
    }
    fn tell(&self, event: StreamEvent) {
        self.events.borrow_mut().push(event);
    }
    fn show(&self, _: Link, _: Tab) {}
    fn left(&self) {}
}

/// A stream that is open, after a snapshot of position 7.
struct Open {
    driver: Driver,
    notes: Notes,
}

impl Open {
    fn new() -> Open {
        let open = Open {
            driver: Driver::new(false, true),
            notes: Notes::default(),
        };
        open.driver.begin(&open.notes);
        let id = EventId {
            epoch: "e".to_owned(),
            position: 7,
        };
        open.driver.snapshot_taken(&open.notes, &id);
        assert_eq!(open.acts(), [Act::TakeSnapshot, Act::Connect]);
        open.answered();
        open
    }

    fn answered(&self) {
        let head = Head {
            status: 200,
            content_type: "text/event-stream".to_owned(),
            ..Head::default()
        };
        self.driver.step(&self.notes, Input::Answered(head));
    }

    fn acts(&self) -> Vec<Act> {
        self.notes.acts.take()
    }

    /// The id that the next request sends, after these bytes and a break.
    fn header_after(&self, bytes: &str) -> Option<String> {
        self.driver.hear(&self.notes, bytes.as_bytes());
        self.driver.step(&self.notes, Input::Failed);
        self.driver.header()
    }
}

const PULSE: &str =
    "event: pulse\ndata: {\"head\":\"e-9\",\"server_time\":\"2026-01-11T15:59:06.123Z\"}\n\n";

#[test]
fn a_reconnect_sends_the_id_of_the_last_whole_event() {
    let header = |bytes: &str| Open::new().header_after(bytes);
    assert_eq!(header("").as_deref(), Some("e-7"), "of the snapshot");
    assert_eq!(header(&format!("id: e-8\n{PULSE}")).as_deref(), Some("e-8"));
    assert_eq!(
        header(PULSE).as_deref(),
        Some("e-7"),
        "a frame without an id leaves it"
    );
    let unfinished = format!("id: e-8\n{}", PULSE.trim_end());
    assert_eq!(
        header(&unfinished).as_deref(),
        Some("e-7"),
        "it was not told"
    );
    assert_eq!(header(&format!("id\n{PULSE}")), None, "emptied");
    assert_eq!(
        header(&format!("id: ü\n{PULSE}")).as_deref(),
        Some("Ã¼"),
        "its bytes"
    );
}

#[test]
fn what_an_earlier_connection_left_unfinished_is_not_put_before_the_next_one() {
    let open = Open::new();
    open.driver
        .hear(&open.notes, b"id: e-8\nevent: run\ndata: {\"v\":1,");
    open.driver.step(&open.notes, Input::Failed);
    open.driver.step(&open.notes, Input::TryNow);
    assert_eq!(open.acts(), [Act::Connect]);
    open.answered();
    open.driver.hear(&open.notes, PULSE.as_bytes());
    let events = open.notes.events.take();
    assert!(matches!(events[..], [StreamEvent::Pulse(_)]), "{events:?}");
}

#[test]
fn a_frame_that_cannot_be_read_takes_the_snapshot_and_counts_that_cannot_do_not() {
    let open = Open::new();
    assert!(
        open.driver
            .hear(&open.notes, b"event: progress\ndata: {\"rev\":\"x\"}\n\n")
    );
    assert_eq!(open.acts(), []);
    assert!(
        !open
            .driver
            .hear(&open.notes, b"event: run\ndata: {\"rev\":\"x\"}\n\n")
    );
    assert_eq!(open.acts(), [Act::Abort, Act::TakeSnapshot]);
}

#[test]
fn what_follows_a_reset_in_the_same_bytes_is_not_told() {
    let open = Open::new();
    let bytes = format!("event: reset\ndata: {{\"reason\":\"unknown\"}}\n\n{PULSE}");
    assert!(!open.driver.hear(&open.notes, bytes.as_bytes()));
    let events = open.notes.events.take();
    assert!(matches!(events[..], [StreamEvent::Reset(_)]), "{events:?}");
}

#[test]
fn events_of_kinds_to_come_are_passed_over() {
    let open = Open::new();
    assert!(
        open.driver
            .hear(&open.notes, b"id: e-8\nevent: weather\ndata: sun\n\n")
    );
    assert_eq!(open.notes.events.take(), []);
    assert_eq!(open.driver.header().as_deref(), Some("e-8"));
}

#[test]
fn a_stream_of_endless_bytes_is_left_for_a_snapshot() {
    let open = Open::new();
    let bytes = vec![b'x'; 1024 * 1024];
    let n_heard = (0..40)
        .take_while(|_| open.driver.hear(&open.notes, &bytes))
        .count();
    assert_eq!(n_heard, 16);
    assert_eq!(open.acts(), [Act::Abort, Act::TakeSnapshot]);
}

/// A tab that follows a leader, after a snapshot of position 7.
fn following() -> Open {
    let open = Open {
        driver: Driver::new(true, true),
        notes: Notes::default(),
    };
    open.driver.begin(&open.notes);
    let id = EventId {
        epoch: "e".to_owned(),
        position: 7,
    };
    open.driver.snapshot_taken(&open.notes, &id);
    open.driver.hear_tab(&open.notes, "B1 1 0 0 e-7");
    assert!(open.acts().contains(&Act::TakeSnapshot));
    open
}

#[test]
fn a_follower_that_is_behind_its_leader_takes_the_snapshot() {
    for (said, is_behind) in [
        ("B1 1 0 0 e-7", false),
        ("B1 1 0 0 e-5", false),
        ("B1 1 0 0 e-8", true),
        ("B1 1 0 0 f-1", true),
        ("F\ne-7\n\u{1e}", false),
        ("F\ne-5\n\u{1e}", false),
        ("F\ne-8\n\u{1e}", true),
        // Of a leader that does not know yet that the log was replaced, or of one that knows before us: its beat says which.
        ("F\nf-9\n\u{1e}", false),
    ] {
        let open = following();
        open.driver.hear_tab(&open.notes, said);
        let takes = open.acts().contains(&Act::TakeSnapshot);
        assert_eq!(takes, is_behind, "{said:?}");
    }
}

#[test]
fn what_was_passed_on_behind_a_bye_is_told_when_the_stream_goes_on() {
    let open = following();
    let bye = "bye\ne-7\n{\"retry_ms\":200,\"reason\":\"lifetime\"}\u{1e}";
    let pulse = PULSE
        .trim_end()
        .replace("event: ", "")
        .replace("\ndata: ", "\ne-7\n");
    open.driver
        .hear_tab(&open.notes, &format!("F\ne-7\n\u{1e}{bye}{pulse}\u{1e}"));
    assert!(matches!(
        open.notes.events.take()[..],
        [StreamEvent::Bye(_)]
    ));
    open.driver.step(&open.notes, Input::Online);
    assert!(matches!(
        open.notes.events.take()[..],
        [StreamEvent::Pulse(_)]
    ));
}
