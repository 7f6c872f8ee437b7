//! The sizes of the built app, as a browser loads them, against their budgets.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result, bail, ensure};

const KB: usize = 1_000;

/// One line of the table.
#[derive(Debug, PartialEq, Eq)]
struct Kind {
    /// As it is called in the table.
    name: &'static str,
    extension: &'static str,
    /// What all files of the kind may have together, in bytes at brotli 11: the build fails beyond.
    budget_bytes: usize,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "WebAssembly",
        extension: "wasm",
        budget_bytes: 200 * KB,
    },
    Kind {
        name: "JavaScript",
        extension: "js",
        budget_bytes: 10 * KB,
    },
    Kind {
        name: "CSS",
        extension: "css",
        budget_bytes: 16 * KB,
    },
];

/// A name in all files of the gallery (docs/gallery.md), and in no file that is shipped.
const DEVELOPMENT: &str = "ta-gallery";

struct Measured {
    kind: &'static Kind,
    n_files: usize,
    raw_bytes: usize,
    brotli_bytes: usize,
}

/// Prints the table, and fails beyond a budget.
pub(crate) fn check(dist: &Path) -> Result<()> {
    let measured = KINDS
        .iter()
        .map(|kind| measure(dist, kind))
        .collect::<Result<Vec<_>>>()?;
    println!(
        "{:<12} {:>6} {:>10} {:>12} {:>12}",
        "what", "files", "raw", "brotli 11", "budget"
    );
    for line in &measured {
        println!(
            "{:<12} {:>6} {:>10} {:>12} {:>12}",
            line.kind.name,
            line.n_files,
            kilobytes(line.raw_bytes),
            kilobytes(line.brotli_bytes),
            kilobytes(line.kind.budget_bytes)
        );
    }
    let beyond: Vec<_> = measured.iter().filter_map(Measured::complaint).collect();
    if !beyond.is_empty() {
        bail!("{}", beyond.join("; "));
    }
    Ok(())
}

impl Measured {
    fn complaint(&self) -> Option<String> {
        if self.n_files == 0 {
            return Some(format!("there is no {} in dist/", self.kind.name));
        }
        (self.brotli_bytes > self.kind.budget_bytes).then(|| {
            format!(
                "{} has {}, which is {} beyond its budget",
                self.kind.name,
                kilobytes(self.brotli_bytes),
                kilobytes(self.brotli_bytes - self.kind.budget_bytes)
            )
        })
    }
}

fn measure(dist: &Path, kind: &'static Kind) -> Result<Measured> {
    let mut measured = Measured {
        kind,
        n_files: 0,
        raw_bytes: 0,
        brotli_bytes: 0,
    };
    for entry in fs::read_dir(dist).with_context(|| format!("failed to read {}", dist.display()))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == kind.extension)
        {
            let content =
                fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
            ensure!(
                !holds(&content, DEVELOPMENT),
                "{} holds the gallery, which is for development",
                path.display()
            );
            measured.n_files += 1;
            measured.raw_bytes += content.len();
            measured.brotli_bytes += brotli_11(&content)?.len();
        }
    }
    Ok(measured)
}

fn holds(content: &[u8], text: &str) -> bool {
    content
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// Compresses at the quality of the budgets.
pub(crate) fn brotli_11(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 64 * 1024, 11, 22);
    writer.write_all(content).context("failed to compress")?;
    writer.flush().context("failed to compress")?;
    drop(writer);
    Ok(compressed)
}

fn kilobytes(bytes: usize) -> String {
    format!("{}.{} KB", bytes / KB, bytes % KB / 100)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{KB, KINDS, Measured, brotli_11, check, kilobytes};

    fn measured(n_files: usize, brotli_bytes: usize) -> Measured {
        Measured {
            kind: &KINDS[1],
            n_files,
            raw_bytes: brotli_bytes,
            brotli_bytes,
        }
    }

    #[test]
    fn a_budget_holds_to_its_last_byte_and_fails_beyond_it() {
        assert_eq!(measured(1, 10 * KB).complaint(), None);
        assert!(
            measured(1, 10 * KB + 1)
                .complaint()
                .is_some_and(|text| text.contains("beyond its budget"))
        );
    }

    #[test]
    fn an_app_without_a_kind_of_file_is_no_small_app() {
        assert!(measured(0, 0).complaint().is_some());
        let empty = tempfile::tempdir().unwrap();
        assert!(check(empty.path()).is_err());
    }

    #[test]
    fn an_app_with_the_gallery_in_it_is_not_shipped() {
        let dist = tempfile::tempdir().unwrap();
        fs::write(dist.path().join("a.css"), ".ta-gallery { margin: 0 }").unwrap();
        let said = check(dist.path()).unwrap_err().to_string();
        assert!(said.contains("holds the gallery"), "{said}");
    }

    #[test]
    fn a_small_app_passes() {
        let dist = tempfile::tempdir().unwrap();
        for kind in &KINDS {
            fs::write(
                dist.path().join("a").with_extension(kind.extension),
                "content",
            )
            .unwrap();
        }
        check(dist.path()).unwrap();
    }

    #[test]
    fn sizes_are_in_thousands_of_bytes() {
        assert_eq!(kilobytes(44_624), "44.6 KB");
        assert!(brotli_11(&[b'a'; 10_000]).unwrap().len() < 100);
    }
}
