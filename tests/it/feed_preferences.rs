//! Which runs are cards: the person's rules as they come with snapshot, frames and answers, and who saw a failure.

use contract::api::MarkRows;
use contract::frame::{MarksChanged, Progress};
use contract::ids::{Rev, TenantId};
use contract::preferences::{Preferences, Rule, Tell};
use contract::timestamp::Timestamp;
use tenant_atlas::feed::Event;

use crate::world::{World, key, person, run, snapshot};

fn rule(tenant_id: Option<i64>, operation: Option<&str>, tell: Tell) -> Rule {
    Rule {
        tenant_id: tenant_id.map(TenantId),
        operation: operation.map(str::to_owned),
        tell,
    }
}

fn preferred(rules: Vec<Rule>, marks_rev: i64) -> Preferences {
    Preferences { rules, marks_rev }
}

fn frame(preferences: Preferences) -> Event {
    Event::Marks(MarksChanged {
        marks_rev: preferences.marks_rev,
        marks: Vec::new(),
        preferences: Some(preferences),
    })
}

#[test]
fn a_muted_failure_has_no_card_and_has_one_again_when_the_rule_goes() {
    let mut world = World::new();
    world.say("r1 failed, r2 running");
    assert_eq!(world.cards(), "r1 failed, r2 running");
    assert_eq!(world.feed.n_failed_unattended(), 1);
    let operation = world.feed.run(&key(1, 1)).unwrap().operation.clone();
    let mute = vec![rule(None, Some(&operation), Tell::None)];
    assert!(world.feed.apply(frame(preferred(mute.clone(), 4))));
    assert_eq!(world.cards(), "");
    assert_eq!(world.feed.n_failed_unattended(), 0);
    assert_eq!(world.feed.rules(), mute);
    world.say("r3 failed");
    assert_eq!(world.cards(), "", "nor has one that fails later");
    assert!(world.feed.apply(Event::Preferred(preferred(Vec::new(), 5))));
    assert_eq!(world.cards(), "r3 failed, r1 failed, r2 running");
}

#[test]
fn older_preferences_do_not_replace_later_ones_however_they_come() {
    let mut world = World::new();
    world.say("r1 failed");
    let mut told = snapshot(vec![run(1, "failed", 1)], 1, 0);
    told.marks_rev = 7;
    told.rules = vec![rule(Some(1), None, Tell::None)];
    world.take(told);
    assert_eq!(world.cards(), "", "the snapshot brings its rules");
    assert!(!world.feed.apply(frame(preferred(Vec::new(), 7))));
    assert!(!world.feed.apply(Event::Preferred(preferred(Vec::new(), 6))));
    assert_eq!(world.cards(), "");
    let fetched = MarkRows {
        rows: Vec::new(),
        next: None,
        marks_rev: 9,
        preferences: Some(preferred(vec![rule(Some(2), None, Tell::None)], 8)),
    };
    assert!(world.feed.apply(Event::MarkRows(fetched)));
    assert_eq!(world.cards(), "r1 failed", "the rule is another tenant's");
}

#[test]
fn a_rule_for_each_run_gives_cards_for_runs_of_others() {
    let mut world = World::new();
    let mut others = run(1, "running", 1);
    others.started_by = Some(person(4));
    world.take(snapshot(vec![others], 1, 0));
    assert_eq!(world.cards(), "");
    world
        .feed
        .apply(frame(preferred(vec![rule(None, None, Tell::All)], 1)));
    assert_eq!(world.cards(), "r1 running");
}

#[test]
fn who_saw_a_failure_comes_with_progress() {
    let mut world = World::new();
    world.say("r1 failed");
    let known = world.feed.run(&key(1, 1)).unwrap().clone();
    let progress = Progress {
        tenant_id: known.tenant_id,
        source: String::new(),
        run_type: known.run_type.clone(),
        run_id: known.run_id,
        tenant_seq: known.tenant_seq,
        rev: Rev(known.rev.0 + 1),
        counts: known.counts,
        at: Timestamp(5_000),
        seen_by: vec![person(4)],
        n_seen: 3,
    };
    assert!(world.feed.apply(Event::Progress(progress)));
    let card = world.feed.cards().remove(0);
    assert_eq!(card.run.seen_by, [person(4)]);
    assert_eq!(card.run.n_seen, 3);
}
