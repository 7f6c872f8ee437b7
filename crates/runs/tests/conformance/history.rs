//! The history of a person's cards: filters, pages, totals.

use contract::api::{Acknowledge, CardState, NotificationRows, PutMarks, Role, RunSeq};
use contract::ids::PersonId;
use contract::preferences::Tell;
use contract::run::{Run, RunError, RunStatus};
use runs::cards::CardQuery;
use runs::lease::Ending;

use super::ingest::{event, key, take};
use super::preferences::rule;
use super::world::{World, error};

pub(crate) fn all() -> CardQuery {
    CardQuery {
        limit: 500,
        ..CardQuery::default()
    }
}

pub(crate) async fn page(world: &World, person: PersonId, query: CardQuery) -> NotificationRows {
    world.store.notifications(person, query).await.unwrap()
}

/// The ids of the runs, and the total is as many.
async fn ids(world: &World, person: PersonId, query: CardQuery) -> Vec<i64> {
    let page = page(world, person, query).await;
    assert_eq!((page.total, page.next), (page.rows.len() as u64, None));
    page.rows.iter().map(|row| row.run.run_id.0).collect()
}

fn seq(run: &Run) -> Vec<RunSeq> {
    vec![RunSeq {
        run: run.key(),
        seq: run.tenant_seq,
    }]
}

async fn dismiss(world: &World, person: PersonId, run: &Run) {
    let marks = PutMarks {
        dismissed: seq(run),
        ..PutMarks::default()
    };
    let put = world.store.put_marks(person, marks).await.unwrap();
    assert!(put.stayed.is_empty());
}

pub(crate) async fn it_holds_what_is_or_was_a_card_and_no_more(world: World) {
    let (tenant, person) = world.manned().await;
    let other = world.person(tenant).await;
    take(
        &world,
        tenant,
        &[event(1, "failed", 1), event(2, "completed", 1)],
    )
    .await;
    let ours = world.ended(tenant, person, Ending::ByItems).await.run_id.0;
    assert_eq!(ids(&world, person, all()).await, [ours, 1]);
    assert_eq!(ids(&world, other, all()).await, [1]);

    // It goes on as a later attempt: it is no card of theirs any more, and was one.
    let mut again = event(1, "completed", 2);
    again.attempt = 2;
    take(&world, tenant, &[again]).await;
    assert_eq!(ids(&world, other, all()).await, [1]);
    let open = CardQuery {
        state: CardState::Open,
        ..all()
    };
    assert_eq!(ids(&world, other, open).await, [] as [i64; 0]);

    // Who comes later has the failures that are there.
    take(&world, tenant, &[event(3, "partial", 1)]).await;
    let late = world.member("Late", tenant, Role::Viewer).await;
    assert_eq!(ids(&world, late, all()).await, [3]);
    world.store.remove_member(late, tenant).await.unwrap();
    assert_eq!(ids(&world, late, all()).await, [] as [i64; 0]);
    let (_, stranger) = world.manned().await;
    let of_tenant = CardQuery {
        tenant_id: Some(tenant),
        ..all()
    };
    assert_eq!(ids(&world, stranger, of_tenant).await, [] as [i64; 0]);
}

pub(crate) async fn a_failure_that_was_on_screen_stays_whatever_the_rules_are(world: World) {
    let (tenant, person) = world.manned().await;
    let put = async |tell| {
        let rules = vec![rule(Some(tenant), None, tell)];
        world.store.put_preferences(person, rules).await.unwrap();
    };
    take(&world, tenant, &[event(1, "failed", 1)]).await;
    put(Tell::None).await;
    take(
        &world,
        tenant,
        &[event(2, "failed", 1), event(3, "completed", 1)],
    )
    .await;
    let own = world.ended(tenant, person, Ending::ByItems).await.run_id.0;
    assert_eq!(
        ids(&world, person, all()).await,
        [1],
        "the rest never was a card"
    );
    put(Tell::Usual).await;
    assert_eq!(ids(&world, person, all()).await, [own, 2, 1]);
    put(Tell::None).await;
    assert_eq!(ids(&world, person, all()).await, [own, 2, 1]);
    let failed = CardQuery {
        state: CardState::Failed,
        ..all()
    };
    assert_eq!(ids(&world, person, failed).await, [2, 1]);
    let open = CardQuery {
        state: CardState::Open,
        ..all()
    };
    assert_eq!(ids(&world, person, open.clone()).await, [] as [i64; 0]);
    put(Tell::All).await;
    assert_eq!(ids(&world, person, all()).await, [own, 3, 2, 1]);
    assert_eq!(ids(&world, person, open).await, [own, 3, 2, 1]);
    take(&world, tenant, &[event(4, "running", 1)]).await;
    put(Tell::Mine).await;
    let was = ids(&world, person, all()).await;
    assert_eq!(was, [4, own, 3, 2, 1], "3 and 4 were, while all were");
}

pub(crate) async fn each_state_and_filter_lets_through_what_it_says(world: World) {
    let (tenant, person) = world.manned().await;
    let other = world.person(tenant).await;
    let failed = |run_id, operation: &str, target: &str, message: &str| {
        let mut failed = event(run_id, "failed", 1);
        failed.operation = Some(operation.to_owned());
        failed.target = Some(target.to_owned());
        failed.error = Some(RunError {
            code: "quota".to_owned(),
            message: message.to_owned(),
            retryable: false,
            request_id: None,
        });
        failed
    };
    let batch = [
        failed(101, "users.sync", "Überwachung", "No licences are left."),
        failed(102, "users.sync", "100% of \\_users", "Timed out."),
        failed(103, "groups.sync", "all", "Timed out."),
    ];
    take(&world, tenant, &batch).await;
    let own = world.ended(tenant, person, Ending::ByItems).await;
    let mine = own.run_id.0;
    world.ended(tenant, other, Ending::Failed(error("x"))).await;
    let others = mine + 1;
    let portals = async |run_id| world.run(&key(tenant, run_id)).await;
    let request = Acknowledge {
        tenant_seq: portals(102).await.tenant_seq,
        acknowledged: true,
    };
    let run = key(tenant, 102);
    world.store.acknowledge(other, &run, request).await.unwrap();
    dismiss(&world, person, &portals(101).await).await;
    let marks = PutMarks {
        seen: seq(&portals(103).await),
        ..PutMarks::default()
    };
    world.store.put_marks(person, marks).await.unwrap();

    let of_state = async |state| ids(&world, person, CardQuery { state, ..all() }).await;
    assert_eq!(
        of_state(CardState::All).await,
        [others, mine, 103, 102, 101]
    );
    assert_eq!(of_state(CardState::Open).await, [others, mine, 103, 102]);
    assert_eq!(of_state(CardState::Dismissed).await, [101]);
    assert_eq!(of_state(CardState::Unread).await, [others, mine, 102]);
    assert_eq!(of_state(CardState::Failed).await, [others, 103, 101]);

    let found = async |text: &str| {
        let text = Some(text.to_owned());
        ids(&world, person, CardQuery { text, ..all() }).await
    };
    assert_eq!(found("USERS.S").await, [102, 101]);
    assert_eq!(found("überwach").await, [101]);
    assert_eq!(found("ÜBER").await, [101]);
    assert_eq!(found("LICENCES").await, [101]);
    assert_eq!(found("timed out").await, [103, 102]);
    assert_eq!(found("%").await, [102]);
    assert_eq!(found("\\_").await, [102]);
    assert_eq!(found("_").await.len(), 3, "and in names of operations");
    assert_eq!(found("103").await, [103]);
    assert_eq!(found("TENANT 0").await.len(), 5);
    assert_eq!(
        found("quota").await,
        [] as [i64; 0],
        "the code is not for people"
    );
    assert_eq!(found("' OR 1=1 --").await, [] as [i64; 0]);

    let query = CardQuery {
        operation: Some("users.sync".to_owned()),
        ..all()
    };
    assert_eq!(ids(&world, person, query).await, [102, 101]);
    let query = CardQuery {
        mine: true,
        ..all()
    };
    assert_eq!(ids(&world, person, query).await, [mine]);
    let query = CardQuery {
        status: Some(RunStatus::Completed),
        ..all()
    };
    assert_eq!(ids(&world, person, query).await, [mine]);
    let query = CardQuery {
        status: Some(RunStatus::Failed),
        state: CardState::Open,
        text: Some("sync".to_owned()),
        tenant_id: Some(tenant),
        ..all()
    };
    assert_eq!(ids(&world, person, query).await, [103, 102]);

    let page = page(&world, person, all()).await;
    let row = |run_id: i64| {
        page.rows
            .iter()
            .find(|row| row.run.run_id.0 == run_id)
            .unwrap()
    };
    assert!(row(101).mark.as_ref().unwrap().dismissed.is_some());
    assert_eq!(row(102).mark, None);
    assert_eq!(row(102).run.acknowledged.as_ref().unwrap().by.id, other);
    assert_eq!(row(103).run.n_seen, 1);
}

pub(crate) async fn it_is_read_in_pages_with_the_total_of_all(world: World) {
    let (tenant, person) = world.manned().await;
    let batch: Vec<_> = (1..=25).map(|run_id| event(run_id, "failed", 1)).collect();
    take(&world, tenant, &batch).await;
    let mut found = Vec::new();
    let mut query = CardQuery { limit: 10, ..all() };
    for total in 25.. {
        let page = page(&world, person, query.clone()).await;
        assert_eq!(page.total, total);
        found.extend(page.rows.iter().map(|row| row.run.run_id.0));
        // What comes meanwhile is on the first page, and moves no other.
        take(&world, tenant, &[event(1000 + total as i64, "failed", 1)]).await;
        match page.next {
            Some(next) => query.after = Some(next.parse().unwrap()),
            None => break,
        }
    }
    assert!(found.iter().copied().eq((1..=25).rev()));
    query.after = Some(i64::MIN);
    assert_eq!(page(&world, person, query).await.rows, []);
}
