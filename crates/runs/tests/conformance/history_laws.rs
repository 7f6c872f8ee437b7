//! Whatever is done in whatever order: the history is what the contract's own functions say of all runs, in each state.

use std::collections::{BTreeMap, BTreeSet};

use contract::api::{Acknowledge, CardState, PutMarks, Role, RunSeq};
use contract::card::{Mark, has_card, is_dismissed, is_unread};
use contract::ids::{PersonId, RunKey, TenantId};
use contract::preferences::{Rule, Tell};
use contract::run::Run;
use proptest::prelude::*;
use runs::cards::CardQuery;

use super::history::{all, page};
use super::ingest::{event, key, take};
use super::preferences::rule;
use super::world::World;

const N_RUNS: i64 = 4;
const OPERATIONS: [&str; 2] = ["a", "b"];

#[derive(Clone, Debug)]
enum Step {
    /// The portal tells a status of a run of a tenant.
    Told {
        tenant: usize,
        run_id: i64,
        status: &'static str,
        by: usize,
    },
    Rules(Vec<(Option<usize>, Option<usize>, Tell)>),
    Seen(usize, i64),
    Dismissed(usize, i64),
    Restored(usize, i64),
    Acknowledged(usize, i64, bool),
    /// The person becomes a member of the second tenant, or stops being one.
    Member(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let statuses = vec!["running", "completed", "failed", "partial", "paused"];
    let tell = prop::sample::select(vec![Tell::All, Tell::Usual, Tell::Mine, Tell::None]);
    let one = (
        prop::option::of(0..2usize),
        prop::option::of(0..2usize),
        tell,
    );
    let run = || (0..2usize, 1..=N_RUNS);
    prop_oneof![
        8 => (0..2usize, 1..=N_RUNS, prop::sample::select(statuses), 0..3usize)
            .prop_map(|(tenant, run_id, status, by)| Step::Told { tenant, run_id, status, by }),
        3 => prop::collection::vec(one, 0..3).prop_map(Step::Rules),
        3 => run().prop_map(|(tenant, run)| Step::Seen(tenant, run)),
        3 => run().prop_map(|(tenant, run)| Step::Dismissed(tenant, run)),
        1 => run().prop_map(|(tenant, run)| Step::Restored(tenant, run)),
        2 => (run(), any::<bool>()).prop_map(|((tenant, run), yes)| Step::Acknowledged(tenant, run, yes)),
        2 => any::<bool>().prop_map(Step::Member),
    ]
}

/// Runs random sequences against new stores.
pub(crate) fn the_history_is_what_the_contract_says_of_all_runs(make: fn() -> World) {
    let config = ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(steps in prop::collection::vec(step(), 1..60))| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Model::follow(&make(), steps));
    });
}

struct Model<'a> {
    world: &'a World,
    tenants: [TenantId; 2],
    person: PersonId,
    is_member: bool,
    rules: Vec<Rule>,
    /// What once was a card.
    was: BTreeSet<RunKey>,
    n_steps: i64,
}

impl<'a> Model<'a> {
    async fn follow(world: &'a World, steps: Vec<Step>) {
        let tenants = [world.tenant().await, world.tenant().await];
        let person = world.member("Ann", tenants[0], Role::Operator).await;
        world.member("Bob", tenants[0], Role::Operator).await;
        world.member("Bob", tenants[1], Role::Operator).await;
        let mut model = Model {
            world,
            tenants,
            person,
            is_member: false,
            rules: Vec::new(),
            was: BTreeSet::new(),
            n_steps: 0,
        };
        for step in steps {
            model.n_steps += 1;
            model.take(step).await;
            model.check().await;
        }
    }

    async fn take(&mut self, step: Step) {
        let store = &self.world.store;
        match step {
            Step::Told {
                tenant,
                run_id,
                status,
                by,
            } => {
                let tenant_id = self.tenants[tenant];
                let mut told = event(run_id, status, self.n_steps);
                told.attempt = u32::try_from(self.n_steps).unwrap();
                told.operation = Some(OPERATIONS[run_id as usize % 2].to_owned());
                told.started_by = ["Ann", "Bob"].get(by).map(|name| (*name).to_owned());
                take(self.world, tenant_id, &[told]).await;
            }
            Step::Rules(wishes) => {
                let mut rules: BTreeMap<_, Rule> = BTreeMap::new();
                for (tenant, operation, tell) in wishes {
                    if self.is_member || tenant != Some(1) {
                        let tenant_id = tenant.map(|tenant| self.tenants[tenant]);
                        let operation = operation.map(|operation| OPERATIONS[operation]);
                        rules.insert((tenant_id, operation), rule(tenant_id, operation, tell));
                    }
                }
                self.rules = rules.into_values().collect();
                let put = store.put_preferences(self.person, self.rules.clone());
                put.await.unwrap();
            }
            Step::Seen(tenant, run_id) => {
                let seen = self.on_screen(tenant, run_id).await;
                self.put(PutMarks {
                    seen,
                    ..PutMarks::default()
                })
                .await;
            }
            Step::Dismissed(tenant, run_id) => {
                let dismissed = self.on_screen(tenant, run_id).await;
                self.put(PutMarks {
                    dismissed,
                    ..PutMarks::default()
                })
                .await;
            }
            Step::Restored(tenant, run_id) => {
                let restored = vec![key(self.tenants[tenant], run_id)];
                self.put(PutMarks {
                    restored,
                    ..PutMarks::default()
                })
                .await;
            }
            Step::Acknowledged(tenant, run_id, acknowledged) => {
                if let [on_screen] = &*self.on_screen(tenant, run_id).await {
                    let request = Acknowledge {
                        tenant_seq: on_screen.seq,
                        acknowledged,
                    };
                    // One that is no failure is refused.
                    let _ = store
                        .acknowledge(self.person, &on_screen.run, request)
                        .await;
                }
            }
            Step::Member(yes) => {
                if yes {
                    self.world
                        .member("Ann", self.tenants[1], Role::Viewer)
                        .await;
                } else {
                    store
                        .remove_member(self.person, self.tenants[1])
                        .await
                        .unwrap();
                }
                self.is_member = yes;
            }
        }
    }

    async fn put(&self, marks: PutMarks) {
        let put = self.world.store.put_marks(self.person, marks).await;
        put.unwrap();
    }

    async fn on_screen(&self, tenant: usize, run_id: i64) -> Vec<RunSeq> {
        let run = key(self.tenants[tenant], run_id);
        let page = self.world.store.run_page(&run).await;
        let on_screen = page.ok().map(|page| RunSeq {
            run,
            seq: page.run.tenant_seq,
        });
        on_screen.into_iter().collect()
    }

    async fn marks(&self) -> BTreeMap<RunKey, Mark> {
        let rows = self
            .world
            .store
            .marks_after(self.person, 0, 500)
            .await
            .unwrap()
            .rows;
        rows.into_iter()
            .map(|mark| (mark.run.clone(), mark))
            .collect()
    }

    async fn check(&mut self) {
        let marks = self.marks().await;
        let mut runs: Vec<Run> = Vec::new();
        for tenant_id in self.tenants.iter().take(1 + usize::from(self.is_member)) {
            let rows = self
                .world
                .store
                .runs(*tenant_id, None, 500)
                .await
                .unwrap()
                .rows;
            runs.extend(rows);
        }
        let mut expected: BTreeMap<CardState, BTreeSet<RunKey>> = BTreeMap::new();
        for run in runs {
            let (key, mark) = (run.key(), marks.get(&run.key()));
            let is_card = has_card(&run, self.person, mark, &self.rules);
            if is_card {
                self.was.insert(key.clone());
            } else if !self.was.contains(&key) {
                continue;
            }
            let is_open = is_card && !is_dismissed(&run, mark);
            let in_states = [
                (CardState::All, true),
                (CardState::Open, is_open),
                (CardState::Unread, is_open && is_unread(&run, mark)),
                (CardState::Dismissed, is_dismissed(&run, mark)),
                (
                    CardState::Failed,
                    run.status.is_failure() && run.acknowledged.is_none(),
                ),
            ];
            for (state, is_in) in in_states {
                if is_in {
                    expected.entry(state).or_default().insert(key.clone());
                }
            }
        }
        for state in [
            CardState::All,
            CardState::Open,
            CardState::Unread,
            CardState::Dismissed,
            CardState::Failed,
        ] {
            let page = page(self.world, self.person, CardQuery { state, ..all() }).await;
            let found: BTreeSet<RunKey> = page.rows.iter().map(|row| row.run.key()).collect();
            assert_eq!(page.total as usize, found.len());
            let expected = expected.remove(&state).unwrap_or_default();
            assert_eq!(found, expected, "{state:?} by {:?}", self.rules);
        }
    }
}
