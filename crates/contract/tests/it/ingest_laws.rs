//! What holds for a portal's events whatever it sends.

use contract::ids::TenantId;
use contract::ingest::{Checks, RunEvent, check, events_of, is_name, safe_link};
use contract::metadata::{Metadata, Object};
use contract::timestamp::Timestamp;
use proptest::prelude::*;

use crate::notification_laws::any_json;

const NOW: Timestamp = Timestamp(1_768_147_146_123);
const FIELDS: [&str; 17] = [
    "source",
    "run_type",
    "run_id",
    "status",
    "attempt",
    "sequence",
    "at",
    "counts",
    "operation",
    "target",
    "url",
    "error",
    "started_by",
    "tenant_id",
    "format",
    "viewData",
    "actions",
];

fn fits() -> Vec<(String, Metadata)> {
    let counts = Object::from_iter([("total", Metadata::Int(3))]);
    let fields: [(&str, Metadata); 6] = [
        ("source", "portal".into()),
        ("run_type", "sync".into()),
        ("run_id", 42_i64.into()),
        ("status", "running".into()),
        ("sequence", 1_i64.into()),
        ("counts", counts.into()),
    ];
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// An event that fits, with some fields replaced by anything.
fn event() -> impl Strategy<Value = Metadata> {
    let replaced = prop::collection::vec((prop::sample::select(&FIELDS[..]), any_json()), 0..3);
    replaced.prop_map(|replaced| {
        let replaced = replaced
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Metadata::Object(fits().into_iter().chain(replaced).collect())
    })
}

/// An event, a notification with such metadata, or anything.
fn entry() -> impl Strategy<Value = Metadata> {
    let notification = (event(), any_json()).prop_map(|(metadata, actions)| {
        let view_data = Object::from_iter([("metadata", metadata)]);
        Metadata::Object(Object::from_iter([
            ("format", Metadata::from("filament")),
            ("actions", actions),
            ("viewData", view_data.into()),
        ]))
    });
    prop_oneof![event(), notification, any_json()]
}

/// What the store and every page may rely on.
fn is_sound(event: &RunEvent) {
    assert!(is_name(&event.source) && is_name(&event.run_type));
    assert!(event.run_id.0 > 0 && event.attempt > 0);
    assert!(event.sequence.is_none_or(|sequence| sequence > 0));
    assert!(!event.status.as_str().trim().is_empty());
    assert!(event.status.as_str().chars().count() <= 64);
    if let Some(url) = &event.url {
        assert_eq!(safe_link(url).as_deref(), Some(url.as_str()));
        let is_http = url.to_ascii_lowercase().starts_with("http");
        assert!(is_http || (url.starts_with('/') && !url.starts_with("//")));
    }
    if let Some(counts) = &event.counts {
        let settled = [counts.succeeded, counts.failed, counts.skipped];
        let settled: u64 = settled.into_iter().flatten().sum();
        let processed = counts.processed.unwrap_or(settled);
        assert!(settled <= processed);
        assert!(counts.total.is_none_or(|total| processed <= total));
    }
}

proptest! {
    #[test]
    fn an_entry_is_sound_or_rejected_with_a_sentence(entry in entry(), source in prop::option::of(Just("portal"))) {
        let checks = Checks { tenant_id: TenantId(5), source, now: NOW };
        match check(&entry, &checks) {
            Ok(event) => is_sound(&event),
            Err(rejection) => {
                prop_assert!(!rejection.code.is_empty() && rejection.message.ends_with('.'));
                let names_it = rejection.message.contains(&format!("`{}`", rejection.field));
                prop_assert!(rejection.field.is_empty() || names_it, "{rejection:?}");
            }
        }
    }

    #[test]
    fn any_body_is_a_batch_or_none(body in any_json()) {
        let _ = events_of(body);
    }

    #[test]
    fn a_link_is_the_same_once_more(text in "[ /:\\\\a-hjpst.\\t\\n]{0,12}") {
        if let Some(link) = safe_link(&text) {
            prop_assert_eq!(safe_link(&link), Some(link));
        }
    }
}
