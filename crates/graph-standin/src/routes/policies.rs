//! What both families of policies share: list, single object, assignments, deletion.

use serde_json::{Map, Value, json};

use super::writes::delete;
use super::{
    GraphCall, assignments, configuration_policies, device_configurations, entity_context,
    no_route, not_found, require,
};
use crate::answer::Answer;
use crate::paging::{PageRequest, Placed, page};
use crate::query::Filter;
use crate::state::{Collection, Policy, State};

const READ: [&str; 2] = [
    "DeviceManagementConfiguration.Read.All",
    "DeviceManagementConfiguration.ReadWrite.All",
];
pub(super) const WRITE: [&str; 1] = ["DeviceManagementConfiguration.ReadWrite.All"];

pub(super) fn answer(
    state: &State,
    call: &GraphCall<'_>,
    collection: Collection,
    below: &[&str],
) -> Answer {
    let needed: &[&str] = if call.method == "GET" { &READ } else { &WRITE };
    if let Err(refused) = require(call, needed) {
        return refused;
    }
    match (call.method, below) {
        ("GET", []) => list(state, call, collection),
        ("GET", [id]) => with_policy(state, call, collection, id, |policy| {
            single(call, collection, policy)
        }),
        ("GET", [id, "assignments"]) => with_policy(state, call, collection, id, |policy| {
            sub_collection(call, collection, policy, "assignments", &policy.assignments)
        }),
        ("POST", [id, "assign"]) => assignments::assign(state, call, collection, id),
        ("DELETE", [id]) => {
            let deleted = delete(&mut state.lock(), call, collection, id);
            deleted.unwrap_or_else(|| no_policy(call, id))
        }
        _ => match collection {
            Collection::ConfigurationPolicies => configuration_policies::answer(state, call, below),
            Collection::DeviceConfigurations => device_configurations::answer(state, call, below),
        },
    }
}

fn list(state: &State, call: &GraphCall<'_>, collection: Collection) -> Answer {
    let locked = state.lock();
    let policies = locked
        .tenant(&call.bearer.directory_id)
        .and_then(|tenant| tenant.policies.get(&collection));
    // Intune ignores a filter that it does not know.
    let filter = call.query.filter.as_deref().and_then(Filter::parse);
    let items = policies
        .into_iter()
        .flatten()
        .map(|policy| Placed {
            place: policy.place,
            value: shown(call, collection, policy),
        })
        .filter(|item| {
            filter
                .as_ref()
                .is_none_or(|filter| filter.holds(&item.value))
        })
        .map(|item| Placed {
            value: call.query.selected(item.value),
            ..item
        })
        .collect();
    paged(
        call,
        &format!("deviceManagement/{}", collection.as_str()),
        items,
    )
}

/// One object as its own GET or a list shows it, with what was expanded.
fn shown(call: &GraphCall<'_>, collection: Collection, policy: &Policy) -> Value {
    let mut object = policy.object.clone();
    object.insert("id".to_owned(), json!(policy.id));
    if call.query.expands("assignments") {
        object.insert(
            "assignments".to_owned(),
            Value::Array(policy.assignments.clone()),
        );
    }
    match collection {
        Collection::ConfigurationPolicies => {
            configuration_policies::expand(call, policy, &mut object)
        }
        Collection::DeviceConfigurations => {
            device_configurations::expand(call, policy, &mut object)
        }
    }
    Value::Object(object)
}

pub(super) fn single(call: &GraphCall<'_>, collection: Collection, policy: &Policy) -> Answer {
    let mut object = Map::new();
    object.insert(
        "@odata.context".to_owned(),
        entity_context(call, &format!("deviceManagement/{}", collection.as_str())),
    );
    if let Value::Object(fields) = call.query.selected(shown(call, collection, policy)) {
        object.extend(fields);
    }
    Answer::ok(Value::Object(object))
}

/// A page of what belongs to one policy; its context names the parent, by which other tools file it.
pub(super) fn sub_collection(
    call: &GraphCall<'_>,
    collection: Collection,
    policy: &Policy,
    name: &str,
    items: &[Value],
) -> Answer {
    let placed = (1..)
        .zip(items)
        .map(|(place, value)| Placed {
            place,
            value: value.clone(),
        })
        .collect();
    paged(
        call,
        &format!(
            "deviceManagement/{}('{}')/{name}",
            collection.as_str(),
            policy.id
        ),
        placed,
    )
}

pub(super) fn paged(call: &GraphCall<'_>, context: &str, items: Vec<Placed>) -> Answer {
    let request = PageRequest {
        origin: call.origin,
        path: call.path,
        tenant: &call.bearer.directory_id,
        query: call.query,
        context,
    };
    match page(&request, items) {
        Some(body) => Answer::ok(body),
        None => Answer::error(
            400,
            "BadRequest",
            "Skip token is not valid for this request.",
            call.ids,
        ),
    }
}

/// Answers about a policy, or that there is none.
pub(super) fn with_policy(
    state: &State,
    call: &GraphCall<'_>,
    collection: Collection,
    id: &str,
    answer: impl FnOnce(&Policy) -> Answer,
) -> Answer {
    let locked = state.lock();
    match locked.policy(&call.bearer.directory_id, collection, id) {
        Some(policy) => answer(policy),
        None => no_policy(call, id),
    }
}

pub(super) fn no_policy(call: &GraphCall<'_>, id: &str) -> Answer {
    not_found(call, &format!("Policy with id '{id}'"))
}

pub(super) fn wrong_verb(call: &GraphCall<'_>) -> Answer {
    no_route(call)
}
