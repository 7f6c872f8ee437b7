//! `deviceConfigurations`: one collection of many types, with encrypted values and a property that a plain GET leaves out.

use serde_json::{Map, Value, json};

use super::policies::{WRITE, no_policy, single, with_policy, wrong_verb};
use super::writes::{bad, body_object, invalid_model, known_only, next_identity, required, store};
use super::{GraphCall, no_segment, not_found, require};
use crate::answer::Answer;
use crate::seed::{id_of, known_properties};
use crate::state::{Collection, Policy, State};

const HERE: Collection = Collection::DeviceConfigurations;
const PLAIN_TEXT: &str = "getOmaSettingPlainTextValue(secretReferenceValueId='";
const PRIVACY: &str = "windowsPrivacyAccessControls";

pub(super) fn answer(state: &State, call: &GraphCall<'_>, below: &[&str]) -> Answer {
    let answered = match (call.method, below) {
        ("GET", [id, function]) if function.starts_with(PLAIN_TEXT) => {
            Ok(plain_text(state, call, id, function))
        }
        ("POST", []) => create(state, call),
        ("PATCH", [id]) => patch(state, call, id),
        ("POST", [id, PRIVACY]) => set_privacy(state, call, id),
        (_, [] | [_] | [_, "assignments" | "assign" | PRIVACY]) => Ok(wrong_verb(call)),
        (_, [_, segment, ..]) => Ok(no_segment(call, segment)),
    };
    match answered {
        Ok(answer) | Err(answer) => answer,
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

fn create(state: &State, call: &GraphCall<'_>) -> Result<Answer, Answer> {
    let object = written(call, body_object(call)?)?;
    required(call, &object, "displayName")?;
    let mut locked = state.lock();
    let (place, id) = next_identity(&mut locked);
    let mut policy = Policy {
        place,
        id,
        object: Map::new(),
        ..Policy::default()
    };
    take(call, &mut policy, object)?;
    policy.object.insert("version".to_owned(), json!(1));
    policy
        .object
        .insert("supportsScopeTags".to_owned(), json!(true));
    Ok(store(&mut locked, call, HERE, policy))
}

fn patch(state: &State, call: &GraphCall<'_>, id: &str) -> Result<Answer, Answer> {
    let object = written(call, body_object(call)?)?;
    let mut locked = state.lock();
    let stamp = locked.next_stamp();
    let policy = locked
        .policy_mut(&call.bearer.directory_id, HERE, id)
        .ok_or_else(|| no_policy(call, id))?;
    if object.get("@odata.type") != policy.object.get("@odata.type") {
        return Err(bad(call, "The type of a policy cannot be changed."));
    }
    // Checked on a copy: a refused change leaves nothing behind.
    let mut changed = policy.clone();
    take(call, &mut changed, object)?;
    if changed.object == policy.object && changed.secrets == policy.secrets {
        return Err(bad(
            call,
            "The request does not change any property of the policy.",
        ));
    }
    changed.stamp(&stamp);
    *policy = changed;
    Ok(single(call, HERE, policy))
}

/// Replaces the property that a plain read leaves out.
fn set_privacy(state: &State, call: &GraphCall<'_>, id: &str) -> Result<Answer, Answer> {
    let mut body = body_object(call)?;
    let Some(controls @ Value::Array(_)) = body.remove(PRIVACY) else {
        return Err(bad(
            call,
            &format!("The parameter '{PRIVACY}' must be specified."),
        ));
    };
    let mut locked = state.lock();
    let policy = locked
        .policy_mut(&call.bearer.directory_id, HERE, id)
        .ok_or_else(|| no_policy(call, id))?;
    policy
        .apart
        .insert("privacyAccessControls".to_owned(), controls);
    Ok(Answer::no_content())
}

/// The body's properties, all of them known to its type.
fn written(call: &GraphCall<'_>, body: Map<String, Value>) -> Result<Map<String, Value>, Answer> {
    let Some(odata_type) = body
        .get("@odata.type")
        .and_then(Value::as_str)
        .map(str::to_owned)
    else {
        return Err(invalid_model(
            call,
            "The property '@odata.type' must be specified.",
        ));
    };
    let Some(known) = known_properties(&odata_type) else {
        return Err(invalid_model(
            call,
            &format!("The type '{odata_type}' is not known to this stand-in."),
        ));
    };
    known_only(call, body, |name| known.contains(name))
}

/// Puts properties into a policy as the service stores them: secrets go where no read finds them.
fn take(
    call: &GraphCall<'_>,
    policy: &mut Policy,
    mut object: Map<String, Value>,
) -> Result<(), Answer> {
    if let Some(key) = object.get("preSharedKey").and_then(Value::as_str) {
        policy
            .secrets
            .insert("preSharedKey".to_owned(), key.to_owned());
        object.insert("preSharedKey".to_owned(), Value::Null);
        object.insert("preSharedKeyIsSet".to_owned(), json!(true));
    }
    if let Some(Value::Array(settings)) = object.get_mut("omaSettings") {
        for (position, setting) in settings.iter_mut().enumerate() {
            let Value::Object(setting) = setting else {
                return Err(bad(call, "An OMA setting must be an object."));
            };
            if setting
                .get("secretReferenceValueId")
                .is_some_and(|reference| !reference.is_null())
            {
                let message = "Setting secretReferenceValueId is not supported.";
                return Err(Answer::intune_error(400, "NotSupported", message, call.ids));
            }
            let text = |name: &str| {
                setting
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            let odata_type = text("@odata.type");
            if odata_type.is_empty() || text("omaUri").is_empty() {
                return Err(invalid_model(
                    call,
                    "An OMA setting needs '@odata.type' and 'omaUri'.",
                ));
            }
            let is_encrypted = matches!(
                odata_type.as_str(),
                "#microsoft.graph.omaSettingString" | "#microsoft.graph.omaSettingStringXml"
            );
            let mut reference = Value::Null;
            if is_encrypted {
                // A new reference each time: also a mask that is sent back is stored as the value.
                let new = format!(
                    "{}_{}_{}",
                    id_of("tenant part"),
                    policy.id,
                    id_of(&format!(
                        "{position} {} {}",
                        policy.secrets.len(),
                        text("value")
                    ))
                );
                policy.secrets.insert(new.clone(), text("value"));
                setting.insert("value".to_owned(), json!("****"));
                reference = json!(new);
            }
            setting.insert("isEncrypted".to_owned(), json!(is_encrypted));
            setting.insert("secretReferenceValueId".to_owned(), reference);
            for name in ["displayName", "description"] {
                setting.entry(name).or_insert(Value::Null);
            }
        }
    }
    policy.object.extend(object);
    Ok(())
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
