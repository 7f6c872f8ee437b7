//! Nobody is told of anything before it is durable, and commands that share a commit are told in their order.

use std::path::Path;
use std::sync::{Arc, Mutex};

use contract::ids::TenantSeq;
use runs::change::Change;
use runs::sqlite::SqliteStore;
use runs::store::{PolicyStore, RunStore};

use crate::conformance::world::{FAMILY, capture, listed};
use crate::world::{database, manned};

/// The newest event that somebody else can read.
fn newest_position(folder: &Path) -> u64 {
    let newest: i64 = database(folder)
        .query_row("SELECT coalesce(max(position), 0) FROM events", [], |row| {
            row.get(0)
        })
        .unwrap();
    newest as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_can_be_read_by_others_and_comes_in_commit_order() {
    let folder = tempfile::tempdir().unwrap();
    let told: Arc<Mutex<Vec<(u64, TenantSeq)>>> = Arc::default();
    let (ear, path) = (told.clone(), folder.path().to_owned());
    let on_commit = move |changes: &[Change]| {
        let newest = newest_position(&path);
        for change in changes {
            if let Change::Run(event) = change {
                assert!(event.position <= newest, "told before it was committed");
                ear.lock()
                    .unwrap()
                    .push((event.position, event.run.tenant_seq));
            }
        }
    };
    // What panics on the writer thread ends it, and the next write fails.
    let store = SqliteStore::open(folder.path(), Box::new(on_commit)).unwrap();
    let store = Arc::new(store);
    let (tenant, person) = manned(&store).await;
    let policies = (0..200).map(|i| listed(&i.to_string())).collect();
    let policies = store.put_listed(tenant, &[FAMILY], policies).await.unwrap();
    let mut starts = tokio::task::JoinSet::new();
    for policy in policies {
        let store = store.clone();
        starts.spawn(async move {
            let started = store.start(capture(tenant, Some(policy.id), person)).await;
            (started.unwrap().run.tenant_seq, store.head().position)
        });
    }
    for (seq, head) in starts.join_all().await {
        assert!(
            head >= seq.0 as u64,
            "the head is known when the start is answered"
        );
    }
    let told = told.lock().unwrap();
    let expected: Vec<_> = (1..=200).map(|n| (n, TenantSeq(n as i64))).collect();
    assert_eq!(*told, expected);
}
