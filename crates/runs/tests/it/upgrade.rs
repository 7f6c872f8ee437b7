//! A database of an earlier version: what was is brought into what is kept now.

use contract::ids::{PersonId, RunId, RunKey, TenantId};
use runs::cards::CardQuery;
use runs::store::{CardStore, RunStore};

use crate::world::{database, open};

/// Two tenants; Ann (1) and Bob (2) in the first, Cid (3) in the second, Dot (4) in both. Run 1 failed, 2 ended well, 3 failed in the second.
const BEFORE: &str = "
    INSERT INTO tenants (id, directory_id, name, seq) VALUES (1, 'a', 'A', 9), (2, 'b', 'B', 9);
    INSERT INTO people (id, name, name_key, created_at) VALUES (1, 'Ann', 'ann', 0), (2, 'Bob', 'bob', 0), (3, 'Cid', 'cid', 0), (4, 'Dot', 'dot', 0);
    INSERT INTO memberships VALUES (1, 1, 'viewer'), (1, 2, 'viewer'), (1, 2, 'admin'), (2, 3, 'viewer'), (1, 4, 'viewer'), (2, 4, 'viewer');
    INSERT INTO runs (id, tenant_id, run_type, run_id, operation, status, tenant_seq, status_seq, at, queued_at) VALUES
        (1, 1, 'x', 1, '', 'failed', 5, 5, 0, 0), (2, 1, 'x', 2, '', 'completed', 6, 6, 0, 0), (3, 2, 'x', 3, '', 'partial', 5, 5, 0, 0);
    INSERT INTO notifications (tenant_id, person_id, run, status_seq, data, created_at) VALUES (1, 1, 2, 1, '{}', 0), (1, 1, 2, 6, '{}', 0);
    INSERT INTO marks (person_id, run, tenant_id, marks_rev, seen_seq) VALUES
        (4, 1, 1, 1, 5), (2, 1, 1, 1, 7), (1, 1, 1, 1, 4), (4, 3, 2, 2, 5), (1, 2, 1, 2, 6);
    PRAGMA user_version = 2;";

#[tokio::test(flavor = "multi_thread")]
async fn who_saw_a_failure_and_whose_card_it_is_are_known_after_the_upgrade() {
    let folder = tempfile::tempdir().unwrap();
    let before = database(folder.path());
    before
        .execute_batch(include_str!("../../migrations/sqlite/0001_start.sql"))
        .unwrap();
    before
        .execute_batch(include_str!("../../migrations/sqlite/0002_ingest.sql"))
        .unwrap();
    before.execute_batch(BEFORE).unwrap();
    drop(before);

    let store = open(folder.path());
    let seen = async |tenant_id, run_id| {
        let key = RunKey {
            tenant_id: TenantId(tenant_id),
            source: String::new(),
            run_type: "x".to_owned(),
            run_id: RunId(run_id),
        };
        let run = store.run_page(&key).await.unwrap().run;
        let names: Vec<String> = run.seen_by.into_iter().map(|person| person.name).collect();
        (names.join(" "), run.n_seen)
    };
    assert_eq!(seen(1, 1).await, ("Bob Dot".to_owned(), 2));
    assert_eq!(seen(1, 2).await, (String::new(), 0));
    assert_eq!(seen(2, 3).await, ("Dot".to_owned(), 1));

    let cards = async |person| {
        let query = CardQuery {
            limit: 10,
            ..CardQuery::default()
        };
        let page = store.notifications(PersonId(person), query).await.unwrap();
        let ids = page.rows.into_iter().map(|row| row.run.run_id.0);
        ids.collect::<Vec<i64>>()
    };
    assert_eq!(cards(1).await, [2, 1]);
    assert_eq!(cards(2).await, [1]);
    assert_eq!(cards(3).await, [3]);
    assert_eq!(cards(4).await, [3, 1]);
}
