//! A moment in milliseconds, written as RFC 3339 in UTC: `2026-01-11T15:59:06.123Z`.
//!
//! This crate depends on serde alone, so the few lines of calendar are here. The arithmetic is Howard Hinnant's
//! `days_from_civil` (<https://howardhinnant.github.io/date_algorithms.html>).

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z. For people to read: order between events is `tenant_seq` alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

const DAY_MS: i64 = 86_400_000;

impl Timestamp {
    /// Milliseconds from `earlier` to this; never negative, since two clocks may disagree by a little.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// Reads RFC 3339 with any offset and any number of fraction digits (Graph sends seven); below a millisecond is cut.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let bytes = text.as_bytes();
        if !text.is_ascii() || bytes.len() < 20 {
            return None;
        }
        let number = |range: std::ops::Range<usize>| -> Option<i64> {
            let part = text.get(range)?;
            part.bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| part.parse().ok())?
        };
        let separators =
            bytes[4] == b'-' && bytes[7] == b'-' && bytes[13] == b':' && bytes[16] == b':';
        if !separators || !matches!(bytes[10], b'T' | b't' | b' ') {
            return None;
        }
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        if !(1..=12).contains(&month)
            || !(1..=31).contains(&day)
            || hour > 23
            || minute > 59
            || second > 60
        {
            return None;
        }
        let (fraction_ms, rest) = fraction(text.get(19..)?)?;
        let offset_ms = offset(rest)?;
        let seconds = hour * 3600 + minute * 60 + second;
        Some(Timestamp(
            days_from_civil(year, month, day) * DAY_MS + seconds * 1000 + fraction_ms - offset_ms,
        ))
    }
}

fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(after_point) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let n_digits = after_point.bytes().take_while(u8::is_ascii_digit).count();
    if n_digits == 0 {
        return None;
    }
    let (digits, rest) = after_point.split_at(n_digits);
    let ms = digits
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(3)
        .fold(0, |ms, digit| ms * 10 + i64::from(digit - b'0'));
    Some((ms, rest))
}

fn offset(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    match bytes {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), a, b, b':', c, d]
            if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()) =>
        {
            let two = |tens: u8, ones: u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
            let ms = (two(*a, *b) * 60 + two(*c, *d)) * 60_000;
            Some(if *sign == b'-' { -ms } else { ms })
        }
        _ => None,
    }
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let (hour, minute, second, milli) =
            (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text).ok_or_else(|| {
            serde::de::Error::custom("a time is RFC 3339, like 2026-01-11T15:59:06.123Z")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_moments() {
        let cases = [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-11T15:59:06.123Z", 1_768_147_146_123),
            ("2026-01-11T16:59:06.1234567+01:00", 1_768_147_146_123),
            ("2000-02-29T12:00:00.5-00:30", 951_827_400_500),
        ];
        for (text, ms) in cases {
            assert_eq!(Timestamp::parse(text), Some(Timestamp(ms)), "{text}");
        }
    }

    #[test]
    fn garbage_is_not_a_moment() {
        for text in [
            "",
            "now",
            "2026-01-11",
            "2026-13-11T15:59:06Z",
            "2026-01-11T15:59:06",
            "2026-01-11T15:59:06.Z",
            "２０２６-01-11T15:59:06Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_reads_back_as_it_was_written(ms in -30_000_000_000_000_i64..250_000_000_000_000) {
            prop_assert_eq!(Timestamp::parse(&Timestamp(ms).to_string()), Some(Timestamp(ms)));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*") {
            let _ = Timestamp::parse(&text);
        }
    }
}
