//! The seed of tests: one policy of each kind that needs a test, and not one more.

use serde_json::json;

use super::assigned::{To, assign};
use super::catalog::{self, Subject};
use super::device;
use crate::state::Policy;

pub(super) fn catalog() -> Vec<Policy> {
    let subject = |name, n_settings| Subject {
        name,
        description: "",
        platforms: "windows10",
        stem: "device_vendor_msft_policy_config_small",
        n_settings,
    };
    let mut plain = catalog::policy(0, &subject("WIN - Defender", 3));
    assign(
        &mut plain,
        &[
            To::Group("pilot"),
            To::Excluded("kiosks"),
            To::Filtered("all-staff", "corporate"),
            To::PolicySet("mac"),
        ],
    );
    let sixty = catalog::policy(1, &subject("WIN - Baseline of sixty", 60));
    let mut secret = catalog::policy(2, &subject("WIN - Proxy account", 2));
    catalog::add_secret(
        &mut secret,
        "device_vendor_msft_policy_config_small_proxypassword",
        "c2VjcmV0LXRva2VuLW9mLXRoZS10ZW5hbnQ=",
    );
    let empty = catalog::policy(3, &subject("WIN - Empty", 0));
    vec![plain, sixty, secret, empty]
}

pub(super) fn devices() -> Vec<Policy> {
    let home = device::oma(
        "Home page",
        "./Device/Vendor/MSFT/Policy/Config/Browser/HomePages",
        "https://intra.contoso.example",
    );
    let mut custom = device::policy(
        0,
        "WIN - Custom with a key",
        "",
        "windows10CustomConfiguration",
        json!({"omaSettings": [home]}),
    );
    device::add_encrypted_oma(
        &mut custom,
        "Key",
        "./Device/Vendor/MSFT/Policy/Config/Key",
        "the-clear-key-of-the-seed",
    );
    assign(&mut custom, &[To::AllDevices, To::AllUsers]);
    let wifi = device::policy(
        1,
        "WIN - Wi-Fi office",
        "",
        "windowsWifiConfiguration",
        json!({"ssid": "Contoso", "wifiSecurityType": "wpa2Personal", "preSharedKey": "the-clear-psk-of-the-seed", "preSharedKeyIsSet": true}),
    );
    let mut general = device::policy(
        2,
        "WIN - Restrictions",
        "",
        "windows10GeneralConfiguration",
        json!({"passwordRequired": true, "passwordMinimumLength": 8}),
    );
    general.apart.insert(
        "privacyAccessControls".to_owned(),
        json!([{"displayName": "Camera", "accessLevel": "forceDeny", "dataCategory": "camera", "appDisplayName": null, "appPackageFamilyName": null}]),
    );
    vec![custom, wifi, general]
}
