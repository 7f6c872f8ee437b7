//! Value → JSON text, for the bodies that the app sends. Each says which parts it has: those that are always written, and behind `;`
//! those that are left out while they are empty.
//!
//! The compiler checks that no field is forgotten, and the tests below that each body is written as `serde_json` writes it.

use contract::api::{
    Acknowledge, AcknowledgeMany, FailureOnScreen, PutMarks, RunSeq, Setup, SetupCheck, SignIn,
    StartRun,
};
use contract::ids::{PolicyId, RunId, RunKey, TenantId, TenantSeq};
use contract::preferences::{PutPreferences, Rule, Tell};

/// Can be written as JSON.
pub trait Write {
    /// Appends it.
    fn write(&self, out: &mut String);

    /// There is nothing to write, where a part may be left out.
    fn is_empty(&self) -> bool {
        false
    }
}

/// What stands between two parts: nothing in front of the first.
fn next(out: &mut String, open: u8) {
    if out.as_bytes().last() != Some(&open) {
        out.push(',');
    }
}

fn part(out: &mut String, name: &str, value: &dyn Write) {
    next(out, b'{');
    text(out, name);
    out.push(':');
    value.write(out);
}

fn part_if_any(out: &mut String, name: &str, value: &dyn Write) {
    if !value.is_empty() {
        part(out, name, value);
    }
}

fn text(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        if char < ' ' {
            out.push_str("\\u00");
            out.push(if char < '\u{10}' { '0' } else { '1' });
            out.extend(char::from_digit(u32::from(char) & 15, 16));
        } else {
            if matches!(char, '"' | '\\') {
                out.push('\\');
            }
            out.push(char);
        }
    }
    out.push('"');
}

impl Write for String {
    fn write(&self, out: &mut String) {
        text(out, self);
    }

    fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

impl Write for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }

    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, out: &mut String) {
        out.push('[');
        for value in self {
            next(out, b'[');
            value.write(out);
        }
        out.push(']');
    }
}

impl Write for Tell {
    fn write(&self, out: &mut String) {
        text(
            out,
            match self {
                Tell::All => "all",
                Tell::Usual => "usual",
                Tell::Mine => "mine",
                Tell::None => "none",
            },
        );
    }
}

macro_rules! numbers {
    ($($id:ident)*) => {$(
        impl Write for $id {
            fn write(&self, out: &mut String) {
                out.push_str(&self.0.to_string());
            }
        }
    )*};
}

numbers! { TenantId TenantSeq RunId PolicyId }

macro_rules! records {
    ($($record:ident { $($must:ident)* ; $($may:ident)* })*) => {$(
        impl Write for $record {
            fn write(&self, out: &mut String) {
                let $record { $($must,)* $($may,)* } = self;
                out.push('{');
                $(part(out, stringify!($must), $must);)*
                $(part_if_any(out, stringify!($may), $may);)*
                out.push('}');
            }
        }
    )*};
}

records! {
    SignIn { name password; }
    SetupCheck { token; }
    Setup { token name password; }
    StartRun { operation; target }
    PutMarks { seen dismissed restored; }
    RunSeq { run seq; }
    RunKey { tenant_id run_type run_id; source }
    Acknowledge { tenant_seq acknowledged; }
    AcknowledgeMany { runs; }
    FailureOnScreen { run_type run_id tenant_seq; source }
    PutPreferences { rules; }
    Rule { tell; tenant_id operation }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;
    use serde::Serialize;
    use serde_json::Value;

    use super::*;

    /// The same value as `serde_json` writes, whatever the order of its parts.
    fn same(value: &(impl Write + Serialize)) {
        let mut out = String::new();
        value.write(&mut out);
        let written: Option<Value> = serde_json::from_str(&out).ok();
        assert_eq!(written, serde_json::to_value(value).ok(), "{out}");
    }

    fn key(source: &str) -> RunKey {
        RunKey {
            tenant_id: TenantId(5),
            source: source.into(),
            run_type: "sync".into(),
            run_id: RunId(i64::MAX),
        }
    }

    fn seq(source: &str) -> RunSeq {
        RunSeq {
            run: key(source),
            seq: TenantSeq(7),
        }
    }

    #[test]
    fn what_is_sent_at_the_door_is_written_as_serde_writes_it() {
        let (token, name, password) = ("t{".to_owned(), "Zoë".to_owned(), "\"[,\\".to_owned());
        same(&SignIn {
            name: name.clone(),
            password: password.clone(),
        });
        same(&SetupCheck {
            token: token.clone(),
        });
        same(&Setup {
            token,
            name,
            password,
        });
    }

    #[test]
    fn a_start_is_written_as_serde_writes_it_with_and_without_a_target() {
        for target in [None, Some(PolicyId(-3))] {
            let operation = "policy.capture".into();
            same(&StartRun { operation, target });
        }
    }

    #[test]
    fn marks_are_written_as_serde_writes_them() {
        same(&PutMarks::default());
        same(&PutMarks {
            seen: vec![seq(""), seq("portal")],
            dismissed: vec![seq("portal")],
            restored: vec![key("portal"), key(""), key("")],
        });
    }

    #[test]
    fn acknowledgements_are_written_as_serde_writes_them() {
        for acknowledged in [true, false] {
            let tenant_seq = TenantSeq(7);
            same(&Acknowledge {
                tenant_seq,
                acknowledged,
            });
        }
        let failure = |source: &str| FailureOnScreen {
            source: source.into(),
            run_type: "sync".into(),
            run_id: RunId(1),
            tenant_seq: TenantSeq(0),
        };
        same(&AcknowledgeMany::default());
        same(&AcknowledgeMany {
            runs: vec![failure(""), failure("portal")],
        });
    }

    #[test]
    fn rules_are_written_as_serde_writes_them() {
        let mut rules = Vec::new();
        for tell in [Tell::All, Tell::Usual, Tell::Mine, Tell::None] {
            for tenant_id in [None, Some(TenantId(5))] {
                for operation in [None, Some(String::new()), Some("users.sync".to_owned())] {
                    rules.push(Rule {
                        tenant_id,
                        operation,
                        tell,
                    });
                }
            }
        }
        same(&PutPreferences::default());
        same(&PutPreferences { rules });
    }

    #[test]
    fn each_byte_below_a_space_is_escaped() {
        same(&('\0'..='\u{9f}').collect::<String>());
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_serde_writes_it(value: String) {
            same(&value);
        }
    }
}
