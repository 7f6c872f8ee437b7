//! `deviceConfigurations`: one collection of many types; the platform stands in the type's name.

use serde_json::Value;

/// The property that holds the name.
pub(super) const NAME: &str = "displayName";

/// This type keeps one of its properties apart, and a plain GET leaves it out without a word.
const APART: (&str, &str) = (
    "#microsoft.graph.windows10GeneralConfiguration",
    "microsoft.graph.windows10GeneralConfiguration/privacyAccessControls",
);

/// The type's name begins with its platform, written in several ways.
const PLATFORMS: [(&str, &str); 9] = [
    ("windowsPhone", "windowsPhone81"),
    ("windows81", "windows81"),
    ("windows", "windows10"),
    ("sharedPC", "windows10"),
    ("editionUpgrade", "windows10"),
    ("macOS", "macOS"),
    ("ios", "iOS"),
    ("android", "android"),
    ("aosp", "android"),
];

pub(super) fn platform(item: &Value) -> Option<String> {
    let odata_type = item.get("@odata.type").and_then(Value::as_str)?;
    let name = odata_type.strip_prefix("#microsoft.graph.")?;
    PLATFORMS
        .iter()
        .find(|(prefix, _platform)| name.starts_with(prefix))
        .map(|(_prefix, platform)| (*platform).to_owned())
}

pub(super) fn needed_expand(object: &Value) -> Option<&'static str> {
    let (odata_type, expand) = APART;
    (object.get("@odata.type").and_then(Value::as_str) == Some(odata_type)).then_some(expand)
}
