//! A tenant's inventory and its captured versions.

use contract::run::Outcome;
use runs::lease::Ending;
use runs::policies::ListedPolicy;

use super::world::{FAMILY, World, captured, error, failed, key_of, listed};

const OTHER_FAMILY: &str = "deviceConfigurations";

fn other(name: &str) -> ListedPolicy {
    ListedPolicy {
        family: OTHER_FAMILY.to_owned(),
        ..listed(name)
    }
}

pub(crate) async fn a_list_adds_renames_and_notices_what_is_gone(world: World) {
    let tenant = world.tenant().await;
    let unread = world.store.policies(tenant, None, 500).await.unwrap();
    assert_eq!((unread.total, unread.listed_at), (0, None));

    let first = vec![listed("b"), other("a"), listed("a")];
    let families = [FAMILY, OTHER_FAMILY];
    let rows = world
        .store
        .put_listed(tenant, &families, first)
        .await
        .unwrap();
    let order: Vec<_> = rows
        .iter()
        .map(|row| (row.family.as_str(), row.name.as_str()))
        .collect();
    assert_eq!(order, [(FAMILY, "a"), (FAMILY, "b"), (OTHER_FAMILY, "a")]);

    let mut renamed = listed("a");
    renamed.name = "z".to_owned();
    let second = vec![renamed, other("a")];
    let again = world
        .store
        .put_listed(tenant, &families, second)
        .await
        .unwrap();
    assert_eq!((again[0].id, again[0].name.as_str()), (rows[0].id, "z"));
    let gone = world.store.policy(tenant, rows[1].id).await.unwrap();
    assert_eq!(gone.gone_since, Some(world.now()));
    let all = world.store.policies(tenant, None, 500).await.unwrap();
    assert_eq!((all.total, all.listed_at), (3, Some(world.now())));

    let back = vec![listed("b")];
    let back = world
        .store
        .put_listed(tenant, &[FAMILY], back)
        .await
        .unwrap();
    assert_eq!((back[0].id, back[0].gone_since), (rows[1].id, None));
}

pub(crate) async fn a_family_that_was_not_listed_whole_loses_nothing(world: World) {
    let tenant = world.tenant().await;
    let all = vec![listed("a"), other("a")];
    let families = [FAMILY, OTHER_FAMILY];
    let rows = world
        .store
        .put_listed(tenant, &families, all)
        .await
        .unwrap();
    world
        .store
        .put_listed(tenant, &[FAMILY], Vec::new())
        .await
        .unwrap();
    let gone = |row: usize| world.store.policy(tenant, rows[row].id);
    assert!(gone(0).await.unwrap().gone_since.is_some());
    assert!(gone(1).await.unwrap().gone_since.is_none());
}

pub(crate) async fn unchanged_content_makes_no_new_version(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    let mut versions = Vec::new();
    for content in ["one", "one", "two", "one"] {
        world.pass(std::time::Duration::from_secs(1));
        let (lease, open) = world.planned(tenant, person, &policies).await;
        world.settle(&lease, &open[0], captured(content)).await;
        world.store.finish(&lease, Ending::ByItems).await.unwrap();
        let item = world.items(&key_of(&lease)).await.remove(0);
        let policy = world.store.policy(tenant, policies[0]).await.unwrap();
        assert_eq!(policy.captured_at, Some(world.now()));
        assert_eq!(policy.run, Some(key_of(&lease)));
        assert_eq!(policy.changed, item.changed);
        assert_eq!(policy.name, "a policy");
        versions.push((item.version, item.changed, policy.n_versions));
    }
    let expected = [
        (Some(1), true, 1),
        (Some(1), false, 1),
        (Some(2), true, 2),
        (Some(3), true, 3),
    ];
    assert_eq!(versions, expected);
}

pub(crate) async fn a_failed_capture_is_shown_until_one_succeeds(world: World) {
    let (tenant, person) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    for (settlement, shown) in [
        (failed("a"), Some(error("a"))),
        (captured("content"), None),
        (failed("b"), Some(error("b"))),
    ] {
        let (lease, open) = world.planned(tenant, person, &policies).await;
        world.settle(&lease, &open[0], settlement).await;
        world.store.finish(&lease, Ending::ByItems).await.unwrap();
        let policy = world.store.policy(tenant, policies[0]).await.unwrap();
        assert_eq!(policy.error, shown);
        let item = world.items(&key_of(&lease)).await.remove(0);
        assert_eq!(
            (item.outcome == Outcome::Failed, item.error),
            (shown.is_some(), shown)
        );
    }
}

pub(crate) async fn an_unreadable_list_keeps_what_is_known(world: World) {
    let tenant = world.tenant().await;
    let policies = world.policies(tenant, 2).await;
    let put = world
        .store
        .put_list_error(tenant, error("graph_unreachable"));
    put.await.unwrap();
    let page = world.store.policies(tenant, None, 500).await.unwrap();
    assert_eq!(page.rows.len(), policies.len());
    assert_eq!(page.list_error, Some(error("graph_unreachable")));
    world.policies(tenant, 2).await;
    let page = world.store.policies(tenant, None, 500).await.unwrap();
    assert_eq!(page.list_error, None);
}

pub(crate) async fn policies_are_read_in_pages(world: World) {
    let tenant = world.tenant().await;
    let policies = world.policies(tenant, 7).await;
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = world
            .store
            .policies(tenant, after.as_deref(), 3)
            .await
            .unwrap();
        assert_eq!(page.total, 7);
        seen.extend(page.rows.iter().map(|row| row.id));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, policies);
}
