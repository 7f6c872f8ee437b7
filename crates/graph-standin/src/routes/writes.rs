//! What every write has in common: which properties a body may hold, and how a new policy gets its id and stamp.

use serde_json::{Map, Value, json};

use super::GraphCall;
use super::policies::single;
use crate::answer::Answer;
use crate::seed::id_of;
use crate::state::{Collection, Inner, Policy};

/// Read-only properties that other tools send back; the service takes no notice of them.
const IGNORED: [&str; 8] = [
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "version",
    "supportsScopeTags",
    "isAssigned",
    "settingCount",
    "creationSource",
];

/// The JSON object in a call's body.
pub(super) fn body_object(call: &GraphCall<'_>) -> Result<Map<String, Value>, Answer> {
    match serde_json::from_slice(call.body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Answer::error(
            400,
            "BadRequest",
            "Unable to read JSON request payload.",
            call.ids,
        )),
    }
}

/// Keeps the properties that may be written; one that is not known is named in the refusal.
pub(super) fn known_only(
    call: &GraphCall<'_>,
    body: Map<String, Value>,
    is_known: impl Fn(&str) -> bool,
) -> Result<Map<String, Value>, Answer> {
    let mut kept = Map::new();
    for (name, value) in body {
        let is_annotation = name.contains('@') && name != "@odata.type";
        if IGNORED.contains(&name.as_str()) || is_annotation {
            continue;
        }
        if name != "@odata.type" && !is_known(&name) {
            let message = format!(
                "The property '{name}' does not exist on this type or cannot be written. Make sure to only use property names that are defined by the type."
            );
            return Err(bad(call, &message));
        }
        kept.insert(name, value);
    }
    Ok(kept)
}

/// Intune's own 400.
pub(super) fn bad(call: &GraphCall<'_>, message: &str) -> Answer {
    Answer::intune_error(400, "BadRequest", message, call.ids)
}

/// The 400 of a body that is not a model of its type.
pub(super) fn invalid_model(call: &GraphCall<'_>, message: &str) -> Answer {
    Answer::intune_error(400, "ModelValidationFailure", message, call.ids)
}

/// A text property that must be there and not be empty.
pub(super) fn required<'a>(
    call: &GraphCall<'_>,
    body: &'a Map<String, Value>,
    name: &str,
) -> Result<&'a str, Answer> {
    let text = body
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty());
    text.ok_or_else(|| {
        invalid_model(
            call,
            &format!("'{name}' must be specified and cannot be empty."),
        )
    })
}

/// The id and the place of the next policy: as deterministic as those of the seed.
pub(super) fn next_identity(locked: &mut Inner) -> (u64, String) {
    let place = locked.next_place();
    (place, id_of(&format!("created {place}")))
}

/// Stores a new policy and shows it as a create does.
pub(super) fn store(
    locked: &mut Inner,
    call: &GraphCall<'_>,
    collection: Collection,
    mut policy: Policy,
) -> Answer {
    let stamp = locked.next_stamp();
    for name in ["createdDateTime", "lastModifiedDateTime"] {
        policy.object.insert(name.to_owned(), json!(stamp));
    }
    policy
        .object
        .entry("roleScopeTagIds")
        .or_insert_with(|| json!(["0"]));
    policy.object.entry("description").or_insert(Value::Null);
    let answer = Answer {
        status: 201,
        ..single(call, collection, &policy)
    };
    if let Some(tenant) = locked.tenant_mut(&call.bearer.directory_id) {
        tenant.policies.entry(collection).or_default().push(policy);
    }
    answer
}

/// `DELETE /{id}`: for the clean-up of tests; the product sends none, and the journal tells of each.
pub(super) fn delete(
    locked: &mut Inner,
    call: &GraphCall<'_>,
    collection: Collection,
    id: &str,
) -> Option<Answer> {
    let policies = locked
        .tenant_mut(&call.bearer.directory_id)?
        .policies
        .get_mut(&collection)?;
    let index = policies.iter().position(|policy| policy.id == id)?;
    policies.remove(index);
    Some(Answer::no_content())
}
