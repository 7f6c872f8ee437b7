//! What a portal's own table would hold of an announced run.

use contract::api::Role;

use crate::conformance::ingest::event;
use crate::world::{database, sqlite_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_announced_run_is_stored_for_all_members_and_links_to_no_run_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let world = sqlite_in(folder);
    let (tenant, _) = world.manned().await;
    world.member("Viewer", tenant, Role::Viewer).await;
    world.manned().await;
    let mut failed = event(7, "failed", 2);
    failed.run_type = "restore".to_owned();
    let batch = vec![event(7, "running", 1), failed];
    world.announce(tenant, batch).await.unwrap();

    let database = database(&path);
    let mut statement = database
        .prepare("SELECT data ->> '$.title', data ->> '$.actions', data ->> '$.viewData.metadata.source' FROM notifications ORDER BY id")
        .unwrap();
    let rows: Vec<(String, String, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let row = (
        "Run failed".to_owned(),
        "[]".to_owned(),
        "portal".to_owned(),
    );
    assert_eq!(rows, [row.clone(), row]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_version_before_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = database(folder.path());
    file.execute_batch(include_str!("../../migrations/sqlite/0001_start.sql"))
        .unwrap();
    file.pragma_update(None, "user_version", 1).unwrap();
    drop(file);
    let world = sqlite_in(folder);
    let (tenant, _) = world.manned().await;
    let taken = world.announce(tenant, vec![event(1, "failed", 1)]);
    assert_eq!(taken.await.unwrap().len(), 1);
}
