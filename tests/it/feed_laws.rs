//! What holds for every history: the order of arrival, repetition and lateness change nothing.

use contract::ids::TenantSeq;
use contract::run::Run;
use contract::snapshot::Totals;
use proptest::prelude::*;
use tenant_atlas::feed::{Event, SnapshotNeed};

use crate::world::{World, key, run, slot, snapshot};

/// One step of one run, as a server could make it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Claim,
    Complete,
    Fail,
    End,
    Acknowledge,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Claim),
        Just(Step::Complete),
        Just(Step::Fail),
        Just(Step::End),
        Just(Step::Acknowledge),
    ]
}

/// The `run` events of a tenant in their order, made by the rules of a run's states.
fn history(steps: &[(i64, Step)]) -> Vec<Run> {
    let mut now: std::collections::BTreeMap<i64, Run> = std::collections::BTreeMap::new();
    let mut events = Vec::new();
    for (run_id, step) in steps {
        let seq = events.len() as i64 + 1;
        let before = now.get(run_id);
        let (status, attempt, acknowledges) = match (before.map(|run| run.status.as_str()), step) {
            (None, _) => ("queued", 1, false),
            (Some("queued"), _) => ("running", 1, false),
            (Some("running"), Step::Complete) => ("completed", 0, false),
            (Some("running"), Step::Fail) => ("failed", 0, false),
            (Some("running"), Step::End) => ("partial", 0, false),
            (Some("failed"), Step::Claim) => ("running", 1, false),
            (Some("failed"), Step::Acknowledge) => ("failed", 0, true),
            _ => continue,
        };
        let mut next = run(*run_id, status, seq);
        next.attempt = before.map_or(0, |run| run.attempt) + attempt;
        if before.is_some_and(|run| run.status.as_str() == "queued") {
            next.attempt = 1;
        }
        if acknowledges {
            let by = crate::world::person(4);
            next.status_seq = before.map_or(TenantSeq(seq), |run| run.status_seq);
            next.acknowledged = Some(contract::run::Acknowledged { by, at: next.at });
        }
        now.insert(*run_id, next.clone());
        events.push(next);
    }
    events
}

fn histories() -> impl Strategy<Value = Vec<Run>> {
    prop::collection::vec((1_i64..6, step()), 1..60).prop_map(|steps| history(&steps))
}

/// Every event once, then some again, in any order, some as bodies of answers.
fn arrivals() -> impl Strategy<Value = (Vec<Run>, Vec<Event>)> {
    let shuffled = histories().prop_flat_map(|history| {
        let n_events = history.len();
        let again = prop::collection::vec(0..n_events, 0..20);
        let order = again.prop_flat_map(move |again| {
            Just((0..n_events).chain(again).collect::<Vec<_>>()).prop_shuffle()
        });
        let bodies = prop::collection::vec((0..n_events, any::<prop::sample::Index>()), 0..20);
        (Just(history), order, bodies)
    });
    shuffled.prop_map(|(history, order, bodies)| {
        let mut events: Vec<Event> = order
            .into_iter()
            .map(|idx| Event::Run(Box::new(history[idx].clone())))
            .collect();
        for (idx, at) in bodies {
            let body = Event::Body(Box::new(history[idx].clone()));
            events.insert(at.index(events.len() + 1), body);
        }
        (history, events)
    })
}

/// Everything that a person can see of the feed.
fn seen(world: &World) -> (String, Vec<Run>, usize, Option<Totals>) {
    let tenant_id = key(1, 1).tenant_id;
    let runs = world.feed.runs_of(tenant_id);
    (
        world.cards(),
        runs.iter().map(|run| Run::clone(run)).collect(),
        world.feed.n_failed_unattended(),
        world.feed.totals(tenant_id),
    )
}

fn told(events: impl IntoIterator<Item = Event>) -> World {
    let mut world = World::new();
    for event in events {
        world.feed.apply(event);
    }
    world
}

fn in_order(history: &[Run]) -> World {
    told(history.iter().map(|run| Event::Run(Box::new(run.clone()))))
}

proptest! {
    #[test]
    fn any_order_repetition_and_lateness_give_the_feed_of_the_history((history, events) in arrivals()) {
        let world = told(events);
        prop_assert_eq!(seen(&world), seen(&in_order(&history)));
        // An answer that overtook the first events of its run may leave a doubt about the totals, never a hole.
        prop_assert_ne!(world.feed.needs_snapshot(), Some(SnapshotNeed::Now));
    }

    #[test]
    fn no_failure_is_uncounted(history in histories()) {
        let mut latest = std::collections::BTreeMap::new();
        for run in &history {
            latest.insert(run.key(), run);
        }
        let n_failed = latest
            .values()
            .filter(|run| run.status.is_failure() && run.acknowledged.is_none())
            .count();
        let mut totals = Totals::default();
        for run in latest.values() {
            *slot(&mut totals, &run.status) += 1;
        }
        let world = in_order(&history);
        prop_assert_eq!(world.feed.n_failed_unattended(), n_failed);
        prop_assert_eq!(world.feed.totals(key(1, 1).tenant_id), Some(totals));
        prop_assert_eq!(world.feed.n_holes(), 0);
    }

    #[test]
    fn a_snapshot_anywhere_and_the_rest_of_the_stream_give_the_feed_of_the_history(history in histories(), cut in any::<prop::sample::Index>(), overlap in 0_usize..5) {
        let cut = cut.index(history.len() + 1);
        let mut latest = std::collections::BTreeMap::new();
        for run in &history[..cut] {
            latest.insert(run.key(), run.clone());
        }
        let mut world = World::new();
        world.take(snapshot(latest.into_values().collect(), cut as i64, 0));
        // A replay may begin before the snapshot.
        for run in &history[cut.saturating_sub(overlap)..] {
            world.feed.apply(Event::Run(Box::new(run.clone())));
        }
        prop_assert_eq!(seen(&world), seen(&in_order(&history)));
        prop_assert_eq!(world.feed.needs_snapshot(), None);
    }

    #[test]
    fn a_missing_event_is_always_noticed(history in histories(), hole in any::<prop::sample::Index>()) {
        prop_assume!(history.len() >= 2);
        // The very last one is noticed by the next.
        let hole = hole.index(history.len() - 1);
        let events = history.iter().enumerate().filter(|(idx, _)| *idx != hole);
        let world = told(events.map(|(_, run)| Event::Run(Box::new(run.clone()))));
        prop_assert_eq!(world.feed.n_holes(), 1);
        prop_assert!(world.feed.needs_snapshot().is_some());
    }

    #[test]
    fn applying_tells_whether_anything_changed((_, events) in arrivals()) {
        let mut world = World::new();
        for event in events {
            let before = seen(&world);
            let changed = world.feed.apply(event);
            prop_assert!(changed || before == seen(&world));
        }
    }
}
