//! Fault switches: rules that spoil a call, and gates that hold one until a test has seen it.
//!
//! A rule or a gate counts the calls that it matches from the moment when it is set. The first rule that matches wins;
//! rules of the seed come after all others.

mod gate;
mod rule;

use std::sync::{Arc, Mutex, MutexGuard};

pub use crate::answer::ErrorShape;
pub use gate::Gate;
pub use rule::{Action, BadMatch, Match, Rule, When};

use rule::Counted;

/// A call, as a rule sees it.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) tenant: Option<&'a str>,
}

/// All switches of one stand-in. A clone is the same switches.
#[derive(Clone, Default)]
pub struct Faults {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    rules: Vec<Counted<Rule>>,
    seeded: Vec<Counted<Rule>>,
    gates: Vec<Counted<Arc<gate::Latch>>>,
    gate_ids: u64,
}

impl Faults {
    pub(crate) fn seeded(rules: Vec<Rule>) -> Self {
        let faults = Self::default();
        faults.lock().seeded = rules
            .into_iter()
            .map(|rule| Counted::new(rule.matching.clone(), rule))
            .collect();
        faults
    }

    /// Adds a rule after those that are there.
    pub fn add(&self, rule: Rule) {
        self.lock()
            .rules
            .push(Counted::new(rule.matching.clone(), rule));
    }

    /// Holds the calls that match, before they are answered, until the gate is released or dropped.
    #[must_use = "a gate that is dropped holds nothing"]
    pub fn gate(&self, matching: Match) -> Gate {
        Gate {
            latch: self.open(matching),
            faults: self.clone(),
        }
    }

    /// Takes all rules away but the seed's, starts those anew, and releases every gate.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.rules.clear();
        inner.seeded.iter_mut().for_each(Counted::restart);
        for gate in inner.gates.drain(..) {
            gate.item.release();
        }
    }

    /// Takes the seed's rules away as well.
    pub fn clear_all(&self) {
        self.clear();
        self.lock().seeded.clear();
    }

    /// What is done to this call, if anything.
    pub(crate) fn action(&self, call: &Call<'_>) -> Option<Action> {
        let mut inner = self.lock();
        let Inner { rules, seeded, .. } = &mut *inner;
        let mut found = None;
        for rule in rules.iter_mut().chain(seeded) {
            // Every rule counts every call that it matches, also those that an earlier rule answers.
            if rule.hits(call)
                && found.is_none()
                && rule.item.times.is_none_or(|times| rule.n_applied < times)
            {
                rule.n_applied += 1;
                found = Some(rule.item.action.clone());
            }
        }
        found
    }

    /// Returns when no gate holds this call any more.
    pub(crate) async fn pass_gates(&self, call: &Call<'_>) {
        let held: Vec<Arc<gate::Latch>> = {
            let mut inner = self.lock();
            inner
                .gates
                .iter_mut()
                .filter_map(|gate| gate.hits(call).then(|| Arc::clone(&gate.item)))
                .collect()
        };
        for latch in held {
            latch.hold().await;
        }
    }

    /// A gate that lives until it is released by its id; the control port has no handle to drop.
    pub(crate) fn open(&self, matching: Match) -> Arc<gate::Latch> {
        let mut inner = self.lock();
        inner.gate_ids += 1;
        let latch = Arc::new(gate::Latch::new(inner.gate_ids));
        inner.gates.push(Counted::new(matching, Arc::clone(&latch)));
        latch
    }

    pub(crate) fn latch(&self, id: u64) -> Option<Arc<gate::Latch>> {
        self.lock()
            .gates
            .iter()
            .find(|gate| gate.item.id == id)
            .map(|gate| Arc::clone(&gate.item))
    }

    pub(crate) fn release(&self, id: u64) -> bool {
        let mut inner = self.lock();
        let before = inner.gates.len();
        inner.gates.retain(|gate| {
            let is_other = gate.item.id != id;
            if !is_other {
                gate.item.release();
            }
            is_other
        });
        inner.gates.len() < before
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
