//! `cargo xtask e2e`: the whole system in a real browser, by `node --test` over `tests/e2e/`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    app::build_for_serving,
    gallery,
    process::{command, root, run_to_end},
    tools,
};

/// In the path of the specs that look at the gallery, and need nothing else.
const GALLERY: &str = "gallery";

/// What is done with pictures that are no longer those of `tests/e2e/baselines/`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pictures {
    /// They fail the test.
    Compare,
    /// They become the baselines.
    Accept,
}

/// Builds what they need and runs the specs whose path contains `filter`.
pub(crate) fn run(filter: Option<&str>, pictures: Pictures) -> Result<()> {
    if !filter.is_some_and(|filter| filter.contains(GALLERY)) {
        build_for_serving()?;
    }
    let specs = specs(&root().join("tests/e2e"), filter)?;
    if specs
        .iter()
        .any(|spec| spec.to_string_lossy().contains(GALLERY))
    {
        gallery::build()?;
    }
    run_built(filter, pictures)
}

/// Runs all specs against what has been built.
pub(crate) fn run_specs() -> Result<()> {
    run_built(None, Pictures::Compare)
}

fn run_built(filter: Option<&str>, pictures: Pictures) -> Result<()> {
    let browser = tools::ensure_browser()?;
    let specs = specs(&root().join("tests/e2e"), filter)?;
    ensure!(
        !specs.is_empty(),
        "no spec below tests/e2e/ has {:?} in its path",
        filter.unwrap_or_default()
    );
    // Node 20 has no patterns here, so the files are named. Two at a time: each has a server, a stand-in and a browser of its own, and most of
    // its time it waits.
    run_node(&specs, &browser, pictures)
}

fn run_node(specs: &[PathBuf], browser: &tools::Browser, pictures: Pictures) -> Result<()> {
    let mut node = command("node");
    node.args(["--test", "--test-concurrency=2", "--test-reporter=spec"])
        .args(specs)
        .env("TENANT_ATLAS_XTASK", this_program()?)
        .env("CHROMIUM", &browser.chromium);
    if pictures == Pictures::Accept {
        node.env("TENANT_ATLAS_ACCEPT_PICTURES", "yes");
    }
    run_to_end(
        &mut node,
        "pass the end-to-end tests; what failed is listed above",
    )
}

/// Our own file. The tests of the whole workspace link it anew, from other features of the same crates, and Linux then
/// calls the one that runs deleted; the new one has its place and does the same.
fn this_program() -> Result<PathBuf> {
    let path = std::env::current_exe().context("failed to find this program's own file")?;
    let text = path.to_string_lossy();
    Ok(text
        .strip_suffix(" (deleted)")
        .map_or_else(|| path.clone(), PathBuf::from))
}

/// All `*.spec.mjs` below a folder, in the order of their paths.
fn specs(folder: &Path, filter: Option<&str>) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("failed to read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(".spec.mjs") {
                found.push(path);
            }
        }
    }
    found.retain(|path| {
        let below = path.strip_prefix(folder).unwrap_or(path);
        filter.is_none_or(|filter| below.to_string_lossy().contains(filter))
    });
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::specs;

    #[test]
    fn specs_are_found_in_any_folder_and_chosen_by_a_part_of_their_path() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("acceptance")).unwrap();
        fs::create_dir_all(folder.path().join("fixtures")).unwrap();
        for name in [
            "acceptance/b.spec.mjs",
            "acceptance/a.spec.mjs",
            "fixtures/serve.mjs",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names = |filter| -> Vec<String> {
            let found = specs(folder.path(), filter).unwrap();
            found
                .iter()
                .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(names(None), ["a.spec.mjs", "b.spec.mjs"]);
        assert_eq!(names(Some("acceptance/b")), ["b.spec.mjs"]);
        assert!(names(Some("fixtures")).is_empty());
    }
}
