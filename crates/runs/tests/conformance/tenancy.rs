//! A tenant's things cannot be found through another tenant.

use contract::ids::{PersonId, RunKey, TenantId};
use runs::Error;
use runs::lease::{Ending, Lease};

use super::world::{LEASE, World, capture, captured, key_of, new_item};

#[track_caller]
fn is_elsewhere<T: std::fmt::Debug>(result: &runs::error::Result<T>) {
    assert!(matches!(result, Err(Error::NotInTenant(_))), "{result:?}");
}

pub(crate) async fn nothing_of_another_tenant_can_be_read(world: World) {
    let (tenant, person) = world.manned().await;
    let (other, stranger) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    let (lease, _) = world.planned(tenant, person, &policies).await;
    let theirs = RunKey {
        tenant_id: other,
        ..key_of(&lease)
    };
    let store = &world.store;
    is_elsewhere(&store.run_page(&theirs).await);
    is_elsewhere(&store.items(&theirs, None, 500).await);
    is_elsewhere(&store.policy(other, policies[0]).await);
    let cursor = policies[0].to_string();
    is_elsewhere(&store.policies(other, Some(&cursor), 500).await);
    is_elsewhere(&store.snapshot(stranger, Some(tenant)).await);
    is_elsewhere(&store.snapshot(PersonId(999), None).await);
    assert!(store.runs(other, None, 500).await.unwrap().rows.is_empty());
    assert!(world.log(&[other]).await.is_empty());
    let wrong_type = RunKey {
        run_type: "restore".to_owned(),
        ..key_of(&lease)
    };
    is_elsewhere(&store.run_page(&wrong_type).await);
}

pub(crate) async fn nothing_of_another_tenant_can_be_written(world: World) {
    let (tenant, person) = world.manned().await;
    let (other, stranger) = world.manned().await;
    let policies = world.policies(tenant, 1).await;
    let their_policies = world.policies(other, 1).await;
    let (lease, open) = world.planned(tenant, person, &policies).await;
    let (their_lease, their_open) = world.planned(other, stranger, &their_policies).await;
    let store = &world.store;

    is_elsewhere(
        &store
            .start(capture(other, Some(policies[0]), stranger))
            .await,
    );
    is_elsewhere(&store.start(capture(TenantId(999), None, stranger)).await);
    let plan = vec![new_item(policies[0])];
    is_elsewhere(&store.plan_items(&their_lease, plan).await);
    let item = open[0].item_id;
    is_elsewhere(&store.begin_item(&their_lease, item, "capture").await);
    is_elsewhere(&store.settle_item(&their_lease, item, captured("a")).await);
    is_elsewhere(&store.put_listed(TenantId(999), &[], Vec::new()).await);

    let crossed = Lease {
        tenant_id: other,
        ..lease.clone()
    };
    let refused = [
        store.heartbeat(&crossed, LEASE).await.map(drop),
        store
            .begin_item(&crossed, their_open[0].item_id, "capture")
            .await,
        store.finish(&crossed, Ending::ByItems).await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Error::LeaseLost)), "{refused:?}");
    }
}

pub(crate) async fn a_snapshot_holds_the_persons_tenants_alone(world: World) {
    let (tenant, person) = world.manned().await;
    let (other, stranger) = world.manned().await;
    world
        .member("person 1", other, contract::api::Role::Viewer)
        .await;
    world.ended(tenant, person, Ending::Cancelled).await;
    let theirs = world.start_all(other, stranger).await.run;
    let snapshot = world.store.snapshot(stranger, None).await.unwrap();
    assert_eq!(snapshot.runs, [theirs]);
    assert_eq!(snapshot.tenants.len(), 1);
    assert_eq!(snapshot.tenants[0].tenant.id, other);

    let both = world.store.snapshot(person, None).await.unwrap();
    assert_eq!((both.tenants.len(), both.runs.len()), (2, 2));
    let one = world.store.snapshot(person, Some(tenant)).await.unwrap();
    assert_eq!((one.tenants.len(), one.runs.len()), (1, 1));
    assert_eq!(one.id, both.id);
}
