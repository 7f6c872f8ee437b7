//! How many runs the store starts, and claims and ends, in a second, and how many events of portals it takes: `cargo run --release -p runs --example throughput`.
//!
//! 64 callers, each with one command under way, on a file in the system's temp folder (or the folder that is given).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::api::Role;
use contract::ids::{PersonId, PolicyId, RunId, TenantId};
use contract::ingest::RunEvent;
use contract::run::{CAPTURE_POLICY, Counts, RunStatus};
use contract::timestamp::Timestamp;
use runs::ingest::NewKey;
use runs::lease::Ending;
use runs::people::NewTenant;
use runs::policies::ListedPolicy;
use runs::sqlite::SqliteStore;
use runs::start::StartRun;
use runs::store::{IngestStore, PeopleStore, PolicyStore, RunStore};

const CALLERS: usize = 64;
const RUNS: usize = 32_000;
/// Four events for each announced run, in batches.
const ANNOUNCED: usize = 64_000;
const BATCH: usize = 500;
const PORTALS: usize = 4;
const FAMILY: &str = "configurationPolicies";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(
        || std::env::temp_dir().join(format!("runs-throughput-{}", std::process::id())),
        PathBuf::from,
    );
    let store = Arc::new(SqliteStore::open(&folder, Box::new(|_| ()))?);
    let (tenant_id, person, policies) = prepare(&store).await?;

    let began = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for chunk in policies.chunks(RUNS / CALLERS) {
        let (store, chunk) = (store.clone(), chunk.to_vec());
        callers.spawn(async move {
            for policy in chunk {
                store.start(request(tenant_id, policy, person)).await?;
            }
            runs::error::Result::Ok(())
        });
    }
    finish(callers).await?;
    report("starts", RUNS, began);

    let began = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for worker in 0..CALLERS {
        let store = store.clone();
        callers.spawn(async move {
            let name = format!("worker {worker}");
            let lease = Duration::from_secs(600);
            while let Some(claim) = store.claim_next(&name, lease, u32::MAX).await? {
                store.finish(&claim.lease, Ending::ByItems).await?;
            }
            runs::error::Result::Ok(())
        });
    }
    finish(callers).await?;
    report("claims with their ends", RUNS, began);

    let key = NewKey {
        name: "portals".to_owned(),
        tenants: vec![tenant_id],
        source: None,
        token: [0; 32],
    };
    let key = store.add_key(key).await?.id;
    let began = Instant::now();
    let mut portals = tokio::task::JoinSet::new();
    for portal in 0..PORTALS {
        let store = store.clone();
        portals.spawn(async move {
            for batch in 0..ANNOUNCED / BATCH / PORTALS {
                let first = (batch * BATCH + 1) as i64;
                let events = (first..first + BATCH as i64).map(|n| announced(portal, n));
                store.ingest(key, tenant_id, events.collect()).await?;
            }
            runs::error::Result::Ok(())
        });
    }
    finish(portals).await?;
    let per_second = ANNOUNCED as f64 / began.elapsed().as_secs_f64();
    say(&format!(
        "{per_second:>8.0} announced events/s ({ANNOUNCED} in batches of {BATCH} by {PORTALS} portals)"
    ));
    drop(store);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

async fn prepare(store: &SqliteStore) -> runs::error::Result<(TenantId, PersonId, Vec<PolicyId>)> {
    let tenant = NewTenant {
        directory_id: "00000000-0000-0000-0000-000000000000".to_owned(),
        name: "Contoso".to_owned(),
    };
    let tenant_id = store.put_tenant(tenant).await?.id;
    let invited = store.invite("Operator", tenant_id, Role::Operator, [0; 32], Timestamp(0));
    let person = invited.await?.id;
    let listed = (0..RUNS).map(|i| ListedPolicy {
        graph_id: i.to_string(),
        family: FAMILY.to_owned(),
        name: format!("Policy {i}"),
        platform: String::new(),
    });
    let rows = store
        .put_listed(tenant_id, &[FAMILY], listed.collect())
        .await?;
    Ok((
        tenant_id,
        person,
        rows.into_iter().map(|row| row.id).collect(),
    ))
}

fn request(tenant_id: TenantId, policy: PolicyId, by: PersonId) -> StartRun {
    StartRun {
        tenant_id,
        operation: CAPTURE_POLICY.to_owned(),
        target: Some(policy),
        by,
        idempotency_key: None,
    }
}

/// Each run begins, makes progress and ends: four events, of which two are logged.
fn announced(portal: usize, n: i64) -> RunEvent {
    let (run_id, step) = (1 + (n - 1) / 4, (n - 1) % 4);
    RunEvent {
        source: format!("portal-{portal}"),
        run_type: "sync".to_owned(),
        run_id: RunId(run_id),
        status: RunStatus::from(if step < 3 { "running" } else { "completed" }),
        attempt: 1,
        sequence: Some(step + 1),
        at: None,
        counts: Some(Counts {
            total: Some(3),
            processed: Some(step as u64),
            ..Counts::default()
        }),
        operation: None,
        target: None,
        url: None,
        started_by: None,
        error: None,
    }
}

async fn finish(
    mut callers: tokio::task::JoinSet<runs::error::Result<()>>,
) -> Result<(), Box<dyn std::error::Error>> {
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    Ok(())
}

fn report(what: &str, n: usize, began: Instant) {
    let per_second = n as f64 / began.elapsed().as_secs_f64();
    say(&format!(
        "{per_second:>8.0} {what}/s ({n} by {CALLERS} callers)"
    ));
}

#[expect(clippy::print_stdout, reason = "the numbers are what this is for")]
fn say(line: &str) {
    println!("{line}");
}
