//! Whatever was answered is there after `kill -9`.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use contract::ids::{RunId, RunKey, TenantId};
use contract::run::BULK_OPERATION;
use runs::store::{PolicyStore, RunStore};

use crate::conformance::world::{FAMILY, capture, listed};
use crate::world::{manned, open};

/// Set in the child: the folder that it writes to.
const FOLDER: &str = "RUNS_TEST_DURABLE_FOLDER";
const THIS_TEST: &str = "durable::every_start_that_was_answered_survives_kill_9";
/// What the child prints before each run and tenant, to tell it from what the test runner prints.
const ANSWERED: &str = "answered ";

#[tokio::test(flavor = "multi_thread")]
async fn every_start_that_was_answered_survives_kill_9() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return start_until_killed(folder.into()).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", THIS_TEST, "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answered = Vec::new();
    while answered.len() < 200 {
        let line = lines.next().expect("it writes until it is killed").unwrap();
        answered.extend(parse(&line));
    }
    // SIGKILL, in the middle of a group.
    child.kill().unwrap();
    child.wait().unwrap();
    // What was in the pipe was answered as well.
    answered.extend(lines.map_while(Result::ok).filter_map(|line| parse(&line)));

    let store = open(folder.path());
    let head = store.head();
    let tenant = answered[0].0;
    let events = store.events_after(0, &[tenant], u32::MAX).await.unwrap();
    assert_eq!(head.position, events.len() as u64);
    for (tenant_id, run_id) in answered {
        let key = RunKey {
            tenant_id,
            source: String::new(),
            run_type: BULK_OPERATION.to_owned(),
            run_id,
        };
        let page = store.run_page(&key).await.unwrap();
        assert_eq!(
            page.timeline.len(),
            1,
            "the run and its event came together"
        );
    }
}

/// A line that was cut by the kill is no answer.
fn parse(line: &str) -> Option<(TenantId, RunId)> {
    let (_, ids) = line.split_once(ANSWERED)?;
    let (tenant, run) = ids.strip_suffix('.')?.split_once(' ')?;
    Some((tenant.parse().ok()?, run.parse().ok()?))
}

async fn start_until_killed(folder: PathBuf) {
    let store = Arc::new(open(&folder));
    let (tenant, person) = manned(&store).await;
    let policies = (0..20_000).map(|i| listed(&i.to_string())).collect();
    let policies = store.put_listed(tenant, &[FAMILY], policies).await.unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for chunk in policies.chunks(policies.len() / 16) {
        let (store, chunk) = (store.clone(), chunk.to_vec());
        callers.spawn(async move {
            for policy in chunk {
                let request = capture(tenant, Some(policy.id), person);
                let run = store.start(request).await.unwrap().run;
                let line = format!("{ANSWERED}{} {}.\n", run.tenant_id, run.run_id);
                // Once the parent is gone there is nobody to answer.
                if std::io::stdout().lock().write_all(line.as_bytes()).is_err() {
                    return;
                }
            }
        });
    }
    callers.join_all().await;
}
