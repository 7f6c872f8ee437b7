//! Runs and cards as values: one for each state that a card can be in.

use std::rc::Rc;

use contract::ids::{PersonId, RunId, TenantId, TenantSeq};
use contract::run::{
    Acknowledged, CAPTURE_ALL, CAPTURE_POLICY, Counts, PersonRef, Run, RunError, RunStatus, Waiting,
};
use contract::timestamp::Timestamp;

use crate::feed::{Card, Feed};

/// When all logs begin (tests/e2e/record.mjs), and so the moment at which the gallery stands.
pub(super) const NOW: Timestamp = Timestamp(1_768_485_727_000);
/// Who reads.
pub(super) const ME: PersonId = PersonId(1);
/// Their tenant.
pub(super) const TENANT: &str = "Contoso (demo)";

const MINUTE_MS: i64 = 60_000;

/// Some minutes before now.
pub(super) fn ago(minutes: i64) -> Timestamp {
    Timestamp(NOW.0 - minutes * MINUTE_MS)
}

/// What became of the records of a run.
pub(super) fn counts(total: u64, succeeded: u64, failed: u64, skipped: u64) -> Counts {
    Counts {
        total: Some(total),
        processed: Some(succeeded + failed + skipped),
        succeeded: Some(succeeded),
        failed: Some(failed),
        skipped: Some(skipped),
    }
}

pub(super) fn person(id: i64, name: &str) -> PersonRef {
    PersonRef {
        id: PersonId(id),
        name: name.to_owned(),
    }
}

fn error(code: &str, message: &str) -> Option<RunError> {
    Some(RunError {
        code: code.to_owned(),
        message: message.to_owned(),
        retryable: false,
        request_id: None,
    })
}

/// A capture of all policies that began a quarter of an hour ago.
pub(super) fn run(run_id: i64, status: RunStatus, counts: Counts) -> Run {
    let is_ended = status.is_ended();
    let is_queued = status == RunStatus::Queued;
    Run {
        counts,
        operation: CAPTURE_ALL.to_owned(),
        started_by: Some(person(ME.0, "operator")),
        at: ago(2),
        queued_at: ago(15),
        started_at: (!is_queued).then(|| ago(14)),
        ended_at: is_ended.then(|| ago(2)),
        ..Run::bare(TenantId(9), RunId(run_id), TenantSeq(run_id), status)
    }
}

/// A card of a run; of a failure its person may say that somebody looks after it.
pub(super) fn card(run: Run) -> Card {
    let mut card = Feed::default().card_of(Rc::new(run), None);
    card.tenant_name = TENANT.into();
    card.unread = false;
    card.mine = true;
    card.may_acknowledge = true;
    card
}

fn unread(run: Run) -> Card {
    let mut card = card(run);
    card.unread = true;
    card
}

fn dismissed(run: Run) -> Card {
    let mut card = card(run);
    card.dismissed = true;
    card
}

/// Each state of a card, by its name.
pub(super) fn states() -> Vec<(&'static str, Card)> {
    let failed = |run_id| Run {
        error: error(
            "graph_forbidden",
            "Graph refused: the permission DeviceManagementConfiguration.Read.All is missing.",
        ),
        operation: CAPTURE_POLICY.to_owned(),
        target: "WIN - Directors' laptops".to_owned(),
        ..run(run_id, RunStatus::Failed, counts(1, 0, 1, 0))
    };
    vec![
        ("card-queued", card(run(1, RunStatus::Queued, Counts::default()))),
        ("card-running", card(run(2, RunStatus::Running, counts(240, 131, 0, 2)))),
        ("card-running-failures", card(run(3, RunStatus::Running, counts(240, 126, 3, 2)))),
        (
            "card-throttled",
            card(Run {
                waiting: Some(Waiting {
                    reason: "throttled".to_owned(),
                    until: Some(Timestamp(NOW.0 + 93_000)),
                }),
                ..run(4, RunStatus::Running, counts(240, 40, 0, 0))
            }),
        ),
        (
            "card-stalled",
            card(Run {
                stalled_since: Some(ago(6)),
                ..run(5, RunStatus::Running, counts(240, 88, 1, 0))
            }),
        ),
        ("card-completed", card(run(6, RunStatus::Completed, counts(62, 60, 0, 2)))),
        ("card-unread", unread(run(7, RunStatus::Completed, counts(62, 62, 0, 0)))),
        (
            "card-partial",
            unread(Run {
                error: error("some_failed", "2 policies could not be read."),
                ..run(8, RunStatus::Partial, counts(62, 58, 2, 2))
            }),
        ),
        ("card-failed", unread(failed(9))),
        ("card-failed-read", card(failed(10))),
        (
            "card-seen",
            card(Run {
                seen_by: vec![person(4, "night shift"), person(ME.0, "operator")],
                n_seen: 5,
                ..failed(11)
            }),
        ),
        (
            "card-acknowledged",
            card(Run {
                acknowledged: Some(Acknowledged {
                    by: person(4, "night shift"),
                    at: ago(1),
                }),
                seen_by: vec![person(4, "night shift")],
                n_seen: 1,
                ..failed(12)
            }),
        ),
        ("card-cancelled", card(run(13, RunStatus::Cancelled, counts(62, 20, 0, 0)))),
        (
            "card-updated",
            card(Run {
                source: "portal".to_owned(),
                run_type: "licence_audit".to_owned(),
                operation: "Licence audit".to_owned(),
                target: "312 licences".to_owned(),
                ..run(14, RunStatus::Other("waiting_for_approval".to_owned()), Counts::default())
            }),
        ),
        (
            "card-updated-long",
            card(run(17, RunStatus::Other("waiting_for_the_approval_of_the_second_administrator_on_call".to_owned()), counts(62, 3, 1, 0))),
        ),
        (
            "card-dismissed",
            dismissed(run(15, RunStatus::Completed, counts(62, 62, 0, 0))),
        ),
        (
            "card-long-words",
            card(Run {
                operation: "Synchronisation of all people and their licences with the directory of the holding".to_owned(),
                target: "people-whose-names-have-no-space-in-them-and-go-on-and-on-for-ever".to_owned(),
                source: "portal".to_owned(),
                started_by: Some(person(7, "the night schedule of the second data centre")),
                ..run(16, RunStatus::Running, counts(10_000, 9_990, 1, 0))
            }),
        ),
    ]
}

/// Twelve runs of one kind: two failed, one waits, the others are done or at it.
pub(super) fn of_one_kind(operation: &str, first: i64) -> Vec<Rc<Card>> {
    let one = |idx: i64| {
        let (status, counts) = match idx {
            0 | 1 => (RunStatus::Failed, counts(40, 12, 1, 0)),
            2..=4 => (RunStatus::Running, counts(40, 10 * idx as u64, 0, 0)),
            5 => (RunStatus::Queued, Counts::default()),
            _ => (RunStatus::Completed, counts(40, 40, 0, 0)),
        };
        let is_failed = status == RunStatus::Failed;
        let run = Run {
            operation: operation.to_owned(),
            error: is_failed
                .then(|| error("quota", "No licences are left."))
                .flatten(),
            ..run(first + idx, status, counts)
        };
        Rc::new(if is_failed { unread(run) } else { card(run) })
    };
    (0..12).map(one).collect()
}
