//! JSON text → value, for the bodies and frames of [`contract`], and value → text for what is sent ([`write`]). Called by
//! [`api`](crate::api) and [`stream`](crate::stream).
//!
//! The text becomes a [`Tree`], and a type takes its fields from it ([`records`]). Code that `serde` derives for reading is a
//! tenth of the app: each type would get a loop over its keys, and a way out with all that it had read at each of them.

mod records;
mod tree;
mod write;

use std::cell::Cell;

use self::tree::Tree;
pub use self::write::Write;

/// Reads a whole text; `None` if it is no JSON, or not of the type. Where and why nobody here asks.
pub fn read<T: Read>(text: &str) -> Option<T> {
    let tree = Tree::of(text)?;
    let fits = Fits(Cell::new(true));
    let value = T::read(&tree, &fits);
    fits.0.get().then_some(value)
}

/// Writes a whole text.
pub fn write(value: &dyn Write) -> String {
    let mut out = String::new();
    value.write(&mut out);
    out
}

/// Can be read from JSON.
pub trait Read: Sized {
    /// The value. Where the tree does not fit it says so, and the value means nothing: so a type has one way out.
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self;
}

/// Whether everything so far was as the types say.
#[derive(Debug)]
pub struct Fits(Cell<bool>);

impl Fits {
    /// Gives what is there, or notes that it is missing.
    fn or<T>(&self, value: Option<T>, otherwise: T) -> T {
        value.unwrap_or_else(|| {
            self.0.set(false);
            otherwise
        })
    }
}

impl<T: Read> Read for Option<T> {
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
        (!matches!(tree, Tree::Null | Tree::Missing)).then(|| T::read(tree, fits))
    }
}

impl<T: Read> Read for Box<T> {
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
        Box::new(T::read(tree, fits))
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
        let parts: &[Tree<'_>] = match tree {
            Tree::List(parts) => parts,
            Tree::Missing => &[],
            _ => fits.or(None, &[]),
        };
        parts.iter().map(|part| T::read(part, fits)).collect()
    }
}

impl Read for String {
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
        tree.text(fits).to_owned()
    }
}

impl Read for bool {
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
        match tree {
            Tree::Bool(value) => *value,
            Tree::Missing => false,
            _ => fits.or(None, false),
        }
    }
}

impl Read for i64 {
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
        fits.or(tree.number().parse().ok(), 0)
    }
}

impl Read for u64 {
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
        fits.or(tree.number().parse().ok(), 0)
    }
}

impl Read for u32 {
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
        fits.or(u64::read(tree, fits).try_into().ok(), 0)
    }
}

impl Read for u16 {
    fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
        fits.or(u64::read(tree, fits).try_into().ok(), 0)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use contract::api::{MarkRows, Role, TenantRef};
    use contract::ids::TenantId;
    use contract::run::{Counts, Run};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// A value of any kind, as an unknown field could hold it.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..5)
                    .prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    const RUN: &str = r#"{"v":1,"tenant_id":1,"tenant_seq":7,"status_seq":6,"rev":9,"run_type":"bulk_operation","run_id":42,
        "status":"running","attempt":1,"counts":{"total":240,"failed":null},"operation":"policy.capture_all",
        "target":"\u00e9\ud83d\ude00 \"a\\b\"\n","started_by":{"id":3,"name":"Zoë"},"at":"2026-01-11T15:59:06.123Z",
        "queued_at":"2026-01-11T15:59:00Z","error":null}"#;

    #[test]
    fn a_run_reads_as_serde_json_reads_it() {
        let run: Option<Run> = read(RUN);
        assert!(run.is_some());
        assert_eq!(run, serde_json::from_str(RUN).ok());
    }

    #[test]
    fn roles_and_lists_read_and_an_unknown_role_does_not() {
        let tenant: Option<TenantRef> =
            read(r#" {"id":1,"name":"A","roles":["viewer" , "admin"]} "#);
        assert_eq!(
            tenant.map(|tenant| (tenant.id, tenant.roles)),
            Some((TenantId(1), vec![Role::Viewer, Role::Admin]))
        );
        assert_eq!(
            read::<TenantRef>(r#"{"id":1,"name":"A","roles":["owner"]}"#),
            None
        );
        assert!(read::<MarkRows>(r#"{"rows":[],"next":null,"marks_rev":-1}"#).is_some());
    }

    #[test]
    fn what_is_no_json_or_not_of_the_type_does_not_read() {
        for text in [
            "",
            "{",
            "}",
            "[]",
            "null",
            "{}x",
            r#"{"total":}"#,
            r#"{"total":1,}"#,
            r#"{,}"#,
            r#"{"total":1 "failed":2}"#,
            r#"{"total":-1}"#,
            r#"{"total":1.5}"#,
            r#"{"total":1e3}"#,
            r#"{"total":01}"#,
            r#"{"total":"1"}"#,
            r#"{total:1}"#,
            r#"{"total":99999999999999999999}"#,
            r#"{"new":[1,{"a":}]}"#,
            r#"{"new":tru}"#,
            r#"{"new":1.}"#,
            r#"{"new":"\x"}"#,
            r#"{"new":"\ud800"}"#,
            r#"{"new":"\u12é"}"#,
            "{\"new\":\"\n\"}",
            r#"{"new":"#,
        ] {
            assert_eq!(read::<Counts>(text), None, "{text}");
        }
    }

    #[test]
    fn a_field_that_is_nested_without_end_does_not_end_the_app() {
        let text = format!(r#"{{"new":{}"#, "[".repeat(100_000));
        assert_eq!(read::<Counts>(&text), None);
    }

    proptest! {
        #[test]
        fn every_text_and_number_reads_back(text: String, number: i64, count: u64) {
            let json = |value: Value| value.to_string();
            prop_assert_eq!(read::<String>(&json(text.clone().into())), Some(text));
            prop_assert_eq!(read::<i64>(&json(number.into())), Some(number));
            prop_assert_eq!(read::<u64>(&json(count.into())), Some(count));
        }

        #[test]
        fn unknown_fields_of_any_kind_are_passed(value in any_json(), pretty: bool) {
            let body = serde_json::json!({ "a": value, "total": 5, "z": value });
            let text = if pretty { format!("{body:#}") } else { body.to_string() };
            let counts = Counts { total: Some(5), ..Counts::default() };
            prop_assert_eq!(read::<Counts>(&text), Some(counts));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text: String, at in 0..RUN.len(), byte in 0_u8..128) {
            let _ = read::<Counts>(&text);
            // A run with one byte changed or cut off reads as serde_json reads it.
            let mut changed = RUN.as_bytes().to_vec();
            changed[at] = byte;
            if let Ok(changed) = String::from_utf8(changed) {
                prop_assert_eq!(read::<Run>(&changed), serde_json::from_str(&changed).ok());
            }
            prop_assert_eq!(RUN.get(..at).and_then(read::<Run>), None);
        }
    }
}
