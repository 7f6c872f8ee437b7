//! Whatever order the events of a portal come in, however they are cut into batches and sent again: the runs end the same.

use std::collections::{BTreeMap, BTreeSet};

use contract::ids::TenantId;
use contract::ingest::{Judgement, RunEvent};
use contract::run::{Counts, Run};
use contract::timestamp::Timestamp;
use proptest::prelude::*;
use runs::change::Change;

use super::ingest::{event, key};
use super::world::World;

const N_RUNS: i64 = 3;
const STATUSES: [&str; 7] = [
    "queued",
    "running",
    "paused",
    "completed",
    "partial",
    "failed",
    "cancelled",
];

fn announced() -> impl Strategy<Value = RunEvent> {
    let fields = (prop::option::of(0..3_u64), prop::option::of("[ab]"));
    let order = (1..3_u32, any::<bool>(), 1..8_i64);
    (
        1..=N_RUNS,
        prop::sample::select(&STATUSES[..]),
        order,
        fields,
    )
        .prop_map(
            |(run_id, status, (attempt, is_numbered, place), (total, target))| RunEvent {
                attempt,
                sequence: is_numbered.then_some(place),
                at: (!is_numbered).then_some(Timestamp(1_768_147_000_000 + place)),
                counts: total.map(|total| Counts {
                    total: Some(total),
                    ..Counts::default()
                }),
                target,
                ..event(run_id, status, place)
            },
        )
}

/// Run, sequence; or attempt, time and status.
type Identity = (i64, Option<i64>, Option<(u32, Option<i64>, String)>);

/// What says that two events are one: the rule of the protocol, told once more.
fn identity(event: &RunEvent) -> Identity {
    let timed = (
        event.attempt,
        event.at.map(|at| at.0),
        event.status.to_string(),
    );
    (
        event.run_id.0,
        event.sequence,
        event.sequence.is_none().then_some(timed),
    )
}

/// Sends the same events in another order, in other batches, some of them again.
pub(crate) fn every_order_of_announcements_ends_the_same(make: fn() -> World) {
    let config = ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let orders = (prop::collection::vec(announced(), 1..30), 1..7_usize).prop_flat_map(
        |(mut events, cut)| {
            let mut seen = BTreeSet::new();
            events.retain(|event| seen.insert(identity(event)));
            let again = prop::sample::subsequence(events.clone(), 0..=events.len());
            (
                Just(events.clone()),
                Just(events).prop_shuffle(),
                again,
                Just(cut),
            )
        },
    );
    proptest!(config, |((sent, shuffled, again, cut) in orders)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut other_way = shuffled;
            other_way.splice(0..0, again.iter().rev().cloned());
            other_way.extend(again);
            let one = send(&make(), &sent, sent.len()).await;
            let other = send(&make(), &other_way, cut).await;
            assert_eq!(one, other);
        });
    });
}

/// The runs at the end, without what depends on when they came.
async fn send(world: &World, events: &[RunEvent], cut: usize) -> Vec<Run> {
    let (tenant, _) = world.manned().await;
    let mut judged = Vec::new();
    for batch in events.chunks(cut) {
        judged.extend(world.announce(tenant, batch.to_vec()).await.unwrap());
    }
    let mut seen = BTreeSet::new();
    for (event, judgement) in events.iter().zip(&judged) {
        let is_first = seen.insert(identity(event));
        assert_eq!(*judgement != Judgement::Duplicate, is_first, "{event:?}");
    }
    judge(world, tenant).await;
    let mut runs = Vec::new();
    for run_id in 1..=N_RUNS {
        if let Ok(page) = world.store.run_page(&key(tenant, run_id)).await {
            runs.push(without_arrival(page.run));
        }
    }
    runs
}

fn without_arrival(run: Run) -> Run {
    let zero = Timestamp(0);
    Run {
        tenant_seq: contract::ids::TenantSeq(0),
        status_seq: contract::ids::TenantSeq(0),
        rev: contract::ids::Rev(0),
        at: zero,
        queued_at: zero,
        // That it began is known only if a start came before the end.
        started_at: None,
        ended_at: run.ended_at.map(|_| zero),
        ..run
    }
}

/// The log has no hole, is told as it is, and never takes a run back.
async fn judge(world: &World, tenant: TenantId) {
    let log = world.log(&[tenant]).await;
    let told: Vec<u64> = world
        .told()
        .iter()
        .filter_map(|change| match change {
            Change::Run(event) => Some(event.position),
            _ => None,
        })
        .collect();
    let logged: Vec<u64> = log.iter().map(|(position, _)| *position).collect();
    assert_eq!(told, logged);
    let mut latest = BTreeMap::new();
    for (place, (_, run)) in log.iter().enumerate() {
        assert_eq!(run.tenant_seq.0, place as i64 + 1);
        if let Some(before) = latest.insert(run.key(), run) {
            let goes_back = before.status.is_ended() && !run.status.is_ended();
            assert!(
                run.attempt > before.attempt || !goes_back,
                "{before:?} {run:?}"
            );
            assert!(run.attempt >= before.attempt && run.rev > before.rev);
            let is_news = run.status_seq > before.status_seq;
            let differs = run.status != before.status || run.attempt != before.attempt;
            assert_eq!(
                is_news, differs,
                "each change of status is logged, and once"
            );
        }
    }
}
