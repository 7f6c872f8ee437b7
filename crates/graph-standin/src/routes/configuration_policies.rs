//! `configurationPolicies`: settings are a paged collection of their own, and an update replaces all of them.

use serde_json::{Map, Value, json};

use super::policies::{sub_collection, with_policy, wrong_verb};
use super::{GraphCall, no_segment};
use crate::answer::Answer;
use crate::state::{Collection, Policy, State};

const HERE: Collection = Collection::ConfigurationPolicies;

pub(super) fn answer(state: &State, call: &GraphCall<'_>, below: &[&str]) -> Answer {
    match (call.method, below) {
        ("GET", [id, "settings"]) => with_policy(state, call, HERE, id, |policy| {
            sub_collection(call, HERE, policy, "settings", &settings(policy))
        }),
        (_, [] | [_] | [_, "settings" | "assignments" | "assign"] | [_, "settings", _]) => {
            wrong_verb(call)
        }
        (_, [_, segment, ..]) => no_segment(call, segment),
    }
}

/// As a read shows them: the id is only the position.
fn settings(policy: &Policy) -> Vec<Value> {
    (0..).zip(&policy.settings).map(|(position, instance): (usize, _)| json!({"id": position.to_string(), "settingInstance": instance})).collect()
}

pub(super) fn expand(call: &GraphCall<'_>, policy: &Policy, object: &mut Map<String, Value>) {
    object.insert("settingCount".to_owned(), json!(policy.settings.len()));
    object.insert(
        "isAssigned".to_owned(),
        json!(!policy.assignments.is_empty()),
    );
    if call.query.expands("settings") {
        object.insert("settings".to_owned(), Value::Array(settings(policy)));
    }
}
