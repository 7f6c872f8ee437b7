//! Who is told of what.

use std::sync::Arc;

use contract::frame::MarksChanged;
use contract::ids::TenantId;
use contract::preferences::{Rule, Tell};
use runs::Error;
use runs::change::Change;

use super::world::World;

pub(crate) fn rule(tenant_id: Option<TenantId>, operation: Option<&str>, tell: Tell) -> Rule {
    Rule {
        tenant_id,
        operation: operation.map(str::to_owned),
        tell,
    }
}

fn told(world: &World) -> Vec<Arc<MarksChanged>> {
    let told = world.take_told().into_iter().map(|change| match change {
        Change::Marks(_, changed) => changed,
        other => panic!("only preferences changed, not {other:?}"),
    });
    told.collect()
}

pub(crate) async fn rules_are_replaced_as_a_whole_and_told_by_the_counter_of_the_marks(
    world: World,
) {
    let (tenant, person) = world.manned().await;
    world.take_told();
    let store = &world.store;
    assert_eq!(store.preferences(person).await.unwrap().rules, []);
    let first = vec![
        rule(Some(tenant), None, Tell::None),
        rule(None, Some("users.sync"), Tell::All),
    ];
    let put = store.put_preferences(person, first.clone()).await.unwrap();
    assert_eq!((&put.rules, put.marks_rev), (&first, 1));
    assert_eq!(store.preferences(person).await.unwrap(), put);
    let changes = told(&world);
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].marks_rev, changes[0].marks.len()), (1, 0));
    assert_eq!(changes[0].preferences.as_ref(), Some(&put));

    // The same again is no change.
    let again = store.put_preferences(person, first).await.unwrap();
    assert_eq!(again, put);
    assert!(told(&world).is_empty());

    let rows = store.marks_after(person, 0, 10).await.unwrap();
    assert_eq!((rows.preferences, rows.marks_rev), (Some(put.clone()), 1));
    let rows = store.marks_after(person, 1, 10).await.unwrap();
    assert_eq!(rows.preferences, None);
    let snapshot = store.snapshot(person, None).await.unwrap();
    assert_eq!((snapshot.rules, snapshot.marks_rev), (put.rules, 1));

    let none = store.put_preferences(person, Vec::new()).await.unwrap();
    assert_eq!((none.rules.len(), none.marks_rev), (0, 2));
    let rows = store.marks_after(person, 1, 10).await.unwrap();
    assert_eq!(rows.preferences, Some(none));
}

pub(crate) async fn a_rule_is_for_a_tenant_that_the_person_can_see(world: World) {
    let (tenant, person) = world.manned().await;
    let strange = world.tenant().await;
    let kept = vec![rule(Some(tenant), None, Tell::Mine)];
    world
        .store
        .put_preferences(person, kept.clone())
        .await
        .unwrap();
    for stray in [strange, TenantId(4711)] {
        let mut rules = kept.clone();
        rules.push(rule(Some(stray), None, Tell::All));
        let refused = world.store.put_preferences(person, rules).await;
        assert!(matches!(refused, Err(Error::NotInTenant(_))), "{refused:?}");
    }
    assert_eq!(world.store.preferences(person).await.unwrap().rules, kept);
    world.store.remove_member(person, tenant).await.unwrap();
    assert_eq!(world.store.preferences(person).await.unwrap().rules, []);
    let rows = world.store.marks_after(person, 0, 10).await.unwrap();
    assert_eq!(rows.preferences.unwrap().rules, []);
}
