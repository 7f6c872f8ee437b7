//! Rows that no call of the store reads back: notifications and the audit trail.

use std::path::Path;

use contract::api::Role;
use contract::preferences::{Rule, Tell};
use contract::run::RunStatus;
use runs::lease::Ending;

use crate::conformance::world::{World, error};
use crate::world::{database, sqlite_in};

fn world() -> (World, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (sqlite_in(folder), path)
}

/// (person, title, url of "View run", counts) in the order of writing.
fn notifications(folder: &Path) -> Vec<(i64, String, String)> {
    let database = database(folder);
    let mut statement = database
        .prepare(
            "SELECT person_id, data ->> '$.title', data ->> '$.actions[0].url' FROM notifications ORDER BY id",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_status_is_stored_for_who_has_a_card_and_a_failure_for_all_members() {
    let (world, folder) = world();
    let (tenant, starter) = world.manned().await;
    let watcher = world.person(tenant).await;
    let viewer = world.member("Viewer", tenant, Role::Viewer).await;
    world.manned().await;
    let run = world.start_all(tenant, starter).await.run;
    world.start_all(tenant, watcher).await;
    let lease = world.claim().await.lease;
    let ending = Ending::Failed(error("a"));
    world.store.finish(&lease, ending).await.unwrap();
    assert_eq!(world.run_of(&lease).await.status, RunStatus::Failed);

    let url = format!("/t/{tenant}/bulk-operation-runs/{}", run.run_id);
    let row =
        |person: contract::ids::PersonId, title: &str| (person.0, title.to_owned(), url.clone());
    let expected = [
        row(starter, "Run queued"),
        row(watcher, "Run queued"),
        row(starter, "Run started"),
        row(watcher, "Run started"),
        row(starter, "Run failed"),
        row(watcher, "Run failed"),
        row(viewer, "Run failed"),
    ];
    assert_eq!(notifications(&folder), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_is_stored_for_those_whose_rules_say_so() {
    let (world, folder) = world();
    let (tenant, starter) = world.manned().await;
    let (quiet, curious) = (world.person(tenant).await, world.person(tenant).await);
    let rule = |operation: Option<&str>, tell| Rule {
        tenant_id: Some(tenant),
        operation: operation.map(str::to_owned),
        tell,
    };
    for (person, rules) in [
        (starter, vec![rule(None, Tell::None)]),
        (quiet, vec![rule(None, Tell::Mine)]),
        (
            curious,
            vec![
                rule(None, Tell::None),
                rule(Some("policy.capture_all"), Tell::All),
            ],
        ),
    ] {
        world.store.put_preferences(person, rules).await.unwrap();
    }
    world.start_all(tenant, starter).await;
    world.start_all(tenant, quiet).await;
    let lease = world.claim().await.lease;
    let ending = Ending::Failed(error("a"));
    world.store.finish(&lease, ending).await.unwrap();
    let stored: Vec<(i64, String)> = notifications(&folder)
        .into_iter()
        .map(|(person, title, _)| (person, title))
        .collect();
    let row = |person: contract::ids::PersonId, title: &str| (person.0, title.to_owned());
    let expected = [
        row(curious, "Run queued"),
        row(quiet, "Run queued"),
        row(quiet, "Run started"),
        row(curious, "Run started"),
        row(quiet, "Run failed"),
        row(curious, "Run failed"),
    ];
    assert_eq!(stored, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_the_tenant_gets_no_more_notifications() {
    let (world, folder) = world();
    let (tenant, starter) = world.manned().await;
    world.start_all(tenant, starter).await;
    world.store.remove_member(starter, tenant).await.unwrap();
    let lease = world.claim().await.lease;
    world.store.finish(&lease, Ending::ByItems).await.unwrap();
    assert_eq!(notifications(&folder).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_trail_says_who_did_what_and_cannot_be_changed() {
    let (world, folder) = world();
    let tenant = world.tenant().await;
    let person = world.member("Operator", tenant, Role::Operator).await;
    world.ended(tenant, person, Ending::Cancelled).await;
    let session = world.store.add_session(person, world.token(), world.soon());
    world
        .store
        .end_session(session.await.unwrap())
        .await
        .unwrap();
    world.store.remove_member(person, tenant).await.unwrap();

    let database = database(&folder);
    let mut statement = database
        .prepare("SELECT person_name, what, detail FROM audit ORDER BY id")
        .unwrap();
    let facts = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let facts: Vec<(String, String, String)> = facts.unwrap().map(Result::unwrap).collect();
    let fact = |name: &str, what: &str, detail: &str| (name.into(), what.into(), detail.into());
    let expected = [
        fact("Operator", "member.added", "operator"),
        fact("Operator", "link.invited", ""),
        fact("Operator", "run.started", "policy.capture_all"),
        fact("", "run.ended", "cancelled"),
        fact("Operator", "session.opened", ""),
        fact("Operator", "session.closed", ""),
        fact("Operator", "member.removed", ""),
    ];
    assert_eq!(facts, expected);
    for change in ["UPDATE audit SET what = ''", "DELETE FROM audit"] {
        let refused = database.execute(change, []).unwrap_err().to_string();
        assert!(refused.contains("the audit trail"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_version_never_changes() {
    let (world, folder) = world();
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    let content = crate::conformance::world::captured("content");
    world.settle(&lease, &open[0], content).await;
    let database = database(&folder);
    for change in [
        "UPDATE policy_versions SET object = ''",
        "DELETE FROM policy_versions",
    ] {
        let refused = database.execute(change, []).unwrap_err().to_string();
        assert!(refused.contains("a policy version"), "{refused}");
    }
}
