//! Every case of `run-status-notifications.json`, which holds what a portal's own PHP class returns.
//!
//! Outside `cast/` a case is equal, key for key. In `cast/` an id that is not beyond doubt counts as 0: no action, the rest is equal.

use contract::ids::{RunId, TenantId};
use contract::metadata::Metadata;
use contract::notification::{ActionShape, Notification, OwnRun, Settings, Tenant};
use contract::run::Counts;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Case {
    name: String,
    action_shape: String,
    input: Value,
    tenant_exists: bool,
    tenant_looked_up: Option<i64>,
    expected: Value,
}

/// The cases where PHP links to a run that nobody meant; we do not.
const WITHHELD: [&str; 16] = [
    "cast/tenant_id/leading digits",
    "cast/run_id/leading digits",
    "cast/tenant_id/exponent string",
    "cast/run_id/exponent string",
    "cast/tenant_id/decimal string",
    "cast/run_id/decimal string",
    "cast/tenant_id/underscore string",
    "cast/tenant_id/comma string",
    "cast/tenant_id/float fraction",
    "cast/run_id/float fraction",
    "cast/tenant_id/true",
    "cast/run_id/true",
    "cast/tenant_id/one-element array",
    "cast/run_id/one-element array",
    "cast/tenant_id/object",
    "cast/run_id/float 2^64 + 4096",
];

fn cases_text() -> String {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/run-status-notifications.json"
    );
    std::fs::read_to_string(path).expect("the oracle is part of the repository")
}

fn cases() -> Vec<Case> {
    serde_json::from_str(&cases_text()).expect("each case has these fields")
}

/// The stored payload, and the tenant's id that was asked for.
fn store(case: &Case) -> (String, Option<i64>) {
    let settings = Settings {
        url_prefix: "/admin".to_owned(),
        action_shape: match case.action_shape.as_str() {
            "v4" => ActionShape::V4,
            "v5" => ActionShape::V5,
            other => panic!("{}: shape {other}", case.name),
        },
    };
    let metadata = Metadata::deserialize(&case.input).expect("any JSON is metadata");
    let mut looked_up = None;
    let tenant = |id| {
        looked_up = Some(id);
        if case.tenant_exists {
            Tenant::ById
        } else {
            Tenant::Absent
        }
    };
    let notification = Notification::from_metadata(metadata, tenant, &settings);
    let stored = serde_json::to_string(&notification).expect("a notification is JSON");
    (stored, looked_up)
}

/// The rule for ids, written from its words and apart from the product.
fn beyond_doubt(id: &Value) -> bool {
    match id {
        Value::Number(number) if number.is_i64() => true,
        Value::Number(number) => number
            .as_f64()
            .is_some_and(|id| id == id.floor() && id.abs() < 2f64.powi(63)),
        Value::String(text) => {
            let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
            let text = text.strip_prefix(['+', '-']).unwrap_or(text);
            !text.is_empty() && text.chars().all(|c| "0123456789".contains(c))
        }
        _ => false,
    }
}

#[test]
fn each_case_is_stored_as_php_stores_it_except_for_ids_in_doubt() {
    let mut withheld = Vec::new();
    let cases = cases();
    assert_eq!(cases.len(), 248);
    for case in &cases {
        let (stored, looked_up) = store(case);
        let stored: Value = serde_json::from_str(&stored).unwrap();
        let mut expected = case.expected.clone();
        let mut expected_look_up = case.tenant_looked_up;
        let in_doubt = case.name.starts_with("cast/")
            && !(beyond_doubt(&case.input["tenant_id"]) && beyond_doubt(&case.input["run_id"]));
        if in_doubt {
            if expected["actions"] != json!([]) {
                withheld.push(case.name.as_str());
            }
            expected["actions"] = json!([]);
            expected_look_up = None;
        }
        assert_eq!(stored, expected, "{}", case.name);
        assert_eq!(looked_up, expected_look_up, "{}", case.name);
    }
    assert_eq!(withheld, WITHHELD);
}

#[test]
fn keys_stand_in_the_order_of_php() {
    #[derive(Deserialize)]
    struct Ordered {
        input: Metadata,
        expected: Metadata,
        name: String,
    }
    let ordered: Vec<Ordered> = serde_json::from_str(&cases_text()).unwrap();
    let settings = Settings {
        url_prefix: "/admin".to_owned(),
        action_shape: ActionShape::V4,
    };
    let mut compared = 0;
    for case in ordered {
        if case.name.starts_with("cast/") || case.name.starts_with("v5") {
            continue;
        }
        let links = matches!(case.expected.get("actions"), Some(Metadata::List(actions)) if !actions.is_empty());
        let tenant = |_| if links { Tenant::ById } else { Tenant::Absent };
        let stored = Notification::from_metadata(case.input, tenant, &settings);
        assert_eq!(
            serde_json::to_string(&stored).unwrap(),
            serde_json::to_string(&case.expected).unwrap(),
            "{}",
            case.name
        );
        compared += 1;
    }
    assert_eq!(compared, 248 - 78 - 3);
}

#[test]
fn a_run_of_ours_is_stored_as_its_metadata_would_be() {
    let cases = cases();
    for (name, counts) in [
        (
            "counts/all",
            Counts {
                total: Some(10),
                processed: Some(10),
                succeeded: Some(8),
                failed: Some(1),
                skipped: Some(1),
            },
        ),
        (
            "counts/partial",
            Counts {
                total: Some(10),
                processed: Some(4),
                ..Counts::default()
            },
        ),
        ("counts/empty object becomes a list", Counts::default()),
    ] {
        let run = OwnRun {
            tenant_id: TenantId(7),
            run_type: "bulk_operation",
            run_id: RunId(42),
            status: "partial",
            counts,
        };
        let settings = Settings {
            url_prefix: "/admin".to_owned(),
            ..Settings::default()
        };
        let case = cases.iter().find(|case| case.name == name).unwrap();
        let stored = serde_json::to_value(Notification::for_run(&run, &settings)).unwrap();
        assert_eq!(stored, case.expected, "{name}");
    }
}

#[test]
fn the_address_follows_the_settings_and_the_tenants_own_name() {
    #[track_caller]
    fn check(url_prefix: &str, tenant: Tenant, expected: Option<&str>) {
        let metadata =
            serde_json::from_str(r#"{"tenant_id":7,"run_type":"restore","run_id":42}"#).unwrap();
        let settings = Settings {
            url_prefix: url_prefix.to_owned(),
            ..Settings::default()
        };
        let notification = Notification::from_metadata(metadata, |_| tenant, &settings);
        let url = notification
            .actions
            .first()
            .map(|action| action.url.as_str());
        assert_eq!(url, expected);
    }
    let slug = |text: &str| Tenant::BySlug(text.to_owned());
    check("", Tenant::ById, Some("/t/7/restore-runs/42"));
    check("/admin/", Tenant::ById, Some("/admin/t/7/restore-runs/42"));
    check(
        "https://portal.example/admin",
        slug("contoso-gmbh"),
        Some("https://portal.example/admin/t/contoso-gmbh/restore-runs/42"),
    );
    check("", slug("a/ü?"), Some("/t/a%2F%C3%BC%3F/restore-runs/42"));
    check("", slug(".."), None);
    check("", slug(""), None);
    check("", Tenant::Absent, None);
}
