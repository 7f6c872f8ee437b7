//! Policies of the settings catalog: the object, and settings that look like those of the service.

use serde_json::{Value, json};

use super::{common, id_of};
use crate::state::Policy;

const INSTANCE: &str = "#microsoft.graph.deviceManagementConfiguration";

/// What a catalog policy is about; its settings are named after it.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) platforms: &'static str,
    /// The stem of its settings' definition ids.
    pub(super) stem: &'static str,
    pub(super) n_settings: usize,
}

const ASPECTS: [&str; 20] = [
    "required",
    "minimumlength",
    "allowwarning",
    "recoveryoptions",
    "timeout",
    "history",
    "complexity",
    "notifications",
    "updateinterval",
    "excludedpaths",
    "logging",
    "scanschedule",
    "lockscreen",
    "removablemedia",
    "networkaccess",
    "useroverride",
    "graceperiod",
    "encryptionmethod",
    "startup",
    "reporting",
];

pub(super) fn policy(index: usize, subject: &Subject) -> Policy {
    let id = id_of(&format!("catalog {index} {}", subject.name));
    let mut object = common(index, subject.description);
    for (name, value) in [
        ("name", json!(subject.name)),
        ("platforms", json!(subject.platforms)),
        (
            "technologies",
            json!(if subject.platforms == "windows10" {
                "mdm"
            } else {
                "mdm,appleRemoteManagement"
            }),
        ),
        ("creationSource", Value::Null),
        ("priorityMetaData", Value::Null),
        (
            "templateReference",
            json!({"templateId": "", "templateFamily": "none", "templateDisplayName": null, "templateDisplayVersion": null}),
        ),
    ] {
        object.insert(name.to_owned(), value);
    }
    Policy {
        id,
        object,
        settings: settings(subject),
        ..Policy::default()
    }
}

/// Choice, number, text, in turn; ids differ by aspect and, past twenty, by a part number.
fn settings(subject: &Subject) -> Vec<Value> {
    (0..subject.n_settings)
        .map(|position| {
            let aspect = ASPECTS[position % ASPECTS.len()];
            let part = position / ASPECTS.len();
            let definition = match part {
                0 => format!("{}_{aspect}", subject.stem),
                part => format!("{}_{aspect}_part{part}", subject.stem),
            };
            match position % 3 {
                0 => choice(&definition),
                1 => simple(&definition, "Integer", &json!(position * 5 + 8)),
                _ => simple(&definition, "String", &json!(format!("Contoso {aspect}"))),
            }
        })
        .collect()
}

fn choice(definition: &str) -> Value {
    json!({
        "@odata.type": format!("{INSTANCE}ChoiceSettingInstance"),
        "settingDefinitionId": definition,
        "settingInstanceTemplateReference": null,
        "choiceSettingValue": {"settingValueTemplateReference": null, "value": format!("{definition}_1"), "children": []},
    })
}

fn simple(definition: &str, kind: &str, value: &Value) -> Value {
    json!({
        "@odata.type": format!("{INSTANCE}SimpleSettingInstance"),
        "settingDefinitionId": definition,
        "settingInstanceTemplateReference": null,
        "simpleSettingValue": {"@odata.type": format!("{INSTANCE}{kind}SettingValue"), "settingValueTemplateReference": null, "value": value},
    })
}

/// Adds a value that the service keeps as a token bound to the tenant.
pub(super) fn add_secret(policy: &mut Policy, definition: &str, token: &str) {
    let mut instance = simple(definition, "Secret", &json!(token));
    instance["simpleSettingValue"]["valueState"] = json!("encryptedValueToken");
    policy.settings.push(instance);
}

/// Makes a policy one of endpoint security: each setting then points into its template.
pub(super) fn base_on_template(policy: &mut Policy, family: &str, name: &str) {
    policy.object.insert(
        "templateReference".to_owned(),
        json!({"templateId": format!("{}_1", id_of(&format!("template {name}"))), "templateFamily": family,
            "templateDisplayName": name, "templateDisplayVersion": "Version 1"}),
    );
    for (position, instance) in policy.settings.iter_mut().enumerate() {
        instance["settingInstanceTemplateReference"] =
            json!({"settingInstanceTemplateId": id_of(&format!("instance {name} {position}"))});
        for value in ["choiceSettingValue", "simpleSettingValue"] {
            if !instance[value].is_null() {
                instance[value]["settingValueTemplateReference"] = json!({"settingValueTemplateId": id_of(&format!("value {name} {position}")), "useTemplateDefault": false});
            }
        }
    }
}

/// So many plain policies.
pub(super) fn many(count: usize) -> Vec<Policy> {
    let subject = Subject {
        name: "WIN - Catalog",
        description: "",
        platforms: "windows10",
        stem: "device_vendor_msft_policy_config_many",
        n_settings: 4,
    };
    (0..count)
        .map(|index| {
            let mut policy = policy(index, &subject);
            policy.object.insert(
                "name".to_owned(),
                json!(format!("WIN - Catalog {:05}", index + 1)),
            );
            policy
        })
        .collect()
}
