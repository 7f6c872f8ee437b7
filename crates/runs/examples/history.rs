//! How long a page of the history of cards takes over 100,000 runs: `cargo run --release -p runs --example history`.
//!
//! Of three people: one for whom most runs are none of theirs, one who started each of them, and one whom a rule tells of all, none of which
//! was told when it happened. Each query in its median of 15.

use std::path::Path;
use std::time::{Duration, Instant};

use contract::api::{CardState, Role};
use contract::ids::PersonId;
use contract::preferences::{Rule, Tell};
use contract::run::RunStatus;
use contract::timestamp::Timestamp;
use runs::cards::CardQuery;
use runs::people::NewTenant;
use runs::sqlite::{FILE, SqliteStore};
use runs::store::{CardStore, PeopleStore};
use rusqlite::Connection;

const RUNS: i64 = 100_000;
const TENANTS: i64 = 40;
const ROUNDS: usize = 15;

/// Runs as years of use leave them: every fiftieth failed, ?1 started nine of ten, and the failures were cards of all.
const MANY: &str = "INSERT INTO runs (tenant_id, run_type, run_id, operation, target_id, target, status, tenant_seq, status_seq, at, queued_at, started_by, error)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
    SELECT 1 + i % ?3, 'bulk_operation', i, 'policy.capture_snapshot', i, 'Windows 11 security baseline ' || i,
        CASE WHEN i % 50 = 0 THEN 'failed' ELSE 'completed' END, i, i, 0, 0, ?1,
        CASE WHEN i % 50 = 0 THEN '{\"code\":\"graph_forbidden\",\"message\":\"Microsoft Graph refused to list the assignments.\",\"retryable\":false}' END
    FROM n";
const CARDS: &str = "INSERT INTO cards (person_id, run, tenant_id, shown)
    SELECT p.id, r.id, r.tenant_id, 1 FROM people p JOIN runs r ON r.status = 'failed' OR r.started_by = p.id";
/// Of every other failure the first person has a mark, and of each twentieth run of theirs the second.
const MARKS: &str = "INSERT INTO marks (person_id, run, tenant_id, marks_rev, seen_seq, dismissed_seq, dismissed_attempt)
    SELECT c.person_id, c.run, c.tenant_id, c.run, c.run, CASE WHEN c.run % 3 = 0 THEN c.run END, 1 FROM cards c
    WHERE c.run % CASE c.person_id WHEN 1 THEN 100 ELSE 20 END = 0";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("runs-history-{}", std::process::id()));
    let store = SqliteStore::open(&folder, Box::new(|_| ()))?;
    let mut people = Vec::new();
    for tenant in 0..TENANTS {
        let new = NewTenant {
            directory_id: tenant.to_string(),
            name: format!("Customer {tenant}"),
        };
        let tenant_id = store.put_tenant(new).await?.id;
        people.clear();
        for (n, name) in ["Looks", "Starts", "Told of all"].into_iter().enumerate() {
            let token = [u8::try_from(n)?; 32];
            let invited = store.invite(name, tenant_id, Role::Operator, token, Timestamp(0));
            people.push(invited.await?.id);
        }
    }
    fill(&folder, people[1])?;
    let all = Rule {
        tenant_id: None,
        operation: None,
        tell: Tell::All,
    };
    let began = Instant::now();
    store.put_preferences(people[2], vec![all]).await?;
    say(&format!(
        "{:>8.1?} to put the rule of one who is told of all",
        began.elapsed()
    ));

    for (who, person) in ["looks", "starts", "told"].into_iter().zip(people) {
        for (what, query) in queries() {
            measure(&store, person, &format!("{who}: {what}"), query).await?;
        }
    }
    drop(store);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

fn fill(folder: &Path, starter: PersonId) -> rusqlite::Result<()> {
    let database = Connection::open(folder.join(FILE))?;
    database.execute(MANY, (starter.0, RUNS, TENANTS))?;
    database.execute(CARDS, [])?;
    database.execute(MARKS, [])?;
    Ok(())
}

fn queries() -> Vec<(&'static str, CardQuery)> {
    let all = CardQuery {
        limit: 100,
        ..CardQuery::default()
    };
    let state = |state| CardQuery {
        state,
        ..all.clone()
    };
    let text = |text: &str| CardQuery {
        text: Some(text.to_owned()),
        ..all.clone()
    };
    vec![
        ("all", all.clone()),
        (
            "all, in the middle",
            CardQuery {
                after: Some(RUNS / 2),
                ..all.clone()
            },
        ),
        ("open", state(CardState::Open)),
        ("unread", state(CardState::Unread)),
        ("dismissed", state(CardState::Dismissed)),
        ("failed", state(CardState::Failed)),
        (
            "one status",
            CardQuery {
                status: Some(RunStatus::Completed),
                ..all.clone()
            },
        ),
        (
            "mine",
            CardQuery {
                mine: true,
                ..all.clone()
            },
        ),
        ("search, found often", text("security")),
        ("search, found once", text("baseline 77777")),
        ("search, not found", text("nothing like it")),
    ]
}

async fn measure(
    store: &SqliteStore,
    person: PersonId,
    what: &str,
    query: CardQuery,
) -> runs::error::Result<()> {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut total = 0;
    for _round in 0..ROUNDS {
        let began = Instant::now();
        total = store.notifications(person, query.clone()).await?.total;
        times.push(began.elapsed());
    }
    times.sort();
    let (median, slowest) = (times[ROUNDS / 2], times[ROUNDS - 1]);
    say(&format!(
        "{:>8.1} ms (slowest {:.1})  {what}: {total}",
        ms(median),
        ms(slowest)
    ));
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[expect(clippy::print_stdout, reason = "the numbers are what this is for")]
fn say(line: &str) {
    println!("{line}");
}
