//! The frames of a stream, and what ends it.

use std::collections::BTreeSet;
use std::time::Duration;

use contract::api::{Me, Role};
use contract::frame::{Bye, Hello, MarksChanged, Progress};
use contract::ids::{PersonId, TenantId};
use graph_standin::Seed;
use graph_standin::faults::Match;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::browser::Frame;
use crate::place::{OTHER_TENANT, Place, TENANT};

#[tokio::test]
async fn hello_comes_first_and_the_events_of_a_run_follow_in_order() {
    let (_place, admin) = Place::with_admin().await;
    let me: Me = admin.get("/api/me").await.json();
    let mut stream = admin.stream("").await;
    let first = stream.next().await.expect("a first frame");
    assert_eq!((first.event.as_str(), &first.id), ("hello", &None));
    let hello: Hello = serde_json::from_value(first.data).unwrap();
    assert_eq!(
        (hello.protocol, hello.person, hello.tenants, hello.build),
        (1, me.person, me.tenants, me.build)
    );

    let run = admin.capture(TENANT, None).await.run;
    let (mut statuses, mut revs, mut seqs, mut positions) = (vec![], vec![], vec![], vec![]);
    loop {
        let frame = stream.next().await.expect("the stream goes on");
        match frame.event.as_str() {
            "run" => {
                let told = frame.run();
                statuses.push(told.status.to_string());
                seqs.push(told.tenant_seq.0);
                revs.push(told.rev.0);
                positions.push(frame.position());
                if told.status.is_ended() {
                    break;
                }
            }
            "progress" => {
                assert_eq!(frame.id, None);
                let told: Progress = serde_json::from_value(frame.data).unwrap();
                assert_eq!(told.key(), run.key());
                assert_eq!(Some(&told.tenant_seq.0), seqs.last());
                revs.push(told.rev.0);
            }
            // Its own tests are in seal.rs.
            "seal" => assert_eq!(frame.id, None),
            other => panic!("a {other} frame"),
        }
    }
    assert_eq!(statuses, ["queued", "running", "completed"]);
    assert_eq!((seqs, positions), (vec![1, 2, 3], vec![1, 2, 3]));
    assert!(revs.is_sorted_by(|a, b| a < b), "{revs:?}");
}

#[tokio::test]
async fn progress_comes_at_most_ten_times_a_second_and_the_latest_is_not_lost() {
    let place = Place::seeded(Seed::Many(300)).await;
    let admin = place.admin().await;
    let mut stream = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let (mut times, mut processed) = (Vec::new(), Vec::new());
    loop {
        let frame = stream.next().await.expect("the stream goes on");
        if frame.event == "progress" {
            times.push(Instant::now());
            let told: Progress = serde_json::from_value(frame.data).unwrap();
            processed.push(told.counts.processed.unwrap_or(0));
        } else if frame.event == "run" && frame.run().status.is_ended() {
            assert_eq!(frame.run().key(), run.key());
            assert_eq!(frame.run().counts.processed, Some(300));
            break;
        }
    }
    assert!(processed.is_sorted_by(|a, b| a < b), "{processed:?}");
    let seconds = (*times.last().expect("some progress") - times[0]).as_secs_f64();
    // Arrival jitters by more than the pace does; the number over the whole run does not.
    let most = (seconds * 10.0).ceil() + 2.0;
    assert!(times.len() as f64 <= most, "{} in {seconds} s", times.len());
}

#[tokio::test]
async fn a_stream_of_one_tenant_tells_of_no_other() {
    let place = Place::with_two_tenants().await;
    let admin = place.admin().await;
    let mut of_one = admin.stream("?tenant=1").await;
    let mut of_all = admin.stream("").await;
    let other = admin.capture(OTHER_TENANT, None).await.run;
    of_all.end_of(&other).await;
    let run = admin.capture(TENANT, None).await.run;
    of_one.until("hello").await;
    assert_eq!(of_one.until("run").await.run().key(), run.key());
}

#[tokio::test]
async fn marks_reach_the_other_streams_of_their_person_alone() {
    let (place, admin) = Place::with_admin().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let (mut mine, mut theirs) = (admin.stream("").await, viewer.stream("").await);
    let run = admin.capture(TENANT, None).await.run;
    let ended = mine.end_of(&run).await;
    theirs.end_of(&run).await;
    let seen = json!({"dismissed": [{"run": ended.key(), "seq": ended.tenant_seq}]});
    let put: contract::api::MarksPut = admin
        .change(Method::PUT, "/api/me/marks", &seen)
        .await
        .json();
    let told: MarksChanged = serde_json::from_value(mine.until("marks").await.data).unwrap();
    assert_eq!((told.marks_rev, told.marks), (put.marks_rev, put.marks));
    let rows: contract::api::MarkRows = admin.get("/api/me/marks").await.json();
    assert_eq!(rows.marks_rev, put.marks_rev);
    let hello: Hello =
        serde_json::from_value(admin.stream("").await.until("hello").await.data).unwrap();
    assert_eq!(hello.marks_rev, put.marks_rev);
    let next = admin.capture(TENANT, None).await.run;
    let is_other = |frame: &Frame| frame.event != "progress" && frame.event != "seal";
    let frame = theirs.until_that(is_other).await;
    assert_eq!(frame.run().key(), next.key(), "no marks of somebody else");
}

#[tokio::test]
async fn signing_out_ends_the_streams_of_that_session_within_two_seconds() {
    let (_place, admin) = Place::with_admin().await;
    let mut stream = admin.stream("").await;
    stream.until("hello").await;
    let before = Instant::now();
    let signed_out = admin
        .change(Method::DELETE, "/api/session", &Value::Null)
        .await;
    assert_eq!(signed_out.status, 204);
    let bye: Bye = serde_json::from_value(stream.until("bye").await.data).unwrap();
    assert_eq!(bye.reason, "signed_out");
    assert!(stream.next().await.is_none());
    assert!(before.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn somebody_who_is_no_member_any_more_hears_nothing_more() {
    let place = Place::with_two_tenants().await;
    let admin = place.admin().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    place.person("other", OTHER_TENANT, Role::Viewer).await;
    let me: Me = viewer.get("/api/me").await.json();
    let mut stream = viewer.stream("").await;
    stream.until("hello").await;
    let PersonId(id) = me.person.id;
    place
        .server()
        .store()
        .remove_member(PersonId(id), TenantId(TENANT))
        .await
        .unwrap();
    let bye: Bye = serde_json::from_value(stream.until("bye").await.data).unwrap();
    assert_eq!(bye.reason, "access_changed");
    assert!(stream.next().await.is_none());
    admin.capture(TENANT, None).await;
    let mut again = viewer.stream("").await;
    let hello: Hello = serde_json::from_value(again.until("hello").await.data).unwrap();
    assert_eq!(hello.tenants, []);
    assert_eq!(
        viewer.get("/api/tenants/1/runs").await.problem(),
        "not_yours"
    );
}

#[tokio::test]
async fn a_reader_that_comes_in_the_middle_of_a_run_gets_its_progress() {
    let (place, admin) = Place::with_admin().await;
    let mut early = admin.stream("").await;
    let gate = place
        .standin
        .faults()
        .gate(Match::path("/assignments$").nth(6));
    let run = admin.capture(TENANT, None).await.run;
    gate.reached().await;
    let told: Progress = serde_json::from_value(early.until("progress").await.data).unwrap();
    let mut late = admin
        .stream(&format!("?after={}", early.last_id.clone().expect("an id")))
        .await;
    late.until("hello").await;
    let frame = late.next().await.expect("the stream goes on");
    assert_eq!(frame.event, "progress");
    let progress: Progress = serde_json::from_value(frame.data).unwrap();
    assert_eq!(progress.key(), run.key());
    assert!(progress.rev >= told.rev && progress.counts.total == Some(7));
    gate.release();
    late.end_of(&run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stalls_is_dropped_and_one_that_reads_is_not() {
    let (place, admin) = Place::with_admin().await;
    let mut reading = admin.stream("").await;
    let run = admin.capture(TENANT, None).await.run;
    let ended = reading.end_of(&run).await;
    let stalled = admin
        .stream_unread(place.server().address(), "/api/events")
        .await;
    let mut n_marks = 0;
    while place.server().n_streams() == 2 {
        let pair = json!([{"run": ended.key(), "seq": ended.tenant_seq}]);
        let (name, value) = match n_marks % 2 {
            0 => ("dismissed", pair),
            _ => ("restored", json!([ended.key()])),
        };
        let put = json!({name: value});
        let answer = admin.change(Method::PUT, "/api/me/marks", &put).await;
        assert_eq!(answer.status, 200);
        reading.until("marks").await;
        n_marks += 1;
    }
    assert_eq!(place.server().n_streams(), 1);
    assert!(n_marks > 0);
    drop(stalled);
}

#[tokio::test]
async fn only_run_frames_carry_an_id() {
    let (_place, admin) = Place::with_admin().await;
    let mut stream = admin.stream_after("", Some("of-no-use")).await;
    admin.capture(TENANT, None).await;
    let mut names = BTreeSet::new();
    while let Some(frame) = stream.next().await {
        assert_eq!(frame.id.is_some(), frame.event == "run", "{frame:?}");
        if frame.event == "run" && frame.run().status.is_ended() {
            let ended = frame.run();
            let pair = json!([{"run": ended.key(), "seq": ended.tenant_seq}]);
            let seen = json!({"dismissed": pair});
            admin.change(Method::PUT, "/api/me/marks", &seen).await;
        }
        if frame.event == "marks" {
            let nothing = Value::Null;
            admin.change(Method::DELETE, "/api/session", &nothing).await;
        }
        names.insert(frame.event);
    }
    // The pulse is in the hub's own tests: it takes ten seconds.
    let expected = ["bye", "hello", "marks", "progress", "reset", "run", "seal"];
    assert!(names.iter().eq(&expected), "{names:?}");
}

#[tokio::test]
async fn asking_for_the_head_alone_leaves_no_stream_behind() {
    let (place, admin) = Place::with_admin().await;
    let head = admin.send(admin.request(Method::HEAD, "/api/events")).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), "text/event-stream");
    while place.server().n_streams() > 0 {
        tokio::task::yield_now().await;
    }
}
