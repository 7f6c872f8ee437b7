//! The demo tenant: a stand-in for Graph beside the server, with a secret of its own for each `serve`.

use std::{
    fmt::Write,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{app::serving_binary, process::command, serve::write_file};

/// What the stand-in prints once it answers; the address follows.
pub(super) const LISTENING: &str = "graph-standin listening on ";
/// The environment variable in which the stand-in and the server find the secret: on a command line others could read it.
pub(super) const SECRET_VARIABLE: &str = "TENANT_ATLAS_DEMO_SECRET";
/// Calls take as long as those of Graph, so that a capture can be watched.
const LATENCY_MS: &str = "150..400";

/// As in `crates/graph-standin/src/seed.rs`; a test holds the two together.
const DIRECTORY_ID: &str = "7c0a51de-3b5e-4c47-9d3a-0c6f2d8e1a01";
const CLIENT_ID: &str = "b1d6a4f2-58c9-4e0b-8a7d-2f9e4c3b5a02";

/// A secret for one life of the demo tenant.
pub(super) fn fresh_secret() -> Result<String> {
    let mut bytes = [0_u8; 24];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("failed to read random bytes for the demo tenant's secret")?;
    let mut secret = String::new();
    for byte in bytes {
        write!(secret, "{byte:02x}").expect("writing to a String does not fail");
    }
    Ok(secret)
}

/// The command that starts the stand-in.
pub(super) fn standin(secret: &str, control: bool) -> Command {
    let mut standin = command(serving_binary("graph-standin"));
    standin.args([
        "--listen",
        "127.0.0.1:0",
        "--latency-ms",
        LATENCY_MS,
        "--seed",
        "demo",
    ]);
    if control {
        standin.arg("--control");
    }
    standin.env(SECRET_VARIABLE, secret);
    standin
}

/// Writes the server's config for the demo tenant and gives its path.
pub(super) fn write_config(data: &Path, graph: &str) -> Result<PathBuf> {
    let path = data.join("demo.toml");
    write_file(&path, &config(graph))?;
    Ok(path)
}

fn config(graph: &str) -> String {
    format!(
        "# Written by `cargo xtask serve` at each start.\n\
         [[tenant]]\n\
         name = \"Contoso (demo)\"\n\
         directory_id = \"{DIRECTORY_ID}\"\n\
         client_id = \"{CLIENT_ID}\"\n\
         client_secret_env = \"{SECRET_VARIABLE}\"\n\
         login_base = \"{graph}\"\n\
         graph_base = \"{graph}\"\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{CLIENT_ID, DIRECTORY_ID, config, fresh_secret};
    use crate::process::root;

    #[test]
    fn the_config_asks_for_the_tenant_that_the_stand_in_holds() {
        let seed =
            std::fs::read_to_string(root().join("crates/graph-standin/src/seed.rs")).unwrap();
        assert!(seed.contains(&format!("DEMO_DIRECTORY_ID: &str = \"{DIRECTORY_ID}\"")));
        assert!(seed.contains(&format!("DEMO_CLIENT_ID: &str = \"{CLIENT_ID}\"")));
    }

    #[test]
    fn each_demo_tenant_has_a_secret_of_its_own() {
        let (one, other) = (fresh_secret().unwrap(), fresh_secret().unwrap());
        assert_eq!(one.len(), 48);
        assert_ne!(one, other);
    }

    #[test]
    fn the_config_names_the_variable_and_not_the_secret() {
        let config = config("http://127.0.0.1:4000");
        assert!(config.contains("client_secret_env = \"TENANT_ATLAS_DEMO_SECRET\""));
        assert!(!config.contains("client_secret ="));
        assert!(config.contains("graph_base = \"http://127.0.0.1:4000\""));
    }
}
