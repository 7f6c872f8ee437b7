//! A feed, and a small language for what happens to it. The tests do not know the feed's API, so the API can move.
//!
//! Events are separated by commas and happen in tenant 1, to person 3 unless said otherwise:
//!
//! | words | event |
//! |---|---|
//! | `r1 running` | a `run` frame: run 1 is running, with the next place in the history |
//! | `r1 running @7 #9 a2 by4 ended50 started10 t2` | the same with place, rev, attempt, starter, times (seconds) and tenant |
//! | `r1 failed acked`, `r1 running stalled` | a frame that leaves the status as it is |
//! | `body r1 queued @3` | a run that an answer held |
//! | `progress r1 31/120 @7 #9` | counts |
//! | `dismiss r1`, `undo r1`, `refused r1` | clicks of the person; the server takes none of them |
//! | `mark r1 dismissed@7`, `mark r1 seen@7`, `mark r1 none` | the server's marks, each later than the one before |
//! | `seen r1` | was on screen |

use std::collections::BTreeMap;

use contract::api::{Role, TenantRef};
use contract::card::{Dismissed, Mark};
use contract::frame::{MarksChanged, Progress};
use contract::ids::{EventId, PersonId, Rev, RunId, RunKey, TenantId, TenantSeq};
use contract::run::{Acknowledged, Counts, PersonRef, RUN_VERSION, Run, RunStatus};
use contract::snapshot::{FailedRun, Snapshot, TenantState, Totals};
use contract::timestamp::Timestamp;
use tenant_atlas::feed::{Event, Feed};

pub(crate) fn person(id: i64) -> PersonRef {
    PersonRef {
        id: PersonId(id),
        name: format!("person {id}"),
    }
}

pub(crate) fn tenant(id: i64) -> TenantRef {
    TenantRef {
        id: TenantId(id),
        name: format!("tenant {id}"),
        roles: vec![Role::Operator],
    }
}

pub(crate) fn key(tenant_id: i64, run_id: i64) -> RunKey {
    RunKey {
        tenant_id: TenantId(tenant_id),
        source: String::new(),
        run_type: "bulk_operation".to_owned(),
        run_id: RunId(run_id),
    }
}

/// A run of person 3 in tenant 1.
pub(crate) fn run(run_id: i64, status: &str, seq: i64) -> Run {
    let status = RunStatus::from(status);
    let at = Timestamp(seq * 1000);
    Run {
        v: RUN_VERSION,
        tenant_id: TenantId(1),
        tenant_seq: TenantSeq(seq),
        status_seq: TenantSeq(seq),
        rev: Rev(seq),
        source: String::new(),
        run_type: "bulk_operation".to_owned(),
        run_id: RunId(run_id),
        ended_at: status.is_ended().then_some(at),
        status,
        attempt: 1,
        counts: Counts::default(),
        operation: "policy.capture_all".to_owned(),
        target: String::new(),
        started_by: Some(person(3)),
        at,
        queued_at: Timestamp(run_id * 1000),
        started_at: None,
        stalled_since: None,
        waiting: None,
        acknowledged: None,
        error: None,
        seen_by: Vec::new(),
        n_seen: 0,
    }
}

/// A snapshot of the runs, with the totals that they make and `more_completed` whose rows were cut.
pub(crate) fn snapshot(runs: Vec<Run>, head: i64, more_completed: u64) -> Snapshot {
    let mut totals = Totals {
        completed: more_completed,
        ..Totals::default()
    };
    for run in &runs {
        *slot(&mut totals, &run.status) += 1;
    }
    let failed = runs
        .iter()
        .filter(|run| run.status.is_failure())
        .map(|run| FailedRun {
            run: run.key(),
            seq: run.tenant_seq,
        })
        .collect();
    Snapshot {
        id: EventId {
            epoch: "k3".to_owned(),
            position: head as u64,
        },
        server_time: Timestamp(1_000_000),
        person: person(3),
        marks_rev: 0,
        marks: Vec::new(),
        rules: Vec::new(),
        tenants: vec![TenantState {
            tenant: tenant(1),
            head: TenantSeq(head),
            totals,
        }],
        runs,
        failed,
    }
}

pub(crate) fn slot<'a>(totals: &'a mut Totals, status: &RunStatus) -> &'a mut u64 {
    match status {
        RunStatus::Queued => &mut totals.queued,
        RunStatus::Running => &mut totals.running,
        RunStatus::Completed => &mut totals.completed,
        RunStatus::Partial => &mut totals.partial,
        RunStatus::Failed => &mut totals.failed,
        RunStatus::Cancelled => &mut totals.cancelled,
        RunStatus::Other(_) => &mut totals.other,
    }
}

/// A feed after an empty snapshot, and what the words left out.
pub(crate) struct World {
    pub(crate) feed: Feed,
    heads: BTreeMap<i64, i64>,
    status_seqs: BTreeMap<RunKey, i64>,
    marks_rev: i64,
    n_changes: u64,
}

impl World {
    pub(crate) fn new() -> World {
        let mut world = World {
            feed: Feed::default(),
            heads: BTreeMap::new(),
            status_seqs: BTreeMap::new(),
            marks_rev: 0,
            n_changes: 0,
        };
        let mut empty = snapshot(Vec::new(), 0, 0);
        empty.tenants.push(TenantState {
            tenant: tenant(2),
            head: TenantSeq(0),
            totals: Totals::default(),
        });
        world.take(empty);
        world
    }

    pub(crate) fn take(&mut self, snapshot: Snapshot) {
        for state in &snapshot.tenants {
            self.heads.insert(state.tenant.id.0, state.head.0);
        }
        let snapshot = Box::new(snapshot);
        self.feed.apply(Event::Snapshot {
            snapshot,
            now_ms: 0.0,
        });
    }

    /// Does what the words say; tells whether the last event changed anything.
    #[track_caller]
    pub(crate) fn say(&mut self, events: &str) -> bool {
        let mut changed = false;
        for words in events
            .split(',')
            .map(str::trim)
            .filter(|words| !words.is_empty())
        {
            let event = self.event(words);
            changed = self.feed.apply(event);
        }
        changed
    }

    /// The cards on screen, as `r1 failed`, in their order.
    pub(crate) fn cards(&self) -> String {
        let cards: Vec<String> = self
            .feed
            .cards()
            .iter()
            .map(|card| format!("r{} {}", card.key.run_id, card.run.status))
            .collect();
        cards.join(", ")
    }

    #[track_caller]
    fn event(&mut self, words: &str) -> Event {
        let words: Vec<&str> = words.split_whitespace().collect();
        match words.as_slice() {
            ["body", rest @ ..] => Event::Body(Box::new(self.run(rest))),
            ["progress", run, counts, rest @ ..] => self.progress(run, counts, rest),
            ["dismiss", run] => {
                let key = self.key(run, &[]);
                let held = self
                    .feed
                    .run(&key)
                    .expect("a card that is dismissed is held");
                let (seq, attempt) = (held.tenant_seq, held.attempt);
                Event::Dismiss {
                    key,
                    seq,
                    attempt,
                    change: self.change(),
                }
            }
            ["undo", run] => Event::Undo {
                key: self.key(run, &[]),
                change: self.change(),
            },
            ["refused", run] => Event::DismissFailed {
                key: self.key(run, &[]),
                change: self.n_changes,
            },
            ["seen", run] => {
                let key = self.key(run, &[]);
                let seq = self
                    .feed
                    .run(&key)
                    .expect("what was seen is held")
                    .tenant_seq;
                Event::Seen { key, seq }
            }
            ["mark", run, what] => {
                let mark = self.mark(run, what);
                Event::Marks(MarksChanged {
                    marks_rev: mark.marks_rev,
                    marks: vec![mark],
                    preferences: None,
                })
            }
            rest => Event::Run(Box::new(self.run(rest))),
        }
    }

    fn change(&mut self) -> u64 {
        self.n_changes += 1;
        self.n_changes
    }

    #[track_caller]
    fn key(&self, run: &str, words: &[&str]) -> RunKey {
        let run_id = run.strip_prefix('r').and_then(|id| id.parse().ok());
        let tenant_id = number(words, "t").unwrap_or(1);
        key(tenant_id, run_id.expect("a run is r and a number"))
    }

    #[track_caller]
    fn run(&mut self, words: &[&str]) -> Run {
        let [name, status, rest @ ..] = words else {
            panic!("a run has a name and a status: {words:?}");
        };
        let key = self.key(name, rest);
        let head = self.heads.entry(key.tenant_id.0).or_default();
        let seq = number(rest, "@").unwrap_or(*head + 1);
        *head = seq.max(*head);
        let mut run = run(key.run_id.0, status, seq);
        run.tenant_id = key.tenant_id;
        run.rev = Rev(number(rest, "#").unwrap_or(seq));
        run.attempt = number(rest, "a").unwrap_or(1) as u32;
        run.started_by = Some(person(number(rest, "by").unwrap_or(3)));
        if let Some(second) = number(rest, "ended") {
            run.ended_at = Some(Timestamp(second * 1000));
        }
        if let Some(second) = number(rest, "started") {
            run.queued_at = Timestamp(second * 1000);
        }
        if rest.contains(&"stalled") {
            run.stalled_since = Some(run.at);
        }
        if rest.contains(&"acked") {
            run.acknowledged = Some(Acknowledged {
                by: person(4),
                at: run.at,
            });
        }
        if rest.contains(&"stalled") || rest.contains(&"acked") {
            run.status_seq = TenantSeq(self.status_seqs.get(&key).copied().unwrap_or(seq));
        } else {
            self.status_seqs.insert(key, seq);
        }
        run
    }

    #[track_caller]
    fn progress(&self, run: &str, counts: &str, rest: &[&str]) -> Event {
        let key = self.key(run, rest);
        let (processed, total) = counts.split_once('/').expect("counts are processed/total");
        let counts = Counts {
            total: total.parse().ok(),
            processed: processed.parse().ok(),
            ..Counts::default()
        };
        let rev = number(rest, "#").expect("progress has a rev");
        Event::Progress(Progress {
            tenant_id: key.tenant_id,
            source: String::new(),
            run_type: key.run_type,
            run_id: key.run_id,
            tenant_seq: TenantSeq(number(rest, "@").expect("progress names a place")),
            rev: Rev(rev),
            counts,
            at: Timestamp(rev * 1000),
            seen_by: Vec::new(),
            n_seen: 0,
        })
    }

    #[track_caller]
    fn mark(&mut self, run: &str, what: &str) -> Mark {
        self.marks_rev += 1;
        let seq = what
            .split_once('@')
            .and_then(|(_, seq)| seq.parse().ok())
            .map(TenantSeq);
        Mark {
            run: self.key(run, &[]),
            marks_rev: self.marks_rev,
            watching: what == "watching",
            seen_seq: seq.filter(|_| what.starts_with("seen")),
            dismissed: seq
                .filter(|_| what.starts_with("dismissed"))
                .map(|seq| Dismissed { seq, attempt: 1 }),
        }
    }
}

/// The number after a prefix: `@7`, `a2`.
fn number(words: &[&str], prefix: &str) -> Option<i64> {
    words
        .iter()
        .find_map(|word| word.strip_prefix(prefix)?.parse().ok())
}
