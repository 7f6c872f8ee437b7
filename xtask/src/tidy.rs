//! `cargo xtask tidy`: the rules of this project that no other tool knows.

mod manifest;
mod rust;
mod sheet;
mod spec;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{command, output, root};

/// A file that holds more than this holds more than one idea.
const MOST_LINES: usize = 600;

/// A file of ours: its path from the root, with `/`, and its text.
struct Source<'a> {
    path: &'a str,
    text: &'a str,
}

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// Counted from 1.
    line: usize,
    what: String,
}

impl Source<'_> {
    fn has_extension(&self, extension: &str) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, found)| found == extension)
    }

    /// Lines with their numbers.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

impl Finding {
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
        }
    }
}

pub(crate) fn run() -> Result<()> {
    let listed = output(
        command("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]),
        "list the files; is this a git clone?",
    )?;
    let mut n_files = 0;
    let mut n_findings = 0;
    for path in listed.lines().filter(|path| is_ours(path)) {
        let file = root().join(path);
        // Listed, but deleted since the last commit.
        if !file.exists() {
            continue;
        }
        let text = fs::read_to_string(&file).with_context(|| format!("failed to read {path}"))?;
        n_files += 1;
        for finding in check(&Source { path, text: &text }) {
            n_findings += 1;
            println!("{path}:{}: {}", finding.line, finding.what);
        }
    }
    if n_findings > 0 {
        bail!("{n_findings} findings in {n_files} files; they are listed above");
    }
    println!("{n_files} files, nothing to say");
    Ok(())
}

/// Oracles and what tools write are not ours to form.
fn is_ours(path: &str) -> bool {
    let known = [".rs", ".css", ".js", ".mjs", ".toml"]
        .iter()
        .any(|ending| path.ends_with(ending));
    known && !path.starts_with("tests/data/")
}

fn check(source: &Source<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let n_lines = source.text.lines().count();
    if n_lines > MOST_LINES {
        findings.push(Finding::new(
            n_lines,
            format!("{n_lines} lines, more than {MOST_LINES}: it holds two ideas"),
        ));
    }
    if source.has_extension("rs") {
        findings.extend(rust::check(source));
    }
    if source.has_extension("css") {
        findings.extend(sheet::check(source));
    }
    if source.has_extension("mjs") {
        findings.extend(spec::check(source));
    }
    if source.path == "Cargo.toml" {
        findings.extend(manifest::check(source));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{MOST_LINES, Source, check, is_ours};

    #[test]
    fn a_file_of_more_than_600_lines_is_found() {
        let text = "a {}\n".repeat(MOST_LINES);
        assert!(
            check(&Source {
                path: "styles/a.css",
                text: &text
            })
            .is_empty()
        );
        let text = text + "b {}\n";
        assert_eq!(
            check(&Source {
                path: "styles/a.css",
                text: &text
            })
            .len(),
            1
        );
    }

    #[test]
    fn oracles_are_left_alone() {
        assert!(is_ours("src/main.rs"));
        assert!(!is_ours("tests/data/case.rs"));
        assert!(!is_ours("package-lock.json"));
    }

    /// Checks a text as the file of that path, and gives the findings as `line: text`.
    pub(super) fn findings(path: &str, text: &str) -> Vec<String> {
        check(&Source { path, text })
            .into_iter()
            .map(|finding| format!("{}: {}", finding.line, finding.what))
            .collect()
    }
}
