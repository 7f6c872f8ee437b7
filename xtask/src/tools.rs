//! Installs the pinned tools that cargo does not bring, into the user's cache folder, and says how long it takes.
//!
//! A fresh clone has no `target/`, so they live outside of it: one folder for each tool and version. Nothing here needs
//! root, except a browser for the tests where there is none.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    process::{cargo, command, find, output, root, run_to_end, step},
    say,
};

struct Tool {
    package: &'static str,
    version: &'static str,
    binary: &'static str,
}

/// Trunk 0.22 needs a newer Rust. The version of wasm-bindgen is the one of the root Cargo.toml: they only work as a pair.
const TOOLS: [Tool; 2] = [
    Tool {
        package: "wasm-bindgen-cli",
        version: "0.2.129",
        binary: "wasm-bindgen-test-runner",
    },
    Tool {
        package: "trunk",
        version: "0.21.14",
        binary: "trunk",
    },
];

const NODE_AT_LEAST: u32 = 20;

impl Tool {
    fn folder(&self) -> Result<PathBuf> {
        Ok(cache_dir()?.join(format!("{}-{}", self.package, self.version)))
    }

    fn is_installed(&self) -> Result<bool> {
        Ok(self.folder()?.join("bin").join(self.binary).is_file())
    }
}

/// The browser of the tests, and what drives it.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

/// Has everything that a build of the app needs in place. Takes well under a second when it is already.
pub(crate) fn ensure_build_tools() -> Result<()> {
    let missing = TOOLS.iter().filter_map(|tool| match tool.is_installed() {
        Ok(true) => None,
        Ok(false) => Some(Ok(tool)),
        Err(error) => Some(Err(error)),
    });
    let missing = missing.collect::<Result<Vec<_>>>()?;
    if !missing.is_empty() {
        say(
            "Tools are built once, in about 5 minutes on two cores, into the cache folder of this user",
        );
        let scratch = cache_dir()?.join("build");
        for tool in missing {
            step(
                &format!("Installing {} {}", tool.package, tool.version),
                || install(tool, &scratch),
            )?;
        }
        // Shared by the installs, of no use after them, and more than a gigabyte.
        drop(fs::remove_dir_all(scratch));
    }
    ensure_node_packages(root())
}

fn install(tool: &Tool, scratch: &Path) -> Result<()> {
    run_to_end(
        cargo()
            .args(["install", "--locked", "--root"])
            .arg(tool.folder()?)
            .arg(format!("{}@{}", tool.package, tool.version))
            .env("CARGO_TARGET_DIR", scratch)
            // A third of the time of a plain release build, and the tools work as well.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
        &format!("install {} {}", tool.package, tool.version),
    )
}

/// `npm ci` in a folder, unless what is installed there is what its lock file says.
pub(crate) fn ensure_node_packages(folder: &Path) -> Result<()> {
    let version = output(
        command("node").arg("--version"),
        "run `node`; Node 20 or later has to be installed",
    )?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= NODE_AT_LEAST),
        "Node {} is too old: version {NODE_AT_LEAST} or later is needed",
        version.trim()
    );
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("failed to read package-lock.json of {}", folder.display()))?;
    let installed = folder.join("node_modules/.tenant-atlas-lock.json");
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step("Installing the Node packages of package-lock.json", || {
        run_to_end(command("npm").arg("ci").current_dir(folder), "run `npm ci`")?;
        fs::write(&installed, &lock)
            .with_context(|| format!("failed to write {}", installed.display()))
    })
}

/// The names and versions of the pinned tools: an app built with others is another app.
pub(crate) fn versions() -> Vec<(&'static str, &'static str)> {
    TOOLS
        .iter()
        .map(|tool| (tool.package, tool.version))
        .collect()
}

/// PATH with the pinned tools before everything else.
pub(crate) fn path() -> Result<OsString> {
    let mut folders = Vec::new();
    for tool in &TOOLS {
        folders.push(tool.folder()?.join("bin"));
    }
    folders.push(root().join("node_modules/.bin"));
    folders.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    std::env::join_paths(folders)
        .context("failed to put the tools on PATH: a folder's name has a colon in it")
}

/// Finds Chromium and its driver, and installs them where that is possible without a question.
pub(crate) fn ensure_browser() -> Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
    const ADVICE: &str = "the tests need Chromium and ChromeDriver: install them (Debian: `apt-get install chromium \
                          chromium-driver`), or name them in the environment variables CHROMIUM and CHROMEDRIVER";
    ensure!(find("apt-get").is_some(), "{ADVICE}");
    let as_root: &[&str] = if is_root()? {
        &[]
    } else if Command::new("sudo")
        .args(["-n", "true"])
        .status()
        .is_ok_and(|status| status.success())
    {
        &["sudo", "-n"]
    } else {
        bail!("{ADVICE}");
    };
    step("Installing Chromium for the tests", || {
        let apt = |arguments: &[&str]| {
            let mut words = as_root
                .iter()
                .copied()
                .chain(["apt-get"])
                .chain(arguments.iter().copied());
            let mut apt = command(words.next().expect("`apt-get` at least"));
            apt.args(words).env("DEBIAN_FRONTEND", "noninteractive");
            run_to_end(
                &mut apt,
                &format!("run apt-get {}; {ADVICE}", arguments.join(" ")),
            )
        };
        apt(&["update", "-q"])?;
        apt(&[
            &["install", "-y", "-q", "--no-install-recommends"][..],
            &PACKAGES[..],
        ]
        .concat())
    })?;
    find_browser().context(ADVICE)
}

fn find_browser() -> Option<Browser> {
    let named = |variable: &str, programs: &[&str]| {
        std::env::var_os(variable)
            .map(PathBuf::from)
            .or_else(|| programs.iter().find_map(|program| find(program)))
            .filter(|path| path.is_file())
    };
    Some(Browser {
        chromium: named(
            "CHROMIUM",
            &[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
            ],
        )?,
        chromedriver: named("CHROMEDRIVER", &["chromedriver"])?,
    })
}

fn is_root() -> Result<bool> {
    Ok(output(command("id").arg("-u"), "run `id -u`")?.trim() == "0")
}

fn cache_dir() -> Result<PathBuf> {
    cache_dir_from(
        std::env::var_os("XDG_CACHE_HOME").as_deref(),
        std::env::var_os("HOME").as_deref(),
    )
}

/// The XDG rule: a relative or empty `XDG_CACHE_HOME` counts as none.
fn cache_dir_from(xdg_cache_home: Option<&OsStr>, home: Option<&OsStr>) -> Result<PathBuf> {
    let base = match xdg_cache_home
        .map(Path::new)
        .filter(|path| path.is_absolute())
    {
        Some(cache) => cache.to_path_buf(),
        None => Path::new(home.context("failed to find a folder for the tools: HOME is not set")?)
            .join(".cache"),
    };
    Ok(base.join("tenant-atlas"))
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, path::Path};

    use super::{TOOLS, cache_dir_from, root};

    #[track_caller]
    fn check(xdg_cache_home: Option<&str>, home: Option<&str>, expected: Option<&str>) {
        let found = cache_dir_from(xdg_cache_home.map(OsStr::new), home.map(OsStr::new)).ok();
        assert_eq!(found.as_deref(), expected.map(Path::new));
    }

    #[test]
    fn tools_live_in_the_cache_folder_of_the_user() {
        check(
            Some("/var/cache/me"),
            Some("/home/me"),
            Some("/var/cache/me/tenant-atlas"),
        );
        check(None, Some("/home/me"), Some("/home/me/.cache/tenant-atlas"));
        check(
            Some("relative"),
            Some("/home/me"),
            Some("/home/me/.cache/tenant-atlas"),
        );
        check(None, None, None);
    }

    #[test]
    fn the_manifests_name_the_same_versions_as_the_installs() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let trunk = std::fs::read_to_string(root().join("Trunk.toml")).unwrap();
        for tool in &TOOLS {
            assert!(
                trunk.contains(&format!("\"{}\"", tool.version)),
                "{} in Trunk.toml",
                tool.package
            );
        }
        assert!(manifest.contains(&format!("wasm-bindgen = \"={}\"", TOOLS[0].version)));
    }
}
