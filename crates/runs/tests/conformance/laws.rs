//! Whatever is done in whatever order, by workers that come, go silent and come back too late: the laws hold at the end.

use std::collections::{BTreeMap, BTreeSet};

use contract::ids::{ItemId, RunKey};
use contract::run::{Counts, Item, Outcome, Run};
use proptest::prelude::*;
use runs::Error;
use runs::change::Change;
use runs::items::WorkItem;
use runs::lease::{Ending, Lease};

use super::world::{LEASE, World, captured, error, failed, new_item, skipped};

const N_TENANTS: usize = 2;
const N_POLICIES: usize = 3;
const N_WORKERS: usize = 3;

#[derive(Clone, Debug)]
enum Operation {
    Start {
        tenant: usize,
        target: usize,
    },
    Claim {
        worker: usize,
    },
    Plan {
        worker: usize,
        n: usize,
    },
    Begin {
        worker: usize,
        item: usize,
    },
    Settle {
        worker: usize,
        item: usize,
        how: usize,
    },
    Beat {
        worker: usize,
    },
    Finish {
        worker: usize,
        how: usize,
    },
    Expire,
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::{Beat, Begin, Claim, Expire, Finish, Plan, Settle, Start};
    let worker = 0..N_WORKERS;
    let item = 0..N_POLICIES;
    prop_oneof![
        3 => (0..N_TENANTS, 0..=N_POLICIES).prop_map(|(tenant, target)| Start { tenant, target }),
        4 => worker.clone().prop_map(|worker| Claim { worker }),
        3 => (worker.clone(), 0..=N_POLICIES).prop_map(|(worker, n)| Plan { worker, n }),
        4 => (worker.clone(), item.clone()).prop_map(|(worker, item)| Begin { worker, item }),
        6 => (worker.clone(), item, 0..4usize).prop_map(|(worker, item, how)| Settle { worker, item, how }),
        1 => worker.clone().prop_map(|worker| Beat { worker }),
        2 => (worker, 0..5usize).prop_map(|(worker, how)| Finish { worker, how }),
        1 => Just(Expire),
    ]
}

/// What a worker believes; it may be wrong about the lease.
#[derive(Default)]
struct Worker {
    lease: Option<Lease>,
    open: Vec<WorkItem>,
}

/// The model: who truly holds each run, and what each item was settled as.
#[derive(Default)]
struct Model {
    held: BTreeMap<RunKey, i64>,
    settled: BTreeMap<ItemId, Outcome>,
}

impl Model {
    fn holds(&self, lease: &Lease) -> bool {
        self.held.get(&super::world::key_of(lease)) == Some(&lease.lease_epoch)
    }

    /// A write of a worker succeeds exactly if it holds the lease.
    #[track_caller]
    fn check<T: std::fmt::Debug>(&self, lease: &Lease, written: &runs::error::Result<T>) {
        match written {
            Ok(_) | Err(Error::ItemSettled) => assert!(self.holds(lease), "{written:?}"),
            Err(Error::LeaseLost) => assert!(!self.holds(lease), "{written:?}"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Runs random sequences against new stores.
pub(crate) fn every_sequence_of_operations_keeps_the_laws(make: fn() -> World) {
    let config = ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(operations in prop::collection::vec(operation(), 1..80))| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(keep_the_laws(&make(), operations));
    });
}

async fn keep_the_laws(world: &World, operations: Vec<Operation>) {
    let mut tenants = Vec::new();
    for _ in 0..N_TENANTS {
        let (tenant, person) = world.manned().await;
        tenants.push((tenant, person, world.policies(tenant, N_POLICIES).await));
    }
    let mut workers: Vec<Worker> = (0..N_WORKERS).map(|_| Worker::default()).collect();
    let mut model = Model::default();
    let store = &world.store;
    for operation in operations {
        match operation {
            Operation::Start { tenant, target } => {
                let (tenant, person, policies) = &tenants[tenant];
                let request =
                    super::world::capture(*tenant, policies.get(target).copied(), *person);
                store.start(request).await.unwrap();
            }
            Operation::Claim { worker } => {
                if let Some(claim) = store.claim_next("worker", LEASE, 2).await.unwrap() {
                    let epoch = claim.lease.lease_epoch;
                    let before = model.held.insert(claim.run.key(), epoch);
                    assert!(before.is_none_or(|before| before < epoch));
                    let open = store.open_items(&claim.lease).await.unwrap();
                    assert!(open.iter().all(|item| item.outcome != Outcome::Inflight));
                    workers[worker] = Worker {
                        open,
                        lease: Some(claim.lease),
                    };
                }
            }
            Operation::Plan { worker, n } => {
                let worker = &mut workers[worker];
                let Some(lease) = worker.lease.clone() else {
                    continue;
                };
                let (_, _, policies) = &tenants[usize::from(lease.tenant_id != tenants[0].0)];
                let plan = policies[..n]
                    .iter()
                    .map(|policy| new_item(*policy))
                    .collect();
                model.check(&lease, &store.plan_items(&lease, plan).await);
                if let Ok(open) = store.open_items(&lease).await {
                    worker.open = open;
                }
            }
            Operation::Begin { worker, item } => {
                let Some((lease, item)) = held_item(&workers[worker], item) else {
                    continue;
                };
                let begun = store.begin_item(lease, item.item_id, "capture").await;
                model.check(lease, &begun);
                let is_settled = model.settled.contains_key(&item.item_id);
                assert!(begun.is_err() || !is_settled, "a settled item was begun");
            }
            Operation::Settle { worker, item, how } => {
                let Some((lease, item)) = held_item(&workers[worker], item) else {
                    continue;
                };
                let (settlement, outcome) = match how {
                    0 => (captured("one"), Outcome::Succeeded),
                    1 => (captured("two"), Outcome::Succeeded),
                    2 => (failed("a"), Outcome::Failed),
                    _ => (skipped(), Outcome::Skipped),
                };
                let settled = store.settle_item(lease, item.item_id, settlement).await;
                model.check(lease, &settled);
                if settled.is_ok() {
                    model.settled.entry(item.item_id).or_insert(outcome);
                }
            }
            Operation::Beat { worker } => {
                let Some(lease) = &workers[worker].lease else {
                    continue;
                };
                model.check(lease, &store.heartbeat(lease, LEASE).await);
            }
            Operation::Finish { worker, how } => {
                let Some(lease) = &workers[worker].lease else {
                    continue;
                };
                let ending = match how {
                    0 => Ending::Failed(error("b")),
                    1 => Ending::Cancelled,
                    _ => Ending::ByItems,
                };
                let finished = store.finish(lease, ending).await;
                model.check(lease, &finished);
                if finished.is_ok() {
                    let key = super::world::key_of(lease);
                    model.held.remove(&key);
                    for item in world.items(&key).await {
                        if item.outcome == Outcome::Failed {
                            // What was left open is failed now.
                            model.settled.entry(item.item_id).or_insert(Outcome::Failed);
                        }
                    }
                }
            }
            Operation::Expire => world.pass(LEASE),
        }
    }
    judge(world, &model, &tenants.map_ids()).await;
}

fn held_item(worker: &Worker, item: usize) -> Option<(&Lease, &WorkItem)> {
    Some((worker.lease.as_ref()?, worker.open.get(item)?))
}

trait Ids {
    fn map_ids(&self) -> Vec<contract::ids::TenantId>;
}

impl<A, B> Ids for Vec<(contract::ids::TenantId, A, B)> {
    fn map_ids(&self) -> Vec<contract::ids::TenantId> {
        self.iter().map(|(tenant, _, _)| *tenant).collect()
    }
}

/// The laws.
async fn judge(world: &World, model: &Model, tenants: &[contract::ids::TenantId]) {
    let log = world.log(tenants).await;
    assert!(log.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let told: Vec<u64> = world
        .told()
        .iter()
        .filter_map(|change| match change {
            Change::Run(event) => Some(event.position),
            _ => None,
        })
        .collect();
    let logged: Vec<u64> = log.iter().map(|(position, _)| *position).collect();
    assert_eq!(
        told, logged,
        "everything that is logged is told, in its order"
    );

    let mut folded: BTreeMap<RunKey, Run> = BTreeMap::new();
    let mut seqs: BTreeMap<_, i64> = BTreeMap::new();
    for (_, run) in &log {
        let seq = seqs.entry(run.tenant_id).or_default();
        *seq += 1;
        assert_eq!(run.tenant_seq.0, *seq, "no holes within a tenant");
        if let Some(before) = folded.insert(run.key(), run.clone()) {
            assert!(run.rev > before.rev && run.attempt >= before.attempt);
            assert!(!before.status.is_ended(), "an ended run does not go on");
        }
    }
    let mut listed = BTreeSet::new();
    for tenant in tenants {
        for run in world.store.runs(*tenant, None, 500).await.unwrap().rows {
            let items = world.items(&run.key()).await;
            check_run(&run, &folded[&run.key()], &items);
            for item in items.iter().filter(|item| item.outcome.is_settled()) {
                assert_eq!(model.settled.get(&item.item_id), Some(&item.outcome));
            }
            listed.insert(run.key());
        }
    }
    assert_eq!(listed, folded.into_keys().collect());
}

/// The row is its latest event, but for what progress changed since; its counts are its items.
fn check_run(row: &Run, event: &Run, items: &[Item]) {
    assert!(row.rev >= event.rev);
    let as_logged = Run {
        rev: event.rev,
        counts: event.counts,
        ..row.clone()
    };
    assert_eq!(&as_logged, event);
    if row.counts == Counts::default() {
        assert!(items.is_empty());
        return;
    }
    let n = |outcome| items.iter().filter(|item| item.outcome == outcome).count() as u64;
    let counts = Counts {
        total: Some(items.len() as u64),
        processed: Some(
            items
                .iter()
                .filter(|item| item.outcome.is_settled())
                .count() as u64,
        ),
        succeeded: Some(n(Outcome::Succeeded)),
        failed: Some(n(Outcome::Failed)),
        skipped: Some(n(Outcome::Skipped)),
    };
    assert_eq!(row.counts, counts);
    assert!(
        items
            .iter()
            .all(|item| item.settled_at.is_some() == item.outcome.is_settled())
    );
}
