//! Numbers, dates, times and letters as the reader writes them: the browser's `Intl`, the local time zone, the server's now.

use contract::timestamp::Timestamp;
use js_sys::{Array, Date, Function, Intl, JsString, Object, Reflect};
use wasm_bindgen::JsValue;
use yew::AttrValue;

use crate::i18n::{Text, t};

/// The language of the words, `<html lang>`.
const LANGUAGE: &str = "en";
/// Younger than this is "just now".
const JUST_NOW_MS: i64 = 5_000;
const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Made once: a formatter costs a hundred times what it formats.
struct Formats {
    number: Function,
    /// Its digits are those of the program: what has three of them is not asked for.
    has_own_digits: bool,
    decimal: Function,
    clock: Function,
    day: Function,
    absolute: Function,
}

thread_local! {
    static FORMATS: Formats = Formats::new();
}

impl Formats {
    fn new() -> Formats {
        let locales = Array::of1(&JsValue::from_str(&locale()));
        let number = |digits: f64| {
            let options = options(&[("maximumFractionDigits", digits.into())]);
            Intl::NumberFormat::new(&locales, &options).format()
        };
        let date = |parts: &[(&str, &str)]| {
            let parts: Vec<_> = parts
                .iter()
                .map(|(name, value)| (*name, JsValue::from_str(value)))
                .collect();
            Intl::DateTimeFormat::new(&locales, &options(&parts)).format()
        };
        const CLOCK: [(&str, &str); 4] = [
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("second", "2-digit"),
            ("hourCycle", "h23"),
        ];
        const DAY: [(&str, &str); 3] =
            [("day", "numeric"), ("month", "short"), ("year", "numeric")];
        let mut absolute = [CLOCK.as_slice(), DAY.as_slice()].concat();
        absolute.push(("timeZoneName", "short"));
        let whole = number(0.0);
        let said = whole.call1(&JsValue::UNDEFINED, &JsValue::from_f64(987.0));
        Formats {
            has_own_digits: said.is_ok_and(|said| said == "987"),
            number: whole,
            decimal: number(1.0),
            clock: date(&CLOCK),
            day: date(&DAY),
            absolute: date(&absolute),
        }
    }
}

/// The reader's own variant of the language ("en-GB"), so that dates are in the order that they know.
fn locale() -> String {
    web_sys::window()
        .and_then(|window| window.navigator().language())
        .filter(|language| language.starts_with(LANGUAGE))
        .unwrap_or_else(|| LANGUAGE.to_owned())
}

fn options(parts: &[(&str, JsValue)]) -> Object {
    let options = Object::new();
    for (name, value) in parts {
        // Setting a field of a fresh object does not fail.
        let _ = Reflect::set(&options, &JsValue::from_str(name), value);
    }
    options
}

fn call(choose: impl Fn(&Formats) -> &Function, value: &JsValue) -> String {
    FORMATS.with(|formats| {
        choose(formats)
            .call1(&JsValue::UNDEFINED, value)
            .ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    })
}

fn date(at: Timestamp) -> JsValue {
    Date::new(&JsValue::from_f64(at.0 as f64)).into()
}

/// A whole number: "1,284".
pub fn number(number: u64) -> String {
    // Most are small, and a card has ten of them.
    if number < 1_000 && FORMATS.with(|formats| formats.has_own_digits) {
        return number.to_string();
    }
    call(|formats| &formats.number, &JsValue::from_f64(number as f64))
}

fn decimal(number: f64) -> String {
    call(|formats| &formats.decimal, &JsValue::from_f64(number))
}

/// The time of day in the reader's time zone: "14:02:07".
pub fn clock(at: Timestamp) -> String {
    call(|formats| &formats.clock, &date(at))
}

/// The whole moment with its time zone, for `title`: "11 Jan 2026, 14:02:07 CET".
pub fn absolute(at: Timestamp) -> String {
    call(|formats| &formats.absolute, &date(at))
}

/// How long ago: "12 s ago", "3 min ago"; from a week on the day.
pub fn ago(at: Timestamp, now: Timestamp) -> AttrValue {
    let ms = now.since(at);
    match ms {
        0..JUST_NOW_MS => t(Text::JustNow),
        JUST_NOW_MS..MINUTE_MS => t(Text::Ago(&t(Text::Seconds(number_of(ms, SECOND_MS))))),
        MINUTE_MS..HOUR_MS => t(Text::Ago(&t(Text::Minutes(number_of(ms, MINUTE_MS))))),
        HOUR_MS..DAY_MS => t(Text::Ago(&t(Text::Hours(number_of(ms, HOUR_MS))))),
        _ if ms < 7 * DAY_MS => t(Text::Ago(&t(Text::Days(number_of(ms, DAY_MS))))),
        _ => call(|formats| &formats.day, &date(at)).into(),
    }
}

/// A length of time: "212 ms", "8.4 s", "3 min 28 s", "1 h 5 min".
pub fn duration(ms: i64) -> AttrValue {
    let whole = |ms: i64, unit: i64| number_of(ms, unit);
    match ms.max(0) {
        ms @ 0..SECOND_MS => t(Text::Milliseconds(ms as u64)),
        ms @ SECOND_MS..10_000 => t(Text::SecondsText(&decimal(ms as f64 / 1000.0))),
        ms @ 10_000..MINUTE_MS => t(Text::Seconds(whole(ms, SECOND_MS))),
        ms @ MINUTE_MS..HOUR_MS => two(
            t(Text::Minutes(whole(ms, MINUTE_MS))),
            whole(ms % MINUTE_MS, SECOND_MS),
            Text::Seconds,
        ),
        ms @ HOUR_MS..DAY_MS => two(
            t(Text::Hours(whole(ms, HOUR_MS))),
            whole(ms % HOUR_MS, MINUTE_MS),
            Text::Minutes,
        ),
        ms => two(
            t(Text::Days(whole(ms, DAY_MS))),
            whole(ms % DAY_MS, HOUR_MS),
            Text::Hours,
        ),
    }
}

/// A length of time in its largest unit alone: "12 s", "3 min", "1 h".
pub fn roughly(ms: i64) -> AttrValue {
    let (unit, word): (i64, fn(u64) -> Text<'static>) = match ms {
        ..MINUTE_MS => (SECOND_MS, Text::Seconds),
        MINUTE_MS..HOUR_MS => (MINUTE_MS, Text::Minutes),
        HOUR_MS..DAY_MS => (HOUR_MS, Text::Hours),
        _ => (DAY_MS, Text::Days),
    };
    t(word(number_of(ms.max(0), unit)))
}

/// A length of time that is still growing: whole seconds, so that it does not flicker.
pub fn running_for(ms: i64) -> AttrValue {
    let seconds_ms = ms.max(0) / SECOND_MS * SECOND_MS;
    match seconds_ms {
        0..MINUTE_MS => t(Text::Seconds(number_of(seconds_ms, SECOND_MS))),
        _ => duration(seconds_ms),
    }
}

fn two(first: AttrValue, rest: u64, unit: impl Fn(u64) -> Text<'static>) -> AttrValue {
    if rest == 0 {
        first
    } else {
        format!("{first} {}", t(unit(rest))).into()
    }
}

/// In small letters, for a search. The browser knows them; the tables of `std` are 4 KB of WebAssembly.
pub fn lowercase(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

/// Whether a text holds what was asked for, which is [`lowercase`] already.
pub fn holds(text: &str, needle: &str) -> bool {
    let (text, needle) = (lowercase(text), needle.as_bytes());
    // Bytes: the search of `std` for a text in a text is 3 KB of code, and names are short.
    needle.is_empty()
        || text
            .as_bytes()
            .windows(needle.len())
            .any(|part| part == needle)
}

fn number_of(ms: i64, unit: i64) -> u64 {
    (ms / unit).unsigned_abs()
}
