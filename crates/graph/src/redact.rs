//! Secrets in policies and in texts: taken out before anything is stored, hashed, compared, logged or shown.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// Stands where a secret stood. One constant, so that a write can refuse a body that holds it.
pub const PLACEHOLDER: &str = "\u{2022}redacted\u{2022}";

/// The type of a secret in the settings catalog, whatever its `valueState`: plain, a token bound to the tenant, or invalid.
const SECRET_SETTING: &str = "#microsoft.graph.deviceManagementConfigurationSecretSettingValue";

/// Text fields by their exact name. Never by a part of it: dozens of `password…` fields are rules that must survive.
const SECRET_FIELDS: [&str; 15] = [
    "preSharedKey",
    "sharedSecret",
    "password",
    "userPassword",
    "passphrase",
    "proxyPassword",
    "privateKey",
    "clientSecret",
    "productKey",
    "azureOperationalInsightsWorkspaceKey",
    "encryptionKey",
    "macKey",
    "mac",
    "initializationVector",
    "token",
];

/// `pfxBlob` and what else begins so.
const SECRET_FIELD_PREFIX: &str = "pfxBlob";

/// Fields that a restore needs and that can hold a secret of any kind.
const SENSITIVE_FIELDS: [&str; 5] = [
    "payload",
    "payloadJson",
    "scriptContent",
    "detectionScriptContent",
    "remediationScriptContent",
];

/// Puts the placeholder over each secret in a policy.
pub(crate) fn object(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_secret_setting =
                fields.get("@odata.type").and_then(Value::as_str) == Some(SECRET_SETTING);
            let is_encrypted = fields.get("isEncrypted").and_then(Value::as_bool) == Some(true);
            for (name, field) in fields.iter_mut() {
                let is_secret_value =
                    name == "value" && (is_secret_setting || is_encrypted) && !field.is_null();
                let is_secret_field = field.is_string() && is_secret_name(name);
                if is_secret_value || is_secret_field {
                    *field = Value::String(PLACEHOLDER.to_owned());
                } else {
                    object(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(object),
        Value::String(text) if is_mask(text) => PLACEHOLDER.clone_into(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// JSON pointers (RFC 6901) to every placeholder, in document order.
pub(crate) fn placeholders(value: &Value) -> Vec<String> {
    pointers(value, &|_name, field| field.as_str() == Some(PLACEHOLDER))
}

/// JSON pointers to what has to be stored encrypted and shown only to those who may see it.
pub(crate) fn sensitive(value: &Value) -> Vec<String> {
    pointers(value, &|name, field| {
        field
            .as_str()
            .is_some_and(|text| !text.is_empty() && text != PLACEHOLDER)
            && SENSITIVE_FIELDS.contains(&name)
    })
}

/// A text of an error on one line, without tokens, known secrets and values that are named like secrets.
pub(crate) fn text(said: &str, secrets: &[&str]) -> String {
    let mut shown = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        shown = shown.replace(secret, PLACEHOLDER);
    }
    let shown = NAMED_VALUE.replace_all(&shown, format!("${{name}}{PLACEHOLDER}"));
    WORD.replace_all(&shown, |word: &regex::Captures<'_>| {
        if looks_like_a_token(&word[0]) {
            PLACEHOLDER.to_owned()
        } else {
            word[0].to_owned()
        }
    })
    .into_owned()
}

/// `password: x`, `"clientSecret":"x"`, `Bearer x`.
static NAMED_VALUE: LazyLock<Regex> = LazyLock::new(|| {
    let names = SECRET_FIELDS.join("|");
    Regex::new(&format!(r#"(?P<name>(?i:\bBearer\s+|\b(?:{names}|client_secret|access_token)["']?\s*[:=]\s*["']?))[^\s"',;}}]+"#))
        .expect("a fixed expression")
});

static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/_=~.-]{20,}").expect("a fixed expression"));

/// A JWT, or a long run as only a key or an encoded blob has it. Names of permissions, types and settings stay.
fn looks_like_a_token(word: &str) -> bool {
    if word.starts_with("eyJ") {
        return true;
    }
    let count = |is: fn(&char) -> bool| word.chars().filter(is).count();
    word.len() >= 32
        && count(char::is_ascii_digit) >= 3
        && count(char::is_ascii_uppercase) >= 3
        && count(char::is_ascii_lowercase) >= 3
}

fn is_secret_name(name: &str) -> bool {
    SECRET_FIELDS.contains(&name) || name.starts_with(SECRET_FIELD_PREFIX)
}

/// What Graph shows instead of an encrypted value. Sending it back would store the stars.
fn is_mask(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

fn pointers(value: &Value, is_wanted: &dyn Fn(&str, &Value) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, "", &mut String::new(), is_wanted, &mut found);
    found
}

fn walk(
    value: &Value,
    name: &str,
    path: &mut String,
    is_wanted: &dyn Fn(&str, &Value) -> bool,
    found: &mut Vec<String>,
) {
    if is_wanted(name, value) {
        found.push(path.clone());
    }
    let length = path.len();
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                path.push('/');
                path.push_str(&name.replace('~', "~0").replace('/', "~1"));
                walk(field, name, path, is_wanted, found);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("/{index}"));
                walk(item, name, path, is_wanted, found);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_secret_is_taken_out_and_password_rules_stay() {
        let mut policy = json!({
            "preSharedKey": "psk-in-clear", "preSharedKeyIsSet": true, "pfxBlobData": "AAAA",
            "passwordRequired": true, "passwordMinimumLength": 8, "passwordRequiredType": "alphanumeric",
            "proxyPassword": null, "trustedRootCertificate": "MIIB",
            "omaSettings": [
                {"omaUri": "./x", "isEncrypted": true, "value": "plain after all", "secretReferenceValueId": "a_b_c"},
                {"omaUri": "./y", "isEncrypted": false, "value": "kept"},
                {"omaUri": "./z", "value": "****"}],
            "settings": [{"settingInstance": {"simpleSettingValue":
                {"@odata.type": SECRET_SETTING, "valueState": "encryptedValueToken", "value": "token-of-the-tenant"}}}],
        });
        object(&mut policy);
        assert_eq!(
            placeholders(&policy),
            [
                "/omaSettings/0/value",
                "/omaSettings/2/value",
                "/pfxBlobData",
                "/preSharedKey",
                "/settings/0/settingInstance/simpleSettingValue/value",
            ]
        );
        assert_eq!(policy["passwordRequiredType"], "alphanumeric");
        assert_eq!(policy["trustedRootCertificate"], "MIIB");
        assert_eq!(policy["omaSettings"][1]["value"], "kept");
        assert_eq!(policy["omaSettings"][0]["secretReferenceValueId"], "a_b_c");
        assert!(policy["proxyPassword"].is_null());
    }

    #[test]
    fn what_a_restore_needs_is_kept_and_named_as_sensitive() {
        let mut policy = json!({"payload": "PD94bWw=", "payloadName": "x", "scriptContent": ""});
        object(&mut policy);
        assert_eq!(policy["payload"], "PD94bWw=");
        assert_eq!(sensitive(&policy), ["/payload"]);
    }

    #[track_caller]
    fn check(said: &str, shown: &str) {
        assert_eq!(text(said, &["my~secret"]), shown.replace('#', PLACEHOLDER));
    }

    #[test]
    fn a_text_loses_its_secrets_and_keeps_its_names() {
        check(
            "needs DeviceManagementConfiguration.ReadWrite.All",
            "needs DeviceManagementConfiguration.ReadWrite.All",
        );
        check(
            "device_vendor_msft_policy_config_defender_allowcloudprotection_1",
            "device_vendor_msft_policy_config_defender_allowcloudprotection_1",
        );
        check(
            "id 4D2E0000-aaaa-4bbb-8ccc-1234567890ab",
            "id 4D2E0000-aaaa-4bbb-8ccc-1234567890ab",
        );
        check("token eyJ0eXAiOiJKV1QiLCJub25jZSI6 end", "token # end");
        check("Authorization: Bearer abc.def", "Authorization: Bearer #");
        check(
            "password=hunter2, sharedSecret: 'x y'",
            "password=#, sharedSecret: '# y'",
        );
        check("secret my~secret was wrong", "secret # was wrong");
        check("blob QWxhZGRpbjpvcGVuIHNlc2FtZTEyMzQ1Njc4OTA=", "blob #");
    }
}
