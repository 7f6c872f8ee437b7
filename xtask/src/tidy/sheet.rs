//! Sheets: directions that turn with the script, and colours that turn with the theme.

use super::{Finding, Source};

/// The one sheet that has colours.
const TOKENS: &str = "styles/tokens.css";

/// Physical properties, and what to write instead.
const PHYSICAL: [(&str, &str); 26] = [
    ("left", "inset-inline-start"),
    ("right", "inset-inline-end"),
    ("top", "inset-block-start"),
    ("bottom", "inset-block-end"),
    ("width", "inline-size"),
    ("height", "block-size"),
    ("min-width", "min-inline-size"),
    ("min-height", "min-block-size"),
    ("max-width", "max-inline-size"),
    ("max-height", "max-block-size"),
    ("margin-left", "margin-inline-start"),
    ("margin-right", "margin-inline-end"),
    ("margin-top", "margin-block-start"),
    ("margin-bottom", "margin-block-end"),
    ("padding-left", "padding-inline-start"),
    ("padding-right", "padding-inline-end"),
    ("padding-top", "padding-block-start"),
    ("padding-bottom", "padding-block-end"),
    ("border-left", "border-inline-start"),
    ("border-right", "border-inline-end"),
    ("border-top", "border-block-start"),
    ("border-bottom", "border-block-end"),
    ("border-top-left-radius", "border-start-start-radius"),
    ("border-top-right-radius", "border-start-end-radius"),
    ("border-bottom-left-radius", "border-end-start-radius"),
    ("border-bottom-right-radius", "border-end-end-radius"),
];

/// Colour words that a sheet is most likely to use. `transparent`, `currentcolor` and the system's are no literal colours.
const COLOUR_WORDS: [&str; 12] = [
    "white", "black", "red", "green", "blue", "gray", "grey", "orange", "yellow", "purple",
    "silver", "crimson",
];
const COLOUR_FUNCTIONS: [&str; 8] = [
    "rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklch(",
];

/// A declaration, `property: value`.
struct Declaration<'a> {
    line: usize,
    property: &'a str,
    value: &'a str,
}

pub(super) fn check(source: &Source<'_>) -> Vec<Finding> {
    let text = without_comments(source.text);
    let mut findings = Vec::new();
    for declaration in declarations(&text) {
        let property = declaration.property;
        let physical = PHYSICAL.iter().find(|(physical, _)| {
            // `border-left-color` and the like as well.
            property == *physical
                || (physical.starts_with("border-")
                    && property.starts_with(&format!("{physical}-")))
        });
        if let Some((physical, logical)) = physical {
            findings.push(Finding::new(
                declaration.line,
                format!("`{physical}`: write `{logical}`, which turns with `dir`"),
            ));
        }
        let is_aligned = ["text-align", "float", "clear"].contains(&property);
        if is_aligned
            && ["left", "right"].contains(&declaration.value.trim_end_matches("!important").trim())
        {
            findings.push(Finding::new(
                declaration.line,
                format!("`{property}`: write `start` or `end`, which turn with `dir`"),
            ));
        }
        if source.path != TOKENS
            && let Some(colour) = literal_colour(declaration.value)
        {
            findings.push(Finding::new(
                declaration.line,
                format!("the colour `{colour}`: take a token of {TOKENS}"),
            ));
        }
    }
    findings
}

/// The text with its comments blanked out, so that each line keeps its number.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*") {
        let (before, comment) = rest.split_at(start);
        let end = comment.find("*/").map_or(comment.len(), |end| end + 2);
        kept.push_str(before);
        kept.extend(
            comment[..end]
                .chars()
                .map(|letter| if letter == '\n' { '\n' } else { ' ' }),
        );
        rest = &comment[end..];
    }
    kept + rest
}

/// What stands before a `;` or a `}` and has a colon; what stands before a `{` is a selector or a condition.
fn declarations(text: &str) -> Vec<Declaration<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, mark) in text
        .char_indices()
        .filter(|(_, letter)| matches!(letter, '{' | '}' | ';'))
    {
        let piece = &text[start..at];
        if mark != '{'
            && let Some((property, value)) = piece.split_once(':')
        {
            let indent = piece.len() - piece.trim_start().len();
            let line = text[..start + indent].matches('\n').count() + 1;
            found.push(Declaration {
                line,
                property: property.trim(),
                value: value.trim(),
            });
        }
        start = at + mark.len_utf8();
    }
    found
}

fn literal_colour(value: &str) -> Option<&str> {
    let value_without_urls = value.split("url(").next().unwrap_or(value);
    if let Some(function) = COLOUR_FUNCTIONS.iter().find(|function| {
        value_without_urls
            .match_indices(**function)
            .any(|(at, _)| is_boundary(&value_without_urls[..at]))
    }) {
        return Some(function.trim_end_matches('('));
    }
    value_without_urls
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '#' || letter == '-'))
        .find(|word| {
            let is_hex = word.strip_prefix('#').is_some_and(|digits| {
                matches!(digits.len(), 3 | 4 | 6 | 8)
                    && digits.chars().all(|digit| digit.is_ascii_hexdigit())
            });
            is_hex || COLOUR_WORDS.contains(word)
        })
}

fn is_boundary(before: &str) -> bool {
    !before
        .chars()
        .next_back()
        .is_some_and(|letter| letter.is_alphanumeric() || letter == '-')
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::findings;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = findings("styles/card.css", text);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                found.starts_with(expected),
                "{found:?} does not start with {expected:?}"
            );
        }
    }

    #[test]
    fn logical_properties_pass() {
        check(
            ".a { margin-inline-start: 1px; inset-block-end: 0; inline-size: 2px; text-align: start; }",
            &[],
        );
    }

    #[test]
    fn physical_properties_are_found_with_their_line() {
        check(
            ".a {\n  color: inherit;\n  margin-left: 1px\n}",
            &["3: `margin-left`: write `margin-inline-start`"],
        );
        check(
            ".a { left: 0; border-right-color: currentcolor }",
            &["1: `left`", "1: `border-right`"],
        );
        check(".a { text-align: right !important; }", &["1: `text-align`"]);
        check(
            "@media (width < 760px) { .a { width: 1px } }",
            &["1: `width`"],
        );
    }

    #[test]
    fn conditions_selectors_and_comments_are_no_declarations() {
        check("@media (min-width: 10px) { .a:hover { gap: 0 } }", &[]);
        check("/* left: 0; */ .a { gap: 0; /* color: red; */ }", &[]);
        check(".a { transition: left 1s; --ta-left: 1px; }", &[]);
    }

    #[test]
    fn a_literal_colour_is_found_and_a_token_is_not() {
        check(".a { color: #fff; }", &["1: the colour `#fff`"]);
        check(
            ".a { background: rgb(1 2 3 / 4%); }",
            &["1: the colour `rgb`"],
        );
        check(".a { border: 1px solid red; }", &["1: the colour `red`"]);
        check(
            ".a { color: var(--ta-fg-red); border-color: transparent; outline-color: CanvasText; }",
            &[],
        );
        check(".a { mask: url(#fade); }", &[]);
    }

    #[test]
    fn the_tokens_are_where_the_colours_are() {
        assert!(
            findings(
                "styles/tokens.css",
                ":root { --ta-fg: light-dark(#111, #eee); }"
            )
            .is_empty()
        );
    }
}
