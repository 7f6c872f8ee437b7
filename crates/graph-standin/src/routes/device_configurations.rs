//! `deviceConfigurations`: one collection of many types, with encrypted values and a property that a plain GET leaves out.

use serde_json::{Map, Value, json};

use super::policies::{WRITE, with_policy, wrong_verb};
use super::{GraphCall, no_segment, not_found, require};
use crate::answer::Answer;
use crate::state::{Collection, Policy, State};

const HERE: Collection = Collection::DeviceConfigurations;
const PLAIN_TEXT: &str = "getOmaSettingPlainTextValue(secretReferenceValueId='";

pub(super) fn answer(state: &State, call: &GraphCall<'_>, below: &[&str]) -> Answer {
    match (call.method, below) {
        ("GET", [id, function]) if function.starts_with(PLAIN_TEXT) => {
            plain_text(state, call, id, function)
        }
        (_, [] | [_] | [_, "assignments" | "assign" | "windowsPrivacyAccessControls"]) => {
            wrong_verb(call)
        }
        (_, [_, segment, ..]) => no_segment(call, segment),
    }
}

/// What Graph never shows, and what it shows only when asked for.
pub(super) fn expand(call: &GraphCall<'_>, policy: &Policy, object: &mut Map<String, Value>) {
    if object.contains_key("preSharedKey") {
        object.insert("preSharedKey".to_owned(), Value::Null);
    }
    for (name, value) in &policy.apart {
        let odata_type = object
            .get("@odata.type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim_start_matches('#');
        if call.query.expands(&format!("{odata_type}/{name}")) {
            object.insert(name.clone(), value.clone());
        }
    }
}

/// The clear value of an encrypted setting: the read permission is not enough for it.
fn plain_text(state: &State, call: &GraphCall<'_>, id: &str, function: &str) -> Answer {
    if let Err(refused) = require(call, &WRITE) {
        return refused;
    }
    let reference = function
        .trim_start_matches(PLAIN_TEXT)
        .trim_end_matches("')");
    with_policy(state, call, HERE, id, |policy| {
        match policy.secrets.get(reference) {
            Some(value) => Answer::ok(
                json!({"@odata.context": format!("{}/beta/$metadata#Edm.String", call.origin), "value": value}),
            ),
            None => not_found(call, "The secret reference"),
        }
    })
}
