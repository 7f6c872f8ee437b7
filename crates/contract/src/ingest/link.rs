//! An address that somebody else gave and that a page of ours may link to.

use super::MAX_LINK;

/// The address, if it is a path of the same origin, http or https; without what a browser strips before it looks.
///
/// A browser takes `\` for `/` and drops tabs and line ends anywhere, so that `/\evil.example` and `java⇥script:` are not what they seem.
pub fn safe_link(text: &str) -> Option<String> {
    let is_blank = |character: char| character <= ' ';
    let link: String = text
        .trim_matches(is_blank)
        .chars()
        .filter(|character| !matches!(character, '\t' | '\n' | '\r'))
        .collect();
    if link.is_empty() || link.len() > MAX_LINK || link.chars().any(char::is_control) {
        return None;
    }
    is_allowed(&link).then_some(link)
}

fn is_allowed(link: &str) -> bool {
    if let Some(rest) = link.strip_prefix('/') {
        return !rest.starts_with(['/', '\\']);
    }
    ["http://", "https://"].iter().any(|scheme| {
        link.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && link.len() > scheme.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_http_and_https_are_links() {
        for (text, expected) in [
            ("/admin/t/7/restore-runs/42?x=1#y", true),
            ("/", true),
            ("https://portal.example/runs/1", true),
            ("HTTP://portal.example", true),
            ("", false),
            ("runs/1", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("\\\\evil.example", false),
            ("/\t/evil.example", false),
            ("https:", false),
            ("https://", false),
            ("javascript:alert(1)", false),
            ("java\nscript:alert(1)", false),
            (" \u{1}javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("ftp://portal.example", false),
            ("/a\u{0}b", false),
        ] {
            assert_eq!(safe_link(text).is_some(), expected, "{text:?}");
        }
        let trimmed = safe_link(" \thttps://portal.example/a\n/b \n");
        assert_eq!(trimmed.as_deref(), Some("https://portal.example/a/b"));
        assert_eq!(safe_link(&format!("/{}", "x".repeat(MAX_LINK))), None);
    }
}
