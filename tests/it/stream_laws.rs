//! For every interleaving of server, network and tabs the feed at the end is the fold of the log.

use std::collections::BTreeMap;

use contract::ids::{RunKey, TenantId};
use contract::run::Run;
use contract::snapshot::Totals;
use tenant_atlas::stream::connection::Link;

use crate::host::Tab;
use crate::network::{Faults, World};
use crate::world::slot;

const TENANTS: [TenantId; 3] = [TenantId(1), TenantId(2), TenantId(3)];

/// Every fault of a network and of a server that goes away and comes back.
const NETWORK: Faults = Faults {
    work: 3,
    cut: 9,
    stall: 300,
    refuse: 6,
    end: 90,
    restart: 150,
    restore: 900,
    forget: 200,
    lose: 0,
    freeze: 0,
    crash: 0,
    hide: 0,
};

/// What a tab holds is what the server has: runs, totals and failures, and it is proved.
#[track_caller]
pub(crate) fn is_whole(world: &World, tab: &Tab, seed: u64) {
    let feed = tab.feed.borrow();
    let held: BTreeMap<RunKey, Run> = TENANTS
        .iter()
        .flat_map(|tenant_id| feed.runs_of(*tenant_id))
        .map(|run| (run.key(), Run::clone(&run)))
        .collect();
    let runs = &world.server.runs;
    for (key, run) in runs {
        assert_eq!(held.get(key), Some(run), "seed {seed}");
    }
    assert_eq!(held.len(), runs.len(), "seed {seed}");
    for tenant_id in TENANTS {
        let mut totals = Totals::default();
        for run in runs.values().filter(|run| run.tenant_id == tenant_id) {
            *slot(&mut totals, &run.status) += 1;
        }
        assert_eq!(feed.totals(tenant_id), Some(totals), "seed {seed}");
    }
    let n_failed = runs.values().filter(|run| run.status.is_failure()).count();
    assert_eq!(feed.n_failed_unattended(), n_failed, "seed {seed}");
    assert_eq!(tab.link.get().0, Link::Live, "seed {seed}");
    assert!(
        feed.complete_as_of().is_some(),
        "seed {seed}: nothing is proved"
    );
}

fn n_repairs(tab: &Tab) -> (u64, u64) {
    let feed = tab.feed.borrow();
    let seen = feed.diagnostics(0.0, 0.0, std::iter::empty());
    (seen.n_holes, seen.n_repairs)
}

#[test]
fn whatever_the_network_does_the_feed_at_the_end_is_the_fold_of_the_log() {
    let mut n_connects = 0;
    for seed in 0..60 {
        let mut world = World::new(seed, 1);
        while world.n_connects() < 200 {
            world.step(&NETWORK);
        }
        n_connects += world.n_connects();
        world.calm(120.0);
        is_whole(&world, &world.tabs[0], seed);
        assert_eq!(
            world.tabs[0].n_doubled.get(),
            0,
            "seed {seed}: nothing came twice"
        );
        assert_eq!(
            n_repairs(&world.tabs[0]),
            (0, 0),
            "seed {seed}: nothing was ever missing"
        );
    }
    assert!(n_connects >= 10_000, "{n_connects} connections");
}

#[test]
fn what_a_faulty_server_does_not_send_is_noticed_and_repaired() {
    let (mut n_holes, mut n_differences) = (0, 0);
    for seed in 0..20 {
        let mut world = World::new(seed, 1);
        let faults = Faults {
            lose: 10,
            cut: 60,
            ..NETWORK
        };
        for _ in 0..600 {
            world.step(&faults);
        }
        world.calm(20.0);
        // No hole shows that the last ones are missing.
        let silent = Faults {
            work: 1,
            lose: 1,
            ..Faults::default()
        };
        for _ in 0..5 {
            world.step(&silent);
        }
        world.calm(900.0);
        is_whole(&world, &world.tabs[0], seed);
        let (holes, differences) = n_repairs(&world.tabs[0]);
        n_holes += holes;
        n_differences += differences;
    }
    assert!(
        n_holes > 20 && n_differences > 0,
        "{n_holes} holes, {n_differences} differences"
    );
}

#[test]
fn tabs_that_freeze_crash_hide_and_reconnect_all_hold_the_fold_of_the_log_by_one_stream() {
    let mut n_connects = 0;
    for seed in 0..30 {
        let mut world = World::new(seed, 4);
        let faults = Faults {
            cut: 40,
            freeze: 120,
            crash: 250,
            hide: 60,
            ..NETWORK
        };
        for _ in 0..1_200 {
            world.step(&faults);
        }
        n_connects += world.n_connects();
        world.calm(120.0);
        for tab in &world.tabs {
            is_whole(&world, tab, seed);
        }
        assert_eq!(world.n_streams(), 1, "seed {seed}");
        assert!(world.leader().is_some(), "seed {seed}: one leads");
    }
    assert!(n_connects > 1_000, "{n_connects} connections");
}
