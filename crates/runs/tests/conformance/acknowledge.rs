//! Somebody looks after a failure.

use contract::api::{Acknowledge, AcknowledgedMany, FailureOnScreen};
use contract::ids::{PersonId, TenantId};
use contract::run::{Run, RunStatus};
use runs::Error;
use runs::change::Change;
use runs::lease::Ending;

use super::ingest::{event, key, take};
use super::world::{World, error};

async fn failure(world: &World, tenant: TenantId, person: PersonId) -> Run {
    let run = world
        .ended(tenant, person, Ending::Failed(error("a")))
        .await;
    world.take_told();
    run
}

fn at(run: &Run, acknowledged: bool) -> Acknowledge {
    Acknowledge {
        tenant_seq: run.tenant_seq,
        acknowledged,
    }
}

fn on_screen(run: &Run) -> FailureOnScreen {
    FailureOnScreen {
        source: run.source.clone(),
        run_type: run.run_type.clone(),
        run_id: run.run_id,
        tenant_seq: run.tenant_seq,
    }
}

pub(crate) async fn who_acknowledged_first_stays_until_it_is_taken_back(world: World) {
    let (tenant, first) = world.manned().await;
    let second = world.person(tenant).await;
    let run = failure(&world, tenant, first).await;
    let acknowledge = async |by, request| {
        world
            .store
            .acknowledge(by, &run.key(), request)
            .await
            .unwrap()
    };

    let now = acknowledge(first, at(&run, true)).await;
    assert_eq!(now.acknowledged.as_ref().unwrap().by.id, first);
    assert_eq!(now.tenant_seq.0, run.tenant_seq.0 + 1);
    assert_eq!(
        (now.status_seq, &now.status),
        (run.status_seq, &RunStatus::Failed)
    );
    assert!(now.rev > run.rev);
    // From a screen that has not heard of it, and from one that has.
    for request in [at(&run, true), at(&now, true)] {
        assert_eq!(acknowledge(second, request).await, now);
    }
    let back = acknowledge(second, at(&run, false)).await;
    assert_eq!(back.acknowledged, None);
    assert_eq!(acknowledge(first, at(&now, false)).await, back);

    let told = world.take_told();
    let told: Vec<&Run> = told
        .iter()
        .map(|change| match change {
            Change::Run(event) => &*event.run,
            other => panic!("only the run changed, not {other:?}"),
        })
        .collect();
    assert_eq!(told, [&now, &back], "each change once");
    let log = world.log(&[tenant]).await;
    assert_eq!(log[log.len() - 2].1, now);
    assert_eq!(log[log.len() - 1].1, back);
    assert_eq!(world.run(&run.key()).await, back);
}

pub(crate) async fn only_the_failure_that_was_on_screen_is_acknowledged(world: World) {
    let (tenant, person) = world.manned().await;
    let run = failure(&world, tenant, person).await;
    let mut older = at(&run, true);
    older.tenant_seq.0 -= 1;
    let ended = world.ended(tenant, person, Ending::ByItems).await;
    let started = world.start_all(tenant, person).await.run;
    world.take_told();
    for (run, request) in [
        (&run, older),
        (&ended, at(&ended, true)),
        (&ended, at(&ended, false)),
        (&started, at(&started, true)),
    ] {
        let refused = world.store.acknowledge(person, &run.key(), request).await;
        assert!(matches!(refused, Err(Error::Changed)), "{refused:?}");
    }
    let mut unknown = run.key();
    unknown.run_id.0 += 1000;
    let refused = world
        .store
        .acknowledge(person, &unknown, at(&run, true))
        .await;
    assert!(matches!(refused, Err(Error::NotInTenant(_))), "{refused:?}");
    let mut elsewhere = run.key();
    elsewhere.tenant_id = world.tenant().await;
    let refused = world
        .store
        .acknowledge(person, &elsewhere, at(&run, true))
        .await;
    assert!(matches!(refused, Err(Error::NotInTenant(_))), "{refused:?}");
    assert!(world.take_told().is_empty());
}

pub(crate) async fn a_later_attempt_is_nobodys_to_look_after(world: World) {
    let (tenant, person) = world.manned().await;
    take(&world, tenant, &[event(1, "failed", 1)]).await;
    let run = world.run(&key(tenant, 1)).await;
    let request = at(&run, true);
    world
        .store
        .acknowledge(person, &run.key(), request)
        .await
        .unwrap();
    let mut again = event(1, "failed", 2);
    again.attempt = 2;
    take(&world, tenant, &[again]).await;
    assert_eq!(world.run(&run.key()).await.acknowledged, None);
    let refused = world.store.acknowledge(person, &run.key(), request).await;
    assert!(matches!(refused, Err(Error::Changed)), "{refused:?}");
}

pub(crate) async fn many_failures_are_acknowledged_at_once_or_none(world: World) {
    let (tenant, person) = world.manned().await;
    let batch: Vec<_> = (1..=300).map(|run_id| event(run_id, "failed", 1)).collect();
    take(&world, tenant, &batch).await;
    let mut failures = Vec::new();
    for run_id in 1..=300 {
        failures.push(on_screen(&world.run(&key(tenant, run_id)).await));
    }
    let ended = world.ended(tenant, person, Ending::ByItems).await;
    world.take_told();

    let mut stray = failures.clone();
    stray.push(FailureOnScreen {
        run_id: contract::ids::RunId(4711),
        ..failures[0].clone()
    });
    let refused = world.store.acknowledge_many(person, tenant, stray).await;
    assert!(matches!(refused, Err(Error::NotInTenant(_))), "{refused:?}");
    let elsewhere = world.tenant().await;
    let refused = world
        .store
        .acknowledge_many(person, elsewhere, failures.clone())
        .await;
    assert!(matches!(refused, Err(Error::NotInTenant(_))), "{refused:?}");
    assert!(world.take_told().is_empty());
    assert_eq!(world.run(&key(tenant, 1)).await.acknowledged, None);

    let mut all = failures.clone();
    all.push(on_screen(&ended));
    all[0].tenant_seq.0 -= 1;
    let expected = AcknowledgedMany {
        acknowledged: 299,
        changed: 2,
    };
    let answer = world
        .store
        .acknowledge_many(person, tenant, all.clone())
        .await;
    assert_eq!(answer.unwrap(), expected);
    let seqs: Vec<i64> = world
        .take_told()
        .iter()
        .map(|change| match change {
            Change::Run(event) => event.run.tenant_seq.0,
            other => panic!("only runs changed, not {other:?}"),
        })
        .collect();
    assert_eq!(seqs.len(), 299);
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1));
    // Once more after an answer that was lost.
    let answer = world.store.acknowledge_many(person, tenant, all).await;
    assert_eq!(answer.unwrap(), expected);
    assert!(world.take_told().is_empty());
}
