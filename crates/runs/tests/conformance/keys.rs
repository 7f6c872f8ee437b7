//! Machine keys: known by their token, for some tenants, until they are revoked.

use std::time::Duration;

use contract::ids::TenantId;
use runs::Error;
use runs::ingest::NewKey;

use super::world::World;

fn new(world: &World, name: &str, tenants: &[TenantId]) -> NewKey {
    NewKey {
        name: name.to_owned(),
        tenants: tenants.to_vec(),
        source: Some("portal".to_owned()),
        token: world.token(),
    }
}

pub(crate) async fn a_key_is_known_by_its_token_until_it_is_revoked(world: World) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let new = new(&world, "Portal", &[other, tenant]);
    let made = world.store.add_key(new.clone()).await.unwrap();
    assert_eq!(
        (made.tenants.as_slice(), made.name.as_str()),
        ([tenant, other].as_slice(), "Portal")
    );
    assert_eq!(made.source.as_deref(), Some("portal"));
    assert_eq!(
        world.store.key(new.token).await.unwrap(),
        Some(made.clone())
    );
    assert_eq!(world.store.key(world.token()).await.unwrap(), None);

    let revoked = world.store.revoke_key("portal").await.unwrap().unwrap();
    assert_eq!(revoked.revoked_at, Some(world.now()));
    assert_eq!(world.store.key(new.token).await.unwrap(), None);
    assert_eq!(world.store.keys().await.unwrap(), [revoked]);
    assert_eq!(world.store.revoke_key("portal").await.unwrap(), None);
    assert_eq!(
        world
            .store
            .revoke_key(&made.id.0.to_string())
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn a_name_is_one_keys_until_that_one_is_revoked(world: World) {
    let tenant = world.tenant().await;
    let first = world
        .store
        .add_key(new(&world, "Portal", &[tenant]))
        .await
        .unwrap();
    let refused = world.store.add_key(new(&world, " PORTAL", &[tenant])).await;
    assert!(matches!(refused, Err(Error::NameTaken)), "{refused:?}");
    let number = first.id.0.to_string();
    world.store.revoke_key(&number).await.unwrap().unwrap();
    let second = world
        .store
        .add_key(new(&world, "Portal", &[tenant]))
        .await
        .unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(world.store.keys().await.unwrap().len(), 2);
}

pub(crate) async fn the_last_use_is_kept_to_the_minute(world: World) {
    let tenant = world.tenant().await;
    let key = world
        .store
        .add_key(new(&world, "Portal", &[tenant]))
        .await
        .unwrap();
    assert_eq!(key.last_used_at, None);
    let began = world.now();
    for (wait, expected) in [(0, 0), (59, 0), (1, 60)] {
        world.pass(Duration::from_secs(wait));
        world.store.key_used(key.id).await.unwrap();
        let used = world.store.keys().await.unwrap()[0].last_used_at.unwrap();
        assert_eq!(used.since(began), expected * 1000);
    }
}

pub(crate) async fn a_key_is_for_tenants_that_are_there(world: World) {
    let tenant = world.tenant().await;
    let key = new(&world, "Portal", &[tenant, TenantId(999)]);
    let refused = world.store.add_key(key).await;
    assert!(
        matches!(refused, Err(Error::NotInTenant(TenantId(999)))),
        "{refused:?}"
    );
    assert!(world.store.keys().await.unwrap().is_empty());
}
