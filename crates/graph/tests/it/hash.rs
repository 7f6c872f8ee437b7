//! The content hash: blind to every order that means nothing, and to nothing else.

use graph::canonical;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Any JSON, a few levels deep. Keys are plain words: annotations have tests of their own.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec(("[a-zA-Z]{1,8}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Settings as a page shows them; definition ids may repeat.
fn settings() -> impl Strategy<Value = Vec<Value>> {
    let setting = ("[a-c]{1,2}", value()).prop_map(|(definition, value)| json!({"settingInstance": {"settingDefinitionId": definition, "value": value}}));
    prop::collection::vec(setting, 0..6)
}

fn policy(fields: &[(String, Value)], settings: &[Value]) -> Value {
    let mut object: Map<String, Value> = fields.iter().cloned().collect();
    let numbered = settings.iter().enumerate().map(|(position, setting)| {
        let mut setting = setting.clone();
        setting["id"] = json!(position.to_string());
        setting
    });
    object.insert("settings".to_owned(), Value::Array(numbered.collect()));
    Value::Object(object)
}

fn hash(policy: &Value, assignments: &[Value]) -> String {
    canonical::content_hash(
        &canonical::object(policy),
        &canonical::assignments(assignments),
    )
}

/// The same JSON from a text in which every object's keys stand in the opposite order.
fn with_keys_turned(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let turned = fields
                .iter()
                .rev()
                .map(|(name, field)| format!("{}:{}", json!(name), with_keys_turned(field)));
            format!("{{{}}}", turned.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!(
            "[{}]",
            items
                .iter()
                .map(with_keys_turned)
                .collect::<Vec<_>>()
                .join(",")
        ),
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn no_order_of_keys_settings_or_assignments_changes_the_hash(
        fields in prop::collection::vec(("[d-z]{1,8}", value()), 0..5),
        (settings, shuffled) in settings().prop_flat_map(|settings| (Just(settings.clone()), Just(settings).prop_shuffle())),
        groups in prop::collection::btree_set("[a-z]{3}", 0..4),
    ) {
        let assignments: Vec<Value> = groups.iter().map(|group| json!({"id": group, "target": {"groupId": group}})).collect();
        let turned: Vec<Value> = assignments.iter().rev().cloned().collect();
        let first = hash(&policy(&fields, &settings), &assignments);
        let other: Value = serde_json::from_str(&with_keys_turned(&policy(&fields, &shuffled))).expect("it was JSON");
        prop_assert_eq!(first, hash(&other, &turned));
    }

    #[test]
    fn another_value_gives_another_hash(
        fields in prop::collection::btree_map("[d-z]{1,8}", value(), 1..5),
        settings in settings(),
        chosen in any::<prop::sample::Index>(),
        other in value(),
    ) {
        let fields: Vec<(String, Value)> = fields.into_iter().collect();
        let mut changed = fields.clone();
        let chosen = chosen.index(changed.len());
        prop_assume!(canonical::text(&changed[chosen].1) != canonical::text(&other));
        changed[chosen].1 = other;
        // These words belong to the service, whose changes are no content.
        prop_assume!(!["id", "version", "permissions", "payloads"].contains(&changed[chosen].0.as_str()));
        prop_assert_ne!(hash(&policy(&fields, &settings), &[]), hash(&policy(&changed, &settings), &[]));
    }

    #[test]
    fn a_changed_setting_gives_another_hash(settings in settings(), other in value(), chosen in any::<prop::sample::Index>()) {
        prop_assume!(!settings.is_empty());
        let mut changed = settings.clone();
        let chosen = chosen.index(changed.len());
        prop_assume!(canonical::text(&changed[chosen]["settingInstance"]["value"]) != canonical::text(&other));
        changed[chosen]["settingInstance"]["value"] = other;
        let (before, after) = (policy(&[], &settings), policy(&[], &changed));
        // Two settings that swapped their values are the same set.
        let mut sorted = [settings, changed].map(|set| set.iter().map(canonical::text).collect::<Vec<_>>());
        sorted.iter_mut().for_each(|set| set.sort());
        prop_assert_eq!(sorted[0] == sorted[1], hash(&before, &[]) == hash(&after, &[]));
    }

    #[test]
    fn canonical_text_is_json_and_says_the_same(value in value()) {
        let text = canonical::text(&value);
        let again: Value = serde_json::from_str(&text).expect("canonical text is JSON");
        prop_assert_eq!(canonical::text(&again), text);
        prop_assert_eq!(again, value);
    }
}
