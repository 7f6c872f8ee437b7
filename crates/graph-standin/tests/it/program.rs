//! The stand-in as a program.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use graph_standin::seed;

use crate::client::{answered, plain, sign_in};

const SECRET: &str = "TENANT_ATLAS_DEMO_SECRET";

/// Ends the program with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _was_running = self.0.kill();
        let _status = self.0.wait();
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graph-standin"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn it_says_where_it_listens_in_one_line_and_takes_the_secret_from_the_environment() {
    let mut command = program(&[
        "--listen",
        "127.0.0.1:0",
        "--seed",
        "demo",
        "--latency-ms",
        "1..2",
    ]);
    let mut program = Program(
        command
            .env(SECRET, "a~secret+of.the_test")
            .spawn()
            .expect("the program"),
    );
    let mut lines = BufReader::new(program.0.stdout.take().expect("a pipe")).lines();
    let line = lines.next().expect("a line").expect("text");
    let base = line
        .strip_prefix("graph-standin listening on ")
        .expect("the promised words");
    let (status, answer) =
        answered(sign_in(&plain(), base, seed::DEMO_CLIENT_ID, "a~secret+of.the_test").await).await;
    assert_eq!(status, 200);
    let token = answer["access_token"].as_str().expect("a token");
    let list = format!("{base}/beta/deviceManagement/deviceConfigurations?$top=100");
    let (status, list) = answered(
        plain()
            .get(list)
            .bearer_auth(token)
            .send()
            .await
            .expect("an answer"),
    )
    .await;
    assert_eq!(
        (status, list["value"].as_array().map(Vec::len)),
        (200, Some(26))
    );
    let control = plain()
        .get(format!("{base}/_control/journal"))
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(control.status(), 404, "off unless asked for");
    program.0.kill().expect("it runs");
    assert!(lines.next().is_none(), "one line and no more");
}

#[test]
fn it_says_what_is_missing_or_wrong_and_does_not_start() {
    let check = |command: &mut Command, expected: &str| {
        let output = command.output().expect("the program");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success());
        assert!(stderr.contains(expected), "{stderr}");
        assert_eq!(output.stdout, b"");
    };
    check(program(&[]).env_remove(SECRET), SECRET);
    check(program(&[]).env(SECRET, " "), SECRET);
    check(
        program(&["--listen", "0.0.0.0:0"]).env(SECRET, "s"),
        "an address of this machine",
    );
    check(
        program(&["--latency-ms", "400..150"]).env(SECRET, "s"),
        "150..400",
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    check(
        program(&["--listen", &address]).env(SECRET, "s"),
        "is the port in use?",
    );
}
