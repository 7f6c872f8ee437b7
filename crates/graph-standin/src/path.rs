//! A path as Graph reads it: exact case, `x('id')` the same as `x/id`, a slash at the end tolerated.

/// The segments of a path below the host, decoded: `["beta", "deviceManagement", "configurationPolicies", "4d2e…"]`.
///
/// `None`: it cannot be decoded.
pub(crate) fn segments(path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    for part in path.trim_matches('/').split('/') {
        let part = decoded(part)?;
        match part
            .split_once("('")
            .and_then(|(name, rest)| Some((name, rest.strip_suffix("')")?)))
        {
            Some((name, key)) => segments.extend([name.to_owned(), key.replace("''", "'")]),
            None => segments.push(part),
        }
    }
    Some(segments)
}

/// Undoes percent-encoding, once. `None` where the result is not UTF-8 or a sequence is cut.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Percent-encodes all but the unreserved characters.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &[&str]) {
        assert_eq!(segments(path).unwrap_or_default(), expected, "{path}");
    }

    #[test]
    fn both_forms_of_a_key_are_one() {
        check(
            "/beta/deviceManagement/x/4d2e",
            &["beta", "deviceManagement", "x", "4d2e"],
        );
        check(
            "/beta/deviceManagement/x('4d2e')/",
            &["beta", "deviceManagement", "x", "4d2e"],
        );
        check("/beta/x('a%27%27b')", &["beta", "x", "a'b"]);
        check("/beta/x/%zz", &[]);
    }

    #[test]
    fn what_was_encoded_twice_is_decoded_twice() {
        let twice = encoded(&encoded("a=b/c"));
        assert_eq!(twice, "a%253Db%252Fc");
        assert_eq!(
            decoded(&twice).and_then(|once| decoded(&once)).as_deref(),
            Some("a=b/c")
        );
    }
}
