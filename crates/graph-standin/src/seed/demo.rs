//! "Contoso (demo)": what a provider finds in a customer's tenant, oddities included.

mod tables;

use serde_json::json;

use super::assigned::{To, assign};
use super::{catalog, device, id_of};
use crate::answer::ErrorShape;
use crate::faults::{Action, Match, Rule};
use crate::state::Policy;

/// Graph refuses this one to the app, whatever its permissions: its scope tag is outside the app's role.
const REFUSED: &str = "WIN - Directors' laptops, local administrators";
/// This one never comes whole: 43 settings, and the pages end after 41.
const TRUNCATED: &str = "WIN - Windows security baseline 24H2";
const TRUNCATED_AFTER: usize = 41;

/// 36 policies of the settings catalog.
pub(super) fn catalog() -> Vec<Policy> {
    let mut policies: Vec<Policy> = tables::CATALOG
        .iter()
        .enumerate()
        .map(|(index, subject)| catalog::policy(index, subject))
        .collect();
    for (index, policy) in policies.iter_mut().enumerate() {
        assign(policy, targets(index));
    }
    with_name(
        &mut policies,
        "WIN - Defender for Endpoint onboarding",
        |policy| {
            catalog::add_secret(
                policy,
                "device_vendor_msft_windowsadvancedthreatprotection_onboarding",
                "ZGVtby1vbmJvYXJkaW5nLXRva2Vu",
            );
        },
    );
    with_name(
        &mut policies,
        "WIN - Endpoint security, firewall",
        |policy| {
            catalog::base_on_template(policy, "endpointSecurityFirewall", "Windows Firewall");
        },
    );
    policies
}

/// 26 policies of the older family.
pub(super) fn devices() -> Vec<Policy> {
    let mut policies: Vec<Policy> = tables::DEVICES
        .iter()
        .enumerate()
        .map(|(index, (name, description, odata_type, properties))| {
            let properties = serde_json::from_str(properties)
                .expect("the table holds JSON; a test reads all of it");
            device::policy(index, name, description, odata_type, properties)
        })
        .collect();
    for (index, policy) in policies.iter_mut().enumerate() {
        assign(policy, targets(index + 3));
    }
    with_name(
        &mut policies,
        "WIN - VPN pre-logon key (custom)",
        |policy| {
            device::add_encrypted_oma(
                policy,
                "Pre-logon key",
                "./Device/Vendor/MSFT/VPNv2/Contoso/Key",
                "demo-clear-pre-logon-key",
            );
        },
    );
    with_name(&mut policies, "WIN - Device restrictions", |policy| {
        policy.apart.insert(
            "privacyAccessControls".to_owned(),
            json!([{"displayName": "Microphone", "accessLevel": "userInControl", "dataCategory": "microphone", "appDisplayName": null, "appPackageFamilyName": null}]),
        );
    });
    policies
}

/// So that a capture of everything ends partial, with two failures of two kinds.
pub(super) fn rules() -> Vec<Rule> {
    let refused = id_in(&devices(), REFUSED);
    let truncated = id_in(&catalog(), TRUNCATED);
    vec![
        Rule::new(
            Match::path(&format!(r"^/beta/deviceManagement/deviceConfigurations(/|\('){refused}")),
            Action::Status {
                code: 403,
                body: ErrorShape::Nested,
                retry_after: None,
                message: Some(
                    "Application is not authorized to perform this operation. The object's scope tags are not within the scope of the \
                     application's role assignment. Application must have one of the following scopes: \
                     DeviceManagementConfiguration.Read.All, DeviceManagementConfiguration.ReadWrite.All"
                        .to_owned(),
                ),
            },
        ),
        Rule::new(
            Match::path(&format!(r"^/beta/deviceManagement/configurationPolicies(/|\('){truncated}('\))?/settings")),
            Action::TruncateSettings { keep: Some(TRUNCATED_AFTER) },
        ),
    ]
}

fn targets(index: usize) -> &'static [To] {
    match index % 9 {
        0 => &[To::AllDevices],
        1 => &[To::Group("pilot"), To::Excluded("breakglass")],
        2 => &[To::Filtered("all-staff", "corporate")],
        3 => &[To::AllUsers],
        4 => &[To::Group("sales-emea"), To::Group("sales-emea-2")],
        5 => &[To::Group("directors")],
        6 => &[],
        7 => &[To::PolicySet("kiosks"), To::Group("mac")],
        _ => &[To::DeletedGroup, To::Group("all-staff")],
    }
}

fn with_name(policies: &mut [Policy], name: &str, change: impl FnOnce(&mut Policy)) {
    if let Some(policy) = policies.iter_mut().find(|policy| policy.name() == name) {
        change(policy);
    }
}

fn id_in(policies: &[Policy], name: &str) -> String {
    let policy = policies.iter().find(|policy| policy.name() == name);
    policy.map_or_else(|| id_of(name), |policy| policy.id.clone())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_demo_has_what_it_promises() {
        let (catalog, devices) = (catalog(), devices());
        assert_eq!((catalog.len(), devices.len()), (36, 26));
        let ids: BTreeSet<&str> = catalog
            .iter()
            .chain(&devices)
            .map(|policy| policy.id.as_str())
            .collect();
        assert_eq!(ids.len(), 62, "no id twice");
        let names: Vec<&str> = catalog.iter().chain(&devices).map(Policy::name).collect();
        assert_eq!(
            names.iter().collect::<BTreeSet<_>>().len(),
            61,
            "one name is there twice"
        );
        for needed in [
            REFUSED,
            TRUNCATED,
            "WIN - Defender for Endpoint onboarding",
            "WIN - Endpoint security, firewall",
            "WIN - VPN pre-logon key (custom)",
            "WIN - Device restrictions",
        ] {
            assert!(names.contains(&needed), "{needed}");
        }
        assert!(
            names.iter().any(|name| name.contains('\''))
                && names.iter().any(|name| name.ends_with('.'))
        );
        assert!(
            names
                .iter()
                .any(|name| name.chars().any(|c| u32::from(c) > 0x1_F000)),
            "an emoji"
        );
        let truncated = catalog.iter().find(|policy| policy.name() == TRUNCATED);
        assert_eq!(truncated.map(|policy| policy.settings.len()), Some(43));
        assert!(catalog.iter().any(|policy| policy.settings.len() == 60));
        assert!(devices.iter().any(|policy| !policy.secrets.is_empty()));
        assert!(catalog.iter().chain(&devices).any(|policy| {
            policy
                .assignments
                .iter()
                .any(|one| one["source"] == "policySets")
        }));
    }
}
