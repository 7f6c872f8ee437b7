//! What holds for a notification whatever the metadata is.

use contract::metadata::{Metadata, Object};
use contract::notification::{Notification, Settings, Tenant};
use proptest::prelude::*;
use serde_json::Value;

fn number() -> impl Strategy<Value = Metadata> {
    prop_oneof![
        any::<i64>().prop_map(Metadata::Int),
        (-3i64..100).prop_map(Metadata::Int),
        any::<f64>().prop_map(Metadata::Float),
        (-3i64..100).prop_map(|number| Metadata::Float(number as f64)),
        Just(Metadata::Float(f64::NAN)),
        Just(Metadata::Float(-0.0)),
    ]
}

pub(crate) fn any_json() -> impl Strategy<Value = Metadata> {
    let leaf = prop_oneof![
        Just(Metadata::Null),
        any::<bool>().prop_map(Metadata::Bool),
        number(),
        any::<String>().prop_map(Metadata::Text),
        "[ +-]?[0-9]{0,20}[ .ex]?".prop_map(Metadata::Text),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Metadata::List),
            prop::collection::vec(("[01ab]?", inner), 0..6)
                .prop_map(|pairs| Metadata::Object(pairs.into_iter().collect::<Object>())),
        ]
    })
}

/// Half of the values are what a run would have, so that links come up as well.
fn field(usual: &'static [&'static str]) -> impl Strategy<Value = Metadata> {
    prop_oneof![
        prop::sample::select(usual).prop_map(Metadata::from),
        any_json()
    ]
}

fn metadata() -> impl Strategy<Value = Metadata> {
    let run = (
        prop_oneof![number(), any_json()],
        field(&["bulk_operation", "restore", "policy_sync"]),
        prop_oneof![number(), any_json()],
        field(&["queued", "running", "partial", "failed"]),
        any_json(),
    )
        .prop_map(|(tenant_id, run_type, run_id, status, counts)| {
            Metadata::Object(Object::from_iter([
                ("tenant_id", tenant_id),
                ("run_type", run_type),
                ("run_id", run_id),
                ("status", status),
                ("counts", counts),
            ]))
        });
    prop_oneof![4 => run, 1 => any_json()]
}

fn tenant() -> impl Strategy<Value = Tenant> {
    prop_oneof![
        Just(Tenant::Absent),
        Just(Tenant::ById),
        any::<String>().prop_map(Tenant::BySlug),
    ]
}

/// The two ends of `/t/{tenant}/{page}/{run_id}`, where the tenant stands by its id.
fn parse(url: &str) -> Option<(i64, &str, i64)> {
    let (tenant_id, rest) = url.strip_prefix("/t/")?.split_once('/')?;
    let (page, run_id) = rest.split_once('/')?;
    Some((tenant_id.parse().ok()?, page, run_id.parse().ok()?))
}

proptest! {
    #[test]
    fn any_metadata_becomes_json_that_reads_back_equal(metadata in metadata(), tenant in tenant()) {
        let notification =
            Notification::from_metadata(metadata, |_| tenant, &Settings::default());
        let json = serde_json::to_string(&notification).unwrap();
        let read: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(read["title"].as_str(), Some(notification.title));
        prop_assert_eq!(read["body"].as_str(), Some(notification.body.as_str()));
        let stored: Metadata = serde_json::from_str(&json).unwrap();
        let stored = stored.get("viewData").and_then(|data| data.get("metadata").cloned());
        prop_assert_eq!(&stored.unwrap_or_default(), notification.metadata());
    }

    #[test]
    fn what_was_stored_once_is_stored_the_same_again(metadata in metadata()) {
        let settings = Settings::default();
        let once = Notification::from_metadata(metadata, |_| Tenant::Absent, &settings);
        let again = Notification::from_metadata(once.metadata().clone(), |_| Tenant::Absent, &settings);
        prop_assert_eq!(once.metadata(), again.metadata());
    }

    #[test]
    fn a_link_needs_a_page_a_tenant_and_positive_ids(metadata in metadata(), exists: bool) {
        let run_type = metadata.get("run_type").cloned();
        let mut looked_up = None;
        let tenant = |id| {
            looked_up = Some(id);
            if exists { Tenant::ById } else { Tenant::Absent }
        };
        let notification = Notification::from_metadata(metadata, tenant, &Settings::default());
        prop_assert_eq!(notification.actions.len(), usize::from(exists && looked_up.is_some()));
        for action in &notification.actions {
            let Some((tenant_id, page, run_id)) = parse(&action.url) else {
                return Err(TestCaseError::fail(action.url.clone()));
            };
            prop_assert_eq!(Some(tenant_id), looked_up);
            prop_assert!(tenant_id > 0 && run_id > 0, "{}", action.url);
            let expected = match page {
                "bulk-operation-runs" => "bulk_operation",
                "restore-runs" => "restore",
                other => return Err(TestCaseError::fail(other.to_owned())),
            };
            prop_assert_eq!(run_type.clone(), Some(Metadata::from(expected)));
        }
    }
}
