//! The digest after an absence: what it counts, and when there is one.

use contract::frame::{Hello, Pulse};
use contract::ids::EventId;
use contract::timestamp::Timestamp;
use tenant_atlas::feed::Event;
use tenant_atlas::feed::away::AWAY_MS;

use crate::world::{World, person, run, snapshot, tenant};

/// The snapshot of [`World`] is of this second.
const BEGIN: i64 = 1_000;
const AWAY: i64 = AWAY_MS / 1_000;

fn hello(second: i64) -> Event {
    let hello = Box::new(Hello {
        protocol: 1,
        build: "b1".to_owned(),
        server_time: Timestamp(second * 1_000),
        person: person(3),
        marks_rev: 0,
        tenants: vec![tenant(1), tenant(2)],
        channel: String::new(),
    });
    Event::Hello {
        hello,
        now_ms: second as f64 * 1_000.0,
    }
}

/// "since..until: ended/failed/running: runs", or empty.
fn digest(world: &World) -> String {
    let Some(away) = world.feed.away() else {
        return String::new();
    };
    let runs: Vec<String> = away
        .ended
        .iter()
        .map(|run| run.run_id.to_string())
        .collect();
    format!(
        "{}..{}: {}/{}/{}: {}",
        away.since.0 / 1_000 - BEGIN,
        away.until.0 / 1_000 - BEGIN,
        away.n_ended,
        away.n_failed,
        away.n_still_running,
        runs.join(" ")
    )
}

#[test]
fn a_short_break_has_no_digest_and_a_long_one_has_failures_first() {
    let mut world = World::new();
    world.say("r1 running, r2 running, r3 running, r4 running");
    world.feed.apply(hello(BEGIN + AWAY - 1));
    world.say("r1 completed ended1200");
    assert_eq!(digest(&world), "");

    world.feed.apply(hello(BEGIN + 2 * AWAY));
    let replay = "r2 failed ended1400, r3 completed ended1450, r5 running, r5 partial ended1500";
    world.say(replay);
    assert_eq!(digest(&world), "299..600: 3/2/1: 5 2 3");

    // What ends from now on is told by itself.
    world.say("r4 failed ended1700");
    assert_eq!(digest(&world), "299..600: 3/2/0: 5 2 3");
    assert!(world.feed.apply(Event::AwayRead));
    assert_eq!(digest(&world), "");
}

#[test]
fn nothing_that_happened_is_no_digest() {
    let mut world = World::new();
    world.feed.apply(hello(BEGIN + AWAY));
    assert_eq!(digest(&world), "");
}

#[test]
fn runs_whose_rows_were_cut_are_counted() {
    let mut world = World::new();
    let mut taken = snapshot(vec![run(1, "failed", 9_000)], 9_000, 8_411);
    taken.server_time = Timestamp((BEGIN + 3_600) * 1_000);
    taken.runs[0].ended_at = Some(Timestamp((BEGIN + 60) * 1_000));
    world.feed.apply(hello(BEGIN + 3_600));
    world.take(taken);
    assert_eq!(digest(&world), "0..3600: 8412/1/0: 1");
}

#[test]
fn a_second_absence_before_the_digest_was_read_makes_it_longer() {
    let mut world = World::new();
    world.feed.apply(hello(BEGIN + AWAY));
    world.say("r1 completed ended1100");
    let pulse = |second| Event::Pulse {
        pulse: Pulse {
            head: EventId {
                epoch: "k3".to_owned(),
                position: 0,
            },
            server_time: Timestamp(second * 1_000),
        },
        now_ms: second as f64 * 1_000.0,
    };
    world.feed.apply(pulse(BEGIN + AWAY + 10));
    world.feed.apply(pulse(BEGIN + 3 * AWAY));
    world.say("r2 failed ended1800");
    assert_eq!(digest(&world), "0..900: 2/1/0: 2 1");
}

#[test]
fn a_tab_that_was_hidden_for_long_has_a_digest_too() {
    let mut world = World::new();
    world.feed.apply(hello(BEGIN));
    let mut hide = |is_hidden, second: i64| {
        world.feed.apply(Event::Hidden {
            is_hidden,
            now_ms: ((BEGIN + second) * 1_000) as f64,
        })
    };
    assert!(!hide(true, 10));
    assert!(!hide(false, 20));
    hide(true, 30);
    world.say("r1 failed ended1100");
    let mut hide = |is_hidden, second: i64| {
        world.feed.apply(Event::Hidden {
            is_hidden,
            now_ms: ((BEGIN + second) * 1_000) as f64,
        })
    };
    assert!(hide(false, 30 + AWAY));
    assert_eq!(digest(&world), "30..330: 1/1/0: 1");
}

#[test]
fn a_page_that_is_opened_anew_says_what_happened_since_the_one_before_and_goes_on_saying_it_until_it_was_read()
 {
    let mut world = World::new();
    world.say("r1 running");
    let (at, n_ended) = world.feed.here().expect("the server has spoken");

    let opened = |earlier: (Timestamp, u64), second: i64| {
        let mut world = World::new();
        world.feed = tenant_atlas::feed::Feed::default();
        let (at, n_ended) = earlier;
        world.feed.apply(Event::WasHere { at, n_ended });
        let mut failed = run(1, "failed", 5);
        failed.ended_at = Some(Timestamp((BEGIN + AWAY / 2) * 1_000));
        let mut snapshot = snapshot(vec![failed], 5, 0);
        snapshot.server_time = Timestamp(second * 1_000);
        world.feed.apply(Event::Snapshot {
            snapshot: Box::new(snapshot),
            now_ms: 0.0,
        });
        world
    };
    let soon = opened((at, n_ended), BEGIN + AWAY - 1);
    assert_eq!(digest(&soon), "");

    let mut later = opened((at, n_ended), BEGIN + AWAY);
    assert_eq!(digest(&later), format!("0..{AWAY}: 1/1/0: 1"));
    assert_eq!(later.feed.here(), Some((at, n_ended)), "it was not read");
    later.feed.apply(Event::AwayRead);
    let now = Timestamp((BEGIN + AWAY) * 1_000);
    assert_eq!(later.feed.here(), Some((now, 1)));
}
