//! `cargo xtask build`: everything that is shipped, into `dist/`.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};

use crate::{
    app::{build_app_and, dist},
    process::{cargo, step, target_dir},
    say, sizes,
};

/// What is worth a compressed copy beside it; the server takes the copy when the browser can read it. No HTML: the
/// server writes the build's id into it.
const COMPRESSED: [&str; 4] = ["css", "js", "svg", "wasm"];

pub(crate) fn run() -> Result<()> {
    let mut server = cargo();
    server.args(["build", "--release", "-p", "server"]);
    build_app_and(vec![("server", server)])?;
    step("Compressing", || compress_all(&dist()))?;

    let bin = dist().join("bin");
    let built = target_dir().join("release/tenant-atlas-server");
    fs::create_dir_all(&bin).with_context(|| format!("failed to make {}", bin.display()))?;
    fs::copy(&built, bin.join("tenant-atlas-server"))
        .with_context(|| format!("failed to copy {}", built.display()))?;

    sizes::check(&dist())?;
    say(
        "Built into dist/; start it with `dist/bin/tenant-atlas-server serve --app dist --data DIR`",
    );
    Ok(())
}

/// Writes `.br` and `.gz` beside each file of the app.
fn compress_all(dist: &Path) -> Result<()> {
    for entry in fs::read_dir(dist).with_context(|| format!("failed to read {}", dist.display()))? {
        let path = entry?.path();
        let extension = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default()
            .to_owned();
        if !COMPRESSED.contains(&extension.as_str()) {
            continue;
        }
        let content =
            fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
        for (suffix, compressed) in [
            ("br", sizes::brotli_11(&content)?),
            ("gz", gzip_9(&content)?),
        ] {
            let copy = path.with_extension(format!("{extension}.{suffix}"));
            fs::write(&copy, compressed)
                .with_context(|| format!("failed to write {}", copy.display()))?;
        }
    }
    Ok(())
}

fn gzip_9(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).context("failed to compress")?;
    encoder.finish().context("failed to compress")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::compress_all;

    #[test]
    fn each_file_of_the_app_gets_two_compressed_copies_and_copies_get_none() {
        let dist = tempfile::tempdir().unwrap();
        fs::write(dist.path().join("a-1.js"), "content").unwrap();
        fs::write(dist.path().join("a.png"), "content").unwrap();
        compress_all(dist.path()).unwrap();
        compress_all(dist.path()).unwrap();
        let mut names: Vec<_> = fs::read_dir(dist.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["a-1.js", "a-1.js.br", "a-1.js.gz", "a.png"]);
    }
}
