//! The seal: proved complete, or repaired and counted, and no server makes a loop of snapshots.

use contract::frame::{Pulse, Seal};
use contract::ids::{EventId, RunKey, TenantId, TenantSeq};
use contract::seal::{EMPTY, toggle};
use contract::snapshot::{FailedRun, MAX_CURRENT, MAX_FAILED_NAMED};
use contract::timestamp::Timestamp;
use tenant_atlas::feed::diagnostics::Tab;
use tenant_atlas::feed::{Event, SnapshotNeed};

use crate::world::{World, key, run, snapshot};

fn seal(tenant_id: i64, head: i64, failed: &[(RunKey, i64)], second: i64) -> Seal {
    let digest = failed.iter().fold(EMPTY, |digest, (key, seq)| {
        toggle(digest, key, TenantSeq(*seq))
    });
    Seal {
        tenant_id: TenantId(tenant_id),
        head: TenantSeq(head),
        n_failed: failed.len() as u64,
        digest: format!("{digest:016x}"),
        server_time: Timestamp(second * 1_000),
    }
}

/// A world of tenant 1 alone, with a clock.
struct Sealed {
    world: World,
    now_ms: f64,
}

impl Sealed {
    fn new() -> Sealed {
        let mut world = World::new();
        world.take(snapshot(Vec::new(), 0, 0));
        Sealed { world, now_ms: 0.0 }
    }

    fn say(&mut self, words: &str) {
        self.world.say(words);
    }

    /// A seal of tenant 1, whose failures are named as `(run, seq)`.
    fn seal(&mut self, head: i64, failed: &[(i64, i64)], second: i64) {
        let failed: Vec<_> = failed.iter().map(|(id, seq)| (key(1, *id), *seq)).collect();
        self.world.feed.apply(Event::Seal {
            seal: seal(1, head, &failed, second),
            now_ms: self.now_ms,
        });
    }

    fn pulse(&mut self, second: i64) {
        let head = EventId {
            epoch: "k3".to_owned(),
            position: 0,
        };
        self.world.feed.apply(Event::Pulse {
            pulse: Pulse {
                head,
                server_time: Timestamp(second * 1_000),
            },
            now_ms: self.now_ms,
        });
    }

    fn complete_as_of(&self) -> Option<i64> {
        let as_of = self.world.feed.complete_as_of();
        as_of.map(|as_of| as_of.0 / 1_000)
    }

    #[track_caller]
    fn check(&self, complete_as_of: Option<i64>, n_repairs: u64) {
        let seen = (self.complete_as_of(), self.n_repairs());
        assert_eq!(seen, (complete_as_of, n_repairs));
        let needs = self.world.feed.needs_snapshot() == Some(SnapshotNeed::Now);
        assert_eq!(needs, n_repairs > 0 && complete_as_of.is_none());
    }

    fn n_repairs(&self) -> u64 {
        let nothing = std::iter::empty();
        let diagnostics = self.world.feed.diagnostics(self.now_ms, 0.0, nothing);
        diagnostics.n_repairs
    }
}

#[test]
fn equal_at_equal_heads_is_complete_as_of_the_seal() {
    let mut sealed = Sealed::new();
    sealed.check(None, 0);
    sealed.say("r1 running, r1 failed, r2 partial, r3 completed");
    sealed.seal(4, &[(1, 2), (2, 3)], 50);
    sealed.check(Some(50), 0);
}

#[test]
fn what_happens_to_a_failed_run_changes_the_fold() {
    let mut sealed = Sealed::new();
    sealed.say("r1 failed, r1 failed acked, r2 failed, r2 running a2");
    sealed.seal(4, &[(1, 2)], 50);
    sealed.check(Some(50), 0);
    sealed.say("r2 completed a2, r1 running a2, r1 partial a2");
    sealed.seal(7, &[(1, 7)], 51);
    sealed.check(Some(51), 0);
}

#[test]
fn a_seal_that_differs_takes_the_picture_anew_and_is_counted() {
    for (head, failed) in [
        (2, vec![(1, 2), (7, 1)]),
        (2, vec![]),
        (2, vec![(1, 1)]),
        (2, vec![(2, 2)]),
    ] {
        let mut sealed = Sealed::new();
        sealed.say("r1 running, r1 failed");
        sealed.seal(head, &failed, 50);
        sealed.check(None, 1);
        sealed.world.take(snapshot(vec![run(1, "failed", 2)], 2, 0));
        assert_eq!(sealed.world.feed.needs_snapshot(), None);
        sealed.seal(2, &[(1, 2)], 51);
        sealed.check(Some(51), 1);
    }
}

#[test]
fn a_seal_behind_the_history_says_nothing_and_one_ahead_waits_for_it() {
    let mut sealed = Sealed::new();
    sealed.say("r1 failed, r2 failed");
    sealed.seal(1, &[(1, 1)], 50);
    sealed.check(None, 0);
    sealed.seal(3, &[(1, 1), (2, 2), (3, 3)], 51);
    sealed.check(None, 0);
    sealed.say("r3 failed");
    sealed.check(Some(51), 0);
}

#[test]
fn last_events_that_never_come_are_noticed_by_the_seal_and_the_next_pulse() {
    let mut sealed = Sealed::new();
    sealed.say("r1 running");
    sealed.seal(2, &[(1, 2)], 50);
    sealed.check(None, 0);
    sealed.pulse(60);
    sealed.check(None, 1);
}

#[test]
fn a_pulse_without_an_event_since_the_seal_carries_the_proof_on() {
    let mut sealed = Sealed::new();
    sealed.say("r1 failed");
    sealed.seal(1, &[(1, 1)], 50);
    sealed.pulse(60);
    sealed.check(Some(60), 0);
    sealed.say("r2 failed");
    sealed.pulse(70);
    sealed.check(Some(60), 0);
    sealed.seal(2, &[(1, 1), (2, 2)], 71);
    sealed.check(Some(71), 0);
}

#[test]
fn an_answer_that_is_ahead_of_the_stream_is_no_difference() {
    let mut sealed = Sealed::new();
    sealed.say("r1 running, body r2 failed @3");
    sealed.seal(1, &[], 50);
    sealed.check(None, 0);
    sealed.say("r2 running @2, r2 failed @3");
    sealed.seal(3, &[(2, 3)], 51);
    sealed.check(Some(51), 0);
}

#[test]
fn a_server_that_always_differs_is_asked_ever_more_rarely() {
    let mut sealed = Sealed::new();
    let mut repaired_at = Vec::new();
    for second in 0..3_600 {
        sealed.now_ms = f64::from(second) * 1_000.0;
        sealed.seal(0, &[(9, 9)], i64::from(second));
        if sealed.world.feed.needs_snapshot().is_some() {
            repaired_at.push(second);
            sealed.world.take(snapshot(Vec::new(), 0, 0));
        }
    }
    assert_eq!(
        repaired_at,
        [0, 10, 30, 70, 150, 310, 630, 1_270, 1_910, 2_550, 3_190]
    );
    assert_eq!(sealed.n_repairs(), repaired_at.len() as u64);
    // Once they agree, the next difference is repaired soon again.
    sealed.seal(0, &[], 3_600);
    sealed.now_ms += 700_000.0;
    for _ in 0..2 {
        sealed.seal(0, &[(9, 9)], 3_601);
        assert!(sealed.world.feed.needs_snapshot().is_some());
        sealed.world.take(snapshot(Vec::new(), 0, 0));
        sealed.now_ms += 10_000.0;
    }
}

#[test]
fn the_oldest_of_the_tenants_counts() {
    let mut world = World::new();
    let mut say = |tenant_id, second| {
        world.feed.apply(Event::Seal {
            seal: seal(tenant_id, 0, &[], second),
            now_ms: 0.0,
        });
        world.feed.complete_as_of().map(|at| at.0 / 1_000)
    };
    assert_eq!(say(1, 50), None);
    assert_eq!(say(2, 40), Some(40));
    assert_eq!(say(2, 60), Some(50));
}

#[test]
fn the_fold_holds_beyond_evictions_and_for_failures_known_by_name_alone() {
    let mut sealed = Sealed::new();
    let mut failed = Vec::new();
    let mut taken = snapshot(Vec::new(), 500, 0);
    for run_id in 1..=500 {
        taken.failed.push(FailedRun {
            run: key(1, run_id),
            seq: TenantSeq(run_id),
        });
        failed.push((run_id, run_id));
    }
    sealed.world.take(taken);
    let n_runs = MAX_CURRENT as i64 + 700;
    for run_id in 501..=n_runs {
        sealed.say(&format!("r{run_id} failed"));
        failed.push((run_id, run_id));
    }
    assert!(sealed.world.feed.n_failed_not_held() > 500);
    sealed.seal(n_runs, &failed, 50);
    sealed.check(Some(50), 0);
    // One that is known by name alone ends well.
    sealed.say("r3 running a2");
    failed.retain(|(run_id, _)| *run_id != 3);
    sealed.seal(n_runs + 1, &failed, 51);
    sealed.check(Some(51), 0);
}

#[test]
fn where_not_every_failure_has_a_name_nothing_is_compared() {
    let mut sealed = Sealed::new();
    let mut taken = snapshot(Vec::new(), 1, 0);
    taken.failed = (0..MAX_FAILED_NAMED as i64)
        .map(|run_id| FailedRun {
            run: key(1, run_id),
            seq: TenantSeq(1),
        })
        .collect();
    sealed.world.take(taken);
    sealed.seal(1, &[(1, 1)], 50);
    sealed.check(None, 0);
}

#[test]
fn a_replay_of_what_was_passed_brings_no_run_back() {
    let mut sealed = Sealed::new();
    // Run 1 failed at 2 and ended well at 4; its row was cut.
    sealed.world.take(snapshot(Vec::new(), 4, 1));
    sealed.say("r1 failed @2");
    assert_eq!(sealed.world.cards(), "");
    sealed.seal(4, &[], 50);
    sealed.check(Some(50), 0);
}

#[test]
fn the_panel_knows_what_the_stream_has_been_through() {
    let mut sealed = Sealed::new();
    sealed.say("r1 running @3");
    sealed.world.feed.apply(Event::Reset);
    sealed.world.feed.apply(Event::Tab(Tab::Follows));
    let heard = [("pulse", 2_000.0)];
    let heard = heard.iter().map(|(name, ms)| (name, *ms));
    let seen = sealed.world.feed.diagnostics(4_000.0, 900_000.0, heard);
    assert_eq!(
        (seen.n_holes, seen.n_resets, seen.tab),
        (1, 1, Tab::Follows)
    );
    assert_eq!(seen.frames, [("pulse", Timestamp(1_002_000))]);
    assert_eq!(seen.server_ahead_ms, Some(104_000));
}
