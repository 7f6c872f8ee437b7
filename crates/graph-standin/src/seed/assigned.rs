//! Groups, filters, and the assignments that name them.

use serde_json::{Value, json};

use super::id_of;
use crate::state::Policy;

/// Two groups bear one name, and one name has an apostrophe.
const GROUPS: [(&str, &str); 8] = [
    ("pilot", "INTUNE - Pilot devices"),
    ("all-staff", "All staff"),
    ("sales-emea", "Sales EMEA"),
    ("sales-emea-2", "Sales EMEA"),
    ("directors", "Directors' laptops"),
    ("kiosks", "Kiosks and shared devices"),
    ("breakglass", "Break-glass accounts"),
    ("mac", "Mac users"),
];

/// Where a policy applies.
#[derive(Clone, Copy)]
pub(super) enum To {
    Group(&'static str),
    Excluded(&'static str),
    /// A group, and the filter that has to hold.
    Filtered(&'static str, &'static str),
    AllDevices,
    AllUsers,
    /// A group that was deleted and is assigned all the same.
    DeletedGroup,
    /// Not the policy's own assignment: a policy set makes it.
    PolicySet(&'static str),
}

pub(super) fn group_id(label: &str) -> String {
    id_of(&format!("group {label}"))
}

fn filter_id(label: &str) -> String {
    id_of(&format!("filter {label}"))
}

pub(super) fn groups() -> Vec<Value> {
    GROUPS
        .iter()
        .map(|(label, name)| json!({"id": group_id(label), "displayName": name, "groupTypes": [], "membershipRule": null, "securityEnabled": true}))
        .collect()
}

pub(super) fn filters() -> Vec<Value> {
    [("corporate", "Corporate Windows", "windows10AndLater", "(device.deviceOwnership -eq \"Corporate\")"), ("byod", "Personal iPhones", "iOS", "(device.deviceOwnership -eq \"Personal\")")]
        .iter()
        .map(|(label, name, platform, rule)| {
            json!({"id": filter_id(label), "displayName": name, "description": null, "platform": platform, "rule": rule,
                "assignmentFilterManagementType": "devices", "roleScopeTags": ["0"], "payloads": [],
                "createdDateTime": super::moment(1), "lastModifiedDateTime": super::moment(2)})
        })
        .collect()
}

/// Assigns a policy, in the form in which a read shows it.
pub(super) fn assign(policy: &mut Policy, to: &[To]) {
    policy.assignments = to.iter().map(|to| assignment(&policy.id, *to)).collect();
}

fn assignment(policy_id: &str, to: To) -> Value {
    let none = "00000000-0000-0000-0000-000000000000";
    let (odata_type, key, group, filter, source) = match to {
        To::Group(label) => (
            "groupAssignmentTarget",
            group_id(label),
            true,
            None,
            "direct",
        ),
        To::Excluded(label) => (
            "exclusionGroupAssignmentTarget",
            group_id(label),
            true,
            None,
            "direct",
        ),
        To::Filtered(label, filter) => (
            "groupAssignmentTarget",
            group_id(label),
            true,
            Some(filter),
            "direct",
        ),
        To::AllDevices => (
            "allDevicesAssignmentTarget",
            "adadadad-808e-44e2-905a-0b7873a8a531".to_owned(),
            false,
            None,
            "direct",
        ),
        To::AllUsers => (
            "allLicensedUsersAssignmentTarget",
            "acacacac-9df4-4c7d-9d50-4ef0226f57a9".to_owned(),
            false,
            None,
            "direct",
        ),
        To::DeletedGroup => (
            "groupAssignmentTarget",
            group_id("deleted"),
            true,
            None,
            "direct",
        ),
        To::PolicySet(label) => (
            "groupAssignmentTarget",
            group_id(label),
            true,
            None,
            "policySets",
        ),
    };
    let mut target = json!({
        "@odata.type": format!("#microsoft.graph.{odata_type}"),
        "deviceAndAppManagementAssignmentFilterId": filter.map_or_else(|| none.to_owned(), filter_id),
        "deviceAndAppManagementAssignmentFilterType": if filter.is_some() { "include" } else { "none" },
    });
    if group {
        target["groupId"] = json!(key);
    }
    let source_id = if source == "direct" {
        policy_id.to_owned()
    } else {
        id_of("policy set")
    };
    json!({"id": format!("{policy_id}_{key}"), "source": source, "sourceId": source_id, "target": target})
}
