//! `configurationPolicies`: the name is `name`, and the settings are pages of their own.

use serde_json::Value;

/// The property that holds the name.
pub(super) const NAME: &str = "name";

/// Graph says the platform itself; `none` is no platform.
pub(super) fn platform(item: &Value) -> Option<String> {
    let platforms = item.get("platforms").and_then(Value::as_str)?;
    (!platforms.is_empty() && platforms != "none").then(|| platforms.to_owned())
}
