//! `POST /{id}/assign`: replaces the whole set of a policy's own assignments; an empty one unassigns all.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::GraphCall;
use super::policies::no_policy;
use super::writes::{bad, body_object};
use crate::answer::Answer;
use crate::state::{Collection, State};

const NO_FILTER: &str = "00000000-0000-0000-0000-000000000000";
const FILTER_ID: &str = "deviceAndAppManagementAssignmentFilterId";
const FILTER_TYPE: &str = "deviceAndAppManagementAssignmentFilterType";
/// The service's own ids for "all"; an assignment's id is made of them.
const ALL_DEVICES: &str = "adadadad-808e-44e2-905a-0b7873a8a531";
const ALL_USERS: &str = "acacacac-9df4-4c7d-9d50-4ef0226f57a9";

pub(super) fn assign(
    state: &State,
    call: &GraphCall<'_>,
    collection: Collection,
    id: &str,
) -> Answer {
    match assigned(state, call, collection, id) {
        Ok(answer) | Err(answer) => answer,
    }
}

fn assigned(
    state: &State,
    call: &GraphCall<'_>,
    collection: Collection,
    id: &str,
) -> Result<Answer, Answer> {
    let mut body = body_object(call)?;
    let Some(Value::Array(sent)) = body.remove("assignments") else {
        return Err(bad(call, "The parameter 'assignments' must be specified."));
    };
    if let Some(name) = body.keys().find(|name| !name.contains('@')) {
        return Err(bad(
            call,
            &format!(
                "The parameter '{name}' in the request payload is not a valid parameter for the operation 'assign'."
            ),
        ));
    }
    let mut locked = state.lock();
    let directory_id = &call.bearer.directory_id;
    let filters: HashSet<String> = locked
        .tenant(directory_id)
        .into_iter()
        .flat_map(|tenant| &tenant.filters)
        .filter_map(|filter| Some(filter.get("id")?.as_str()?.to_owned()))
        .collect();
    let Some(policy) = locked.policy_mut(directory_id, collection, id) else {
        return Err(no_policy(call, id));
    };
    // What a policy set assigned is not this policy's own, and stays.
    let mut assignments: Vec<Value> = policy
        .assignments
        .iter()
        .filter(|one| one["source"] == "policySets")
        .cloned()
        .collect();
    let mut keys: HashSet<String> = assignments
        .iter()
        .filter_map(|one| Some(one["target"]["groupId"].as_str()?.to_owned()))
        .collect();
    for one in &sent {
        let (key, target) = target(call, one, &filters)?;
        if !keys.insert(key.clone()) {
            return Err(bad(
                call,
                &format!("The assignments contain the target '{key}' more than once."),
            ));
        }
        assignments.push(json!({"id": format!("{id}_{key}"), "source": "direct", "sourceId": id, "target": target}));
    }
    policy.assignments = assignments;
    let context = format!(
        "{}/beta/$metadata#deviceManagement/{}('{id}')/assignments",
        call.origin,
        collection.as_str()
    );
    Ok(Answer::ok(
        json!({"@odata.context": context, "value": policy.assignments}),
    ))
}

/// The target as a read will show it, and what makes it the same as another one.
fn target(
    call: &GraphCall<'_>,
    assignment: &Value,
    filters: &HashSet<String>,
) -> Result<(String, Value), Answer> {
    let known = [
        "@odata.type",
        "id",
        "target",
        "source",
        "sourceId",
        "intent",
    ];
    let Value::Object(fields) = assignment else {
        return Err(bad(call, "An assignment must be an object."));
    };
    if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(bad(
            call,
            &format!("The property '{name}' does not exist on type 'assignment'."),
        ));
    }
    let Some(Value::Object(target)) = fields.get("target") else {
        return Err(bad(call, "An assignment must have a target."));
    };
    let text = |name: &str| {
        target
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let odata_type = text("@odata.type").unwrap_or_default();
    let key = match odata_type.trim_start_matches("#microsoft.graph.") {
        "groupAssignmentTarget" | "exclusionGroupAssignmentTarget" => match text("groupId") {
            Some(group_id) => group_id.to_owned(),
            None => return Err(bad(call, "The target must have a groupId.")),
        },
        "allDevicesAssignmentTarget" => ALL_DEVICES.to_owned(),
        "allLicensedUsersAssignmentTarget" => ALL_USERS.to_owned(),
        _ => {
            return Err(bad(
                call,
                &format!("The target type '{odata_type}' is not valid."),
            ));
        }
    };
    let filter = text(FILTER_ID).filter(|id| *id != NO_FILTER);
    if let Some(filter) = filter
        && !filters.contains(filter)
    {
        return Err(bad(
            call,
            &format!("The assignment filter '{filter}' was not found."),
        ));
    }
    let mut shown = Map::new();
    shown.insert("@odata.type".to_owned(), json!(odata_type));
    shown.insert(FILTER_ID.to_owned(), json!(filter.unwrap_or(NO_FILTER)));
    shown.insert(
        FILTER_TYPE.to_owned(),
        json!(filter.map_or("none", |_id| text(FILTER_TYPE).unwrap_or("include"))),
    );
    if let Some(group_id) = text("groupId") {
        shown.insert("groupId".to_owned(), json!(group_id));
    }
    Ok((key, Value::Object(shown)))
}
