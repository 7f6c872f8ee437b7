//! The text of an error answer: Intune packs a JSON string into `message`, at times twice. Pure: bytes in, text out.

use serde_json::Value;

use crate::redact;

/// The levels of packing that were ever seen, and one more.
const MOST_LEVELS: usize = 3;

/// What an error answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unpacked {
    /// `error.code`, or empty.
    pub(crate) code: String,
    /// The innermost text, redacted, on one line; or empty.
    pub(crate) message: String,
    /// The id that Microsoft's support asks for.
    pub(crate) activity_id: Option<String>,
}

/// Reads whatever came: Graph's shape, Intune's nested one, HTML from a gateway, or nothing at all.
///
/// `secrets` are cut out wherever they stand, should a server send one back.
pub(crate) fn unpack(body: &[u8], secrets: &[&str]) -> Unpacked {
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        return Unpacked::default();
    };
    let Some(error) = answer.get("error") else {
        return Unpacked::default();
    };
    let code = text(error, &["code"]).unwrap_or_default();
    let mut message = text(error, &["message"]).unwrap_or_default();
    for _level in 0..MOST_LEVELS {
        if !message.trim_start().starts_with('{') {
            break;
        }
        let Ok(packed) = serde_json::from_str::<Value>(&message) else {
            break;
        };
        // A packing without a text has nothing for a person; its other fields are plumbing.
        message = text(&packed, &["Message", "message"]).unwrap_or_default();
    }
    if message.trim_start().starts_with('{') {
        message.clear();
    }
    let activity_id = after(&message, "Activity ID: ");
    let said = message.split(" - Operation ID").next().unwrap_or_default();
    Unpacked {
        code: redact::text(&code, secrets),
        message: redact::text(said, secrets),
        activity_id,
    }
}

fn text(value: &Value, keys: &[&str]) -> Option<String> {
    keys.iter()
        .find_map(|key| value.get(key))
        .and_then(Value::as_str)
        .map(str::to_owned)
}

fn after(message: &str, label: &str) -> Option<String> {
    let (_before, rest) = message.split_once(label)?;
    let id: String = rest
        .chars()
        .take_while(|c| c.is_ascii_hexdigit() || *c == '-')
        .collect();
    (id.len() == 36).then_some(id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(body: &str, code: &str, message: &str) {
        let unpacked = unpack(body.as_bytes(), &["s3cr3t"]);
        assert_eq!(
            (unpacked.code.as_str(), unpacked.message.as_str()),
            (code, message),
            "{body}"
        );
    }

    fn packed(message: &str) -> String {
        json!({"_version": 3, "Message": message, "CustomApiErrorPhrase": "", "RetryAfter": null})
            .to_string()
    }

    #[test]
    fn each_shape_of_an_error_is_read() {
        let tail = " - Operation ID (for customer support): 0 - Activity ID: b8a50000-0000-4000-8000-000000000001 - Url: https://fef.example/x";
        let plain = json!({"error": {"code": "NotFound", "message": "Not here."}}).to_string();
        check(&plain, "NotFound", "Not here.");
        let nested =
            json!({"error": {"code": "BadRequest", "message": packed(&format!("Bad rule{tail}"))}});
        check(&nested.to_string(), "BadRequest", "Bad rule");
        assert_eq!(
            unpack(nested.to_string().as_bytes(), &[])
                .activity_id
                .as_deref(),
            Some("b8a50000-0000-4000-8000-000000000001")
        );
        let twice = json!({"error": {"code": "BadRequest", "message": json!({"Message": packed("Deep")}).to_string()}});
        check(&twice.to_string(), "BadRequest", "Deep");
        check(
            &json!({"error": {"code": "UnknownError", "message": ""}}).to_string(),
            "UnknownError",
            "",
        );
        check("<html><body>Bad gateway</body></html>", "", "");
        check("", "", "");
        check("[1]", "", "");
        check(
            &json!({"error": {"code": "X", "message": "{ not json"}}).to_string(),
            "X",
            "",
        );
        check(
            &json!({"error": {"code": "X", "message": "it was s3cr3t,\r\n you see"}}).to_string(),
            "X",
            "it was \u{2022}redacted\u{2022}, you see",
        );
    }
}
