//! `tenant-atlas-server key`: beside the server that has the folder.

use std::process::{Command, Output, Stdio};

use reqwest::Method;
use serde_json::json;

use crate::place::Place;

fn key(arguments: &[&str], data: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tenant-atlas-server"))
        .arg("key")
        .args(arguments)
        .args(["--data", data])
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn refuses(arguments: &[&str], data: &str, expected: &str) {
    let output = key(arguments, data);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(errors.contains(expected), "{errors:?} lacks {expected:?}");
}

#[tokio::test]
async fn a_key_works_as_soon_as_it_is_made_and_until_it_is_revoked() {
    let place = Place::small().await;
    let data = place.data();
    let data = data.to_str().expect("a UTF-8 path");
    let made = said(&key(
        &["add", "Portal", "--tenant", "1", "--source", "portal"],
        data,
    ));
    let (_, token) = made.trim_end().rsplit_once(": ").expect("the key is last");
    assert!(token.starts_with("tak_") && token.len() == 47, "{token}");

    let announce = async |sequence: i64| {
        let event =
            json!({"run_type": "sync", "run_id": 1, "status": "running", "sequence": sequence});
        let portal = place.visitor();
        let request = portal.request(Method::POST, "/api/tenants/1/run-events");
        portal
            .send(request.bearer_auth(token).json(&event))
            .await
            .status
    };
    let listed = said(&key(&["list"], data));
    assert!(
        listed.starts_with("1\tPortal\ttenants 1\tportal\tmade ") && listed.contains("never used"),
        "{listed}"
    );
    assert_eq!(announce(1).await, 200);
    let listed = said(&key(&["list"], data));
    assert!(
        listed.contains("\tused 20") && listed.ends_with("\tstands\n"),
        "{listed}"
    );
    assert!(!listed.contains(token));

    assert!(said(&key(&["revoke", "portal"], data)).contains("\trevoked 20"));
    assert_eq!(announce(2).await, 401);
    let listed = said(&key(&["list"], data));
    assert!(listed.contains("\trevoked 20"), "{listed}");
}

#[tokio::test]
async fn a_key_that_cannot_be_made_or_found_says_why() {
    let place = Place::small().await;
    let data = place.data();
    let data = data.to_str().expect("a UTF-8 path");
    said(&key(&["add", "Portal", "--tenant", "1"], data));
    refuses(&["add", "portal", "--tenant", "1"], data, "already");
    refuses(
        &["add", "another", "--tenant", "9"],
        data,
        "there is no tenant 9",
    );
    refuses(&["add", "12", "--tenant", "1"], data, "is not a number");
    refuses(&["add", "another"], data, "--tenant");
    refuses(
        &["add", "another", "--tenant", "1", "--source", "a b"],
        data,
        "a source is",
    );
    refuses(&["revoke", "nobody"], data, "no key that stands");
    refuses(&["revoke", "7"], data, "no key that stands");
    refuses(&["list"], "/nowhere/at/all", "no data folder");
}
