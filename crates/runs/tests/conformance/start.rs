//! Starting is idempotent.

use std::collections::BTreeSet;

use contract::run::RunStatus;
use runs::Error;
use runs::change::Change;
use runs::lease::Ending;
use runs::start::StartRun;

use super::world::{World, capture};

pub(crate) async fn a_second_start_returns_the_run_that_lives(world: World) {
    let (tenant, person) = world.manned().await;
    let policy = world.policies(tenant, 1).await[0];
    let first = world.start_policy(tenant, policy, person).await;
    assert!(!first.reused);
    assert_eq!(first.run.status, RunStatus::Queued);
    assert_eq!((first.run.attempt, first.run.rev.0), (1, 1));
    assert_eq!(first.run.target, "policy 00000");

    let queued = world.start_policy(tenant, policy, person).await;
    assert_eq!((queued.reused, &queued.run), (true, &first.run));

    world.claim().await;
    let running = world.start_policy(tenant, policy, person).await;
    assert_eq!(running.run.run_id, first.run.run_id);
    assert_eq!(running.run.status, RunStatus::Running);
    assert_eq!(world.log(&[tenant]).await.len(), 2);
}

pub(crate) async fn a_start_after_the_end_makes_a_new_run(world: World) {
    let (tenant, person) = world.manned().await;
    let ended = world.ended(tenant, person, Ending::ByItems).await;
    let next = world.start_all(tenant, person).await;
    assert!(!next.reused);
    assert_ne!(next.run.run_id, ended.run_id);
}

pub(crate) async fn many_starts_at_once_make_one_run(world: World) {
    let (tenant, person) = world.manned().await;
    let policy = world.policies(tenant, 1).await[0];
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let store = world.store.clone();
        tasks.spawn(async move { store.start(capture(tenant, Some(policy), person)).await });
    }
    let started = tasks.join_all().await;
    let started: Vec<_> = started.into_iter().map(Result::unwrap).collect();
    let ids: BTreeSet<_> = started.iter().map(|started| started.run.run_id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(started.iter().filter(|started| !started.reused).count(), 1);
    assert_eq!(world.log(&[tenant]).await.len(), 1);
}

pub(crate) async fn a_run_of_the_whole_tenant_is_reused_as_well(world: World) {
    let (tenant, person) = world.manned().await;
    let first = world.start_all(tenant, person).await;
    let second = world.start_all(tenant, person).await;
    assert_eq!((second.reused, second.run.run_id), (true, first.run.run_id));
}

pub(crate) async fn another_tenant_target_or_operation_has_a_run_of_its_own(world: World) {
    let (tenant, person) = world.manned().await;
    let (other, stranger) = world.manned().await;
    let policies = world.policies(tenant, 2).await;
    let verify = StartRun {
        operation: "policy.verify".to_owned(),
        ..capture(tenant, Some(policies[0]), person)
    };
    let started = [
        world.start_policy(tenant, policies[0], person).await,
        world.start_policy(tenant, policies[1], person).await,
        world.start_all(tenant, person).await,
        world.start_all(other, stranger).await,
        world.store.start(verify).await.unwrap(),
    ];
    assert!(started.iter().all(|started| !started.reused));
}

pub(crate) async fn an_idempotency_key_answers_the_same_run_after_its_end(world: World) {
    let (tenant, person) = world.manned().await;
    let request = StartRun {
        idempotency_key: Some("key".to_owned()),
        ..capture(tenant, None, person)
    };
    let first = world.store.start(request.clone()).await.unwrap();
    let lease = world.claim().await.lease;
    world.store.finish(&lease, Ending::ByItems).await.unwrap();

    let again = world.store.start(request).await.unwrap();
    assert_eq!((again.reused, again.run.run_id), (true, first.run.run_id));
    assert_eq!(again.run.status, RunStatus::Completed);
    assert!(world.try_claim().await.is_none(), "no second run was made");
}

pub(crate) async fn an_idempotency_key_of_another_request_is_refused(world: World) {
    let (tenant, person) = world.manned().await;
    let policy = world.policies(tenant, 1).await[0];
    let keyed = |request| StartRun {
        idempotency_key: Some("key".to_owned()),
        ..request
    };
    let first = keyed(capture(tenant, None, person));
    world.store.start(first).await.unwrap();
    let other = keyed(capture(tenant, Some(policy), person));
    let refused = world.store.start(other).await;
    assert!(matches!(refused, Err(Error::KeyReused)), "{refused:?}");
    assert_eq!(world.log(&[tenant]).await.len(), 1);
}

pub(crate) async fn an_idempotency_key_belongs_to_one_person(world: World) {
    let (tenant, person) = world.manned().await;
    let colleague = world.person(tenant).await;
    let policy = world.policies(tenant, 1).await[0];
    for (by, target) in [(person, None), (colleague, Some(policy))] {
        let request = StartRun {
            idempotency_key: Some("key".to_owned()),
            ..capture(tenant, target, by)
        };
        assert!(!world.store.start(request).await.unwrap().reused);
    }
}

pub(crate) async fn who_joins_a_run_watches_it_and_who_started_it_does_not(world: World) {
    let (tenant, starter) = world.manned().await;
    let colleague = world.person(tenant).await;
    let run = world.start_all(tenant, starter).await.run;
    world.take_told();

    world.start_all(tenant, starter).await;
    assert!(world.take_told().is_empty());
    world.start_all(tenant, colleague).await;
    world.start_all(tenant, colleague).await;

    let told = world.take_told();
    let [Change::Marks(person, changed)] = told.as_slice() else {
        panic!("one change of marks and nothing else, not {told:?}");
    };
    assert_eq!((*person, changed.marks_rev), (colleague, 1));
    assert!(changed.marks[0].watching);
    let marks = world.store.marks_after(colleague, 0, 500).await.unwrap();
    assert_eq!(marks.rows, changed.marks);
    assert_eq!(marks.rows[0].run, run.key());
}
