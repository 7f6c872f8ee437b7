//! Query options as beta reads them: with and without `$`, empty parts tolerated, unknown ones ignored in silence.

use serde_json::Value;

use crate::path::decoded;

/// The options of one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub(crate) top: Option<usize>,
    /// As it stands in the URL, still encoded once less than it was sent.
    pub(crate) skiptoken: Option<String>,
    pub(crate) expand: Vec<String>,
    pub(crate) select: Vec<String>,
    pub(crate) filter: Option<String>,
    /// All other options but the skip token, as they were sent: a nextLink repeats them.
    pub(crate) repeated: Vec<String>,
}

impl Query {
    pub(crate) fn parse(raw: &str) -> Self {
        let mut query = Self::default();
        for part in raw
            .trim_start_matches('?')
            .split('&')
            .filter(|part| !part.is_empty())
        {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decoded(name).unwrap_or_default();
            let value = decoded(&value.replace('+', " ")).unwrap_or_default();
            let list = || {
                value
                    .split(',')
                    .map(|item| item.trim().to_owned())
                    .filter(|item| !item.is_empty())
                    .collect()
            };
            match name.trim_start_matches('?').trim_start_matches('$') {
                "top" => query.top = value.parse().ok(),
                "skiptoken" => query.skiptoken = Some(value.clone()),
                "expand" => query.expand = list(),
                "select" => query.select = list(),
                "filter" => query.filter = Some(value.clone()),
                _ => {}
            }
            if !name.ends_with("skiptoken") {
                query.repeated.push(part.trim_start_matches('?').to_owned());
            }
        }
        query
    }

    pub(crate) fn expands(&self, name: &str) -> bool {
        self.expand.iter().any(|expanded| expanded == name)
    }

    /// Keeps what was selected, the id and the type: Intune returns an id whether it is asked for or not.
    pub(crate) fn selected(&self, mut object: Value) -> Value {
        if let (Value::Object(fields), false) = (&mut object, self.select.is_empty()) {
            fields.retain(|name, _value| {
                name == "id" || name.starts_with('@') || self.select.contains(name)
            });
        }
        object
    }
}

/// A filter that Graph takes on these collections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// `displayName eq 'O''Brien'`
    Equals { property: String, value: String },
    /// `isof('microsoft.graph.windows10CustomConfiguration')`
    IsOf(String),
}

impl Filter {
    /// `None`: this kind of filter is not supported.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(name) = text
            .strip_prefix("isof('")
            .and_then(|rest| rest.strip_suffix("')"))
        {
            return Some(Self::IsOf(format!("#{}", name.trim_start_matches('#'))));
        }
        let (property, rest) = text.split_once(" eq ")?;
        let value = rest.trim().strip_prefix('\'')?.strip_suffix('\'')?;
        let is_one_text = !value.replace("''", "").contains('\'');
        (matches!(property, "displayName" | "name" | "id") && is_one_text).then(|| Self::Equals {
            property: property.to_owned(),
            value: value.replace("''", "'"),
        })
    }

    pub(crate) fn holds(&self, object: &Value) -> bool {
        match self {
            Self::Equals { property, value } => {
                object.get(property).and_then(Value::as_str) == Some(value)
            }
            Self::IsOf(odata_type) => {
                object.get("@odata.type").and_then(Value::as_str) == Some(odata_type)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_with_and_without_a_dollar_and_between_empty_parts() {
        let query = Query::parse("?&top=1000&&$expand=assignments,settings&%24select=name&foo=bar");
        assert_eq!(query.top, Some(1000));
        assert_eq!(query.expand, ["assignments", "settings"]);
        assert_eq!(query.select, ["name"]);
        assert_eq!(
            query.repeated,
            [
                "top=1000",
                "$expand=assignments,settings",
                "%24select=name",
                "foo=bar"
            ]
        );
    }

    #[test]
    fn a_filter_undoubles_its_apostrophes() {
        let equals = |value: &str| {
            Some(Filter::Equals {
                property: "displayName".to_owned(),
                value: value.to_owned(),
            })
        };
        assert_eq!(
            Filter::parse("displayName eq 'O''Brien'"),
            equals("O'Brien")
        );
        assert_eq!(Filter::parse("displayName eq 'O'Brien'"), None);
        assert_eq!(Filter::parse("endswith(id,'x')"), None);
    }
}
