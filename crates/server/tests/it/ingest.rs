//! A portal announces its own runs over real HTTP: each event once, and nothing that it sends breaks anything.

use contract::api::{Me, Role, RunPage, RunRows};
use contract::ids::TenantId;
use contract::ingest::{
    EventResult, IngestAnswer, IngestRefused, Judgement, MAX_BYTES, MAX_EVENTS,
};
use contract::snapshot::Snapshot;
use reqwest::Method;
use serde_json::{Value, json};
use server::keys;

use crate::browser::{Answer, Browser};
use crate::place::{OTHER_TENANT, Place, TENANT};

const EVENTS: &str = "/api/tenants/1/run-events";

/// A portal with a key.
pub(crate) struct Portal {
    http: Browser,
    token: String,
}

impl Portal {
    pub(crate) async fn new(place: &Place, tenants: &[i64], source: Option<&str>) -> Self {
        let store = &**place.server().store();
        let tenants = tenants.iter().map(|id| TenantId(*id)).collect();
        let added = keys::add(store, "portal", tenants, source.map(str::to_owned));
        let (_, token) = added.await.expect("tenants of this server");
        Self {
            http: place.visitor(),
            token,
        }
    }

    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(Method::POST, path);
        request.bearer_auth(&self.token)
    }

    async fn send(&self, body: &Value) -> Answer {
        self.http.send(self.request(EVENTS).json(body)).await
    }

    pub(crate) async fn taken(&self, body: &Value) -> Vec<Judgement> {
        let answer = self.send(body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        judgements(&answer.json::<IngestAnswer>().results)
    }
}

fn judgements(results: &[EventResult]) -> Vec<Judgement> {
    results.iter().map(|event| event.result).collect()
}

pub(crate) fn event(run_id: i64, status: &str, sequence: i64) -> Value {
    json!({"source": "portal", "run_type": "sync", "run_id": run_id, "status": status, "sequence": sequence})
}

pub(crate) fn with(mut event: Value, field: &str, value: Value) -> Value {
    event[field] = value;
    event
}

async fn rows(browser: &Browser) -> Vec<contract::run::Run> {
    let answer = browser.get("/api/tenants/1/runs?limit=500").await;
    answer.json::<RunRows>().rows
}

#[tokio::test]
async fn an_event_is_heard_on_an_open_stream_and_its_run_has_a_page() {
    use Judgement::{Accepted, Duplicate, Late};
    let place = Place::small().await;
    let viewer = place.person("viewer", TENANT, Role::Viewer).await;
    let portal = Portal::new(&place, &[TENANT], Some("portal")).await;
    let mut stream = viewer.stream("").await;
    stream.until("hello").await;
    let running = json!({"run_type": "restore", "run_id": 42, "status": "running", "sequence": 1, "later": {"x": []},
        "counts": {"total": 10, "processed": 1}, "operation": "users.restore", "target": "10 users", "url": "https://portal.example/runs/42"});
    assert_eq!(portal.taken(&running).await, [Accepted]);
    let told = stream.until("run").await.run();
    assert_eq!(
        (told.source.as_str(), told.run_type.as_str(), told.run_id.0),
        ("portal", "restore", 42)
    );
    assert_eq!(
        (told.target.as_str(), told.counts.total),
        ("10 users", Some(10))
    );

    let counted = json!({"run_type": "restore", "run_id": 42, "status": "running", "sequence": 2, "counts": {"total": 10, "processed": 5}});
    assert_eq!(portal.taken(&counted).await, [Accepted]);
    let progress = stream.until("progress").await;
    assert_eq!(
        (
            progress.id,
            &progress.data["source"],
            &progress.data["counts"]["processed"]
        ),
        (None, &json!("portal"), &json!(5))
    );

    let ended = json!({"run_type": "restore", "run_id": 42, "status": "completed_with_errors", "sequence": 4});
    assert_eq!(portal.taken(&ended).await, [Accepted]);
    let late = json!({"run_type": "restore", "run_id": 42, "status": "running", "sequence": 3});
    let late = json!([ended, late, running]);
    assert_eq!(portal.taken(&late).await, [Duplicate, Late, Duplicate]);
    let end = stream.until("run").await.run();
    assert_eq!((end.status.as_str(), end.tenant_seq.0), ("partial", 2));

    let page: RunPage = viewer
        .get("/api/tenants/1/runs/restore/42?source=portal")
        .await
        .json();
    assert_eq!(
        (&page.run, page.url.as_deref()),
        (&end, Some("https://portal.example/runs/42"))
    );
    assert_eq!(page.timeline.len(), 2);
    let items: Value = viewer
        .get("/api/tenants/1/runs/restore/42/items?source=portal")
        .await
        .json();
    assert_eq!((&items["rows"], &items["next"]), (&json!([]), &Value::Null));
    for path in [
        "restore/42",
        "restore/42?source=another",
        "restore/42?source=",
        "sync/42?source=portal",
    ] {
        let answer = viewer.get(&format!("/api/tenants/1/runs/{path}")).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (403, "not_yours"),
            "{path}"
        );
    }
    let snapshot: Snapshot = viewer.get("/api/snapshot").await.json();
    assert_eq!(
        (snapshot.runs, snapshot.failed.len()),
        (vec![end.clone()], 1)
    );
    let marks = json!({"dismissed": [{"run": end.key(), "seq": end.tenant_seq}]});
    let put: Value = viewer
        .change(Method::PUT, "/api/me/marks", &marks)
        .await
        .json();
    assert_eq!(put["marks"][0]["run"]["source"], "portal");
}

#[tokio::test]
async fn every_event_is_taken_once_however_often_and_by_whomever_it_is_sent() {
    let (place, admin) = Place::with_admin().await;
    let portal = Portal::new(&place, &[TENANT], None).await;
    let batch: Vec<_> = (1..=100)
        .flat_map(|run| {
            [
                event(run, "queued", 1),
                event(run, "running", 2),
                event(run, "failed", 3),
            ]
        })
        .collect();
    let body = json!({"events": batch});
    let sent = (0..6).map(|_| portal.taken(&body));
    let judged = futures::future::join_all(sent).await.concat();
    let n_accepted = judged
        .iter()
        .filter(|one| **one == Judgement::Accepted)
        .count();
    let n_duplicate = judged
        .iter()
        .filter(|one| **one == Judgement::Duplicate)
        .count();
    assert_eq!((n_accepted, n_duplicate), (300, 1500));
    let snapshot: Snapshot = admin.get("/api/snapshot").await.json();
    assert_eq!((snapshot.id.position, snapshot.failed.len()), (300, 100));
}

#[tokio::test]
async fn a_batch_with_a_bad_event_is_taken_without_it() {
    let (place, admin) = Place::with_admin().await;
    let portal = Portal::new(&place, &[TENANT], Some("portal")).await;
    let counts = |counts: Value| with(event(9, "running", 1), "counts", counts);
    let beyond: Value = serde_json::from_str("18446744073709551616").unwrap();
    let batch = json!([
        event(1, "running", 1),
        with(event(9, "running", 1), "run_id", beyond),
        with(event(9, "running", 1), "run_id", json!("9223372036854775808")),
        with(event(9, "running", 1), "run_id", json!(0)),
        counts(json!({"failed": -1})),
        counts(json!({"total": 1, "processed": 2})),
        counts(json!({"total": 1e300})),
        with(event(9, "running", 1), "source", json!("another")),
        with(event(9, "running", 1), "tenant_id", json!(2)),
        with(event(9, "running", 1), "url", json!("javascript:alert(1)")),
        {"run_type": "sync", "run_id": 9, "status": "running"},
        {"format": "filament"},
        null, 5, "text", [],
        event(2, "no such status", 1),
    ]);
    let answer = portal.send(&batch).await;
    assert_eq!(answer.status, 200);
    let results = answer.json::<IngestAnswer>().results;
    let codes: Vec<_> = results
        .iter()
        .map(|event| {
            event
                .rejection
                .as_ref()
                .map_or("", |rejection| rejection.code.as_str())
        })
        .collect();
    let invalid = "invalid_field";
    let expected = [
        "",
        invalid,
        invalid,
        invalid,
        invalid,
        invalid,
        invalid,
        "other_source",
        "other_tenant",
        invalid,
        "missing_field",
        "no_run",
        "not_an_event",
        "not_an_event",
        "not_an_event",
        "not_an_event",
        "",
    ];
    assert_eq!(codes, expected);
    let field = |place: usize| {
        results[place]
            .rejection
            .as_ref()
            .expect("rejected")
            .field
            .as_str()
    };
    assert_eq!(
        (field(1), field(4), field(5), field(10)),
        ("run_id", "counts.failed", "counts.processed", "at")
    );
    let statuses: Vec<_> = rows(&admin)
        .await
        .iter()
        .map(|run| run.status.to_string())
        .collect();
    assert_eq!(statuses, ["no such status", "running"]);
}

#[tokio::test]
async fn a_body_of_nothing_but_bad_events_is_a_problem_that_names_each() {
    let place = Place::small().await;
    let portal = Portal::new(&place, &[TENANT], None).await;
    for body in [
        json!({}),
        json!({"run_id": 1}),
        json!([5]),
        event(0, "failed", 1),
    ] {
        let answer = portal.send(&body).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (422, "invalid_value"),
            "{body}"
        );
        assert_eq!(
            judgements(&answer.json::<IngestRefused>().results),
            [Judgement::Rejected]
        );
    }
    assert_eq!(portal.taken(&json!([])).await, []);
}

#[tokio::test]
async fn a_body_that_is_no_batch_is_refused_whole() {
    let (place, admin) = Place::with_admin().await;
    let portal = Portal::new(&place, &[TENANT], Some("portal")).await;
    let post = |body: String| {
        portal
            .request(EVENTS)
            .header("content-type", "application/json")
            .body(body)
    };
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    for body in [
        "",
        "{",
        "5",
        "null",
        "\"text\"",
        "{\"events\": 5}",
        "\u{feff}[]",
        &deep,
        "[1e999]",
    ] {
        let answer = portal.http.send(post(body.to_owned())).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "bad_request")
        );
    }
    let many: Vec<_> = (0..=MAX_EVENTS)
        .map(|n| event(1, "running", n as i64 + 1))
        .collect();
    let answer = portal.send(&json!(many)).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (422, "invalid_value")
    );
    for n_bytes in [MAX_BYTES, 3_000_000] {
        let large = with(event(1, "running", 1), "later", json!("x".repeat(n_bytes)));
        let answer = portal.send(&large).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (413, "too_large")
        );
    }
    let text = portal.request(EVENTS).body("[]");
    let answer = portal.http.send(text).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (415, "json_only")
    );
    let got = portal
        .http
        .request(Method::GET, EVENTS)
        .bearer_auth(&portal.token);
    let answer = portal.http.send(got).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (405, "method_not_allowed")
    );
    assert_eq!(rows(&admin).await, []);
    // As large as a body may be.
    let wide: Vec<_> = (1..=MAX_EVENTS as i64)
        .map(|n| with(event(n, "failed", 1), "later", json!("x".repeat(800))))
        .collect();
    assert_eq!(
        portal.taken(&json!(wide)).await,
        vec![Judgement::Accepted; MAX_EVENTS]
    );
}

#[tokio::test]
async fn a_key_opens_its_tenants_and_this_call_alone() {
    let place = Place::with_two_tenants().await;
    let admin = place.admin().await;
    let portal = Portal::new(&place, &[OTHER_TENANT], Some("portal")).await;
    let body = event(1, "failed", 1);
    let stranger = place.person("stranger", OTHER_TENANT, Role::Admin).await;
    let expected = stranger.get("/api/tenants/1/runs").await;
    for path in [
        EVENTS,
        "/api/tenants/99/run-events",
        "/api/tenants/x/run-events",
        "/api/tenants/%ff/run-events",
    ] {
        let answer = portal.http.send(portal.request(path).json(&body)).await;
        assert_eq!(
            (answer.status, answer.body),
            (403, expected.body.clone()),
            "{path}"
        );
    }
    for path in [
        "/api/me",
        "/api/tenants",
        "/api/tenants/2/runs",
        "/api/snapshot",
        "/api/events",
    ] {
        let request = portal
            .http
            .request(Method::GET, path)
            .bearer_auth(&portal.token);
        let answer = portal.http.send(request).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (401, "signed_out"),
            "{path}"
        );
    }
    // A session does not open it, with or without what guards the other calls.
    let by_cookie = admin.post(EVENTS, &body).await;
    assert_eq!(
        (by_cookie.status, by_cookie.problem().as_str()),
        (401, "key_needed")
    );
    assert_eq!(by_cookie.header("www-authenticate"), "Bearer");
    assert_eq!(rows(&admin).await, []);
    let theirs = portal
        .http
        .send(portal.request("/api/tenants/2/run-events").json(&body))
        .await;
    assert_eq!(theirs.status, 200);
}

#[tokio::test]
async fn whatever_a_revoked_key_sends_first_it_is_answered_the_same() {
    let place = Place::small().await;
    let beside = runs::sqlite::SqliteStore::open(&place.data(), Box::new(|_| {})).unwrap();
    for (path, body) in [
        (EVENTS, event(1, "failed", 2)),
        (EVENTS, json!([])),
        (EVENTS, json!("no event")),
        (EVENTS, json!({"run_type": "sync"})),
        ("/api/tenants/9/run-events", event(1, "failed", 2)),
    ] {
        let portal = Portal::new(&place, &[TENANT], Some("portal")).await;
        let used = portal.http.send(portal.request(EVENTS).json(&json!([])));
        assert_eq!(used.await.status, 200);
        let revoked = runs::store::IngestStore::revoke_key(&beside, "portal").await;
        assert!(revoked.unwrap().is_some());
        let answer = portal.http.send(portal.request(path).json(&body)).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (401, "key_needed"),
            "{path} {body}"
        );
    }
}

#[tokio::test]
async fn an_unknown_and_a_revoked_key_open_nothing() {
    let place = Place::small().await;
    let portal = Portal::new(&place, &[TENANT], Some("portal")).await;
    assert_eq!(
        portal.taken(&event(1, "running", 1)).await,
        [Judgement::Accepted]
    );
    let store = place.server().store();
    assert!(store.keys().await.unwrap()[0].last_used_at.is_some());
    // By the command line, beside the server.
    let beside = runs::sqlite::SqliteStore::open(&place.data(), Box::new(|_| {})).unwrap();
    let revoked = runs::store::IngestStore::revoke_key(&beside, "portal").await;
    assert!(revoked.unwrap().is_some());
    let unknown = format!("tak_{}", "A".repeat(43));
    let large = with(event(1, "failed", 2), "later", json!("x".repeat(2_000_000)));
    for token in [portal.token.as_str(), &unknown, "tak_", "", "x"] {
        for body in [&event(1, "failed", 2), &large] {
            let request = place
                .visitor()
                .request(Method::POST, EVENTS)
                .bearer_auth(token)
                .json(body);
            let answer = portal.http.send(request).await;
            assert_eq!(
                (answer.status, answer.problem().as_str()),
                (401, "key_needed"),
                "{token}"
            );
        }
    }
    let nobody = portal.http.post(EVENTS, &event(1, "failed", 2)).await;
    assert_eq!(
        (nobody.status, nobody.problem().as_str()),
        (401, "key_needed")
    );
    assert_eq!(
        rows(&place.admin().await).await[0].status.as_str(),
        "running"
    );
}

#[tokio::test]
async fn a_key_that_is_over_its_rate_is_told_to_wait() {
    let mut place = Place::stopped(graph_standin::Seed::Small).await;
    place
        .tenants
        .push("[server]\ningest_events_per_second = 10\n".to_owned());
    place.start().await;
    let portal = Portal::new(&place, &[TENANT], Some("portal")).await;
    let batch: Vec<_> = (1..=MAX_EVENTS as i64)
        .map(|n| event(1, "running", n))
        .collect();
    assert_eq!(portal.taken(&json!(batch)).await.len(), MAX_EVENTS);
    let answer = portal.send(&json!(batch)).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (429, "too_many")
    );
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=100).contains(&wait), "{wait}");
}

/// The payloads that a Filament portal may send, of which few name a run.
#[tokio::test]
async fn any_filament_payload_is_taken_or_rejected_and_nothing_breaks() {
    let (place, admin) = Place::with_admin().await;
    let portal = Portal::new(&place, &[TENANT], Some("filament")).await;
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/filament-notifications.json"
    );
    let cases: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(file).expect("the data")).expect("JSON");
    let mut n_taken = 0;
    for case in &cases {
        let answer = portal.send(&case["payload"]).await;
        assert!(
            [200, 400, 422].contains(&answer.status),
            "{} {}",
            case["name"],
            answer.text()
        );
        let names_a_run = case["payload"]["viewData"]["metadata"]
            .get("run_id")
            .is_some();
        assert_eq!(
            answer.status == 200,
            names_a_run,
            "{} {}",
            case["name"],
            answer.text()
        );
        n_taken += usize::from(names_a_run);
    }
    let all: Vec<_> = cases.iter().map(|case| &case["payload"]).collect();
    let results = portal
        .send(&json!(all))
        .await
        .json::<IngestAnswer>()
        .results;
    assert_eq!(results.len(), cases.len());
    let n_again = results
        .iter()
        .filter(|one| one.result == Judgement::Duplicate)
        .count();
    assert_eq!((n_taken, n_again), (1, 1));
    let rows = rows(&admin).await;
    assert_eq!(
        (rows.len(), rows[0].status.as_str(), rows[0].source.as_str()),
        (1, "failed", "filament")
    );
    let page: RunPage = admin
        .get("/api/tenants/1/runs/restore/42?source=filament")
        .await
        .json();
    assert_eq!(page.url.as_deref(), Some("/admin/t/7/restore-runs/42"));
    let me: Me = admin.get("/api/me").await.json();
    assert_eq!(me.tenants.len(), 1);
}

/// What the seed's own class stores, for each of its cases that names a run.
#[tokio::test]
async fn the_notifications_of_the_seed_are_taken_or_rejected() {
    let place = Place::small().await;
    let portal = Portal::new(&place, &[TENANT], Some("filament")).await;
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/run-status-notifications.json"
    );
    let cases: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(file).expect("the data")).expect("JSON");
    let all: Vec<_> = cases.iter().map(|case| &case["expected"]).collect();
    let answer = portal.send(&json!(all)).await;
    assert_eq!(answer.status, 200);
    let results = answer.json::<IngestAnswer>().results;
    for (case, result) in cases.iter().zip(&results) {
        let has_link = case["expected"]["actions"]
            .as_array()
            .is_some_and(|actions| !actions.is_empty());
        let name = case["name"].as_str().expect("a name");
        let status = case["expected"]["viewData"]["metadata"]["status"].as_str();
        let is_line = status
            .is_some_and(|text| (1..=64).contains(&text.len()) && !text.contains(char::is_control));
        // An id in doubt names a run that nobody meant, and so does one that does not fit into 64 bits.
        let is_certain = !name.starts_with("cast/");
        let may_be_rejected = !has_link || !is_line || !is_certain;
        assert!(
            may_be_rejected || result.rejection.is_none(),
            "{name} {result:?}"
        );
    }
}
