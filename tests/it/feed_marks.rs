//! Seen, dismissed, undone: by clicks that the server has not answered yet, and by its answers.

use contract::api::{MarkRows, MarksPut};
use contract::card::{Dismissed, Mark};
use contract::ids::TenantSeq;
use tenant_atlas::feed::{Event, NoticeKind, SnapshotNeed};

use crate::world::{World, key, run, snapshot};

#[track_caller]
fn check(events: &str, cards: &str) -> World {
    let mut world = World::new();
    world.say(events);
    assert_eq!(world.cards(), cards, "after: {events}");
    world
}

fn dismissed(run_id: i64, seq: i64, marks_rev: i64) -> Mark {
    let dismissed = Some(Dismissed {
        seq: TenantSeq(seq),
        attempt: 1,
    });
    Mark {
        run: key(1, run_id),
        marks_rev,
        watching: false,
        seen_seq: None,
        dismissed,
    }
}

#[test]
fn a_dismissed_card_is_gone_at_once_and_undoing_brings_it_back() {
    check("r1 completed, r2 running, dismiss r1", "r2 running");
    check(
        "r1 completed, r2 running, dismiss r1, undo r1",
        "r2 running, r1 completed",
    );
}

#[test]
fn a_dismissal_that_the_server_refused_is_undone() {
    check("r1 completed, dismiss r1, refused r1", "r1 completed");
}

#[test]
fn a_failure_after_the_dismissal_brings_the_card_back() {
    check("r1 running, dismiss r1, r1 failed", "r1 failed");
    check("r1 running, mark r1 dismissed@1, r1 partial", "r1 partial");
    check("r1 running, dismiss r1, r1 completed", "");
    check("r1 failed, dismiss r1, r1 failed acked", "");
}

#[test]
fn a_later_attempt_brings_the_card_back() {
    check("r1 failed, dismiss r1, r1 running a2", "r1 running");
}

#[test]
fn a_dismissal_elsewhere_arrives_here_and_an_older_mark_does_not_undo_a_later_one() {
    let mut world = check("r1 completed, mark r1 dismissed@1", "");
    let older = Mark {
        dismissed: None,
        ..dismissed(1, 0, 1)
    };
    assert!(!world.feed.apply(Event::MarkRows(MarkRows {
        rows: vec![older],
        next: None,
        marks_rev: 1,
        preferences: None,
    })));
    assert_eq!(world.cards(), "");
    world.say("mark r1 none");
    assert_eq!(world.cards(), "r1 completed");
}

#[test]
fn the_answer_to_an_earlier_click_does_not_undo_a_later_one() {
    let mut world = check("r1 completed, dismiss r1, undo r1", "r1 completed");
    let put = MarksPut {
        marks_rev: 1,
        marks: vec![dismissed(1, 1, 1)],
        stayed: Vec::new(),
    };
    world.feed.apply(Event::MarksPut { put, change: 1 });
    assert_eq!(world.cards(), "r1 completed", "the undo is still under way");
    world.feed.apply(Event::DismissFailed {
        key: key(1, 1),
        change: 2,
    });
    assert_eq!(
        world.cards(),
        "",
        "the undo was refused, and the dismissal stands"
    );
}

#[test]
fn what_has_changed_since_stays_and_the_app_says_so() {
    let mut world = check("r1 completed, r2 completed, dismiss r1, dismiss r2", "");
    let put = MarksPut {
        marks_rev: 1,
        marks: vec![dismissed(1, 1, 1)],
        stayed: vec![key(1, 2)],
    };
    for change in [1, 2] {
        let put = put.clone();
        world.feed.apply(Event::MarksPut { put, change });
    }
    assert_eq!(world.cards(), "r2 completed");
    let said = &world.feed.notices()[0];
    assert_eq!(said.kind, NoticeKind::Stayed(vec![key(1, 2)]));
    let read = Event::NoticeRead(said.id);
    world.feed.apply(read);
    assert_eq!(world.feed.notices().len(), 1, "the other answer's");
}

#[test]
fn the_bell_counts_failures_that_nobody_looks_after() {
    let bell = |events: &str| {
        let mut world = World::new();
        world.say(events);
        world.feed.n_failed_unattended()
    };
    assert_eq!(
        bell("r1 failed, r2 partial by4, r3 running, r4 completed"),
        2
    );
    assert_eq!(bell("r1 failed, r2 partial, r1 failed acked"), 1);
    assert_eq!(bell("r1 failed, r2 partial, dismiss r2"), 1);
    assert_eq!(bell("r1 failed, r1 running a2"), 0);
}

#[test]
fn seen_holds_until_the_status_changes() {
    let mut world = World::new();
    world.say("r1 running");
    assert_eq!(world.feed.n_unread(), 1);
    assert!(world.say("seen r1"));
    assert_eq!(world.feed.n_unread(), 0);
    assert!(!world.say("seen r1"));
    world.say("mark r1 none");
    assert_eq!(
        world.feed.n_unread(),
        0,
        "the server has not heard of it yet"
    );
    world.say("r1 completed");
    assert_eq!(world.feed.n_unread(), 1);
}

#[test]
fn marks_missed_while_nobody_listened_are_asked_for_until_they_came() {
    let mut world = World::new();
    let mut told = snapshot(vec![run(1, "completed", 1)], 1, 0);
    told.marks_rev = 5;
    world.take(told);
    assert_eq!(world.feed.marks_wanted_after(), None);
    world.feed.apply(hello(9));
    assert_eq!(world.feed.marks_wanted_after(), Some(5));
    world
        .feed
        .apply(Event::Marks(contract::frame::MarksChanged {
            marks_rev: 10,
            marks: Vec::new(),
            preferences: None,
        }));
    assert_eq!(
        world.feed.marks_wanted_after(),
        Some(5),
        "a frame does not hold what came before it"
    );
    let rows = |rows: Vec<Mark>, next| {
        Event::MarkRows(MarkRows {
            rows,
            next,
            marks_rev: 10,
            preferences: None,
        })
    };
    world.feed.apply(rows(vec![dismissed(1, 1, 8)], Some(8)));
    assert_eq!(world.feed.marks_wanted_after(), Some(5));
    world.feed.apply(rows(Vec::new(), None));
    assert_eq!(world.feed.marks_wanted_after(), None);
    assert_eq!(world.cards(), "");
    world.feed.apply(hello(3));
    assert_eq!(
        world.feed.needs_snapshot(),
        Some(SnapshotNeed::Now),
        "the server's data was replaced"
    );
}

fn hello(marks_rev: i64) -> Event {
    let hello = Box::new(contract::frame::Hello {
        protocol: 1,
        build: "b1".to_owned(),
        server_time: contract::timestamp::Timestamp(2_000_000),
        person: crate::world::person(3),
        marks_rev,
        tenants: vec![crate::world::tenant(1)],
        channel: String::new(),
    });
    Event::Hello { hello, now_ms: 0.0 }
}
