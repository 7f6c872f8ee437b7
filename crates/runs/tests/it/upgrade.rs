//! A database of an earlier version: what was is brought into what is kept now.

use contract::ids::{PersonId, RunId, RunKey, TenantId};
use contract::ingest::Judgement;
use runs::cards::CardQuery;
use runs::store::{CardStore, RunStore};
use rusqlite::Connection;

use crate::conformance::ingest::event;
use crate::world::{database, open, sqlite_in};

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

/// The schema as it was with three migrations.
const THREE: [&str; 3] = [
    include_str!("../../migrations/sqlite/0001_start.sql"),
    include_str!("../../migrations/sqlite/0002_ingest.sql"),
    include_str!("../../migrations/sqlite/0003_centre.sql"),
];

/// Run 4 of tenant 1 was announced with a page and is running; ours, 9, is queued. Other tables name them.
const ANNOUNCED: &str = r#"
    INSERT INTO tenants (id, directory_id, name, seq) VALUES (1, 'a', 'A', 2);
    INSERT INTO people (id, name, name_key, created_at) VALUES (1, 'Ann', 'ann', 0);
    INSERT INTO memberships VALUES (1, 1, 'viewer');
    INSERT INTO runs (id, tenant_id, source, run_type, run_id, operation, status, tenant_seq, status_seq, rev, at, queued_at, moved_at, announced_counts)
        VALUES (4, 1, 'portal', 'sync', 1, 'told', 'running', 1, 1, 3, 10, 9, 10, '{"total":5}');
    INSERT INTO runs (id, tenant_id, run_type, run_id, operation, status, tenant_seq, status_seq, at, queued_at)
        VALUES (9, 1, 'bulk_operation', 9, 'policy.capture_all', 'queued', 2, 2, 0, 0);
    INSERT INTO announced VALUES (4, 1, '{"newest":{"attempt":1,"has_ended":false,"sequence":7,"at":0,"rank":1,"status":"running"},"counts":null,"error":null,"operation":null,"target":null,"url":{"value":"https://portal/1","by":{"attempt":1,"has_ended":false,"sequence":7,"at":0,"rank":1,"status":"running"}},"started_by":null}', 'https://portal/1');
    INSERT INTO ingested VALUES (4, 6, 0, 0, '', 1, 0);
    INSERT INTO events (position, tenant_id, tenant_seq, run, at, body) SELECT 40 + id, 1, tenant_seq, id, 0, '{}' FROM runs;
    INSERT INTO notifications (tenant_id, person_id, run, status_seq, data, created_at) VALUES (1, 1, 9, 2, '{}', 0);
    INSERT INTO marks (person_id, run, tenant_id, marks_rev) VALUES (1, 9, 1, 1);
    INSERT INTO cards VALUES (1, 9, 1, 1);
    PRAGMA user_version = 3;"#;

#[tokio::test(flavor = "multi_thread")]
async fn runs_and_the_log_go_on_where_they_were_when_their_tables_are_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let before = database(&path);
    for migration in THREE {
        before.execute_batch(migration).unwrap();
    }
    before.execute_batch(ANNOUNCED).unwrap();
    drop(before);

    let world = sqlite_in(folder);
    assert_eq!(world.store.head().position, 49);
    let of = |run_type: &str, source: &str, run_id| RunKey {
        tenant_id: TenantId(1),
        source: source.to_owned(),
        run_type: run_type.to_owned(),
        run_id: RunId(run_id),
    };
    let announced = of("sync", "portal", 1);
    let told = |sequence| vec![event(1, "running", sequence)];
    for (sequence, judgement) in [
        (6, Judgement::Duplicate),
        (7, Judgement::Duplicate),
        (5, Judgement::Late),
        (8, Judgement::Accepted),
    ] {
        let mut events = told(sequence);
        events[0].run_type = "sync".to_owned();
        let judged = world.announce(TenantId(1), events).await.unwrap();
        assert_eq!(judged, [judgement], "{sequence}");
    }
    let rows = world.store.runs(TenantId(1), None, 10).await.unwrap().rows;
    let ids: Vec<RunId> = rows.iter().map(|run| run.run_id).collect();
    assert_eq!(ids, [RunId(9), RunId(1)]);
    assert_eq!(rows[1].key(), announced);

    let database = database(&path);
    assert_eq!(
        text(&database, "SELECT url FROM runs WHERE id = 4"),
        "https://portal/1"
    );
    assert_eq!(text(&database, "PRAGMA integrity_check"), "ok");
    let broken = "SELECT count(*) || '' FROM pragma_foreign_key_check";
    assert_eq!(text(&database, broken), "0");
    let names = "SELECT group_concat(name) FROM sqlite_schema WHERE type = 'table' AND name IN ('announced', 'runs_anew', 'events_anew')";
    assert_eq!(
        database.query_row(names, [], |row| row.get::<_, Option<String>>(0)),
        Ok(None)
    );
    let stray = "INSERT INTO marks (person_id, run, tenant_id, marks_rev) VALUES (1, 5, 1, 9)";
    assert!(
        database.execute(stray, []).is_err(),
        "run 5 is not there, and the tables that name runs see it"
    );
}

fn text(database: &Connection, sql: &str) -> String {
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}
