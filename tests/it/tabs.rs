//! The tabs of one session: who leads when, and what the others hear. The limits are the ones that are promised.

use tenant_atlas::stream::connection::Link;
use tenant_atlas::stream::leader::Tab as Place;

use crate::network::{Faults, World};
use crate::stream_laws::is_whole;

const CALM: Faults = Faults {
    work: 3,
    cut: 0,
    stall: 0,
    refuse: 0,
    end: 0,
    restart: 0,
    restore: 0,
    forget: 0,
    lose: 0,
    freeze: 0,
    crash: 0,
    hide: 0,
};
/// A step of the world is at most this long, and it may take two for a word to be heard.
const STEPS_MS: f64 = 1_000.0;

/// Tabs that have settled: the first one is visible and leads.
fn settled(n_tabs: usize) -> World {
    let mut world = World::new(n_tabs as u64, n_tabs);
    let all_live = |world: &World| world.tabs.iter().all(|tab| tab.link.get().0 == Link::Live);
    world.until("all are live", &CALM, all_live);
    world.calm(5.0);
    assert_eq!(world.leader(), Some(0));
    world
}

fn leads(idx: usize) -> impl Fn(&World) -> bool {
    move |world| world.leader() == Some(idx)
}

#[track_caller]
fn all_are_whole(world: &mut World) {
    world.calm(15.0);
    for tab in &world.tabs {
        is_whole(world, tab, 0);
    }
    assert_eq!(world.n_streams(), 1);
}

#[test]
fn forty_tabs_have_one_stream() {
    let mut world = settled(40);
    assert_eq!(
        world.n_connects(),
        1,
        "the others are answered by the leader"
    );
    assert_eq!(world.n_streams(), 1);
    for _ in 0..40 {
        world.step(&CALM);
    }
    all_are_whole(&mut world);
}

#[test]
fn a_hidden_leader_hands_over_to_a_tab_that_becomes_visible() {
    let mut world = settled(3);
    world.show(0, false);
    world.show(2, true);
    let took_ms = world.until("the visible one leads", &CALM, leads(2));
    assert!(took_ms < STEPS_MS, "{took_ms} ms");
    all_are_whole(&mut world);
    // And in the other order.
    world.show(1, true);
    world.show(2, false);
    let took_ms = world.until("the visible one leads", &CALM, leads(1));
    assert!(took_ms < STEPS_MS, "{took_ms} ms");
    all_are_whole(&mut world);
}

#[test]
fn a_leader_that_is_visible_is_left_alone() {
    let mut world = settled(3);
    world.show(1, true);
    world.show(2, true);
    for _ in 0..400 {
        world.step(&CALM);
        assert_eq!(world.leader(), Some(0));
    }
}

#[test]
fn a_leader_that_crashed_is_followed_by_a_visible_tab_after_2_s() {
    let mut world = settled(3);
    world.show(2, true);
    world.crash(0);
    let took_ms = world.until("the visible one leads", &CALM, leads(1));
    assert!(
        (1_000.0..2_250.0 + STEPS_MS).contains(&took_ms),
        "{took_ms} ms"
    );
    all_are_whole(&mut world);
}

#[test]
fn a_leader_that_is_frozen_loses_the_lock_and_follows_when_it_thaws() {
    let mut world = settled(3);
    world.show(2, true);
    world.freeze(0, true);
    let is_led = |world: &World| world.tabs[2].link.get().1 == Place::Leads;
    let took_ms = world.until("the visible one leads", &CALM, is_led);
    assert!(took_ms < 2_250.0 + STEPS_MS, "{took_ms} ms");
    for _ in 0..100 {
        world.step(&CALM);
    }
    world.freeze(0, false);
    world.until("one leads", &CALM, leads(2));
    assert_eq!(world.tabs[0].link.get().1, Place::Follows);
    all_are_whole(&mut world);
}

#[test]
fn where_all_tabs_are_hidden_one_leads_within_20_s() {
    let mut world = settled(3);
    world.show(0, false);
    world.calm(30.0);
    assert_eq!(
        world.leader(),
        Some(0),
        "a hidden one goes on while nobody is visible"
    );
    world.crash(0);
    let took_ms = world.until("one leads", &CALM, |world| world.leader().is_some());
    assert!((10_000.0..20_000.0).contains(&took_ms), "{took_ms} ms");
    all_are_whole(&mut world);
}

#[test]
fn a_leader_that_leaves_is_followed_at_once() {
    let mut world = settled(2);
    world.show(1, true);
    world.leave(0);
    let took_ms = world.until("the other one leads", &CALM, |world| {
        world.tabs[1].link.get().1 == Place::Leads
    });
    assert!(took_ms < STEPS_MS, "{took_ms} ms");
    for _ in 0..40 {
        world.step(&CALM);
    }
    world.come_back(0);
    all_are_whole(&mut world);
    assert!(world.leader().is_some());
}

#[test]
fn a_tab_that_thaws_does_not_take_the_lock_from_a_leader_that_spoke_meanwhile() {
    let mut world = settled(2);
    world.show(1, true);
    // Its timer and what was said meanwhile come in either order.
    for _ in 0..8 {
        world.freeze(1, true);
        for _ in 0..60 {
            world.step(&CALM);
        }
        world.freeze(1, false);
        for _ in 0..20 {
            world.step(&CALM);
            assert_eq!(world.leader(), Some(0));
        }
    }
    all_are_whole(&mut world);
}

#[test]
fn a_follower_that_missed_the_last_event_knows_by_the_next_beat() {
    let mut world = settled(2);
    // The next pulse is seconds away, and what happened at the beginning has no part in it.
    world.calm(67.0);
    world.freeze(1, true);
    world.work();
    // The event reaches the leader and is passed on.
    world.until("it is passed on", &Faults::default(), |world| {
        let position = format!("e0-{}", world.server.log.len());
        world.tabs[0].driver.last_event_id() == position
    });
    world.lose_messages(1);
    world.freeze(1, false);
    let log = world.server.log.len();
    let took_ms = world.until("the follower has it", &Faults::default(), |world| {
        world.tabs[1].driver.last_event_id() == format!("e0-{log}")
    });
    assert!(
        took_ms < 3_000.0,
        "{took_ms} ms: sooner than the next pulse"
    );
}

#[test]
fn a_follower_says_how_the_leader_s_connection_stands() {
    let mut world = settled(2);
    world.server.up_at_ms = world.now_ms + 30_000.0;
    let breaks = Faults {
        cut: 1,
        ..Faults::default()
    };
    world.until("the leader reconnects", &breaks, |world| {
        matches!(world.tabs[0].link.get().0, Link::Reconnecting { .. })
    });
    let took_ms = world.until("the follower says so", &Faults::default(), |world| {
        matches!(world.tabs[1].link.get().0, Link::Reconnecting { .. })
    });
    assert!(took_ms < 1_500.0, "{took_ms} ms");
    world.until("both are live again", &Faults::default(), |world| {
        world.tabs.iter().all(|tab| tab.link.get().0 == Link::Live)
    });
    all_are_whole(&mut world);
}

#[test]
fn who_signs_out_in_one_tab_leaves_all_of_them() {
    let mut world = settled(3);
    world.sign_out(1);
    world.step(&CALM);
    let left = world.tabs.iter().filter(|tab| tab.has_left.get()).count();
    assert_eq!(left, 2, "both of the others");
}

#[test]
fn a_tab_that_cannot_share_has_a_stream_while_it_is_visible() {
    let mut world = World::new(7, 1);
    world.until("it is live", &CALM, |world| {
        world.tabs[0].link.get().0 == Link::Live
    });
    world.show(0, false);
    assert_eq!(world.n_streams(), 0);
    for _ in 0..400 {
        world.step(&CALM);
        assert_eq!(world.n_streams(), 0);
    }
    world.show(0, true);
    all_are_whole(&mut world);
    assert_eq!(world.tabs[0].n_doubled.get(), 0);
}
