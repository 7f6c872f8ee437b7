//! `configurationPolicies`: settings are a paged collection of their own, and an update replaces all of them.

use serde_json::{Map, Value, json};

use super::policies::{no_policy, single, sub_collection, with_policy, wrong_verb};
use super::writes::{bad, body_object, known_only, next_identity, required, store};
use super::{GraphCall, no_segment};
use crate::answer::Answer;
use crate::seed::id_of;
use crate::state::{Collection, Inner, Policy, State};

const HERE: Collection = Collection::ConfigurationPolicies;
const SECRET: &str = "#microsoft.graph.deviceManagementConfigurationSecretSettingValue";

/// What may be written, besides the settings.
const BASE: [&str; 7] = [
    "name",
    "description",
    "platforms",
    "technologies",
    "roleScopeTagIds",
    "templateReference",
    "priorityMetaData",
];

/// What is chosen once, at creation.
const FIXED: [&str; 2] = ["platforms", "technologies"];

pub(super) fn answer(state: &State, call: &GraphCall<'_>, below: &[&str]) -> Answer {
    let written = match (call.method, below) {
        ("GET", [id, "settings"]) => {
            return with_policy(state, call, HERE, id, |policy| {
                sub_collection(call, HERE, policy, "settings", &settings(policy))
            });
        }
        ("POST", []) => create(state, call),
        ("PUT", [id]) => replace(state, call, id),
        ("PATCH", [id]) => patch(state, call, id),
        (_, [] | [_] | [_, "settings" | "assignments" | "assign"] | [_, "settings", _]) => {
            return wrong_verb(call);
        }
        (_, [_, segment, ..]) => return no_segment(call, segment),
    };
    match written {
        Ok(answer) | Err(answer) => answer,
    }
}

/// As a read shows them: the id is only the position.
fn settings(policy: &Policy) -> Vec<Value> {
    let shown = |(position, instance): (usize, &Value)| json!({"id": position.to_string(), "settingInstance": instance});
    policy.settings.iter().enumerate().map(shown).collect()
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

fn create(state: &State, call: &GraphCall<'_>) -> Result<Answer, Answer> {
    let mut object = known_only(call, body_object(call)?, |name| {
        BASE.contains(&name) || name == "settings"
    })?;
    for name in ["name", "platforms", "technologies"] {
        required(call, &object, name)?;
    }
    let sent = object.remove("settings");
    object.remove("@odata.type");
    let template = full_template(object.remove("templateReference"));
    object.insert("templateReference".to_owned(), template);
    object.insert("creationSource".to_owned(), Value::Null);
    object.entry("priorityMetaData").or_insert(Value::Null);
    let mut locked = state.lock();
    let settings = checked_settings(&locked, call, sent.as_ref())?;
    let (place, id) = next_identity(&mut locked);
    let policy = Policy {
        place,
        id,
        object,
        settings,
        ..Policy::default()
    };
    Ok(store(&mut locked, call, HERE, policy))
}

/// The whole object with its settings: what the body lacks is gone.
fn replace(state: &State, call: &GraphCall<'_>, id: &str) -> Result<Answer, Answer> {
    let mut object = known_only(call, body_object(call)?, |name| {
        BASE.contains(&name) || name == "settings"
    })?;
    required(call, &object, "name")?;
    let sent = object.remove("settings");
    object.remove("@odata.type");
    let mut locked = state.lock();
    let settings = checked_settings(&locked, call, sent.as_ref())?;
    let stamp = locked.next_stamp();
    let policy = locked
        .policy_mut(&call.bearer.directory_id, HERE, id)
        .ok_or_else(|| no_policy(call, id))?;
    check_fixed(call, policy, &object)?;
    object.entry("description").or_insert(Value::Null);
    policy.object.extend(without_template(object));
    policy.settings = settings;
    policy.stamp(&stamp);
    Ok(Answer::no_content())
}

/// Base properties alone: the documentation shows settings here, and the service refuses them.
fn patch(state: &State, call: &GraphCall<'_>, id: &str) -> Result<Answer, Answer> {
    let body = body_object(call)?;
    if body.contains_key("settings") {
        return Err(bad(
            call,
            "The property 'settings' cannot be patched. Use PUT with the whole policy.",
        ));
    }
    let mut object = known_only(call, body, |name| BASE.contains(&name))?;
    object.remove("@odata.type");
    let mut locked = state.lock();
    let stamp = locked.next_stamp();
    let policy = locked
        .policy_mut(&call.bearer.directory_id, HERE, id)
        .ok_or_else(|| no_policy(call, id))?;
    check_fixed(call, policy, &object)?;
    policy.object.extend(without_template(object));
    policy.stamp(&stamp);
    Ok(single(call, HERE, policy))
}

fn check_fixed(
    call: &GraphCall<'_>,
    policy: &Policy,
    object: &Map<String, Value>,
) -> Result<(), Answer> {
    for name in FIXED {
        if object
            .get(name)
            .is_some_and(|sent| Some(sent) != policy.object.get(name))
        {
            return Err(bad(
                call,
                &format!("The property '{name}' cannot be changed after creation."),
            ));
        }
    }
    let template = |object: &Map<String, Value>| {
        object
            .get("templateReference")
            .map(|reference| template_id(Some(reference)).to_owned())
    };
    match template(object) {
        Some(sent) if Some(&sent) != template(&policy.object).as_ref() => {
            Err(bad(call, "The template of a policy cannot be changed."))
        }
        _ => Ok(()),
    }
}

fn without_template(mut object: Map<String, Value>) -> Map<String, Value> {
    object.remove("templateReference");
    object
}

fn template_id(reference: Option<&Value>) -> &str {
    reference
        .and_then(|reference| reference.get("templateId")?.as_str())
        .unwrap_or_default()
}

/// A plain policy says so in full; a template keeps what was sent of it.
fn full_template(sent: Option<Value>) -> Value {
    match sent {
        Some(reference) if !template_id(Some(&reference)).is_empty() => {
            let mut full = json!({"templateFamily": "none", "templateDisplayName": null, "templateDisplayVersion": null});
            if let (Value::Object(full), Value::Object(reference)) = (&mut full, reference) {
                full.extend(reference);
            }
            full
        }
        _ => {
            json!({"templateId": "", "templateFamily": "none", "templateDisplayName": null, "templateDisplayVersion": null})
        }
    }
}

/// The instances of settings that may be stored, their secrets sealed.
fn checked_settings(
    locked: &Inner,
    call: &GraphCall<'_>,
    sent: Option<&Value>,
) -> Result<Vec<Value>, Answer> {
    let Some(Value::Array(sent)) = sent else {
        return Err(bad(
            call,
            "'settings' must be specified, as an array also where there is one.",
        ));
    };
    sent.iter()
        .map(|setting| {
            let mut instance = setting.get("settingInstance").cloned().unwrap_or_default();
            let text = |name: &str| instance.get(name).and_then(Value::as_str).unwrap_or_default();
            let is_typed = text("@odata.type").starts_with("#microsoft.graph.deviceManagementConfiguration");
            if !is_typed || text("settingDefinitionId").is_empty() {
                return Err(bad(call, "Each setting needs a settingInstance with '@odata.type' and 'settingDefinitionId'."));
            }
            seal(locked, call, &mut instance)?;
            Ok(instance)
        })
        .collect()
}

/// A clear secret becomes a token; a token that this tenant did not make is refused.
fn seal(locked: &Inner, call: &GraphCall<'_>, value: &mut Value) -> Result<(), Answer> {
    match value {
        Value::Object(fields)
            if fields.get("@odata.type").and_then(Value::as_str) == Some(SECRET) =>
        {
            let text = |name: &str| {
                fields
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            match text("valueState").as_str() {
                "notEncrypted" => {
                    let token = id_of(&format!("secret {}", text("value")));
                    fields.insert("value".to_owned(), json!(token));
                    fields.insert("valueState".to_owned(), json!("encryptedValueToken"));
                    Ok(())
                }
                "encryptedValueToken" if knows_token(locked, call, &text("value")) => Ok(()),
                _ => Err(bad(
                    call,
                    "The secret value is not valid: its token does not belong to this tenant.",
                )),
            }
        }
        Value::Object(fields) => fields
            .values_mut()
            .try_for_each(|field| seal(locked, call, field)),
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| seal(locked, call, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn knows_token(locked: &Inner, call: &GraphCall<'_>, token: &str) -> bool {
    let policies = locked
        .tenant(&call.bearer.directory_id)
        .and_then(|tenant| tenant.policies.get(&HERE));
    let written = json!(token).to_string();
    !token.is_empty()
        && policies
            .into_iter()
            .flatten()
            .flat_map(|policy| &policy.settings)
            .any(|setting| setting.to_string().contains(&written))
}
