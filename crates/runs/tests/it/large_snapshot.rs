//! A snapshot of more runs than it may hold: rows are cut, totals and names are not.

use contract::run::RunStatus;
use contract::snapshot::{MAX_CURRENT, MAX_FAILED_NAMED, MAX_RECENT, Totals};
use contract::timestamp::Timestamp;
use runs::store::RunStore;

use crate::world::{database, manned, open};

/// Runs as years of use would leave them, by the schema alone: ?3 of them in status ?4.
const MANY: &str = "INSERT INTO runs (tenant_id, run_type, run_id, operation, target_id, status, tenant_seq, status_seq, at, queued_at, started_by)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
    SELECT ?1, 'bulk_operation', ?5 + i, 'policy.capture_snapshot', ?5 + i, ?4, ?5 + i, ?5 + i, 0, 0, ?2 FROM n";

#[tokio::test]
async fn rows_are_cut_and_totals_and_names_of_failures_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (tenant, person) = manned(&store).await;
    let database = database(folder.path());
    let mut first = 0;
    for (n, status) in [
        (6_000, "queued"),
        (9_000, "failed"),
        (7_000, "partial"),
        (1_000, "completed"),
    ] {
        let params = (tenant.0, person.0, n, status, first);
        assert_eq!(database.execute(MANY, params).unwrap(), n as usize);
        first += n;
    }

    let snapshot = store.snapshot(person, None).await.unwrap();
    let totals = Totals {
        queued: 6_000,
        failed: 9_000,
        partial: 7_000,
        completed: 1_000,
        ..Totals::default()
    };
    assert_eq!(snapshot.tenants[0].totals, totals);
    assert_eq!(snapshot.failed.len(), 16_000);
    assert!(snapshot.failed.len() < MAX_FAILED_NAMED);
    let n = |wanted: fn(&RunStatus) -> bool| {
        let runs = snapshot.runs.iter();
        runs.filter(|run| wanted(&run.status)).count()
    };
    assert_eq!(n(RunStatus::is_active), MAX_CURRENT / 2);
    assert_eq!(n(RunStatus::is_failure), MAX_CURRENT / 2);
    assert_eq!(n(|status| *status == RunStatus::Completed), MAX_RECENT);
    assert!(snapshot.runs.is_sorted_by_key(|run| run.tenant_seq));
    let newest_failed = snapshot.runs.iter().filter(|run| run.status.is_failure());
    let oldest = newest_failed.map(|run| run.tenant_seq.0).min();
    assert_eq!(oldest, Some(22_000 - 2_500 + 1), "the newest are kept");
    assert_eq!(snapshot.runs[0].queued_at, Timestamp(0));

    database
        .execute(MANY, (tenant.0, person.0, 5_000, "failed", first))
        .unwrap();
    let snapshot = store.snapshot(person, None).await.unwrap();
    assert_eq!(snapshot.failed.len(), MAX_FAILED_NAMED);
    assert_eq!(snapshot.tenants[0].totals.failed, 14_000);
}
