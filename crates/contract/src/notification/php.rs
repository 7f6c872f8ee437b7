//! PHP's casts, as far as a notification shows them: text forms, ids, and the form in which JSON is stored.
//!
//! Portals are PHP: the metadata of their runs was cast by PHP before it reached a reader, so ours has to read the same.

use std::borrow::Cow;

use crate::metadata::Metadata;

/// What `(string) $value` gives.
///
/// An array or object is `Array`, PHP's word for it. Laravel refuses to store such a notification; whoever takes one from a portal does so too.
pub(super) fn text(value: &Metadata) -> Cow<'_, str> {
    match value {
        Metadata::Null | Metadata::Bool(false) => Cow::Borrowed(""),
        Metadata::Bool(true) => Cow::Borrowed("1"),
        Metadata::Int(number) => Cow::Owned(number.to_string()),
        Metadata::Float(number) => Cow::Owned(float_text(*number)),
        Metadata::Text(text) => Cow::Borrowed(text),
        Metadata::List(_) | Metadata::Object(_) => Cow::Borrowed("Array"),
    }
}

/// `%.14G` in PHP's spelling: at most 14 digits (its setting `precision`), and `1.0E+25` where C writes `1E+25`.
fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "NAN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "INF" } else { "-INF" }.to_owned();
    }
    let scientific = format!("{number:.13e}");
    let (mantissa, exponent) = scientific
        .split_once('e')
        .expect("`{:e}` writes an exponent for each finite float");
    let exponent: i32 = exponent
        .parse()
        .expect("the exponent of a float is a small whole number");
    if (-4..=13).contains(&exponent) {
        let rounded: f64 = scientific
            .parse()
            .expect("a float's own text reads back as a float");
        return rounded.to_string();
    }
    let mantissa = mantissa.trim_end_matches('0');
    let zero = if mantissa.ends_with('.') { "0" } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{zero}E{sign}{}", exponent.unsigned_abs())
}

/// The id that `value` names, if it is positive and beyond doubt: a whole number, or a text of digits (a sign, leading zeros
/// and blanks around them allowed; beyond 64 bits it saturates, as in PHP).
///
/// This is stricter than `(int) $value`, which reads `true` and any array as 1 and `"12abc"` as 12: a link to a run that nobody meant.
pub(super) fn positive_id(value: &Metadata) -> Option<i64> {
    let id = match value {
        Metadata::Int(id) => *id,
        Metadata::Float(id) => whole(*id)?,
        Metadata::Text(text) => digits(text)?,
        Metadata::Null | Metadata::Bool(_) | Metadata::List(_) | Metadata::Object(_) => {
            return None;
        }
    };
    (id > 0).then_some(id)
}

fn whole(number: f64) -> Option<i64> {
    const TWO_TO_THE_63: f64 = 9_223_372_036_854_775_808.0;
    let fits = (-TWO_TO_THE_63..TWO_TO_THE_63).contains(&number) && number.fract() == 0.0;
    fits.then_some(number as i64)
}

fn digits(text: &str) -> Option<i64> {
    // PHP's blanks; a no-break space is none of them.
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let beyond = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    Some(text.parse().unwrap_or(beyond))
}

/// What is left after `json_encode` wrote `value` and `json_decode` read it: an empty object is an empty list, an object with the keys
/// 0, 1, 2, … is a list, and `4.0` is `4`.
pub(super) fn stored(value: Metadata) -> Metadata {
    match value {
        Metadata::Float(number) => stored_float(number),
        Metadata::List(values) => Metadata::List(values.into_iter().map(stored).collect()),
        Metadata::Object(object) => {
            let is_list = object
                .entries()
                .iter()
                .enumerate()
                .all(|(place, (key, _))| *key == place.to_string());
            let entries = object.into_iter().map(|(key, value)| (key, stored(value)));
            if is_list {
                Metadata::List(entries.map(|(_, value)| value).collect())
            } else {
                Metadata::Object(entries.collect())
            }
        }
        Metadata::Null | Metadata::Bool(_) | Metadata::Int(_) | Metadata::Text(_) => value,
    }
}

/// `json_encode` writes up to 17 digits before the point, then an exponent, which reads back as a float; so does `-0`.
fn stored_float(number: f64) -> Metadata {
    if !number.is_finite() {
        return Metadata::Null;
    }
    let is_minus_zero = number == 0.0 && number.is_sign_negative();
    if number.fract() != 0.0 || number.abs() >= 1e17 || is_minus_zero {
        return Metadata::Float(number);
    }
    // By the shortest digits that name the float and not by its exact value: 2^55 is written as 36028797018963970.
    number
        .to_string()
        .parse()
        .map_or(Metadata::Float(number), Metadata::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_have_the_text_that_php_gives_them() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (2.0, "2"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.33333333333333"),
            (0.0001, "0.0001"),
            (0.00001, "1.0E-5"),
            (0.000_012_5, "1.25E-5"),
            (99_999_999_999_999.0, "99999999999999"),
            (1e14, "1.0E+14"),
            (99_999_999_999_999.9, "1.0E+14"),
            (-1e25, "-1.0E+25"),
            (1.234_567_890_123_456_7e20, "1.2345678901235E+20"),
            (5e-324, "4.9406564584125E-324"),
            (f64::MAX, "1.7976931348623E+308"),
            (f64::INFINITY, "INF"),
            (f64::NEG_INFINITY, "-INF"),
            (f64::NAN, "NAN"),
        ] {
            assert_eq!(float_text(number), expected, "{number:e}");
        }
    }

    #[test]
    fn only_what_is_beyond_doubt_is_an_id() {
        for (text, expected) in [
            ("12", Some(12)),
            (" \t\n\r\u{b}\u{c}+0012 ", Some(12)),
            ("99999999999999999999", Some(i64::MAX)),
            ("-12", None),
            ("-99999999999999999999", None),
            ("0", None),
            ("", None),
            ("+", None),
            ("+-12", None),
            ("+ 12", None),
            ("12\0", None),
            ("1 2", None),
            ("1e3", None),
            ("12.0", None),
            ("\u{a0}12", None),
            ("１２", None),
        ] {
            assert_eq!(positive_id(&text.into()), expected, "{text:?}");
        }
        for (number, expected) in [
            (12.0, Some(12)),
            (9_223_372_036_854_774_784.0, Some(9_223_372_036_854_774_784)),
            (9_223_372_036_854_775_808.0, None),
            (18_446_744_073_709_555_712.0, None),
            (7.9, None),
            (-12.0, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ] {
            assert_eq!(positive_id(&Metadata::Float(number)), expected, "{number}");
        }
    }

    #[test]
    fn floats_are_stored_as_json_encode_writes_them() {
        for (number, expected) in [
            (4.0, "4"),
            (-4.0, "-4"),
            (4.5, "4.5"),
            (-0.0, "-0.0"),
            (36_028_797_018_963_968.0, "36028797018963970"),
            (99_999_999_999_999_984.0, "99999999999999980"),
            (1e17, "1e+17"),
            (f64::NAN, "null"),
        ] {
            let json = serde_json::to_string(&stored(Metadata::Float(number))).unwrap();
            assert_eq!(json, expected, "{number:e}");
        }
    }

    #[test]
    fn only_keys_that_count_from_zero_in_order_make_a_list() {
        for (json, expected) in [
            ("{}", "[]"),
            (r#"{"0":1,"1":{}}"#, "[1,[]]"),
            (r#"{"1":1,"0":2}"#, r#"{"1":1,"0":2}"#),
            (r#"{"00":1}"#, r#"{"00":1}"#),
            (r#"[{"a":{"0":1.0}}]"#, r#"[{"a":[1]}]"#),
        ] {
            let value = stored(serde_json::from_str(json).unwrap());
            assert_eq!(serde_json::to_string(&value).unwrap(), expected, "{json}");
        }
    }
}
