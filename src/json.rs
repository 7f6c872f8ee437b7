//! JSON text → value, for the bodies and frames of [`contract`]. Called by [`api`](crate::api) and [`stream`](crate::stream).
//!
//! `serde_json` can also say where and why a text does not fit, and reads arrays as structs; nobody here asks for that, and
//! the app would be a tenth larger. The types say what comes: there is no `deserialize_any`, and no number with a fraction.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, Expected, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

/// Deeper than any type of the contract; what is deeper is in fields that this version does not know.
const MAX_DEPTH: u8 = 64;

/// Reads a whole text; `None` if it does not fit.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    let value = T::deserialize(&mut reader).ok()?;
    reader.peek();
    (reader.at == text.len()).then_some(value)
}

/// The text does not fit. Where and why is left out on purpose.
#[derive(Debug)]
struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text does not fit")
    }
}

impl std::error::Error for Misfit {}

// Each of these would write a sentence by itself.
impl Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Misfit {
        Misfit
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Misfit {
        Misfit
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Misfit {
        Misfit
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Misfit {
        Misfit
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Misfit {
        Misfit
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Misfit {
        Misfit
    }

    fn missing_field(_: &'static str) -> Misfit {
        Misfit
    }

    fn duplicate_field(_: &'static str) -> Misfit {
        Misfit
    }
}

type Fits<T> = Result<T, Misfit>;

struct Reader<'de> {
    text: &'de str,
    /// A byte; always at the edge of a character where it is used to cut.
    at: usize,
    depth: u8,
}

impl<'de> Reader<'de> {
    /// The next byte that is no space; 0 at the end.
    fn peek(&mut self) -> u8 {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return *byte;
            }
            self.at += 1;
        }
        0
    }

    /// Passes the byte if it comes next.
    fn passes(&mut self, byte: u8) -> bool {
        let comes = self.peek() == byte;
        self.at += usize::from(comes);
        comes
    }

    fn pass(&mut self, byte: u8) -> Fits<()> {
        self.passes(byte).then_some(()).ok_or(Misfit)
    }

    fn passes_word(&mut self, word: &str) -> bool {
        self.peek();
        let comes = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        if comes {
            self.at += word.len();
        }
        comes
    }

    fn string(&mut self) -> Fits<Cow<'de, str>> {
        self.pass(b'"')?;
        let mut unescaped = String::new();
        let mut begin = self.at;
        loop {
            let byte = *self.text.as_bytes().get(self.at).ok_or(Misfit)?;
            self.at += 1;
            if byte == b'"' || byte == b'\\' {
                let part = self.text.get(begin..self.at - 1).ok_or(Misfit)?;
                if byte == b'"' && unescaped.is_empty() {
                    return Ok(Cow::Borrowed(part));
                }
                unescaped.push_str(part);
                if byte == b'"' {
                    return Ok(Cow::Owned(unescaped));
                }
                unescaped.push(self.escape()?);
                begin = self.at;
            } else if byte < b' ' {
                return Err(Misfit);
            }
        }
    }

    /// What comes after a backslash.
    fn escape(&mut self) -> Fits<char> {
        let byte = *self.text.as_bytes().get(self.at).ok_or(Misfit)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.hex()?;
                // Half of a pair: the other half follows.
                if code >> 10 == 0xD800 >> 10 {
                    let follows = self.text.as_bytes()[self.at..].starts_with(b"\\u");
                    self.at += 2;
                    let low = if follows { self.hex()? } else { 0 };
                    if low >> 10 != 0xDC00 >> 10 {
                        return Err(Misfit);
                    }
                    code = 0x1_0000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
                }
                char::from_u32(code).ok_or(Misfit)?
            }
            _ => return Err(Misfit),
        })
    }

    fn hex(&mut self) -> Fits<u32> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Misfit)?;
        self.at += 4;
        digits.chars().try_fold(0, |code, digit| {
            Ok(code * 16 + digit.to_digit(16).ok_or(Misfit)?)
        })
    }

    /// The digits of a whole number, with its sign.
    fn whole(&mut self) -> Fits<&'de str> {
        self.peek();
        let begin = self.at;
        self.at += usize::from(self.peek() == b'-');
        let digits_at = self.at;
        self.pass_digits();
        let digits = self.text.get(digits_at..self.at).ok_or(Misfit)?;
        let is_whole = !digits.is_empty() && (digits == "0" || !digits.starts_with('0'));
        let whole = self.text.get(begin..self.at);
        whole.filter(|_| is_whole).ok_or(Misfit)
    }

    fn pass_digits(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|b| b.is_ascii_digit()).count();
    }

    /// Goes past a value, of whatever kind.
    fn skip(&mut self) -> Fits<()> {
        match self.peek() {
            b'"' => self.string().map(|_| ()),
            b'{' => {
                let mut parts = self.parts(b'{')?;
                while parts.comes(b'}')? {
                    parts.reader.string()?;
                    parts.reader.pass(b':')?;
                    parts.reader.skip()?;
                }
                Ok(())
            }
            b'[' => {
                let mut parts = self.parts(b'[')?;
                while parts.comes(b']')? {
                    parts.reader.skip()?;
                }
                Ok(())
            }
            b'-' | b'0'..=b'9' => self.skip_number(),
            _ => ["null", "true", "false"]
                .iter()
                .any(|word| self.passes_word(word))
                .then_some(())
                .ok_or(Misfit),
        }
    }

    fn skip_number(&mut self) -> Fits<()> {
        self.whole()?;
        let mut needs_digits = |begins: &[u8], signs: &[u8]| {
            let bytes = self.text.as_bytes();
            if bytes.get(self.at).is_some_and(|b| begins.contains(b)) {
                self.at += 1;
                self.at += usize::from(bytes.get(self.at).is_some_and(|b| signs.contains(b)));
                let begin = self.at;
                self.pass_digits();
                return self.at > begin;
            }
            true
        };
        let fits = needs_digits(b".", b"") && needs_digits(b"eE", b"+-");
        fits.then_some(()).ok_or(Misfit)
    }

    /// Begins a list or an object.
    fn parts(&mut self, begin: u8) -> Fits<Parts<'_, 'de>> {
        self.pass(begin)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Misfit);
        }
        Ok(Parts {
            reader: self,
            is_first: true,
        })
    }
}

/// What is between brackets or braces.
struct Parts<'a, 'de> {
    reader: &'a mut Reader<'de>,
    is_first: bool,
}

impl Parts<'_, '_> {
    /// Whether another part comes before the end, which is passed.
    fn comes(&mut self, end: u8) -> Fits<bool> {
        if self.reader.passes(end) {
            self.reader.depth -= 1;
            return Ok(false);
        }
        if !std::mem::take(&mut self.is_first) {
            self.reader.pass(b',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Parts<'_, 'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Fits<Option<S::Value>> {
        if !self.comes(b']')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Parts<'_, 'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Fits<Option<S::Value>> {
        if !self.comes(b'}')? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Fits<S::Value> {
        self.reader.pass(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

macro_rules! whole_numbers {
    ($($name:ident),+) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Fits<V::Value> {
            let whole = self.whole()?;
            if whole.starts_with('-') {
                visitor.visit_i64(whole.parse().ok().ok_or(Misfit)?)
            } else {
                visitor.visit_u64(whole.parse().ok().ok_or(Misfit)?)
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Misfit;

    whole_numbers! { deserialize_i64, deserialize_u64, deserialize_u32, deserialize_u16 }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Fits<V::Value> {
        Err(Misfit)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Fits<V::Value> {
        let is_true = self.passes_word("true");
        if !is_true && !self.passes_word("false") {
            return Err(Misfit);
        }
        visitor.visit_bool(is_true)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Fits<V::Value> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Fits<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Fits<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Fits<V::Value> {
        if self.passes_word("null") {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Fits<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Fits<V::Value> {
        visitor.visit_seq(self.parts(b'[')?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Fits<V::Value> {
        visitor.visit_map(self.parts(b'{')?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Fits<V::Value> {
        self.deserialize_map(visitor)
    }

    /// Only variants that hold nothing: the contract has no others.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Fits<V::Value> {
        visitor.visit_enum(StrDeserializer::new(&self.string()?))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Fits<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use contract::api::{MarkRows, Role, TenantRef};
    use contract::ids::TenantId;
    use contract::run::{Counts, Run};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// A value of any kind, as an unknown field could hold it.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..5)
                    .prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    const RUN: &str = r#"{"v":1,"tenant_id":1,"tenant_seq":7,"status_seq":6,"rev":9,"run_type":"bulk_operation","run_id":42,
        "status":"running","attempt":1,"counts":{"total":240,"failed":null},"operation":"policy.capture_all",
        "target":"\u00e9\ud83d\ude00 \"a\\b\"\n","started_by":{"id":3,"name":"Zoë"},"at":"2026-01-11T15:59:06.123Z",
        "queued_at":"2026-01-11T15:59:00Z","error":null}"#;

    #[test]
    fn a_run_reads_as_serde_json_reads_it() {
        let run: Option<Run> = read(RUN);
        assert!(run.is_some());
        assert_eq!(run, serde_json::from_str(RUN).ok());
    }

    #[test]
    fn roles_and_lists_read_and_an_unknown_role_does_not() {
        let tenant: Option<TenantRef> =
            read(r#" {"id":1,"name":"A","roles":["viewer" , "admin"]} "#);
        assert_eq!(
            tenant.map(|tenant| (tenant.id, tenant.roles)),
            Some((TenantId(1), vec![Role::Viewer, Role::Admin]))
        );
        assert_eq!(
            read::<TenantRef>(r#"{"id":1,"name":"A","roles":["owner"]}"#),
            None
        );
        assert!(read::<MarkRows>(r#"{"rows":[],"next":null,"marks_rev":-1}"#).is_some());
    }

    #[test]
    fn what_is_no_json_or_not_of_the_type_does_not_read() {
        for text in [
            "",
            "{",
            "}",
            "[]",
            "null",
            "{}x",
            r#"{"total":}"#,
            r#"{"total":1,}"#,
            r#"{,}"#,
            r#"{"total":1 "failed":2}"#,
            r#"{"total":-1}"#,
            r#"{"total":1.5}"#,
            r#"{"total":1e3}"#,
            r#"{"total":01}"#,
            r#"{"total":"1"}"#,
            r#"{"total":1,"total":2}"#,
            r#"{total:1}"#,
            r#"{"total":99999999999999999999}"#,
            r#"{"new":[1,{"a":}]}"#,
            r#"{"new":tru}"#,
            r#"{"new":1.}"#,
            r#"{"new":"\x"}"#,
            r#"{"new":"\ud800"}"#,
            r#"{"new":"\u12é"}"#,
            "{\"new\":\"\n\"}",
            r#"{"new":"#,
        ] {
            assert_eq!(read::<Counts>(text), None, "{text}");
        }
    }

    #[test]
    fn a_field_that_is_nested_without_end_does_not_end_the_app() {
        let text = format!(r#"{{"new":{}"#, "[".repeat(100_000));
        assert_eq!(read::<Counts>(&text), None);
    }

    proptest! {
        #[test]
        fn every_text_and_number_reads_back(text: String, number: i64, count: u64) {
            let json = |value: Value| value.to_string();
            prop_assert_eq!(read::<String>(&json(text.clone().into())), Some(text));
            prop_assert_eq!(read::<i64>(&json(number.into())), Some(number));
            prop_assert_eq!(read::<u64>(&json(count.into())), Some(count));
        }

        #[test]
        fn unknown_fields_of_any_kind_are_passed(value in any_json(), pretty: bool) {
            let body = serde_json::json!({ "a": value, "total": 5, "z": value });
            let text = if pretty { format!("{body:#}") } else { body.to_string() };
            let counts = Counts { total: Some(5), ..Counts::default() };
            prop_assert_eq!(read::<Counts>(&text), Some(counts));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text: String, at in 0..RUN.len(), byte in 0_u8..128) {
            let _ = read::<Counts>(&text);
            // A run with one byte changed or cut off reads as serde_json reads it.
            let mut changed = RUN.as_bytes().to_vec();
            changed[at] = byte;
            if let Ok(changed) = String::from_utf8(changed) {
                prop_assert_eq!(read::<Run>(&changed), serde_json::from_str(&changed).ok());
            }
            prop_assert_eq!(RUN.get(..at).and_then(read::<Run>), None);
        }
    }
}
