//! Memory is bounded, and no failure is ever uncounted.

use contract::ids::TenantSeq;
use contract::run::Acknowledged;
use contract::snapshot::{FailedRun, MAX_CURRENT, MAX_RECENT};
use contract::timestamp::Timestamp;
use tenant_atlas::feed::Event;

use crate::world::{World, key, person, run, snapshot};

#[test]
fn every_failure_stays_while_thousands_of_others_pass() {
    let mut world = World::new();
    let mut seq = 0;
    for run_id in 1..=6_000 {
        seq += 1;
        let status = if run_id % 10 == 0 {
            "failed"
        } else {
            "completed"
        };
        world
            .feed
            .apply(Event::Run(Box::new(run(run_id, status, seq))));
    }
    assert_eq!(world.feed.n_failed_unattended(), 600);
    let cards = world.feed.cards();
    assert!(cards.len() <= 600 + MAX_RECENT + 100, "{}", cards.len());
    assert!(cards[..600].iter().all(|card| card.run.status.is_failure()));
    let held = world.feed.held(key(1, 1).tenant_id);
    assert_eq!(held.n_held + held.n_older, 6_000, "the totals are exact");
    assert!(
        world.feed.run(&key(1, 5_999)).is_some(),
        "the newest are kept"
    );
    assert!(world.feed.run(&key(1, 1)).is_none());
}

#[test]
fn more_failures_than_are_held_are_still_counted_and_acknowledged_ones_go_first() {
    let mut world = World::new();
    let mut seq = 0;
    for run_id in 1..=(MAX_CURRENT as i64 + 2_000) {
        seq += 1;
        let mut failed = run(run_id, "failed", seq);
        if run_id % 2 == 0 && run_id <= 200 {
            let by = person(4);
            failed.acknowledged = Some(Acknowledged {
                by,
                at: Timestamp(0),
            });
        }
        world.feed.apply(Event::Run(Box::new(failed)));
    }
    let n_held = world.feed.cards().len();
    assert!(n_held <= MAX_CURRENT + 100, "{n_held}");
    let n_unattended = world.feed.n_failed_unattended();
    // Of those that are not held only the name is known: that somebody looks after one is not, so it counts.
    assert!(n_unattended >= MAX_CURRENT + 1_900, "{n_unattended}");
    assert!(world.feed.n_failed_not_held() >= 1_900);
    assert!(world.feed.run(&key(1, 2)).is_none());
}

#[test]
fn a_failure_that_the_snapshot_only_names_counts_until_it_is_dismissed_or_heard_of_again() {
    let mut world = World::new();
    let mut told = snapshot(vec![run(1, "failed", 5)], 5, 0);
    told.failed.push(FailedRun {
        run: key(1, 2),
        seq: TenantSeq(3),
    });
    world.take(told);
    assert_eq!(world.feed.n_failed_unattended(), 2);
    assert_eq!(world.feed.n_failed_not_held(), 1);
    world.say("mark r2 dismissed@3");
    assert_eq!(world.feed.n_failed_unattended(), 1);
    world.say("r2 running a2");
    assert_eq!(world.feed.n_failed_not_held(), 0);
    assert_eq!(world.feed.n_failed_unattended(), 1);
    assert_eq!(
        world.feed.needs_snapshot(),
        Some(tenant_atlas::feed::SnapshotNeed::Soon),
        "failed or partial: one of the two totals is off by one"
    );
}

#[test]
fn an_older_row_of_a_list_does_not_hide_a_failure_that_the_snapshot_names() {
    let mut world = World::new();
    let mut told = snapshot(Vec::new(), 9, 0);
    told.failed.push(FailedRun {
        run: key(1, 2),
        seq: TenantSeq(8),
    });
    world.take(told);
    world.say("body r2 running @7");
    assert_eq!(world.feed.n_failed_unattended(), 1);
    world.say("body r2 failed @8");
    assert_eq!(world.feed.n_failed_unattended(), 1);
    assert_eq!(world.cards(), "r2 failed");
}

#[test]
fn a_later_picture_tells_which_failures_are_new_and_the_first_one_tells_none() {
    let mut world = World::new();
    let before = tenant_atlas::feed::Feed::default();
    let mut told = snapshot(vec![run(1, "failed", 5), run(2, "running", 6)], 6, 0);
    told.failed.push(FailedRun {
        run: key(1, 4),
        seq: TenantSeq(3),
    });
    world.take(told);
    assert_eq!(world.feed.failed_since(&before), []);
    let before = world.feed.clone();
    // One failed as before, one since, one is heard of for the first time, and one was known by its name.
    let runs = vec![
        run(1, "failed", 5),
        run(2, "failed", 7),
        run(3, "partial", 8),
        run(4, "failed", 3),
    ];
    world.take(snapshot(runs, 8, 0));
    let mut news = world.feed.failed_since(&before);
    news.sort();
    assert_eq!(news, [key(1, 2), key(1, 3)]);
    assert_eq!(world.feed.failed_since(&world.feed), []);
}
