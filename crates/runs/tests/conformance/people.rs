//! Accounts, links, sessions and memberships.

use std::time::Duration;

use contract::api::Role;
use contract::ids::TenantId;
use runs::Error;
use runs::change::Change;
use runs::people::{LinkPurpose, NewTenant};

use super::world::World;

const HASH: &str = "$argon2id$…";

pub(crate) async fn the_first_account_is_admin_of_every_tenant_and_there_is_one(world: World) {
    let (one, two) = (world.tenant().await, world.tenant().await);
    let store = &world.store;
    let link = world.token();
    store.put_first_link(link, world.soon()).await.unwrap();
    assert!(!store.has_people().await.unwrap());
    let purpose = store.link_purpose(link).await.unwrap();
    assert_eq!(purpose, LinkPurpose::FirstAccount);

    let first = store.use_link(link, " First ", HASH).await.unwrap();
    assert_eq!(first.name, "First");
    assert!(store.has_people().await.unwrap());
    let session = world.token();
    store
        .add_session(first.id, session, world.soon())
        .await
        .unwrap();
    let caller = store.caller(session).await.unwrap().unwrap();
    assert_eq!(caller.roles_in(one), Some([Role::Admin].as_slice()));
    assert_eq!(caller.roles_in(two), Some([Role::Admin].as_slice()));

    let second = world.token();
    store.put_first_link(second, world.soon()).await.unwrap();
    let refused = store.link_purpose(second).await;
    assert!(matches!(refused, Err(Error::LinkUsed)), "{refused:?}");
    let refused = store.use_link(second, "Second", HASH).await;
    assert!(matches!(refused, Err(Error::LinkUsed)), "{refused:?}");
}

pub(crate) async fn a_link_works_once_and_until_it_expires(world: World) {
    let tenant = world.tenant().await;
    let store = &world.store;
    let link = world.token();
    let role = Role::Viewer;
    let invited = store
        .invite("Viewer", tenant, role, link, world.soon())
        .await;
    let invited = invited.unwrap();
    let purpose = store.link_purpose(link).await.unwrap();
    assert_eq!(purpose, LinkPurpose::Password(invited.clone()));
    let used = store.use_link(link, "ignored", HASH).await.unwrap();
    assert_eq!(used, invited);
    let again = store.use_link(link, "ignored", "other").await;
    assert!(matches!(again, Err(Error::LinkUsed)), "{again:?}");
    let known = store.credentials("Viewer").await.unwrap().unwrap();
    assert_eq!(known.password_hash.as_deref(), Some(HASH));

    let link = world.token();
    store
        .reset_link("Viewer", link, world.soon())
        .await
        .unwrap()
        .unwrap();
    world.pass(Duration::from_secs(3600));
    let late = store.use_link(link, "ignored", "other").await;
    assert!(matches!(late, Err(Error::LinkUsed)), "{late:?}");
    assert!(
        store
            .reset_link("Nobody", link, world.soon())
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn a_new_link_replaces_the_old_one(world: World) {
    let tenant = world.tenant().await;
    let store = &world.store;
    let (old, new) = (world.token(), world.token());
    store.put_first_link(old, world.soon()).await.unwrap();
    store.put_first_link(new, world.soon()).await.unwrap();
    assert!(matches!(
        store.link_purpose(old).await,
        Err(Error::LinkUsed)
    ));
    store.link_purpose(new).await.unwrap();

    let (old, new) = (world.token(), world.token());
    let role = Role::Viewer;
    store
        .invite("Viewer", tenant, role, old, world.soon())
        .await
        .unwrap();
    store.reset_link("Viewer", new, world.soon()).await.unwrap();
    assert!(matches!(
        store.link_purpose(old).await,
        Err(Error::LinkUsed)
    ));
    store.link_purpose(new).await.unwrap();
}

pub(crate) async fn a_new_password_ends_all_sessions(world: World) {
    let tenant = world.tenant().await;
    let person = world.member("Viewer", tenant, Role::Viewer).await;
    let store = &world.store;
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let token = world.token();
        let id = store
            .add_session(person, token, world.soon())
            .await
            .unwrap();
        sessions.push((token, id));
    }
    let link = world.token();
    store
        .reset_link("Viewer", link, world.soon())
        .await
        .unwrap();
    world.take_told();
    store.use_link(link, "", HASH).await.unwrap();
    let told = world.take_told();
    for (token, id) in sessions {
        assert!(store.caller(token).await.unwrap().is_none());
        let is_told =
            |change: &Change| matches!(change, Change::SessionEnded(ended) if *ended == id);
        assert!(told.iter().any(is_told), "{told:?}");
    }
}

pub(crate) async fn names_differ_by_more_than_capitals_and_spaces(world: World) {
    let tenant = world.tenant().await;
    let person = world.member("Äsop", tenant, Role::Viewer).await;
    let same = world.member(" äSOP ", tenant, Role::Operator).await;
    assert_eq!(same, person);
    let known = world.store.credentials("Äsop").await.unwrap().unwrap();
    assert_eq!(
        (known.person.name.as_str(), known.password_hash),
        ("Äsop", None)
    );
    assert!(world.store.credentials("Äso").await.unwrap().is_none());

    let link = world.token();
    world
        .store
        .put_first_link(link, world.soon())
        .await
        .unwrap();
    let taken = world.store.use_link(link, "ÄSOP", HASH).await;
    assert!(matches!(taken, Err(Error::NameTaken)), "{taken:?}");
    world.store.use_link(link, "Another", HASH).await.unwrap();
}

pub(crate) async fn an_invitation_adds_the_role_to_who_is_there(world: World) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let person = world.member("Person", tenant, Role::Restorer).await;
    for (tenant, role) in [
        (tenant, Role::Viewer),
        (tenant, Role::Restorer),
        (other, Role::Auditor),
    ] {
        assert_eq!(world.member("Person", tenant, role).await, person);
    }
    let token = world.token();
    world
        .store
        .add_session(person, token, world.soon())
        .await
        .unwrap();
    let caller = world.store.caller(token).await.unwrap().unwrap();
    let both = [Role::Viewer, Role::Restorer];
    assert_eq!(caller.roles_in(tenant), Some(both.as_slice()));
    assert_eq!(caller.roles_in(other), Some([Role::Auditor].as_slice()));
    assert_eq!(caller.roles_in(TenantId(999)), None);

    let nowhere = world
        .store
        .invite("Person", TenantId(999), Role::Viewer, token, world.soon());
    let refused = nowhere.await;
    assert!(matches!(refused, Err(Error::NotInTenant(_))), "{refused:?}");
}

pub(crate) async fn a_session_ends_by_itself_and_by_sign_out(world: World) {
    let (_, person) = world.manned().await;
    let store = &world.store;
    let (one, two) = (world.token(), world.token());
    let id = store.add_session(person, one, world.soon()).await.unwrap();
    store.add_session(person, two, world.soon()).await.unwrap();
    world.take_told();
    store.end_session(id).await.unwrap();
    store.end_session(id).await.unwrap();
    let told = world.take_told();
    assert!(
        matches!(told.as_slice(), [Change::SessionEnded(ended)] if *ended == id),
        "{told:?}"
    );
    assert!(store.caller(one).await.unwrap().is_none());
    assert!(store.caller(two).await.unwrap().is_some());
    world.pass(Duration::from_secs(3600));
    assert!(store.caller(two).await.unwrap().is_none());
}

pub(crate) async fn memberships_are_read_anew_by_each_request(world: World) {
    let (tenant, person) = world.manned().await;
    let token = world.token();
    world
        .store
        .add_session(person, token, world.soon())
        .await
        .unwrap();
    world.take_told();
    let caller = world.store.caller(token).await.unwrap().unwrap();
    let tenants = world.store.tenants_of(person).await.unwrap();
    assert_eq!((tenants.len(), &tenants), (1, &caller.tenants));
    world.store.remove_member(person, tenant).await.unwrap();
    let told = world.take_told();
    assert!(
        matches!(told.as_slice(), [Change::Access(whose)] if *whose == person),
        "{told:?}"
    );
    let caller = world.store.caller(token).await.unwrap().unwrap();
    assert!(caller.tenants.is_empty());
    assert!(world.store.tenants_of(person).await.unwrap().is_empty());
}

pub(crate) async fn a_new_tenant_gets_who_administers_all_others(world: World) {
    let first_link = world.token();
    world
        .store
        .put_first_link(first_link, world.soon())
        .await
        .unwrap();
    // An account that is older than the first tenant.
    let first = world
        .store
        .use_link(first_link, "First", HASH)
        .await
        .unwrap();
    let one = world.tenant().await;
    let half = world.member("Half", one, Role::Admin).await;
    let viewer = world.member("Viewer", one, Role::Viewer).await;
    let two = world.tenant().await;
    world.store.remove_member(half, two).await.unwrap();
    let three = world.tenant().await;

    let mut roles = Vec::new();
    for person in [first.id, half, viewer] {
        let token = world.token();
        world
            .store
            .add_session(person, token, world.soon())
            .await
            .unwrap();
        let caller = world.store.caller(token).await.unwrap().unwrap();
        roles.push([one, two, three].map(|tenant| caller.roles_in(tenant).map(<[Role]>::to_vec)));
    }
    let admin = || Some(vec![Role::Admin]);
    assert_eq!(roles[0], [admin(), admin(), admin()]);
    assert_eq!(roles[1], [admin(), None, None]);
    assert_eq!(roles[2], [Some(vec![Role::Viewer]), None, None]);
}

pub(crate) async fn a_tenant_is_known_by_its_directory_and_can_be_renamed(world: World) {
    let new = |name: &str| NewTenant {
        directory_id: "5F1E3A0C".to_owned(),
        name: name.to_owned(),
    };
    let made = world.store.put_tenant(new("Contoso")).await.unwrap();
    let member = world.person(made.id).await;
    world.take_told();
    let same = world.store.put_tenant(new("Contoso")).await.unwrap();
    assert_eq!(same, made);
    assert!(world.take_told().is_empty());
    let renamed = world.store.put_tenant(new("Contoso Ltd")).await.unwrap();
    assert_eq!(
        (renamed.id, renamed.name.as_str()),
        (made.id, "Contoso Ltd")
    );
    let told = world.take_told();
    assert!(
        matches!(told.as_slice(), [Change::Access(whose)] if *whose == member),
        "{told:?}"
    );
    assert_eq!(world.store.tenants().await.unwrap(), [renamed]);
}
