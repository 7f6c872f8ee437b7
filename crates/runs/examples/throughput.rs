//! How many runs the store starts, and claims and ends, in a second: `cargo run --release -p runs --example throughput`.
//!
//! 64 callers, each with one command under way, on a file in the system's temp folder (or the folder that is given).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use contract::api::Role;
use contract::ids::{PersonId, PolicyId, TenantId};
use contract::run::CAPTURE_POLICY;
use contract::timestamp::Timestamp;
use runs::lease::Ending;
use runs::people::NewTenant;
use runs::policies::ListedPolicy;
use runs::sqlite::SqliteStore;
use runs::start::StartRun;
use runs::store::{PeopleStore, PolicyStore, RunStore};

const CALLERS: usize = 64;
const RUNS: usize = 32_000;
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

async fn finish(
    mut callers: tokio::task::JoinSet<runs::error::Result<()>>,
) -> Result<(), Box<dyn std::error::Error>> {
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the numbers are what this is for")]
fn report(what: &str, n: usize, began: Instant) {
    let per_second = n as f64 / began.elapsed().as_secs_f64();
    println!("{per_second:>8.0} {what}/s ({n} by {CALLERS} callers)");
}
