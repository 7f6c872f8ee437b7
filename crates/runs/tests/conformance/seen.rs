//! Who has seen that a run failed.

use std::sync::Arc;

use contract::api::{Acknowledge, PutMarks, RunSeq};
use contract::frame::Progress;
use contract::ids::PersonId;
use contract::run::Run;
use runs::change::Change;
use runs::lease::Ending;

use super::ingest::{event, key, take};
use super::world::{World, error};

async fn see(world: &World, person: PersonId, run: &Run) {
    let seen = vec![RunSeq {
        run: run.key(),
        seq: run.tenant_seq,
    }];
    let marks = PutMarks {
        seen,
        ..PutMarks::default()
    };
    world.store.put_marks(person, marks).await.unwrap();
}

fn names(run: &Run) -> Vec<PersonId> {
    run.seen_by.iter().map(|person| person.id).collect()
}

/// The progress that was told since this was last asked; nothing but marks beside it.
fn told(world: &World) -> Vec<Arc<Progress>> {
    let told = world.take_told();
    let progress = told.into_iter().filter_map(|change| match change {
        Change::Progress(progress) => Some(progress),
        Change::Marks(..) => None,
        other => panic!("seeing is no event: {other:?}"),
    });
    progress.collect()
}

pub(crate) async fn the_first_who_saw_a_failure_are_named_and_all_are_counted(world: World) {
    let (tenant, starter) = world.manned().await;
    let run = world
        .ended(tenant, starter, Ending::Failed(error("a")))
        .await;
    assert_eq!((names(&run), run.n_seen), (vec![], 0));
    let mut people = vec![starter];
    for _ in 0..4 {
        people.push(world.person(tenant).await);
    }
    people.reverse();
    world.take_told();
    let mut last = run.clone();
    for (before, person) in people.iter().enumerate() {
        see(&world, *person, &run).await;
        let now = world.run(&run.key()).await;
        assert_eq!(now.n_seen as usize, before + 1);
        assert_eq!(now.tenant_seq, run.tenant_seq);
        assert!(now.rev > last.rev);
        let progress = told(&world);
        assert_eq!(progress.len(), 1);
        assert_eq!(
            (&progress[0].seen_by, progress[0].n_seen, progress[0].rev),
            (&now.seen_by, now.n_seen, now.rev)
        );
        assert_eq!(
            (progress[0].tenant_seq, progress[0].key()),
            (run.tenant_seq, run.key())
        );
        // A second look is none.
        see(&world, *person, &run).await;
        assert!(told(&world).is_empty());
        last = now;
    }
    assert_eq!(names(&last), people[..3]);
    assert_eq!(world.run(&run.key()).await, last);
    let snapshot = world.store.snapshot(starter, None).await.unwrap();
    assert_eq!(snapshot.runs, [last]);
}

pub(crate) async fn an_acknowledgement_keeps_who_saw_the_failure(world: World) {
    let (tenant, person) = world.manned().await;
    let run = world
        .ended(tenant, person, Ending::Failed(error("a")))
        .await;
    see(&world, person, &run).await;
    let request = Acknowledge {
        tenant_seq: run.tenant_seq,
        acknowledged: true,
    };
    let now = world
        .store
        .acknowledge(person, &run.key(), request)
        .await
        .unwrap();
    assert_eq!((names(&now), now.n_seen), (vec![person], 1));
    see(&world, person, &now).await;
    assert_eq!(world.run(&run.key()).await.n_seen, 1, "they saw its status");
}

pub(crate) async fn nobody_has_seen_a_new_status(world: World) {
    let (tenant, person) = world.manned().await;
    let run = async || world.run(&key(tenant, 1)).await;
    take(&world, tenant, &[event(1, "running", 1)]).await;
    see(&world, person, &run().await).await;
    assert_eq!(run().await.n_seen, 0, "it has not failed");
    take(&world, tenant, &[event(1, "failed", 2)]).await;
    let failed = run().await;
    see(&world, person, &failed).await;
    assert_eq!(run().await.n_seen, 1);
    let mut again = event(1, "failed", 3);
    again.attempt = 2;
    take(&world, tenant, &[again]).await;
    let failed_again = run().await;
    assert_eq!((names(&failed_again), failed_again.n_seen), (vec![], 0));
    // What they saw then is not what it is now.
    see(&world, person, &failed).await;
    assert_eq!(run().await.n_seen, 0);
    see(&world, person, &failed_again).await;
    assert_eq!(run().await.n_seen, 1);
}
