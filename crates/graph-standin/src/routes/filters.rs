//! `assignmentFilters`, read only here: assignments name them by id.

use serde_json::Value;

use super::policies::{paged, wrong_verb};
use super::{GraphCall, entity_context, not_found, require};
use crate::answer::Answer;
use crate::paging::Placed;
use crate::state::State;

const READ: [&str; 2] = [
    "DeviceManagementConfiguration.Read.All",
    "DeviceManagementConfiguration.ReadWrite.All",
];

pub(super) fn answer(state: &State, call: &GraphCall<'_>, below: &[&str]) -> Answer {
    if let Err(refused) = require(call, &READ) {
        return refused;
    }
    let locked = state.lock();
    let filters = locked
        .tenant(&call.bearer.directory_id)
        .map(|tenant| tenant.filters.as_slice())
        .unwrap_or_default();
    match (call.method, below) {
        ("GET", []) => {
            let items = (1..).zip(filters).map(|(place, value)| Placed {
                place,
                value: call.query.selected(value.clone()),
            });
            paged(call, "deviceManagement/assignmentFilters", items.collect())
        }
        ("GET", [id]) => match filters.iter().find(|filter| filter["id"] == *id) {
            Some(filter) => {
                let mut shown = call.query.selected(filter.clone());
                if let Value::Object(fields) = &mut shown {
                    fields.insert(
                        "@odata.context".to_owned(),
                        entity_context(call, "deviceManagement/assignmentFilters"),
                    );
                }
                Answer::ok(shown)
            }
            None => not_found(call, &format!("Filter with id '{id}'")),
        },
        _ => wrong_verb(call),
    }
}
