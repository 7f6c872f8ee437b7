//! Builds the two things that are served: the browser app by Trunk, and the server beside it.

use std::{
    collections::hash_map::DefaultHasher,
    fs::{self, File},
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{
    pack::pack,
    process::{cargo, command, output, root, run_together, step, target_dir},
    say, tools,
};

/// What the app is made of. A change in anything else does not build it again.
pub(crate) const APP_INPUTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "index.html",
    "favicon.svg",
    "package-lock.json",
    "rust-toolchain.toml",
    ".cargo",
    "languages",
    "src",
    "styles",
    "crates/contract",
];

/// The folder that Trunk writes.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// A program built by [`build_for_serving`].
pub(crate) fn serving_binary(name: &str) -> PathBuf {
    target_dir().join("serve").join(name)
}

/// Builds the app and, at the same time, the server and the stand-in with the quick profile.
pub(crate) fn build_for_serving() -> Result<()> {
    let mut server = cargo();
    server.args([
        "build",
        "--profile",
        "serve",
        "-p",
        "server",
        "-p",
        "graph-standin",
    ]);
    build_app_and(vec![("server", server)])
}

/// Builds the app, unless it is up to date, beside other commands.
pub(crate) fn build_app_and(mut others: Vec<(&'static str, Command)>) -> Result<()> {
    tools::ensure_build_tools()?;
    let _lock = only_build()?;
    let fingerprint = app_fingerprint(APP_INPUTS)?;
    let stamp = target_dir().join("xtask-app.stamp");
    let is_current = dist().join("index.html").is_file()
        && fs::read_to_string(&stamp).is_ok_and(|built| built == fingerprint);
    if is_current {
        say("The app in dist/ is up to date");
    } else {
        drop(fs::remove_file(&stamp));
        others.insert(0, ("app", trunk()?));
    }
    run_together(others)?;
    if !is_current {
        step("Packing", || pack(&dist()))?;
    }
    fs::write(&stamp, fingerprint).with_context(|| format!("failed to write {}", stamp.display()))
}

/// Waits until no other xtask builds the app: two Trunks in one folder take each other's half-made files away.
///
/// The lock ends with the returned file, or with this program.
pub(crate) fn only_build() -> Result<File> {
    let path = target_dir().join("xtask-app.lock");
    fs::create_dir_all(target_dir()).context("failed to make the target folder")?;
    let lock = File::create(&path).with_context(|| format!("failed to open {}", path.display()))?;
    if lock.try_lock().is_err() {
        say("Another build of the app is under way; waiting for its end");
        lock.lock()
            .with_context(|| format!("failed to lock {}", path.display()))?;
    }
    Ok(lock)
}

fn trunk() -> Result<Command> {
    let mut trunk = trunk_build()?;
    trunk.arg("--release");
    Ok(trunk)
}

/// `trunk build`, with the pinned tools.
pub(crate) fn trunk_build() -> Result<Command> {
    let mut trunk = command("trunk");
    trunk
        .arg("build")
        .env("PATH", tools::path()?)
        // Its JavaScript minifier does not know today's syntax, says so at each build, and leaves the file as it is.
        .env(
            "RUST_LOG",
            "error,trunk=info,trunk::processing::minify=error",
        )
        // Trunk takes the variable for a flag of its own and wants `true` or `false` in it.
        .env_remove("NO_COLOR");
    Ok(trunk)
}

/// Fails unless everything that `serve` needs has been built.
pub(crate) fn ensure_built() -> Result<()> {
    for path in [
        dist().join("index.html"),
        serving_binary("tenant-atlas-server"),
        serving_binary("graph-standin"),
    ] {
        ensure!(
            path.is_file(),
            "{} is not built: run `cargo xtask serve` without --no-build",
            path.display()
        );
    }
    Ok(())
}

/// A hash of the names and contents of all inputs: what Trunk itself does not have, so that an unchanged app would go
/// through wasm-opt each time.
pub(crate) fn app_fingerprint(inputs: &[&str]) -> Result<String> {
    let listed = output(
        command("git")
            .args([
                "ls-files",
                "--cached",
                "--others",
                "--exclude-standard",
                "--",
            ])
            .args(inputs),
        "list the sources of the app; is this a git clone?",
    )?;
    let mut hasher = DefaultHasher::new();
    tools::versions().hash(&mut hasher);
    hash_files(root(), listed.lines(), &mut hasher)?;
    Ok(format!("{:016x}", hasher.finish()))
}

fn hash_files<'a>(
    folder: &Path,
    names: impl Iterator<Item = &'a str>,
    hasher: &mut impl Hasher,
) -> Result<()> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    for name in names {
        let path = folder.join(name);
        // Listed, but deleted since the last commit.
        if !path.exists() {
            continue;
        }
        name.hash(hasher);
        fs::read(&path)
            .with_context(|| format!("failed to read {}", path.display()))?
            .hash(hasher);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{collections::hash_map::DefaultHasher, fs, hash::Hasher};

    use super::hash_files;

    fn hash(files: &[(&str, &str)]) -> u64 {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let mut hasher = DefaultHasher::new();
        hash_files(
            folder.path(),
            files.iter().map(|(name, _)| *name).chain(["deleted"]),
            &mut hasher,
        )
        .unwrap();
        hasher.finish()
    }

    #[test]
    fn only_a_change_of_a_name_or_a_content_builds_the_app_again() {
        let before = hash(&[("a", "1"), ("b", "2")]);
        assert_eq!(hash(&[("b", "2"), ("a", "1")]), before);
        assert_ne!(hash(&[("a", "1"), ("b", "3")]), before);
        assert_ne!(hash(&[("a", "1"), ("c", "2")]), before);
    }
}
