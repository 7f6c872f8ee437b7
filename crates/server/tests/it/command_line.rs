//! The program itself: what it prints, and how it refuses to start.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use graph_standin::Seed;

use crate::place::Place;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenant-atlas-server"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program runs")
}

/// Ends the process when a test fails in the middle.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[track_caller]
fn refuses(arguments: &[&str], expected: &[&str]) {
    let output = run(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    for part in expected {
        assert!(said.contains(part), "{said:?} lacks {part:?}");
    }
}

#[tokio::test]
async fn a_wrong_start_says_what_to_do_and_ends() {
    let place = Place::small().await;
    let folder = place.folder.path().join("another");
    let data = folder.to_str().expect("a UTF-8 path");
    let taken = place.server().address().to_string();
    refuses(
        &["serve", "--data", data, "--listen", &taken],
        &[&taken, "in use by another program", "--listen"],
    );
    for wrong in ["127.0.0.1", "127.0.0.1:99999", "no such host:80"] {
        refuses(
            &["serve", "--data", data, "--listen", wrong],
            &[wrong, "no address to listen on"],
        );
    }
    let in_use = place.data();
    let in_use = in_use.to_str().expect("a UTF-8 path");
    let pid = std::process::id().to_string();
    refuses(
        &["serve", "--data", in_use, "--listen", "127.0.0.1:0"],
        &["in use by another server", &pid, "--data"],
    );
    let file = place.folder.path().join("secret");
    let below_a_file = file.join("data");
    refuses(
        &[
            "serve",
            "--data",
            below_a_file.to_str().expect("a UTF-8 path"),
            "--listen",
            "127.0.0.1:0",
        ],
        &["cannot write to the data folder", "--data"],
    );
    let config = place.folder.path().join("wrong.toml");
    std::fs::write(&config, "[[tenant]]\nname = \"x\"\ncolour = 5\n").unwrap();
    let config = config.to_str().expect("a UTF-8 path");
    refuses(
        &[
            "serve",
            "--data",
            data,
            "--listen",
            "127.0.0.1:0",
            "--config",
            config,
        ],
        &[config, "line 3", "`colour`"],
    );
    let missing = folder.join("config.toml");
    refuses(
        &[
            "serve",
            "--data",
            data,
            "--config",
            missing.to_str().expect("a UTF-8 path"),
        ],
        &["cannot read the config file", "--config"],
    );
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join(runs::sqlite::FILE),
        "this is no database, but a text that somebody put here",
    )
    .unwrap();
    refuses(
        &["serve", "--data", data, "--listen", "127.0.0.1:0"],
        &[runs::sqlite::FILE],
    );
    assert_eq!(place.visitor().get("/healthz").await.status, 200);
}

#[tokio::test]
async fn the_program_says_when_it_is_ready_and_how_to_set_it_up() {
    let place = Place::stopped(Seed::Small).await;
    let config = place.folder.path().join("config.toml");
    std::fs::write(&config, place.tenants.concat()).unwrap();
    let (data, config) = (
        place.data(),
        config.to_str().expect("a UTF-8 path").to_owned(),
    );
    let data = data.to_str().expect("a UTF-8 path").to_owned();
    let mut server = Running(
        program(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data",
            &data,
            "--config",
            &config,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs"),
    );
    let mut lines = BufReader::new(server.0.stdout.take().expect("a pipe")).lines();
    let mut line = || lines.next().expect("a line").expect("UTF-8");
    let ready = line();
    let base = ready
        .strip_prefix("tenant-atlas is ready: ")
        .expect("it says so")
        .to_owned();
    assert!(
        base.starts_with("http://127.0.0.1:") && base.ends_with('/'),
        "{base}"
    );
    let link = line();
    let token = link
        .strip_prefix(&format!("Open this link once to set up: {base}setup#"))
        .expect("a link to itself");
    assert_eq!(token.len(), 43);

    // Beside the server that has the folder.
    let tenants = run(&["tenant", "list", "--data", &data]);
    let id = graph_standin::seed::DEMO_DIRECTORY_ID;
    assert_eq!(
        String::from_utf8_lossy(&tenants.stdout),
        format!("1\t{id}\tContoso\n")
    );
    let added = run(&[
        "user",
        "add",
        "bob",
        "--tenant",
        "1",
        "--role",
        "operator",
        "--data",
        &data,
        "--url",
        "https://atlas.example/",
    ]);
    let said = String::from_utf8_lossy(&added.stdout).into_owned();
    assert!(
        said.starts_with(
            "bob sets a password once, within 24 hours, at: https://atlas.example/setup#"
        ),
        "{said}"
    );
    let token = said.trim_end().rsplit_once('#').expect("a token").1;
    let browser = crate::browser::Browser::new(base.trim_end_matches('/'));
    let offer = browser
        .post("/api/setup/check", &serde_json::json!({"token": token}))
        .await;
    assert_eq!(
        offer.json::<serde_json::Value>(),
        serde_json::json!({"name": "bob", "tenants": ["Contoso"]})
    );
    refuses(
        &[
            "user", "add", "eve", "--tenant", "9", "--role", "viewer", "--data", &data,
        ],
        &["no tenant 9", "tenant list"],
    );
    refuses(
        &["user", "reset", "nobody", "--data", &data],
        &["nobody has the name nobody"],
    );
    refuses(
        &["user", "reset", "bob", "--data", "/nowhere"],
        &["no data folder /nowhere", "--data"],
    );
    let reset = run(&["user", "reset", "bob", "--data", &data]);
    assert!(String::from_utf8_lossy(&reset.stdout).contains("http://127.0.0.1:8080/setup#"));

    let before = std::time::Instant::now();
    let asked = Command::new("kill")
        .arg(server.0.id().to_string())
        .status()
        .expect("kill runs");
    assert!(asked.success());
    assert!(server.0.wait().expect("it ends").success());
    assert!(before.elapsed() < std::time::Duration::from_secs(3));
    let mut log = String::new();
    std::io::Read::read_to_string(server.0.stderr.as_mut().expect("a pipe"), &mut log).unwrap();
    assert!(!log.contains(token) && !log.contains("p~Q8"), "{log}");
}

#[test]
fn the_document_is_printed() {
    let output = run(&["openapi"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        server::openapi::text()
    );
}
