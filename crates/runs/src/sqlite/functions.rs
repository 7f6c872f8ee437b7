//! What SQL asks the rules of the contract, so that each is written once.

use std::sync::Arc;

use contract::ids::TenantId;
use contract::preferences::{Rule, tell_of};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};

/// Makes the functions known to a connection:
///
/// - `gives_card(rules, tenant_id, operation, is_failure, is_mine)`; `rules` is JSON or null
/// - `contains_folded(needle, text, …)`: whether a text holds the needle, which is in lower case; nulls hold nothing
pub(super) fn add(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("gives_card", 5, flags, gives_card)?;
    connection.create_scalar_function("contains_folded", -1, flags, contains_folded)
}

fn gives_card(context: &mut Context<'_>) -> Result<bool> {
    let rules: Arc<Vec<Rule>> = context.get_or_create_aux(0, read_rules)?;
    let operation = context.get_raw(2).as_str().map_err(misused)?;
    let tell = tell_of(&rules, TenantId(context.get(1)?), operation);
    Ok(tell.gives_card(context.get(4)?, context.get(3)?))
}

fn read_rules(json: ValueRef<'_>) -> std::result::Result<Vec<Rule>, Failure> {
    match json.as_str_or_null()? {
        Some(text) => Ok(serde_json::from_str(text)?),
        None => Ok(Vec::new()),
    }
}

fn contains_folded(context: &mut Context<'_>) -> Result<bool> {
    let needle = context.get_raw(0).as_str().map_err(misused)?;
    for column in 1..context.len() {
        let found = match context.get_raw(column) {
            ValueRef::Text(text) => holds(text, needle),
            ValueRef::Integer(number) => number.to_string().contains(needle),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => false,
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Most texts are ASCII, and are looked through as they lie there.
fn holds(text: &[u8], needle: &str) -> bool {
    if !text.is_ascii() {
        return String::from_utf8_lossy(text)
            .to_lowercase()
            .contains(needle);
    }
    let needle = needle.as_bytes();
    let Some(first) = needle.first() else {
        return true;
    };
    text.len() >= needle.len()
        && text[..=text.len() - needle.len()]
            .iter()
            .enumerate()
            .any(|(at, byte)| {
                byte.to_ascii_lowercase() == *first
                    && text[at..at + needle.len()].eq_ignore_ascii_case(needle)
            })
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Another type than our own SQL passes.
fn misused(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::UserFunctionError(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn capitals_do_not_count_in_any_alphabet() {
        assert!(holds("Überwachung".as_bytes(), "über"));
        assert!(holds("STRASSE".as_bytes(), "ss"));
        assert!(holds(b"Policy 7", "policy 7"));
        assert!(holds(b"x", ""));
        assert!(!holds(b"", "x"));
        assert!(!holds(b"ab", "abc"));
        assert!(!holds(b"100 percent", "%"));
    }

    proptest! {
        #[test]
        fn ascii_is_looked_through_as_any_text(text in "[aAbB %_]{0,8}", needle in "[ab %_]{0,3}") {
            prop_assert_eq!(holds(text.as_bytes(), &needle), text.to_lowercase().contains(&needle));
        }
    }

    #[test]
    fn the_rules_of_a_row_are_those_of_the_contract() {
        let connection = Connection::open_in_memory().unwrap();
        add(&connection).unwrap();
        let ask = |rules: Option<&str>, tenant: i64, failure: bool, mine: bool| -> bool {
            let sql = "SELECT gives_card(?1, ?2, 'sync', ?3, ?4)";
            connection
                .query_row(sql, (rules, tenant, failure, mine), |row| row.get(0))
                .unwrap()
        };
        assert!(ask(None, 1, true, false));
        assert!(!ask(None, 1, false, false));
        let rules = r#"[{"operation":"sync","tell":"mine"},{"tenant_id":2,"operation":"sync","tell":"all"}]"#;
        assert!(!ask(Some(rules), 1, true, false));
        assert!(ask(Some(rules), 1, false, true));
        assert!(ask(Some(rules), 2, false, false));
        assert!(
            connection
                .query_row("SELECT gives_card('x', 1, '', 0, 0)", [], |_| Ok(()))
                .is_err()
        );
    }
}
