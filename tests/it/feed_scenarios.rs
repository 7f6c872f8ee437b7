//! What happened → which cards are on screen, in their order.

use contract::frame::Hello;
use contract::timestamp::Timestamp;
use tenant_atlas::feed::{Event, Freshness, Link, SnapshotNeed};

use crate::world::{World, key, person, run, snapshot, tenant};

#[track_caller]
fn check(events: &str, cards: &str) {
    let mut world = World::new();
    world.say(events);
    assert_eq!(world.cards(), cards, "after: {events}");
}

#[test]
fn a_run_has_one_card_that_is_updated_in_place() {
    check("r1 queued", "r1 queued");
    check("r1 queued, r1 running, r1 completed", "r1 completed");
    check("r1 queued, r2 queued, r1 running", "r2 queued, r1 running");
}

#[test]
fn an_older_event_does_not_reopen_an_ended_run() {
    check("r1 running @1, r1 failed @2, r1 running @1", "r1 failed");
    check("r1 failed @2, r1 running @1", "r1 failed");
    check("r1 completed @3, body r1 queued @1", "r1 completed");
}

#[test]
fn not_even_a_later_event_reopens_it_within_the_same_attempt() {
    check("r1 running, r1 failed, r1 running", "r1 failed");
}

#[test]
fn a_later_attempt_does() {
    check("r1 running, r1 failed, r1 running a2", "r1 running");
    check(
        "r1 failed, r1 queued a2, r1 running a2, r1 completed a2",
        "r1 completed",
    );
}

#[test]
fn a_stranger_s_run_has_a_card_once_it_fails() {
    check("r1 running by4", "");
    check("r1 running by4, r1 partial by4", "r1 partial");
    check("r1 running by4, r1 completed by4", "");
    check("r1 running by4, mark r1 watching", "r1 running");
}

#[test]
fn an_unknown_status_is_shown_as_it_came() {
    check("r1 archived", "r1 archived");
    check(
        "r1 succeeded, r2 completed_with_errors",
        "r2 partial, r1 completed",
    );
}

#[test]
fn failures_come_first_then_stalled_then_active_then_ended_by_newest() {
    check(
        "r1 completed ended50, r2 running, r3 failed ended10, r4 running, r4 running stalled, r5 partial ended40, r6 cancelled ended60",
        "r5 partial, r3 failed, r4 running, r2 running, r6 cancelled, r1 completed",
    );
    check(
        "r1 failed ended50, r1 failed ended50 acked, r2 queued, r3 completed ended90",
        "r2 queued, r3 completed, r1 failed",
    );
}

#[test]
fn progress_moves_no_card() {
    check(
        "r1 running started10, r2 running started20, progress r1 5/9 @1 #9",
        "r2 running, r1 running",
    );
}

#[test]
fn progress_counts_only_for_the_state_that_it_names() {
    let mut world = World::new();
    world.say("r1 running @1 #1");
    let processed = |world: &World| {
        world
            .feed
            .run(&key(1, 1))
            .and_then(|run| run.counts.processed)
    };
    assert!(world.say("progress r1 4/9 @1 #3"));
    assert_eq!(processed(&world), Some(4));
    assert!(!world.say("progress r1 3/9 @1 #2"), "an older rev");
    world.say("r1 running @2 #5 a2");
    assert!(!world.say("progress r1 5/9 @1 #6"), "an older place");
    assert!(
        !world.say("progress r1 5/9 @3 #6"),
        "a place that is not known yet"
    );
    assert!(
        !world.say("progress r7 5/9 @3 #6"),
        "a run that is not known"
    );
    assert!(world.say("progress r1 1/9 @2 #7"));
    assert_eq!(processed(&world), Some(1));
}

#[test]
fn an_answer_s_body_and_its_event_are_one_run() {
    let mut world = World::new();
    assert!(world.say("body r1 queued @1"));
    assert!(!world.say("r1 queued @1"));
    assert_eq!(world.cards(), "r1 queued");
    let totals = world
        .feed
        .totals(key(1, 1).tenant_id)
        .expect("the tenant is known");
    assert_eq!(totals.queued, 1, "counted once");
    assert_eq!(
        world.feed.n_holes(),
        0,
        "an answer has no place in the stream"
    );
}

#[test]
fn totals_follow_the_events() {
    let mut world = World::new();
    world.take(snapshot(vec![run(1, "running", 4)], 10, 8_412));
    world.say("r1 failed, r2 queued, r2 running, r2 running stalled, body r3 completed @3");
    let totals = world
        .feed
        .totals(key(1, 1).tenant_id)
        .expect("the tenant is known");
    assert_eq!((totals.queued, totals.running, totals.failed), (0, 1, 1));
    assert_eq!(
        totals.completed, 8_412,
        "an old row of a list was counted before"
    );
    let held = world.feed.held(key(1, 1).tenant_id);
    assert_eq!((held.n_held, held.n_older), (3, 8_411));
}

#[test]
fn a_snapshot_replaces_and_never_merges() {
    let mut world = World::new();
    world.say("r1 running, r2 failed, r3 queued");
    world.take(snapshot(vec![run(2, "completed", 9)], 9, 0));
    assert_eq!(world.cards(), "r2 completed");
    world.say("r2 failed @8");
    assert_eq!(world.cards(), "r2 completed");
}

#[test]
fn a_hole_in_the_history_asks_for_a_snapshot_and_is_counted() {
    let mut world = World::new();
    world.say("r1 running @1, r2 queued @2, r9 queued @1 t2");
    assert_eq!(world.feed.needs_snapshot(), None);
    world.say("r1 completed @5");
    assert_eq!(world.feed.needs_snapshot(), Some(SnapshotNeed::Now));
    assert_eq!(world.feed.n_holes(), 1);
    assert_eq!(
        world.cards(),
        "r9 queued, r2 queued, r1 completed",
        "what came is shown"
    );
    world.say("r2 running @3, r2 running @4");
    assert_eq!(
        world.feed.needs_snapshot(),
        None,
        "the missing ones came late"
    );
    world.say("r1 completed @9000");
    assert_eq!(world.feed.needs_snapshot(), Some(SnapshotNeed::Now));
    world.take(snapshot(Vec::new(), 9000, 0));
    assert_eq!(world.feed.needs_snapshot(), None);
}

fn hello(person_id: i64, tenants: &[i64], marks_rev: i64) -> Event {
    let hello = Box::new(Hello {
        protocol: 1,
        build: "b2".to_owned(),
        server_time: Timestamp(2_000_000),
        person: person(person_id),
        marks_rev,
        tenants: tenants.iter().copied().map(tenant).collect(),
        channel: String::new(),
    });
    Event::Hello {
        hello,
        now_ms: 500.0,
    }
}

#[test]
fn a_tenant_that_left_hello_leaves_everything() {
    let mut world = World::new();
    world.say("r1 failed, r2 failed t2");
    assert_eq!(world.feed.n_failed_unattended(), 2);
    assert!(world.feed.apply(hello(3, &[1], 0)));
    assert_eq!(world.cards(), "r1 failed");
    assert_eq!(world.feed.n_failed_unattended(), 1);
    assert_eq!(world.feed.tenants().count(), 1);
    assert_eq!(world.feed.totals(key(2, 2).tenant_id), None);
    assert_eq!(world.feed.needs_snapshot(), None);
}

#[test]
fn a_tenant_that_is_new_in_hello_is_fetched() {
    let mut world = World::new();
    world.feed.apply(hello(3, &[1, 2, 7], 0));
    assert_eq!(world.feed.needs_snapshot(), Some(SnapshotNeed::Now));
}

#[test]
fn another_person_sees_nothing_of_the_one_before() {
    let mut world = World::new();
    world.say("r1 failed");
    world.feed.apply(hello(4, &[1, 2], 0));
    assert_eq!(world.cards(), "");
    assert_eq!(world.feed.n_failed_unattended(), 0);
    assert!(!world.feed.has_begun());
}

#[test]
fn another_build_and_the_server_s_time_come_from_hello() {
    let mut world = World::new();
    assert!(!world.feed.build_changed("b1"), "not known yet");
    world.feed.apply(hello(3, &[1, 2], 0));
    assert!(world.feed.build_changed("b1"));
    assert!(!world.feed.build_changed("b2"));
    assert_eq!(world.feed.server_now(1_500.0), Some(Timestamp(2_001_000)));
}

#[test]
fn how_old_the_picture_is_is_said_in_the_server_s_time() {
    let mut world = World::new();
    world.feed.apply(hello(3, &[1, 2], 0));
    let stale = Event::Connection(Link::Stale {
        last_byte_ms: 2_500.0,
    });
    assert!(world.feed.apply(stale.clone()));
    assert!(!world.feed.apply(stale), "the same again changes nothing");
    let as_of = Some(Timestamp(2_002_000));
    assert_eq!(world.feed.freshness(), Freshness::Stale { as_of });
    assert!(world.feed.freshness().may_be_old());
}

#[test]
fn what_did_not_change_is_the_same_card() {
    let mut world = World::new();
    world.take(snapshot(
        vec![run(1, "running", 1), run(2, "failed", 2)],
        2,
        0,
    ));
    let before = world.feed.cards();
    world.take(snapshot(
        vec![run(1, "completed", 3), run(2, "failed", 2)],
        3,
        0,
    ));
    let after = world.feed.cards();
    assert!(
        std::rc::Rc::ptr_eq(&before[0], &after[0]),
        "run 2 is not drawn again"
    );
}
