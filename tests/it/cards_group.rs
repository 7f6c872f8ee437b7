//! Which cards are one entry: laws that hold for any cards, and the cases behind them.

use std::collections::BTreeMap;
use std::rc::Rc;

use contract::ids::{RunKey, TenantId};
use contract::run::{Run, RunStatus};
use contract::timestamp::Timestamp;
use proptest::prelude::*;
use tenant_atlas::cards::group::{Entry, FEWEST, WINDOW_MS, behind, entries};
use tenant_atlas::feed::order::{Rank, place};
use tenant_atlas::feed::{Card, Feed};

use crate::world::{person, run};

const MINUTE_MS: i64 = 60_000;

fn card(run: Run) -> Rc<Card> {
    Rc::new(Feed::default().card_of(Rc::new(run), None))
}

/// Run `id` of person 3, queued at a minute.
fn at(id: i64, status: &str, minute: i64) -> Run {
    Run {
        queued_at: Timestamp(minute * MINUTE_MS),
        tenant_id: TenantId(id % 7 + 1),
        ..run(id, status, id)
    }
}

fn in_order(runs: impl IntoIterator<Item = Run>) -> Vec<Rc<Card>> {
    let mut cards: Vec<_> = runs.into_iter().map(card).collect();
    cards.sort_by_key(|card| place(card, &Rc::new(card.key.clone())));
    cards
}

/// The entries in words: `200 (4 failed)` for a group, `card` for a card.
#[track_caller]
fn check(runs: impl IntoIterator<Item = Run>, expected: &str) {
    let words: Vec<String> = entries(&in_order(runs))
        .iter()
        .map(|entry| match entry {
            Entry::Card(_) => "card".to_owned(),
            Entry::Group(group) => format!("{} ({} failed)", group.cards.len(), group.n_failed),
        })
        .collect();
    assert_eq!(words.join(", "), expected);
}

#[test]
fn from_eight_of_a_kind_on_they_are_one() {
    check(
        (1..=7).map(|id| at(id, "running", 0)),
        &["card"; 7].join(", "),
    );
    check((1..=8).map(|id| at(id, "running", 0)), "8 (0 failed)");
    check(
        (1..=200).map(|id| at(id, if id <= 4 { "failed" } else { "running" }, 0)),
        "200 (4 failed)",
    );
}

#[test]
fn another_operation_starter_source_or_hour_is_another_kind() {
    let with = |change: fn(&mut Run)| {
        let first = (1..=8).map(|id| at(id, "running", 0));
        let second = (11..=18).map(move |id| {
            let mut run = at(id, "running", 0);
            change(&mut run);
            run
        });
        first.chain(second)
    };
    check(with(|_| {}), "16 (0 failed)");
    let two = "8 (0 failed), 8 (0 failed)";
    check(with(|run| run.operation = "policy.verify".to_owned()), two);
    check(with(|run| run.started_by = Some(person(4))), two);
    check(with(|run| run.started_by = None), two);
    check(with(|run| run.source = "portal".to_owned()), two);
    check(with(|run| run.queued_at = Timestamp(WINDOW_MS + 1)), two);
    check(
        with(|run| run.queued_at = Timestamp(WINDOW_MS)),
        "16 (0 failed)",
    );
}

#[test]
fn a_group_stands_where_its_most_urgent_card_would() {
    let nightly = (1..=8).map(|id| at(id, if id == 3 { "failed" } else { "completed" }, 0));
    let mut other = at(20, "running", 0);
    other.operation = "restore.live".to_owned();
    check(nightly.chain([other]), "8 (1 failed), card");
}

#[test]
fn what_is_behind_a_limit_is_counted_by_cards() {
    let mut runs: Vec<Run> = (1..=20)
        .map(|id| at(id, if id <= 2 { "failed" } else { "running" }, 0))
        .collect();
    let mut lone = at(30, "partial", 0);
    lone.operation = "restore.live".to_owned();
    runs.push(lone);
    let cards = in_order(runs);
    // The lone failure is the newest, so it stands first.
    assert_eq!(behind(&cards, 1), (20, 2));
    assert_eq!(behind(&cards, 2), (0, 0));
    assert_eq!(behind(&cards, 0), (21, 3));
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let one = (0..3_u8, 0..2_i64, 0..40_i64, 0..6_usize, any::<bool>());
    prop::collection::vec(one, 0..120).prop_map(|rows| {
        let statuses = [
            "queued",
            "running",
            "completed",
            "failed",
            "partial",
            "cancelled",
        ];
        let run = |(id, (operation, starter, minute, status, acked)): (
            i64,
            (u8, i64, i64, usize, bool),
        )| {
            let mut run = at(id, statuses[status], minute);
            run.operation = format!("operation {operation}");
            run.started_by = Some(person(starter + 3));
            if acked && run.status.is_failure() {
                run.acknowledged = Some(contract::run::Acknowledged {
                    by: person(4),
                    at: run.at,
                });
            }
            run
        };
        (1..).zip(rows).map(run).collect()
    })
}

type Names = Vec<Vec<RunKey>>;

/// The groups by their runs, in an order of their own.
fn groups(entries: &[Entry]) -> Names {
    let mut groups: Names = entries
        .iter()
        .filter(|entry| matches!(entry, Entry::Group(_)))
        .map(|entry| {
            let mut keys: Vec<_> = entry.cards().iter().map(|card| card.key.clone()).collect();
            keys.sort();
            keys
        })
        .collect();
    groups.sort();
    groups
}

proptest! {
    #[test]
    fn every_card_is_in_one_entry_and_the_order_of_the_feed_is_kept(runs in runs()) {
        let cards = in_order(runs);
        let places: BTreeMap<_, _> = cards.iter().enumerate().map(|(idx, card)| (card.key.clone(), idx)).collect();
        let entries = entries(&cards);
        let mut seen = vec![false; cards.len()];
        let mut first_of_last = None;
        for entry in &entries {
            let idxs: Vec<usize> = entry.cards().iter().map(|card| places[&card.key]).collect();
            prop_assert!(idxs.is_sorted(), "within an entry");
            prop_assert!(first_of_last < idxs.first().copied(), "and from one to the next");
            first_of_last = idxs.first().copied();
            for idx in idxs {
                prop_assert!(!std::mem::replace(&mut seen[idx], true), "in two entries");
            }
        }
        prop_assert!(seen.iter().all(|seen| *seen), "none is lost");
        prop_assert_eq!(behind(&cards, 0).0, cards.len());
    }

    #[test]
    fn a_group_is_of_one_kind_and_time_and_its_counts_add_up(runs in runs()) {
        let cards = in_order(runs);
        let entries = entries(&cards);
        let n_failed: usize = entries.iter().map(|entry| match entry {
            Entry::Card(card) => usize::from(Rank::of(&card.run) == Rank::Unattended),
            Entry::Group(group) => group.n_failed,
        }).sum();
        prop_assert_eq!(n_failed, cards.iter().filter(|card| Rank::of(&card.run) == Rank::Unattended).count());
        for entry in entries {
            let Entry::Group(group) = entry else { continue };
            prop_assert!(group.cards.len() >= FEWEST);
            let times: Vec<i64> = group.cards.iter().map(|card| card.run.queued_at.0).collect();
            let (first, last) = (times.iter().min(), times.iter().max());
            prop_assert!(last.zip(first).is_some_and(|(last, first)| last - first <= WINDOW_MS));
            for card in &group.cards {
                prop_assert_eq!(&card.run.operation, &group.oldest.run.operation);
                prop_assert_eq!(&card.run.started_by, &group.oldest.run.started_by);
                prop_assert!(group.takes(&card.run));
            }
            let n_of = |is: fn(&RunStatus) -> bool| Some(group.cards.iter().filter(|card| is(&card.run.status)).count() as u64);
            prop_assert_eq!(group.counts.total, Some(group.cards.len() as u64));
            prop_assert_eq!(group.counts.processed, n_of(RunStatus::is_ended));
            prop_assert_eq!(group.counts.failed, n_of(RunStatus::is_failure));
            let ended = [group.counts.succeeded, group.counts.failed, group.counts.skipped];
            prop_assert_eq!(ended.into_iter().flatten().sum::<u64>(), group.counts.processed.unwrap_or(0));
        }
    }

    #[test]
    fn what_a_run_goes_through_changes_no_grouping(runs in runs(), turns in prop::collection::vec(0..6_usize, 120)) {
        let statuses = ["queued", "running", "completed", "failed", "partial", "cancelled"];
        let before = groups(&entries(&in_order(runs.clone())));
        let later = runs.into_iter().zip(turns).map(|(mut run, turn)| {
            run.status = RunStatus::from(statuses[turn]);
            run.at = Timestamp(run.at.0 + 1);
            run.ended_at = run.status.is_ended().then_some(run.at);
            run
        });
        prop_assert_eq!(groups(&entries(&in_order(later))), before);
    }
}
