//! `groups`, read only: by id, by name, and all. Names are not unique.

use serde_json::Value;

use super::policies::{paged, wrong_verb};
use super::{GraphCall, entity_context, require};
use crate::answer::Answer;
use crate::paging::Placed;
use crate::query::Filter;
use crate::state::State;

const READ: [&str; 2] = ["GroupMember.Read.All", "Group.Read.All"];

pub(super) fn answer(state: &State, call: &GraphCall<'_>, below: &[&str]) -> Answer {
    if let Err(refused) = require(call, &READ) {
        return refused;
    }
    let locked = state.lock();
    let groups = locked
        .tenant(&call.bearer.directory_id)
        .map(|tenant| tenant.groups.as_slice())
        .unwrap_or_default();
    match (call.method, below) {
        ("GET", []) => {
            let filter = match call.query.filter.as_deref().map(Filter::parse) {
                // Unlike Intune, the directory refuses what it cannot filter by.
                Some(None) => {
                    return Answer::error(
                        400,
                        "Request_UnsupportedQuery",
                        "Unsupported or invalid query filter clause.",
                        call.ids,
                    );
                }
                Some(filter) => filter,
                None => None,
            };
            let items = (1..)
                .zip(groups)
                .filter(|(_place, group)| filter.as_ref().is_none_or(|filter| filter.holds(group)))
                .map(|(place, group)| Placed {
                    place,
                    value: call.query.selected(group.clone()),
                });
            paged(call, "groups", items.collect())
        }
        ("GET", [id]) => match groups.iter().find(|group| group["id"] == *id) {
            Some(group) => {
                let mut shown = call.query.selected(group.clone());
                if let Value::Object(fields) = &mut shown {
                    fields.insert("@odata.context".to_owned(), entity_context(call, "groups"));
                }
                Answer::ok(shown)
            }
            None => {
                let message = format!(
                    "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
                );
                Answer::error(404, "Request_ResourceNotFound", &message, call.ids)
            }
        },
        _ => wrong_verb(call),
    }
}
