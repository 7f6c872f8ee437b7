//! The families of policies that a capture knows, and what a list says of one policy.

mod device_configuration;
mod settings_catalog;

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

/// A family of Intune policies, by the collection that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// `configurationPolicies`: the settings catalog.
    SettingsCatalog,
    /// `deviceConfigurations`: the older profiles, polymorphic by `@odata.type`.
    DeviceConfiguration,
}

impl Family {
    /// Every family, in the order in which a capture of a whole tenant reads them.
    pub const ALL: [Self; 2] = [Self::SettingsCatalog, Self::DeviceConfiguration];

    /// The collection's name as it stands in Graph's paths, which are case sensitive.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SettingsCatalog => "configurationPolicies",
            Self::DeviceConfiguration => "deviceConfigurations",
        }
    }

    /// The permission that reads this family, for the text of a refusal.
    pub(crate) const fn read_permission(self) -> &'static str {
        match self {
            Self::SettingsCatalog | Self::DeviceConfiguration => {
                "DeviceManagementConfiguration.Read.All"
            }
        }
    }

    /// The property that holds the policy's name.
    pub(crate) const fn name_property(self) -> &'static str {
        match self {
            Self::SettingsCatalog => settings_catalog::NAME,
            Self::DeviceConfiguration => device_configuration::NAME,
        }
    }

    /// True where the settings are a sub-collection with pages and a count of its own.
    pub(crate) const fn has_settings_pages(self) -> bool {
        matches!(self, Self::SettingsCatalog)
    }

    /// An option that the single GET needs for this very object, or its answer is not whole.
    pub(crate) fn needed_expand(self, object: &Value) -> Option<&'static str> {
        match self {
            Self::SettingsCatalog => None,
            Self::DeviceConfiguration => device_configuration::needed_expand(object),
        }
    }

    /// What a list item says of one policy; `None` where it has no id.
    pub(crate) fn summary(self, item: &Value) -> Option<PolicySummary> {
        let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(PolicySummary {
            graph_id: text("id").filter(|id| !id.is_empty())?,
            family: self,
            name: text(self.name_property()).unwrap_or_default(),
            description: text("description").filter(|description| !description.is_empty()),
            platform: match self {
                Self::SettingsCatalog => settings_catalog::platform(item),
                Self::DeviceConfiguration => device_configuration::platform(item),
            },
            odata_type: text("@odata.type"),
            last_modified: text("lastModifiedDateTime"),
        })
    }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A text that names no family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such policy family")]
pub struct UnknownFamily;

impl FromStr for Family {
    type Err = UnknownFamily;

    fn from_str(text: &str) -> Result<Self, UnknownFamily> {
        Self::ALL
            .into_iter()
            .find(|family| family.as_str() == text)
            .ok_or(UnknownFamily)
    }
}

/// One policy as a list shows it: enough to name it, not enough to store it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySummary {
    /// Graph's id, unique within its tenant and family.
    pub graph_id: String,
    /// The family.
    pub family: Family,
    /// The name exactly as it is: not unique, and it may end in a blank or hold any character.
    pub name: String,
    /// The description, where there is one.
    pub description: Option<String>,
    /// `windows10`, `macOS`, `iOS`, `android`, `linux`, where it is known.
    pub platform: Option<String>,
    /// The subtype with its `#`; absent where Graph leaves it out.
    pub odata_type: Option<String>,
    /// Graph's own text, UTC with up to seven fraction digits.
    pub last_modified: Option<String>,
}
