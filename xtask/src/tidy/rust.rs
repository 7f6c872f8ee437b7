//! Rust: the first line, tests that hide, and imports against the way of the data.

use super::{Finding, Source};

/// Files that know nothing of a browser, so that the host can test them; a name that ends with `/` is a folder.
const PURE: [&str; 4] = [
    "src/feed.rs",
    "src/feed/",
    "src/stream/parse.rs",
    "src/stream/connection.rs",
];
const BROWSER: [&str; 4] = ["web_sys", "js_sys", "yew", "gloo"];

/// Attributes that take a test out of the run, or let it pass for any panic. Put together here, so that this file passes.
const HIDING: [(&str, &str); 2] = [
    (
        concat!("#[", "ignore"),
        "assert what happens today, and say what is wrong with it",
    ),
    (
        concat!("#[", "should_panic"),
        "any panic would pass: assert on the value instead",
    ),
];

pub(super) fn check(source: &Source<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !source.text.starts_with("//!") {
        findings.push(Finding::new(
            1,
            "the first line is `//!` and says what this step takes and gives",
        ));
    }
    let is_pure = PURE
        .iter()
        .any(|pure| source.path == *pure || (pure.ends_with('/') && source.path.starts_with(pure)));
    let mut is_test = source.path.contains("tests/");
    for (number, line) in source.lines() {
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        is_test |= code.starts_with("#[cfg(test)]");
        for (attribute, instead) in HIDING {
            if code.starts_with(attribute) {
                findings.push(Finding::new(number, format!("{attribute}]: {instead}")));
            }
        }
        if is_test && names(code, concat!("sleep", "(")) {
            findings.push(Finding::new(
                number,
                "a test waits for the thing itself, with a limit, and does not sleep",
            ));
        }
        if source.path.starts_with("src/") && has_style_attribute(code) {
            findings.push(Finding::new(
                number,
                "the policy blocks `style=`: use a sheet, or `set_property` on a NodeRef",
            ));
        }
        if let Some(name) = BROWSER.iter().find(|name| is_pure && names(code, name)) {
            findings.push(Finding::new(
                number,
                format!("`{name}` in a pure file: the host could not test it"),
            ));
        }
    }
    findings
}

/// `style=` as an attribute of its own: not `data-style=`, `style ==` or the end of a longer name.
fn has_style_attribute(code: &str) -> bool {
    code.match_indices("style=").any(|(at, found)| {
        let before = code[..at].chars().next_back();
        let after = code[at + found.len()..].chars().next();
        !before.is_some_and(|before| before.is_alphanumeric() || "-_.".contains(before))
            && after != Some('=')
    })
}

/// Whether a name begins somewhere in the code, so that `gloo` is found in `gloo_net` and not in `igloo`.
fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        !code[..at]
            .chars()
            .next_back()
            .is_some_and(|before| before.is_alphanumeric() || before == '_')
    })
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::findings;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let found = findings(path, text);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                found.starts_with(expected),
                "{found:?} does not start with {expected:?}"
            );
        }
    }

    #[test]
    fn each_file_starts_by_saying_what_it_is() {
        check("src/a.rs", "//! What it is.\nfn a() {}\n", &[]);
        check(
            "src/a.rs",
            "use std::fmt;\n//! Too late.\n",
            &["1: the first line"],
        );
    }

    #[test]
    fn a_test_does_not_hide() {
        check(
            "tests/it/a.rs",
            concat!("//! A.\n#[", "ignore = \"later\"]\n"),
            &["2: #[ignore]"],
        );
        check(
            "src/a.rs",
            concat!("//! A.\n    #[", "should_panic(expected = \"x\")]\n"),
            &["2: #[should_panic]"],
        );
        check(
            "src/a.rs",
            concat!("//! A.\n// Not #[", "ignore], as others do.\n"),
            &[],
        );
    }

    #[test]
    fn a_test_does_not_sleep_and_other_code_may() {
        check("tests/it/a.rs", "//! A.\nfn it_does_not_sleep() {}\n", &[]);
        check(
            "crates/runs/tests/it/a.rs",
            concat!("//! A.\nthread::sleep", "(limit);\n"),
            &["2: a test waits"],
        );
        check(
            "src/a.rs",
            concat!("//! A.\n#[cfg(test)]\nmod tests {\nsleep", "(limit);\n"),
            &["4: a test waits"],
        );
        check(
            "src/a.rs",
            concat!("//! A.\nsleep", "(limit).await;\n#[cfg(test)]\n"),
            &[],
        );
    }

    #[test]
    fn a_style_attribute_is_found_in_html_alone() {
        check(
            "src/a.rs",
            "//! A.\nhtml! { <p class=\"a\" style={width}> }\n",
            &["2: the policy"],
        );
        check(
            "src/a.rs",
            "//! A.\nhtml! { <p style=\"a\"> }\n",
            &["2: the policy"],
        );
        check("src/a.rs", "//! A.\nif style == a { line_style=1; }\n", &[]);
        check("src/a.rs", "//! A.\n<p data-style=\"a\">\n", &[]);
    }

    #[test]
    fn a_pure_file_does_not_know_the_browser() {
        check(
            "src/feed/order.rs",
            "//! A.\nuse yew::Reducible;\n",
            &["2: `yew`"],
        );
        check(
            "src/feed.rs",
            "//! A.\nuse gloo_net::http;\n",
            &["2: `gloo`"],
        );
        check(
            "src/stream/parse.rs",
            "//! Not web_sys.\nlet x = ::web_sys::window();\n",
            &["2: `web_sys`"],
        );
        check(
            "src/stream/leader.rs",
            "//! A.\nuse web_sys::Window;\n",
            &[],
        );
        check("src/feeder.rs", "//! A.\nuse yew::Html;\n", &[]);
    }
}
