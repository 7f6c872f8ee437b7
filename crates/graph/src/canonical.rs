//! The form in which a policy is stored and compared: what the service owns is gone, what has no order is sorted.
//!
//! Two reads of an unchanged policy give the same bytes, so the same hash; any changed value gives another.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Properties that the service owns. At the root only: deeper, the same words are settings.
const OWNED_BY_THE_SERVICE: [&str; 17] = [
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "modifiedDateTime",
    "version",
    "isAssigned",
    "supportsScopeTags",
    "settingCount",
    "creationSource",
    "isGlobalScript",
    "highestAvailableVersion",
    "deviceHealthScriptType",
    "payloads",
    "deployedAppCount",
    "isBuiltIn",
    "permissions",
    "assignments",
];

/// How an assignment says that it has no filter.
const NO_FILTER: &str = "00000000-0000-0000-0000-000000000000";

const FILTER_ID: &str = "deviceAndAppManagementAssignmentFilterId";
const FILTER_TYPE: &str = "deviceAndAppManagementAssignmentFilterType";

/// A policy with its settings, without ids, stamps and annotations, its settings by definition.
#[must_use]
pub fn object(policy: &Value) -> Value {
    let mut object = without_annotations(policy);
    if let Value::Object(fields) = &mut object {
        for name in OWNED_BY_THE_SERVICE {
            fields.remove(name);
        }
        if let Some(Value::Array(settings)) = fields.get_mut("settings") {
            for setting in settings.iter_mut() {
                // The id is only the position on the page.
                if let Value::Object(setting) = setting {
                    setting.remove("id");
                }
            }
            settings.sort_by_cached_key(|setting| (definition_id(setting), text(setting)));
        }
        if let Some(Value::Array(tags)) = fields.get_mut("roleScopeTagIds") {
            tags.sort_by_cached_key(text);
        }
    }
    object
}

/// The assignments as a sorted set: where a policy applies, without ids of the service.
///
/// An assignment that is not direct keeps its `source`: it belongs to a policy set and is never written by us.
#[must_use]
pub fn assignments(read: &[Value]) -> Value {
    let mut set: Vec<Value> = read.iter().map(assignment).collect();
    set.sort_by_cached_key(text);
    set.dedup();
    Value::Array(set)
}

fn assignment(read: &Value) -> Value {
    let mut assignment = without_annotations(read);
    if let Value::Object(fields) = &mut assignment {
        fields.remove("id");
        fields.remove("sourceId");
        if fields
            .get("source")
            .is_none_or(|source| source.is_null() || source == "direct")
        {
            fields.remove("source");
        }
        if let Some(Value::Object(target)) = fields.get_mut("target") {
            target.retain(|name, _value| {
                matches!(
                    name.as_str(),
                    "@odata.type" | "groupId" | "collectionId" | FILTER_ID | FILTER_TYPE
                )
            });
            let has_filter = target
                .get(FILTER_ID)
                .and_then(Value::as_str)
                .is_some_and(|id| !id.is_empty() && id != NO_FILTER);
            if !has_filter {
                target.remove(FILTER_ID);
                target.remove(FILTER_TYPE);
            }
        }
    }
    assignment
}

/// SHA-256, in hex, of the policy and its assignments together: a moved assignment is another version.
#[must_use]
pub fn content_hash(object: &Value, assignments: &Value) -> String {
    let mut bytes = String::from("{\"assignments\":");
    write(assignments, &mut bytes);
    bytes.push_str(",\"object\":");
    write(object, &mut bytes);
    bytes.push('}');
    hex::encode(Sha256::digest(bytes.as_bytes()))
}

/// The canonical bytes of any JSON: keys sorted, no blanks.
#[must_use]
pub fn text(value: &Value) -> String {
    let mut bytes = String::new();
    write(value, &mut bytes);
    bytes
}

/// Written by hand because the order of `serde_json`'s keys depends on a feature that any crate can switch on.
fn write(value: &Value, bytes: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_by_key(|(name, _field)| *name);
            bytes.push('{');
            for (index, (name, field)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    bytes.push(',');
                }
                bytes.push_str(&Value::String(name.clone()).to_string());
                bytes.push(':');
                write(field, bytes);
            }
            bytes.push('}');
        }
        Value::Array(items) => {
            bytes.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    bytes.push(',');
                }
                write(item, bytes);
            }
            bytes.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            bytes.push_str(&value.to_string())
        }
    }
}

/// Annotations come and go with the metadata level and carry no setting; `@odata.type` and `@odata.bind` do.
fn without_annotations(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut kept: Vec<(&String, &Value)> = fields
                .iter()
                .filter(|(name, _field)| !is_annotation(name))
                .collect();
            kept.sort_by_key(|(name, _field)| *name);
            Value::Object(
                kept.into_iter()
                    .map(|(name, field)| (name.clone(), without_annotations(field)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(without_annotations).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn is_annotation(name: &str) -> bool {
    // An action that the object offers: "#microsoft.graph.assign".
    if name.starts_with('#') {
        return true;
    }
    match name.split_once('@') {
        None => false,
        Some(("", "odata.type")) => false,
        Some((_property, "odata.bind")) => false,
        Some(_) => true,
    }
}

fn definition_id(setting: &Value) -> String {
    let instance = setting
        .get("settingInstance")
        .and_then(|instance| instance.get("settingDefinitionId"));
    instance
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_stamps_and_annotations_are_no_content() {
        let read = json!({
            "@odata.context": "x", "id": "1", "name": "A", "version": 3, "lastModifiedDateTime": "t", "settingCount": 1,
            "@odata.type": "#t", "roleScopeTagIds@odata.type": "#Collection(String)", "roleScopeTagIds": ["3", "0"],
            "#microsoft.graph.assign": {}, "rootCertificate@odata.bind": "https://graph/x('1')",
            "settings": [{"id": "1", "settingInstance": {"settingDefinitionId": "b"}},
                         {"id": "0", "settingInstance": {"settingDefinitionId": "a", "version": "kept, it is deeper"}}],
        });
        let expected = json!({
            "@odata.type": "#t", "name": "A", "roleScopeTagIds": ["0", "3"], "rootCertificate@odata.bind": "https://graph/x('1')",
            "settings": [{"settingInstance": {"settingDefinitionId": "a", "version": "kept, it is deeper"}},
                         {"settingInstance": {"settingDefinitionId": "b"}}],
        });
        assert_eq!(object(&read), expected);
    }

    #[test]
    fn the_spellings_of_no_filter_are_one() {
        let target = |id: Value, kind: Value| json!({"id": "p_g", "source": "direct", "sourceId": "p", "target": {"@odata.type": "#g", "groupId": "g", FILTER_ID: id, FILTER_TYPE: kind}});
        let read = [
            target(Value::Null, json!("none")),
            target(json!(NO_FILTER), json!("none")),
            target(Value::Null, Value::Null),
        ];
        assert_eq!(
            assignments(&read),
            json!([{"target": {"@odata.type": "#g", "groupId": "g"}}])
        );
    }

    #[test]
    fn an_assignment_of_a_policy_set_stays_marked() {
        let read = [
            json!({"id": "x", "source": "policySets", "sourceId": "s", "target": {"@odata.type": "#g", "groupId": "g"}}),
        ];
        assert_eq!(
            assignments(&read),
            json!([{"source": "policySets", "target": {"@odata.type": "#g", "groupId": "g"}}])
        );
    }
}
