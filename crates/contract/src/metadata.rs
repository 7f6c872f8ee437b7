//! JSON of any shape, in the order it came: what a portal tells about a run, and what a notification keeps of it.
//!
//! Our own type, since this crate depends on serde alone, and since whole numbers, floats and the order of keys have to stay apart.

use std::collections::HashMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A JSON value.
///
/// A whole number beyond `i64` is a float, as PHP reads it. A float that is not finite (JSON has none) is written as null.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Metadata {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without a fraction or exponent, within 64 bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Metadata>),
    /// An object.
    Object(Object),
}

impl Metadata {
    /// The value at `key`; none where this is no object, the key is missing, or null stands there.
    pub fn get(&self, key: &str) -> Option<&Metadata> {
        let Metadata::Object(object) = self else {
            return None;
        };
        let (_, value) = object.0.iter().find(|(name, _)| name == key)?;
        (*value != Metadata::Null).then_some(value)
    }
}

/// The entries of a JSON object: in the order they came, each key once.
///
/// Collecting a key twice keeps the last value, at the place of the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Vec<(String, Metadata)>);

impl Object {
    /// The entries, in order.
    pub fn entries(&self) -> &[(String, Metadata)] {
        &self.0
    }
}

impl<K: Into<String>> FromIterator<(K, Metadata)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, Metadata)>>(pairs: I) -> Self {
        let mut entries: Vec<(String, Metadata)> = Vec::new();
        // A search through the entries for each key would let a large body cost the square of its size.
        let mut places: HashMap<String, usize> = HashMap::new();
        for (key, value) in pairs {
            let key = key.into();
            if let Some(&place) = places.get(&key) {
                entries[place].1 = value;
            } else {
                places.insert(key.clone(), entries.len());
                entries.push((key, value));
            }
        }
        Object(entries)
    }
}

impl IntoIterator for Object {
    type Item = (String, Metadata);
    type IntoIter = std::vec::IntoIter<(String, Metadata)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<&str> for Metadata {
    fn from(text: &str) -> Self {
        Metadata::Text(text.to_owned())
    }
}

impl From<i64> for Metadata {
    fn from(number: i64) -> Self {
        Metadata::Int(number)
    }
}

impl From<u64> for Metadata {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or(Metadata::Float(number as f64), Metadata::Int)
    }
}

impl From<Object> for Metadata {
    fn from(object: Object) -> Self {
        Metadata::Object(object)
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Metadata::Null => serializer.serialize_unit(),
            Metadata::Bool(value) => serializer.serialize_bool(*value),
            Metadata::Int(number) => serializer.serialize_i64(*number),
            Metadata::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Metadata::Float(_) => serializer.serialize_unit(),
            Metadata::Text(text) => serializer.serialize_str(text),
            Metadata::List(values) => serializer.collect_seq(values),
            Metadata::Object(object) => {
                serializer.collect_map(object.0.iter().map(|(key, value)| (key, value)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Metadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Metadata, E> {
        Ok(Metadata::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Metadata, E> {
        Ok(Metadata::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Metadata, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Metadata, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Metadata, E> {
        Ok(Metadata::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Metadata, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Metadata, E> {
        Ok(Metadata::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Metadata, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Metadata::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metadata, A::Error> {
        let mut pairs: Vec<(String, Metadata)> = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Metadata::Object(pairs.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Metadata {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn numbers_stay_apart_as_php_keeps_them_apart() {
        assert_eq!(read("12"), Metadata::Int(12));
        assert_eq!(read("12.0"), Metadata::Float(12.0));
        assert_eq!(read("9223372036854775807"), Metadata::Int(i64::MAX));
        assert_eq!(
            read("9223372036854775808"),
            Metadata::Float(9_223_372_036_854_775_808.0)
        );
        assert_eq!(read("1e25"), Metadata::Float(1e25));
    }

    #[test]
    fn a_key_that_comes_twice_keeps_its_place_and_the_last_value() {
        let value = read(r#"{"b":1,"a":2,"b":[null]}"#);
        assert_eq!(
            serde_json::to_string(&value).unwrap(),
            r#"{"b":[null],"a":2}"#
        );
    }

    #[test]
    fn missing_and_null_are_the_same_to_a_reader() {
        let value = read(r#"{"status":null,"run_id":1}"#);
        assert_eq!(value.get("status"), None);
        assert_eq!(value.get("tenant_id"), None);
        assert_eq!(value.get("run_id"), Some(&Metadata::Int(1)));
        assert_eq!(read("[1]").get("0"), None);
    }
}
