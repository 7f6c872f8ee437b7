//! What a person has seen and dismissed.

use contract::api::{PutMarks, RunSeq};
use contract::card::{Dismissed, is_dismissed};
use contract::run::Run;
use runs::change::Change;
use runs::lease::Ending;

use super::world::{World, error};

fn seen(run: &Run) -> PutMarks {
    PutMarks {
        seen: vec![on_screen(run)],
        ..PutMarks::default()
    }
}

fn dismissed(run: &Run) -> PutMarks {
    PutMarks {
        dismissed: vec![on_screen(run)],
        ..PutMarks::default()
    }
}

fn restored(run: &Run) -> PutMarks {
    PutMarks {
        restored: vec![run.key()],
        ..PutMarks::default()
    }
}

fn on_screen(run: &Run) -> RunSeq {
    RunSeq {
        run: run.key(),
        seq: run.tenant_seq,
    }
}

pub(crate) async fn a_dismissed_run_that_changed_since_stays(world: World) {
    let (tenant, person) = world.manned().await;
    world.start_all(tenant, person).await;
    let claim = world.claim().await;
    let ending = Ending::Failed(error("a"));
    world.store.finish(&claim.lease, ending).await.unwrap();
    world.take_told();

    let put = world
        .store
        .put_marks(person, dismissed(&claim.run))
        .await
        .unwrap();
    assert_eq!(put.stayed, [claim.run.key()]);
    assert_eq!(put.marks[0].dismissed, None);
    assert!(world.take_told().is_empty());

    let now = world.run_of(&claim.lease).await;
    let put = world
        .store
        .put_marks(person, dismissed(&now))
        .await
        .unwrap();
    assert!(put.stayed.is_empty());
    assert!(is_dismissed(&now, put.marks.first()));
}

pub(crate) async fn a_dismissal_is_told_and_can_be_undone(world: World) {
    let (tenant, person) = world.manned().await;
    let run = world.ended(tenant, person, Ending::ByItems).await;
    world.take_told();
    let put = world
        .store
        .put_marks(person, dismissed(&run))
        .await
        .unwrap();
    let on_screen = Dismissed {
        seq: run.tenant_seq,
        attempt: 1,
    };
    assert_eq!(put.marks[0].dismissed, Some(on_screen));
    let undone = world.store.put_marks(person, restored(&run)).await.unwrap();
    assert_eq!(undone.marks[0].dismissed, None);
    assert!(undone.marks_rev > put.marks_rev);

    let told: Vec<_> = world
        .take_told()
        .into_iter()
        .map(|change| match change {
            Change::Marks(whose, changed) => (whose, changed.marks_rev, changed.marks.clone()),
            other => panic!("only marks changed, not {other:?}"),
        })
        .collect();
    let expected = [
        (person, put.marks_rev, put.marks),
        (person, undone.marks_rev, undone.marks),
    ];
    assert_eq!(told, expected);
}

pub(crate) async fn nothing_is_told_where_nothing_changed(world: World) {
    let (tenant, person) = world.manned().await;
    let run = world.ended(tenant, person, Ending::ByItems).await;
    let put = world.store.put_marks(person, seen(&run)).await.unwrap();
    world.take_told();
    for again in [seen(&run), restored(&run), PutMarks::default()] {
        let unchanged = world.store.put_marks(person, again).await.unwrap();
        assert_eq!(unchanged.marks_rev, put.marks_rev);
    }
    let mut older = seen(&run);
    older.seen[0].seq.0 -= 1;
    let unchanged = world.store.put_marks(person, older).await.unwrap();
    assert_eq!(unchanged.marks, put.marks, "seen never goes back");
    assert!(world.take_told().is_empty());

    let mut unheard_of = seen(&run);
    unheard_of.seen[0].seq.0 += 1000;
    let bounded = world.store.put_marks(person, unheard_of).await.unwrap();
    assert_eq!(
        bounded.marks, put.marks,
        "nobody has seen what is not there"
    );
}

pub(crate) async fn marks_are_read_in_the_order_of_their_change(world: World) {
    let (tenant, person) = world.manned().await;
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.push(world.ended(tenant, person, Ending::ByItems).await);
    }
    let all = PutMarks {
        seen: runs.iter().map(on_screen).collect(),
        ..PutMarks::default()
    };
    world.store.put_marks(person, all).await.unwrap();
    let put = world
        .store
        .put_marks(person, dismissed(&runs[0]))
        .await
        .unwrap();

    let mut revs = Vec::new();
    let mut after = 0;
    loop {
        let page = world.store.marks_after(person, after, 2).await.unwrap();
        assert_eq!(page.marks_rev, put.marks_rev);
        revs.extend(
            page.rows
                .iter()
                .map(|mark| (mark.marks_rev, mark.run.run_id)),
        );
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    let order: Vec<_> = [1, 2, 3, 4, 0].iter().map(|i| runs[*i].run_id).collect();
    assert_eq!(revs.iter().map(|(_, run)| *run).collect::<Vec<_>>(), order);
    assert!(revs.is_sorted());
    let rest = world
        .store
        .marks_after(person, put.marks_rev, 10)
        .await
        .unwrap();
    assert!(rest.rows.is_empty());
    let snapshot = world.store.snapshot(person, None).await.unwrap();
    assert_eq!(
        (snapshot.marks.len(), snapshot.marks_rev),
        (5, put.marks_rev)
    );
}

pub(crate) async fn marks_of_runs_that_one_cannot_see_are_left_out(world: World) {
    let (tenant, person) = world.manned().await;
    let (_, stranger) = world.manned().await;
    let run = world.ended(tenant, person, Ending::ByItems).await;
    let mut unknown = run.clone();
    unknown.run_id.0 += 1000;
    let nothing = [seen(&run), dismissed(&run), restored(&run), seen(&unknown)];
    for put in nothing {
        let put = world.store.put_marks(stranger, put).await.unwrap();
        assert_eq!(
            (put.marks.len(), put.stayed.len(), put.marks_rev),
            (0, 0, 0)
        );
    }
    world.store.put_marks(person, seen(&run)).await.unwrap();
    world.store.remove_member(person, tenant).await.unwrap();
    let rows = world.store.marks_after(person, 0, 10).await.unwrap().rows;
    assert!(rows.is_empty());
}
