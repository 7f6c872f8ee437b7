//! Which parts each type of the contract has: those that must be there, and behind `;` those that need not.
//!
//! The compiler checks that no field is forgotten, and the test below that each type reads as `serde_json` reads it.

use std::str::FromStr;

use contract::api::{
    AcknowledgedMany, ItemRows, MarkRows, MarksPut, Me, NotificationRow, NotificationRows,
    PolicyRow, PolicyRows, Role, RunChange, RunPage, RunRows, SetupOffer, Started, TenantRef,
};
use contract::card::{Dismissed, Mark};
use contract::frame::{Bye, Hello, MarksChanged, Progress, Pulse, Reset, Seal};
use contract::ids::{EventId, ItemId, PersonId, PolicyId, Rev, RunId, RunKey, TenantId, TenantSeq};
use contract::preferences::{Preferences, Rule, Tell};
use contract::problem::Problem;
use contract::run::{
    Acknowledged, Counts, Item, Outcome, PersonRef, Run, RunError, RunStatus, Waiting,
};
use contract::snapshot::{FailedRun, Snapshot, TenantState, Totals};
use contract::timestamp::Timestamp;

use super::tree::Tree;
use super::{Fits, Read};

macro_rules! records {
    ($($record:ident { $($must:ident)* ; $($may:ident)* })*) => {$(
        impl Read for $record {
            fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
                $record {
                    $($must: Read::read(tree.part(stringify!($must), false, fits), fits),)*
                    $($may: Read::read(tree.part(stringify!($may), true, fits), fits),)*
                }
            }
        }
    )*};
}

records! {
    Run {
        v tenant_id tenant_seq status_seq rev run_type run_id status attempt at queued_at;
        source counts operation target started_by started_at ended_at stalled_since waiting acknowledged error seen_by n_seen
    }
    Counts { ; total processed succeeded failed skipped }
    PersonRef { id name; }
    RunError { code message retryable; request_id }
    Acknowledged { by at; }
    Waiting { reason; until }
    RunKey { tenant_id run_type run_id; source }
    Item {
        item_id item_idx policy_id name family outcome attempts;
        begun_at settled_at version changed error
    }
    TenantRef { id name roles; }
    Me { person tenants marks_rev build; channel }
    SetupOffer { tenants; name }
    Started { run link reused; }
    RunRows { rows; next }
    ItemRows { rev rows; next }
    RunPage { run timeline; url }
    RunChange { tenant_seq status attempt at; stalled_since }
    PolicyRow {
        id graph_id family name n_versions;
        platform captured_at changed error run gone_since
    }
    PolicyRows { rows total; next listed_at list_error }
    Mark { run marks_rev; watching seen_seq dismissed }
    Dismissed { seq attempt; }
    MarkRows { rows marks_rev; next preferences }
    MarksPut { marks_rev marks stayed; }
    AcknowledgedMany { acknowledged changed; }
    NotificationRows { rows total; next }
    NotificationRow { run; mark }
    Preferences { ; rules marks_rev }
    Rule { tell; tenant_id operation }
    Hello { protocol build server_time person marks_rev tenants; channel }
    Progress { tenant_id run_type run_id tenant_seq rev counts at; source seen_by n_seen }
    Seal { tenant_id head n_failed digest server_time; }
    MarksChanged { marks_rev marks; preferences }
    Pulse { head server_time; }
    Reset { reason; }
    Bye { retry_ms reason; }
    Snapshot { id server_time person marks_rev marks tenants runs failed; rules }
    TenantState { tenant head totals; }
    Totals { ; queued running completed partial failed cancelled other }
    FailedRun { run seq; }
    Problem { status code title; detail retry_after_ms }
}

macro_rules! numbers {
    ($($id:ident)*) => {$(
        impl Read for $id {
            fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
                $id(i64::read(tree, fits))
            }
        }
    )*};
}

numbers! { TenantId TenantSeq Rev RunId PersonId PolicyId ItemId }

macro_rules! words {
    ($($kind:ident $parse:expr, $otherwise:expr;)*) => {$(
        impl Read for $kind {
            fn read(tree: &Tree<'_>, fits: &Fits) -> Self {
                fits.or($parse(tree.text(fits)), $otherwise)
            }
        }
    )*};
}

words! {
    Timestamp Timestamp::parse, Timestamp(0);
    RunStatus |text| Some(RunStatus::from(text)), RunStatus::Queued;
    Role Role::parse, Role::Viewer;
    Outcome Outcome::parse, Outcome::Unknown;
    Tell tell, Tell::Usual;
    EventId |text| EventId::from_str(text).ok(), EventId { epoch: String::new(), position: 0 };
}

fn tell(text: &str) -> Option<Tell> {
    Some(match text {
        "all" => Tell::All,
        "usual" => Tell::Usual,
        "mine" => Tell::Mine,
        "none" => Tell::None,
        _ => return None,
    })
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;
    use crate::json::read;

    /// Reads as `serde_json` does: the text as it is, and with each of its parts left out, set to null or to something else.
    fn same<T: Read + DeserializeOwned + PartialEq + Debug>(whole: &Value) {
        let parse = |value: &Value| serde_json::from_value::<T>(value.clone()).ok();
        assert!(parse(whole).is_some(), "an example that is one: {whole}");
        assert_eq!(read::<T>(&whole.to_string()), parse(whole), "{whole}");
        let parts = whole.as_object().expect("an object");
        for name in parts.keys() {
            let mut changed = parts.clone();
            changed.remove(name);
            let changed = Value::Object(changed);
            assert_eq!(
                read::<T>(&changed.to_string()),
                parse(&changed),
                "without {name}"
            );
            let mut changed = parts.clone();
            changed.insert(name.clone(), json!({ "no": ["such", "thing"] }));
            let changed = Value::Object(changed);
            if parse(&changed).is_none() {
                assert_eq!(read::<T>(&changed.to_string()), None, "another {name}");
            }
        }
    }

    #[test]
    fn each_type_reads_as_serde_reads_it() {
        let at = "2026-01-11T15:59:06.123Z";
        let person = json!({ "id": 3, "name": "Zoë" });
        let tenant = json!({ "id": 5, "name": "Contoso", "roles": ["viewer", "admin"] });
        let key = json!({ "tenant_id": 5, "source": "portal", "run_type": "sync", "run_id": 42 });
        let error = json!({ "code": "c", "message": "m", "retryable": true, "request_id": "r" });
        let counts =
            json!({ "total": 9, "processed": 5, "succeeded": 3, "failed": 1, "skipped": 1 });
        let run = json!({
            "v": 1, "tenant_id": 5, "tenant_seq": 7, "status_seq": 6, "rev": 9, "source": "portal", "run_type": "sync",
            "run_id": 42, "status": "new one", "attempt": 2, "counts": counts, "operation": "o", "target": "t",
            "started_by": person, "at": at, "queued_at": at, "started_at": at, "ended_at": at, "stalled_since": at,
            "waiting": { "reason": "throttled", "until": at }, "acknowledged": { "by": person, "at": at }, "error": error,
            "seen_by": [person], "n_seen": 4,
        });
        let item = json!({
            "item_id": 1, "item_idx": 0, "policy_id": 2, "name": "n", "family": "f", "outcome": "skipped", "attempts": 1,
            "begun_at": at, "settled_at": at, "version": 3, "changed": true, "error": error,
        });
        let policy = json!({
            "id": 1, "graph_id": "g", "family": "f", "name": "n", "platform": "p", "n_versions": 2, "captured_at": at,
            "changed": true, "error": error, "run": key, "gone_since": at,
        });
        let mark = json!({
            "run": key, "marks_rev": 4, "watching": true, "seen_seq": 7, "dismissed": { "seq": 6, "attempt": 1 },
        });
        let rules =
            json!([{ "tenant_id": 5, "operation": "o", "tell": "none" }, { "tell": "all" }]);
        let preferences = json!({ "rules": rules, "marks_rev": 4 });
        let totals = json!({
            "queued": 1, "running": 2, "completed": 3, "partial": 4, "failed": 5, "cancelled": 6, "other": 7,
        });
        let me = json!({ "person": person, "tenants": [tenant], "marks_rev": 4, "build": "b", "channel": "c" });
        same::<Run>(&run);
        same::<Counts>(&counts);
        same::<Item>(&item);
        same::<PolicyRow>(&policy);
        same::<Mark>(&mark);
        same::<Preferences>(&preferences);
        same::<TenantRef>(&tenant);
        same::<Me>(&me);
        same::<SetupOffer>(&json!({ "name": "n", "tenants": ["a"] }));
        same::<Started>(&json!({ "run": run, "link": "/", "reused": true }));
        same::<RunRows>(&json!({ "rows": [run], "next": "n" }));
        same::<ItemRows>(&json!({ "rev": 9, "rows": [item], "next": "n" }));
        same::<RunPage>(&json!({ "run": run, "url": "/", "timeline": [
            { "tenant_seq": 7, "status": "failed", "attempt": 1, "stalled_since": at, "at": at },
        ] }));
        same::<PolicyRows>(
            &json!({ "rows": [policy], "next": "n", "total": 1, "listed_at": at, "list_error": error }),
        );
        same::<MarkRows>(
            &json!({ "rows": [mark], "next": 3, "marks_rev": 4, "preferences": preferences }),
        );
        same::<MarksPut>(&json!({ "marks_rev": 4, "marks": [mark], "stayed": [key] }));
        same::<AcknowledgedMany>(&json!({ "acknowledged": 3, "changed": 1 }));
        same::<NotificationRows>(
            &json!({ "rows": [{ "run": run, "mark": mark }], "next": "n", "total": 1 }),
        );
        same::<Hello>(&json!({
            "protocol": 1, "build": "b", "server_time": at, "person": person, "marks_rev": 4, "tenants": [tenant],
            "channel": "c",
        }));
        same::<Progress>(&json!({
            "tenant_id": 5, "source": "portal", "run_type": "sync", "run_id": 42, "tenant_seq": 7, "rev": 9,
            "counts": counts, "at": at, "seen_by": [person], "n_seen": 1,
        }));
        same::<Seal>(
            &json!({ "tenant_id": 5, "head": 7, "n_failed": 2, "digest": "0f", "server_time": at }),
        );
        same::<MarksChanged>(
            &json!({ "marks_rev": 4, "marks": [mark], "preferences": preferences }),
        );
        same::<Pulse>(&json!({ "head": "k3f9-812", "server_time": at }));
        same::<Reset>(&json!({ "reason": "ahead" }));
        same::<Bye>(&json!({ "retry_ms": 1, "reason": "shutdown" }));
        same::<Snapshot>(&json!({
            "id": "k3f9-812", "server_time": at, "person": person, "marks_rev": 4, "marks": [mark], "rules": rules,
            "tenants": [{ "tenant": tenant, "head": 7, "totals": totals }], "runs": [run],
            "failed": [{ "run": key, "seq": 7 }],
        }));
        same::<Totals>(&totals);
        same::<Problem>(
            &json!({ "status": 409, "code": "c", "title": "t", "detail": "d", "retry_after_ms": 5 }),
        );
    }
}
