//! A database that was replaced by an older copy starts a new epoch: the positions it will give were given before.

use std::path::Path;

use contract::ids::EventId;
use runs::lease::Ending;
use runs::sqlite::{FILE, SqliteStore};
use runs::store::RunStore;

use crate::conformance::world::{LEASE, UNBOUND, capture};
use crate::world::{manned, open};

/// Starts and ends a run: three events.
async fn write_on(store: &SqliteStore) {
    let (tenant, person) = manned(store).await;
    store.start(capture(tenant, None, person)).await.unwrap();
    let claim = store.claim_next("worker", LEASE, UNBOUND).await.unwrap();
    let lease = claim.unwrap().lease;
    store.finish(&lease, Ending::ByItems).await.unwrap();
}

async fn grow(folder: &Path) -> EventId {
    let store = open(folder);
    write_on(&store).await;
    store.head()
}

#[tokio::test]
async fn an_older_copy_gets_a_new_epoch_and_an_untouched_one_keeps_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let backup = folder.path().join("backup");
    let saved = grow(folder.path()).await;
    // The store is closed, so the file alone is the whole database.
    std::fs::copy(&file, &backup).unwrap();
    std::fs::copy(&backup, &file).unwrap();
    assert_eq!(open(folder.path()).head(), saved, "nothing was lost");

    let lost = grow(folder.path()).await;
    assert_eq!(
        (&lost.epoch, lost.position),
        (&saved.epoch, saved.position + 3)
    );
    std::fs::copy(&backup, &file).unwrap();
    let restored = open(folder.path()).head();
    assert_ne!(restored.epoch, saved.epoch);
    assert_eq!(restored.position, saved.position);
    assert_eq!(
        open(folder.path()).head(),
        restored,
        "and keeps the new one"
    );

    // The same copy once more, behind a log that has grown again.
    let grown = grow(folder.path()).await;
    assert_eq!(grown.epoch, restored.epoch);
    std::fs::copy(&backup, &file).unwrap();
    let again = open(folder.path()).head();
    assert!(again.epoch != saved.epoch && again.epoch != restored.epoch);
    let id: EventId = again.to_string().parse().unwrap();
    assert_eq!(id, again);
}

#[tokio::test]
async fn a_database_without_its_note_gets_a_new_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let saved = grow(folder.path()).await;
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join(FILE), elsewhere.path().join(FILE)).unwrap();
    let lost = grow(folder.path()).await;
    assert_eq!(lost.epoch, saved.epoch);

    let restored = open(elsewhere.path()).head();
    assert_ne!(restored.epoch, saved.epoch);
    assert_eq!(restored.position, saved.position);
    assert_eq!(open(elsewhere.path()).head(), restored);
}
