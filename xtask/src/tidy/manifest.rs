//! The root manifest: the app depends on nothing of the server.

use super::{Finding, Source};

const SERVER_CRATES: [&str; 4] = ["graph", "graph-standin", "runs", "server"];

pub(super) fn check(source: &Source<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_of_the_app = false;
    for (number, line) in source.lines() {
        if line.starts_with('[') {
            // `[workspace.dependencies]` is for the other packages.
            is_of_the_app = line.contains("dependencies") && !line.starts_with("[workspace");
            continue;
        }
        let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
        if is_of_the_app && SERVER_CRATES.contains(&name) {
            findings.push(Finding::new(
                number,
                format!("the app depends on `{name}`: it knows the wire alone"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::findings;

    #[test]
    fn the_app_depends_on_no_server_crate() {
        let manifest = "[workspace.dependencies]\nruns = { path = \"crates/runs\" }\n[dependencies]\ncontract.workspace = true\n";
        assert!(findings("Cargo.toml", manifest).is_empty());
        let worse = format!("{manifest}runs.workspace = true\n");
        assert_eq!(findings("Cargo.toml", &worse).len(), 1);
    }
}
