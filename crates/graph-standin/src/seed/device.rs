//! Policies of the older family: one collection, many types.

use serde_json::{Map, Value, json};

use super::{common, id_of};
use crate::state::Policy;

/// A profile of a type with its own properties.
pub(super) fn policy(
    index: usize,
    name: &str,
    description: &str,
    odata_type: &str,
    properties: Value,
) -> Policy {
    let id = id_of(&format!("device {index} {name}"));
    let mut object = Map::new();
    object.insert(
        "@odata.type".to_owned(),
        json!(format!("#microsoft.graph.{odata_type}")),
    );
    object.insert("displayName".to_owned(), json!(name));
    object.extend(common(index, description));
    object.insert("version".to_owned(), json!(index % 7 + 1));
    object.insert("supportsScopeTags".to_owned(), json!(true));
    for rule in ["OsEdition", "OsVersion", "DeviceMode"] {
        object.insert(
            format!("deviceManagementApplicabilityRule{rule}"),
            Value::Null,
        );
    }
    if let Value::Object(properties) = properties {
        object.extend(properties);
    }
    Policy {
        id,
        object,
        ..Policy::default()
    }
}

/// An OMA setting in clear, with every key that a read carries.
pub(super) fn oma(name: &str, uri: &str, value: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.omaSettingString", "displayName": name, "description": null, "omaUri": uri,
        "isEncrypted": false, "secretReferenceValueId": null, "value": value})
}

/// Adds an encrypted OMA setting: the stars are shown, the value is kept apart.
pub(super) fn add_encrypted_oma(policy: &mut Policy, name: &str, uri: &str, value: &str) {
    let reference = format!(
        "{}_{}_{}",
        id_of("tenant part"),
        policy.id,
        id_of(&format!("reference {name}"))
    );
    let mut setting = oma(name, uri, "****");
    setting["isEncrypted"] = json!(true);
    setting["secretReferenceValueId"] = json!(reference);
    policy.secrets.insert(reference, value.to_owned());
    if let Some(Value::Array(settings)) = policy.object.get_mut("omaSettings") {
        settings.push(setting);
    }
}

/// So many plain policies.
pub(super) fn many(count: usize) -> Vec<Policy> {
    (0..count)
        .map(|index| {
            let settings = json!({"omaSettings": [oma("Home page", "./Device/Vendor/MSFT/Policy/Config/Browser/HomePages", "https://intra.contoso.example")]});
            policy(index, &format!("WIN - Profile {:05}", index + 1), "", "windows10CustomConfiguration", settings)
        })
        .collect()
}
