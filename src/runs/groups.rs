//! The items of a run in groups: failures first, grouped by error with its safe message and count, then by outcome. Pure.

use std::cmp::Reverse;

use contract::run::{Item, Outcome, RunError};

use crate::sorted::sort_by_key;

/// Which items are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// All.
    #[default]
    All,
    /// Failed.
    Failed,
    /// Skipped.
    Skipped,
    /// Succeeded.
    Succeeded,
    /// Not settled yet.
    Remaining,
}

impl Tab {
    /// In their order.
    pub const ALL: [Tab; 5] = [
        Tab::All,
        Tab::Failed,
        Tab::Skipped,
        Tab::Succeeded,
        Tab::Remaining,
    ];

    /// Whether an outcome belongs to it.
    pub fn takes(self, outcome: Outcome) -> bool {
        match self {
            Tab::All => true,
            Tab::Failed => outcome == Outcome::Failed,
            Tab::Skipped => outcome == Outcome::Skipped,
            Tab::Succeeded => outcome == Outcome::Succeeded,
            Tab::Remaining => matches!(
                outcome,
                Outcome::Pending | Outcome::Inflight | Outcome::Unknown
            ),
        }
    }
}

/// What the items of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// They failed with the same error.
    Error(RunError),
    /// They have the same outcome.
    Outcome(Outcome),
}

impl Kind {
    /// Names the group while the list changes.
    pub fn key(&self) -> String {
        match self {
            Kind::Error(error) => format!("error {} {}", error.code, error.message),
            Kind::Outcome(outcome) => outcome.as_str().to_owned(),
        }
    }

    /// Groups in which nothing is wrong are folded until they are asked for.
    pub fn starts_open(&self) -> bool {
        !matches!(self, Kind::Outcome(Outcome::Succeeded | Outcome::Pending))
    }
}

/// Items with something in common, in the run's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<'a> {
    /// What.
    pub kind: Kind,
    /// Never empty.
    pub items: Vec<&'a Item>,
}

/// Failures by error, the most frequent first; then what is being verified, what was skipped, what is under way, what is
/// done and what is still to come.
pub fn groups<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for item in items {
        let kind = match (&item.error, item.outcome) {
            (Some(error), Outcome::Failed) => Kind::Error(RunError {
                request_id: None,
                ..error.clone()
            }),
            (_, outcome) => Kind::Outcome(outcome),
        };
        match groups.iter_mut().find(|group| group.kind == kind) {
            Some(group) => group.items.push(item),
            None => groups.push(Group {
                kind,
                items: vec![item],
            }),
        }
    }
    let rank = |kind: &Kind| match kind {
        Kind::Error(_) => 0,
        Kind::Outcome(Outcome::Failed) => 1,
        Kind::Outcome(Outcome::Unknown) => 2,
        Kind::Outcome(Outcome::Skipped) => 3,
        Kind::Outcome(Outcome::Inflight) => 4,
        Kind::Outcome(Outcome::Succeeded) => 5,
        Kind::Outcome(Outcome::Pending) => 6,
    };
    sort_by_key(&mut groups, |group| {
        let items = &group.items;
        (rank(&group.kind), Reverse(items.len()), items[0].item_idx)
    });
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::ids::{ItemId, PolicyId};

    fn item(idx: u32, outcome: Outcome, code: Option<&str>) -> Item {
        Item {
            item_id: ItemId(i64::from(idx) + 1),
            item_idx: idx,
            policy_id: PolicyId(1),
            name: format!("policy {idx}"),
            family: String::new(),
            outcome,
            attempts: 1,
            begun_at: None,
            settled_at: None,
            version: None,
            changed: false,
            error: code.map(|code| RunError {
                code: code.to_owned(),
                message: format!("message of {code}"),
                retryable: false,
                // Differs from item to item and must not split the group.
                request_id: Some(idx.to_string()),
            }),
        }
    }

    #[test]
    fn failures_come_first_by_error_and_the_most_frequent_error_leads() {
        let items = [
            item(0, Outcome::Succeeded, None),
            item(1, Outcome::Failed, Some("settings_incomplete")),
            item(2, Outcome::Failed, Some("graph_forbidden")),
            item(3, Outcome::Pending, None),
            item(4, Outcome::Failed, Some("graph_forbidden")),
            item(5, Outcome::Skipped, None),
            item(6, Outcome::Inflight, None),
        ];
        let found: Vec<_> = groups(items.iter())
            .into_iter()
            .map(|group| {
                (
                    group.kind.key(),
                    group
                        .items
                        .iter()
                        .map(|item| item.item_idx)
                        .collect::<Vec<_>>(),
                )
            })
            .collect();
        let expected = [
            (
                "error graph_forbidden message of graph_forbidden",
                vec![2, 4],
            ),
            (
                "error settings_incomplete message of settings_incomplete",
                vec![1],
            ),
            ("skipped", vec![5]),
            ("inflight", vec![6]),
            ("succeeded", vec![0]),
            ("pending", vec![3]),
        ];
        assert_eq!(found, expected.map(|(key, idx)| (key.to_owned(), idx)));
    }

    #[test]
    fn every_item_is_in_all_and_in_one_other_tab() {
        let outcomes = [
            "pending",
            "inflight",
            "succeeded",
            "failed",
            "skipped",
            "unknown",
        ];
        for outcome in outcomes.map(|text| Outcome::parse(text).unwrap()) {
            assert_eq!(
                Tab::ALL.iter().filter(|tab| tab.takes(outcome)).count(),
                2,
                "{outcome:?}"
            );
        }
    }
}
