//! Builds the app with the feature `gallery` into a folder of its own: quick to build, for development and the tests. What is shipped
//! (dist/) is another build, and knows nothing of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    app::{APP_INPUTS, app_fingerprint, only_build, trunk_build},
    process::{root, run_to_end, step, target_dir},
    say, tools,
};

/// The page that Trunk is given: index.html with other words in a few places. Trunk finds what it names from where it lies.
const PAGE: &str = "gallery.html";

/// What index.html says, and what the gallery's page says in its place: the profile of the browser's tests, whose dependencies are built
/// already, and no `wasm-opt`.
const CHANGES: [(&str, &str); 3] = [
    (
        r#"data-cargo-profile="web" data-wasm-opt="z""#,
        r#"data-cargo-profile="dev" data-cargo-features="gallery" data-wasm-opt="0""#,
    ),
    (
        r#"<link data-trunk rel="css" href="styles/door.css">"#,
        r#"<link data-trunk rel="css" href="styles/door.css"><link data-trunk rel="css" href="styles/gallery.css">"#,
    ),
    (
        "<title>tenant-atlas</title>",
        "<title>Gallery · tenant-atlas</title>",
    ),
];

/// The folder of the gallery.
pub(crate) fn dist() -> PathBuf {
    root().join("dist-gallery")
}

/// Builds it, unless it is up to date.
pub(crate) fn build() -> Result<()> {
    tools::ensure_build_tools()?;
    let _lock = only_build()?;
    let inputs = [APP_INPUTS, &["tests/data/logs"]].concat();
    let fingerprint = app_fingerprint(&inputs)?;
    let stamp = target_dir().join("xtask-gallery.stamp");
    let is_current = dist().join("index.html").is_file()
        && fs::read_to_string(&stamp).is_ok_and(|built| built == fingerprint);
    if is_current {
        say("The gallery in dist-gallery/ is up to date");
        return Ok(());
    }
    let page = root().join(PAGE);
    fs::write(&page, gallery_page(root())?).context("failed to write the gallery's page")?;
    let built = step("Building the gallery", || {
        let mut trunk = trunk_build()?;
        trunk.args(["--dist", "dist-gallery", PAGE]);
        run_to_end(&mut trunk, "build the gallery")
    });
    drop(fs::remove_file(page));
    built?;
    fs::write(&stamp, fingerprint).with_context(|| format!("failed to write {}", stamp.display()))
}

fn gallery_page(root: &Path) -> Result<String> {
    let mut page =
        fs::read_to_string(root.join("index.html")).context("failed to read index.html")?;
    for (said, instead) in CHANGES {
        ensure!(page.contains(said), "index.html has to say {said}");
        page = page.replace(said, instead);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::{gallery_page, root};

    #[test]
    fn the_gallerys_page_is_the_apps_with_the_feature_and_its_sheet() {
        let page = gallery_page(root()).unwrap();
        assert!(page.contains(r#"data-cargo-features="gallery""#));
        assert!(page.contains("styles/gallery.css"));
        assert!(!page.contains("data-wasm-opt=\"z\""));
    }

    #[test]
    fn what_is_shipped_knows_nothing_of_it() {
        let page = std::fs::read_to_string(root().join("index.html")).unwrap();
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(!page.contains("gallery"));
        assert!(
            manifest.contains("\ngallery = []\n"),
            "it is no default feature"
        );
        assert!(!manifest.contains("\ndefault = "));
    }
}
