//! The end-to-end specs: they wait for the thing itself.

use super::{Finding, Source};

pub(super) fn check(source: &Source<'_>) -> Vec<Finding> {
    source
        .lines()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter(|(_, line)| line.contains("waitForTimeout(") || line.contains("setTimeout(resolve"))
        .map(|(number, _)| {
            Finding::new(
                number,
                "a test waits for the thing itself, with a limit, and does not sleep",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::findings;

    #[test]
    fn a_spec_does_not_sleep() {
        assert_eq!(
            findings("tests/e2e/a.spec.mjs", "await page.waitForTimeout(500);\n").len(),
            1
        );
        assert!(findings("tests/e2e/a.spec.mjs", "await card.waitFor();\n").is_empty());
    }
}
