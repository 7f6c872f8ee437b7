//! One-time links: the first account, an invitation, a reset.

use contract::api::{Me, Role, SetupOffer};
use serde_json::json;
use server::people;

use crate::place::{PASSWORD, Place, TENANT};

fn token(link: &str) -> &str {
    link.split_once('#').expect("the token is behind the #").1
}

#[tokio::test]
async fn the_first_link_makes_an_admin_once() {
    let mut place = Place::small().await;
    let link = place
        .server()
        .setup_link()
        .expect("nobody has an account")
        .to_owned();
    let visitor = place.visitor();

    let offer = visitor
        .post("/api/setup/check", &json!({"token": token(&link)}))
        .await;
    let expected = SetupOffer {
        name: None,
        tenants: vec!["Contoso".to_owned()],
    };
    assert_eq!(offer.json::<SetupOffer>(), expected);

    let body = json!({"token": token(&link), "name": "Ann", "password": PASSWORD});
    let made = visitor.post("/api/setup", &body).await;
    let me: Me = made.json();
    assert_eq!((made.status, me.person.name.as_str()), (200, "Ann"));
    assert_eq!(me.tenants[0].roles, [Role::Admin]);
    let cookie = made.header("set-cookie");
    assert!(cookie.starts_with("ta_session="), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );

    let again = visitor.post("/api/setup", &body).await;
    assert_eq!((again.status, again.problem().as_str()), (403, "link_used"));
    place.stop().await;
    place.start().await;
    assert_eq!(place.server().setup_link(), None);
}

#[tokio::test]
async fn each_start_has_a_first_link_of_its_own_until_one_is_used() {
    let mut place = Place::small().await;
    let earlier = place
        .server()
        .setup_link()
        .expect("nobody has an account")
        .to_owned();
    place.stop().await;
    place.start().await;
    let visitor = place.visitor();
    let check = async |link: &str| {
        visitor
            .post("/api/setup/check", &json!({"token": token(link)}))
            .await
            .status
    };
    assert_eq!(check(&earlier).await, 403);
    let later = place.server().setup_link().expect("nobody has an account");
    assert_eq!(check(later).await, 200);
    assert_eq!(check("#garbage").await, 403);
}

#[tokio::test]
async fn a_password_or_name_out_of_bounds_is_refused_and_the_link_stays_good() {
    let place = Place::small().await;
    let link = place.server().setup_link().expect("nobody has an account");
    for (name, password) in [
        ("Ann", "eleven char"),
        ("Ann", &"x".repeat(1025)),
        ("", PASSWORD),
        (" Ann", PASSWORD),
        ("A\nnn", PASSWORD),
        (&"x".repeat(65), PASSWORD),
    ] {
        let body = json!({"token": token(link), "name": name, "password": password});
        let refused = place.visitor().post("/api/setup", &body).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (422, "invalid_value")
        );
    }
    place.admin().await;
}

#[tokio::test]
async fn an_invitation_fixes_the_name_and_a_reset_ends_the_sessions() {
    let place = Place::with_two_tenants().await;
    let admin = place.admin().await;
    let bob = place.person("bob", TENANT, Role::Viewer).await;
    let me: Me = bob.get("/api/me").await.json();
    assert_eq!(me.person.name, "bob");
    assert_eq!(me.tenants.len(), 1);

    let (store, base) = (place.server().store(), place.server().base());
    let link = people::reset(&**store, base, "bob")
        .await
        .unwrap()
        .expect("bob is there");
    let offer = place
        .visitor()
        .post("/api/setup/check", &json!({"token": token(&link)}))
        .await;
    let expected = SetupOffer {
        name: Some("bob".to_owned()),
        tenants: vec!["Contoso".to_owned()],
    };
    assert_eq!(offer.json::<SetupOffer>(), expected);
    let body = json!({"token": token(&link), "name": "eve", "password": "another long password"});
    let me: Me = place.visitor().post("/api/setup", &body).await.json();
    assert_eq!(me.person.name, "bob");
    assert_eq!(bob.get("/api/me").await.status, 401);
    assert_eq!(admin.get("/api/me").await.status, 200);
    assert_eq!(people::reset(&**store, base, "nobody").await.unwrap(), None);
}
