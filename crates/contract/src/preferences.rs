//! Who is told of what: a person's rules for each tenant and operation. [`crate::card::has_card`] applies them, on both sides.

use serde::{Deserialize, Serialize};

use crate::ids::TenantId;

/// The most rules of a person.
pub const MAX_RULES: usize = 200;
/// The longest operation that a rule names, in characters.
pub const MAX_OPERATION_CHARS: usize = 100;

/// Which runs are a person's cards.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Tell {
    /// Each run.
    All,
    /// Those that they started or watch, and failures.
    #[default]
    Usual,
    /// Only those that they started or watch.
    Mine,
    /// None.
    None,
}

impl Tell {
    /// Whether a run is a card. [`crate::card::has_card`] asks it of a whole [`crate::run::Run`], the store of a row.
    pub fn gives_card(self, is_mine: bool, is_failure: bool) -> bool {
        match self {
            Tell::All => true,
            Tell::Usual => is_mine || is_failure,
            Tell::Mine => is_mine,
            Tell::None => false,
        }
    }
}

/// A wish for some runs. Without a tenant it is for each, without an operation for all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rule {
    /// The runs of this tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// The runs of this operation, to the letter: 1 to [`MAX_OPERATION_CHARS`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Which of them are cards.
    pub tell: Tell,
}

/// `GET /api/me/preferences`, and the answer to [`PutPreferences`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preferences {
    /// In the order in which they were put; those of tenants that are no longer the person's are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// The person's counter of marks when the rules last changed; 0 while they never have.
    #[serde(default)]
    pub marks_rev: i64,
}

/// `PUT /api/me/preferences`: replaces the whole list. At most [`MAX_RULES`], no two for the same tenant and operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutPreferences {
    /// In any order: the most specific one wins.
    pub rules: Vec<Rule>,
}

/// What the rules say of a tenant's runs of an operation.
///
/// The most specific rule wins: the tenant and the operation, then the operation, then the tenant, then the rule that names neither.
/// Without any it is [`Tell::Usual`].
pub fn tell_of(rules: &[Rule], tenant_id: TenantId, operation: &str) -> Tell {
    let mut found: Option<(u8, Tell)> = None;
    for rule in rules {
        if rule.tenant_id.is_some_and(|tenant| tenant != tenant_id)
            || rule
                .operation
                .as_ref()
                .is_some_and(|name| name != operation)
        {
            continue;
        }
        let weight = u8::from(rule.operation.is_some()) * 2 + u8::from(rule.tenant_id.is_some());
        if found.is_none_or(|(heaviest, _)| weight > heaviest) {
            found = Some((weight, rule.tell));
        }
    }
    found.map_or(Tell::Usual, |(_, tell)| tell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(tenant_id: Option<i64>, operation: Option<&str>, tell: Tell) -> Rule {
        Rule {
            tenant_id: tenant_id.map(TenantId),
            operation: operation.map(str::to_owned),
            tell,
        }
    }

    #[test]
    fn the_most_specific_rule_wins_wherever_it_stands() {
        let mut rules = vec![
            rule(None, None, Tell::None),
            rule(Some(1), None, Tell::Mine),
            rule(None, Some("sync"), Tell::All),
            rule(Some(1), Some("sync"), Tell::Usual),
        ];
        for _turn in 0..rules.len() {
            assert_eq!(tell_of(&rules, TenantId(1), "sync"), Tell::Usual);
            assert_eq!(tell_of(&rules, TenantId(2), "sync"), Tell::All);
            assert_eq!(tell_of(&rules, TenantId(1), "other"), Tell::Mine);
            assert_eq!(tell_of(&rules, TenantId(2), "other"), Tell::None);
            rules.rotate_left(1);
        }
        assert_eq!(tell_of(&[], TenantId(1), "sync"), Tell::Usual);
    }

    #[test]
    fn a_rule_reads_as_it_is_written() {
        let text = r#"[{"tenant_id":5,"operation":"users.sync","tell":"none"},{"tell":"all"}]"#;
        let rules: Vec<Rule> = serde_json::from_str(text).unwrap();
        assert_eq!(rules[0], rule(Some(5), Some("users.sync"), Tell::None));
        assert_eq!(rules[1], rule(None, None, Tell::All));
        assert_eq!(serde_json::to_string(&rules).unwrap(), text);
    }
}
