//! Opening a folder: what is made, what is found again, and what is refused with a sentence that says what to do.

use std::path::Path;
use std::time::Duration;

use runs::Error;
use runs::sqlite::{FILE, SqliteStore};
use runs::store::{PeopleStore, RunStore};

use crate::conformance::world::capture;
use crate::world::{database, manned, open, sqlite_in};

#[track_caller]
fn check_refused(folder: &Path, says: &str) {
    let refused = SqliteStore::open(folder, Box::new(|_| ()));
    let Err(Error::CannotOpen { reason, .. }) = refused else {
        panic!("not opened with a reason, but {refused:?}");
    };
    assert!(reason.contains(says), "{reason}");
}

#[tokio::test]
async fn a_missing_folder_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let nested = folder.path().join("a/b");
    open(&nested).check().await.unwrap();
    assert!(nested.join(FILE).is_file());
}

#[tokio::test]
async fn a_check_writes_once_in_ten_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let world = sqlite_in(folder);
    let mut written = Vec::new();
    for seconds in [0, 1, 8, 1, 1] {
        world.pass(Duration::from_secs(seconds));
        world.store.check().await.unwrap();
        let checked_at = "SELECT value FROM meta WHERE key = 'checked_at'";
        let at: String = database(&path)
            .query_row(checked_at, [], |row| row.get(0))
            .unwrap();
        written.push(at);
    }
    assert!(written[..3].iter().all(|at| *at == written[0]));
    assert!(written[3] > written[2], "{written:?}");
    assert_eq!(written[4], written[3]);
}

#[tokio::test]
async fn everything_is_there_after_a_restart_and_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (tenant, person) = manned(&store).await;
    let run = store
        .start(capture(tenant, None, person))
        .await
        .unwrap()
        .run;
    let head = store.head();
    drop(store);

    let store = open(folder.path());
    assert_eq!(store.head(), head);
    assert_eq!(store.run_page(&run.key()).await.unwrap().run, run);
    let again = store.start(capture(tenant, None, person)).await.unwrap();
    assert!(again.reused);
    assert_eq!(store.tenants().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_store_that_was_closed_is_one_file_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    manned(&store).await;
    assert_eq!(store.tenants().await.unwrap().len(), 1);
    drop(store);
    let log = folder.path().join(format!("{FILE}-wal"));
    assert!(!log.exists(), "what is in it is in the database");
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_user_reads_the_database_also_in_a_folder_that_all_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let all = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.path(), all).unwrap();
    let store = open(folder.path());
    manned(&store).await;
    for end in ["", "-wal", "-shm"] {
        let file = folder.path().join(format!("{FILE}{end}"));
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn two_processes_may_have_it_open_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = open(folder.path());
    let command = open(folder.path());
    let (tenant, person) = manned(&command).await;
    let caller = server.credentials("Operator").await.unwrap().unwrap();
    assert_eq!(caller.person.id, person);
    server.start(capture(tenant, None, person)).await.unwrap();
    assert_eq!(command.runs(tenant, None, 10).await.unwrap().rows.len(), 1);
}

#[test]
fn a_folder_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    check_refused(&file, "use another data folder");
}

#[test]
fn a_database_that_is_a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(FILE)).unwrap();
    check_refused(folder.path(), "this user may not write there");
}

#[test]
fn a_damaged_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), "no database ".repeat(100)).unwrap();
    check_refused(folder.path(), "damaged");
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    database(folder.path())
        .pragma_update(None, "user_version", 1000)
        .unwrap();
    check_refused(folder.path(), "a newer version of this program");
    let version: i64 = database(folder.path())
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1000);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    database(folder.path())
        .execute_batch("CREATE TABLE theirs (id)")
        .unwrap();
    check_refused(folder.path(), "another program");
}
