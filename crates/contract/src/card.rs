//! Whose card a run is, and whether its person still has it on screen. The one place that decides, for the server's rows and for the browser.

use serde::{Deserialize, Serialize};

use crate::ids::{PersonId, RunKey, TenantSeq};
use crate::preferences::{Rule, tell_of};
use crate::run::Run;

/// What one person has done about one run. `marks_rev` orders the changes of all marks of that person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mark {
    /// The run.
    pub run: RunKey,
    /// The person's counter when this mark last changed.
    pub marks_rev: i64,
    /// A start of theirs was answered with this run, so they watch it as if it was their own.
    #[serde(default)]
    pub watching: bool,
    /// The newest `tenant_seq` that they have seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_seq: Option<TenantSeq>,
    /// What was on screen when they dismissed the card; absent when it was not, or was undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismissed: Option<Dismissed>,
}

/// What was on screen when a card was dismissed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dismissed {
    /// The run's `tenant_seq`.
    pub seq: TenantSeq,
    /// The run's `attempt`.
    pub attempt: u32,
}

/// Whether `person` has a card for this run. Without rules: they started it, they watch it, or it failed.
///
/// Dismissing is another question: [`is_dismissed`].
pub fn has_card(run: &Run, person: PersonId, mark: Option<&Mark>, rules: &[Rule]) -> bool {
    let tell = tell_of(rules, run.tenant_id, &run.operation);
    tell.gives_card(is_mine(run, person, mark), run.status.is_failure())
}

/// Whether `person` started the run, or watches it.
pub fn is_mine(run: &Run, person: PersonId, mark: Option<&Mark>) -> bool {
    let started = run.started_by.as_ref();
    started.is_some_and(|starter| starter.id == person) || mark.is_some_and(|mark| mark.watching)
}

/// Whether the card stays away. A failure that came after the dismissal, or a later attempt, brings it back.
pub fn is_dismissed(run: &Run, mark: Option<&Mark>) -> bool {
    let Some(dismissed) = mark.and_then(|mark| mark.dismissed) else {
        return false;
    };
    let changed_since = run.status_seq > dismissed.seq;
    let came_back = changed_since && (run.status.is_failure() || run.attempt > dismissed.attempt);
    !came_back
}

/// Whether the person has not seen the run's latest status.
pub fn is_unread(run: &Run, mark: Option<&Mark>) -> bool {
    mark.and_then(|mark| mark.seen_seq)
        .is_none_or(|seen| seen < run.status_seq)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{RunId, TenantId};
    use crate::preferences::Tell;
    use crate::run::{PersonRef, RunStatus};

    fn run(status: RunStatus, status_seq: i64, attempt: u32) -> Run {
        Run {
            attempt,
            started_by: Some(PersonRef {
                id: PersonId(3),
                name: "operator".into(),
            }),
            ..Run::bare(TenantId(1), RunId(7), TenantSeq(status_seq), status)
        }
    }

    fn dismissed(run: &Run, seq: i64, attempt: u32) -> Mark {
        let dismissed = Some(Dismissed {
            seq: TenantSeq(seq),
            attempt,
        });
        Mark {
            run: run.key(),
            marks_rev: 1,
            watching: false,
            seen_seq: None,
            dismissed,
        }
    }

    #[test]
    fn a_run_has_a_card_for_its_starter_its_watchers_and_for_all_when_it_fails() {
        let running = run(RunStatus::Running, 2, 1);
        let mut watching = dismissed(&running, 0, 0);
        watching.watching = true;
        assert!(has_card(&running, PersonId(3), None, &[]));
        assert!(!has_card(&running, PersonId(4), None, &[]));
        assert!(has_card(&running, PersonId(4), Some(&watching), &[]));
        assert!(has_card(
            &run(RunStatus::Failed, 3, 1),
            PersonId(4),
            None,
            &[]
        ));
        assert!(has_card(
            &run(RunStatus::Partial, 3, 1),
            PersonId(4),
            None,
            &[]
        ));
        assert!(!has_card(
            &run(RunStatus::Cancelled, 3, 1),
            PersonId(4),
            None,
            &[]
        ));
    }

    #[test]
    fn a_rule_gives_more_cards_or_fewer() {
        let rule = |tell| {
            vec![Rule {
                tenant_id: None,
                operation: None,
                tell,
            }]
        };
        let cards = |person, tell| {
            [RunStatus::Running, RunStatus::Failed].map(|status| {
                let run = run(status, 2, 1);
                has_card(&run, PersonId(person), None, &rule(tell))
            })
        };
        assert_eq!(cards(3, Tell::All), [true, true]);
        assert_eq!(cards(4, Tell::All), [true, true]);
        assert_eq!(cards(3, Tell::Usual), [true, true]);
        assert_eq!(cards(4, Tell::Usual), [false, true]);
        assert_eq!(cards(3, Tell::Mine), [true, true]);
        assert_eq!(cards(4, Tell::Mine), [false, false]);
        assert_eq!(cards(3, Tell::None), [false, false]);
        let mut watching = dismissed(&run(RunStatus::Failed, 2, 1), 0, 0);
        watching.watching = true;
        let failed = run(RunStatus::Failed, 2, 1);
        assert!(has_card(
            &failed,
            PersonId(4),
            Some(&watching),
            &rule(Tell::Mine)
        ));
    }

    #[test]
    fn a_dismissed_card_comes_back_for_a_later_failure_and_for_a_later_attempt_only() {
        let mark = dismissed(&run(RunStatus::Running, 5, 1), 5, 1);
        assert!(is_dismissed(&run(RunStatus::Running, 5, 1), Some(&mark)));
        assert!(is_dismissed(&run(RunStatus::Completed, 6, 1), Some(&mark)));
        assert!(!is_dismissed(&run(RunStatus::Failed, 6, 1), Some(&mark)));
        assert!(!is_dismissed(&run(RunStatus::Running, 6, 2), Some(&mark)));
    }

    #[test]
    fn a_dismissed_failure_stays_away_when_somebody_acknowledges_it() {
        let mut failed = run(RunStatus::Failed, 6, 1);
        let mark = dismissed(&failed, 6, 1);
        failed.tenant_seq = TenantSeq(9);
        assert!(is_dismissed(&failed, Some(&mark)));
    }

    #[test]
    fn a_card_is_unread_until_its_latest_status_was_seen() {
        let failed = run(RunStatus::Failed, 6, 1);
        let mut mark = dismissed(&failed, 0, 0);
        assert!(is_unread(&failed, None));
        mark.seen_seq = Some(TenantSeq(5));
        assert!(is_unread(&failed, Some(&mark)));
        mark.seen_seq = Some(TenantSeq(6));
        assert!(!is_unread(&failed, Some(&mark)));
    }
}
