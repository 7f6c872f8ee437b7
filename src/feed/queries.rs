//! What cards and pages ask of the feed.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::rc::Rc;

use contract::api::TenantRef;
use contract::card::{self, Mark};
use contract::ids::{RunKey, TenantId};
use contract::preferences::Rule;
use contract::run::{PersonRef, Run};
use contract::snapshot::Totals;
use contract::timestamp::Timestamp;

use crate::feed::diagnostics::Tab;
use crate::feed::freshness::Freshness;
use crate::feed::progress::{Pace, TimeLeft};
use crate::feed::tenants;
use crate::feed::{Card, Feed, Notice, SnapshotNeed};
use crate::sorted::sort_by_key;

/// How many runs of a tenant are held, and how many more there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// In memory.
    pub n_held: u64,
    /// On the server alone: "and N older".
    pub n_older: u64,
}

impl Feed {
    /// The cards on screen, failures first; dismissed ones are left out.
    pub fn cards(&self) -> Vec<Rc<Card>> {
        self.cards.shown().cloned().collect()
    }

    /// Another number once a page of the server's list of notifications may say something else.
    pub fn notifications_version(&self) -> u64 {
        let runs: u64 = self
            .tenants
            .values()
            .map(|tenant| tenants::sum(&tenant.totals))
            .sum();
        runs + self.marks.complete_to().unsigned_abs()
    }

    /// Whether the server has runs that are not held.
    pub fn has_older(&self) -> bool {
        self.notifications_version() - self.marks.complete_to().unsigned_abs()
            > self.runs.len() as u64
    }

    /// The card of a run, dismissed or not.
    pub fn card(&self, key: &RunKey) -> Option<&Rc<Card>> {
        self.cards.get(key)
    }

    /// What the card of a run looks like: also of one that is not held.
    pub fn card_of(&self, run: Rc<Run>, mark: Option<&Mark>) -> Card {
        let key = run.key();
        let person = self.person.as_ref();
        let roles = self.tenant(key.tenant_id).map(|tenant| &tenant.roles);
        Card {
            tenant_name: self.tenant_name(key.tenant_id),
            unread: card::is_unread(&run, mark),
            dismissed: card::is_dismissed(&run, mark),
            pending: self.marks.is_pending(&key),
            mine: person.is_some_and(|person| card::is_mine(&run, person.id, mark)),
            may_acknowledge: roles
                .is_some_and(|roles| roles.iter().any(|role| role.may_acknowledge())),
            words: OnceCell::new(),
            key,
            run,
        }
    }

    /// Whether a card that the server's list had is off the screen now: it may have been clicked since.
    pub fn is_off_screen(&self, card: &Card) -> bool {
        self.marks
            .on_screen(&card.key)
            .map_or(card.dismissed, |mark| {
                card::is_dismissed(&card.run, Some(&mark))
            })
    }

    /// The runs of all tenants that wait or work, with a card or without, oldest start first.
    pub fn active(&self) -> Vec<Rc<Run>> {
        let mut runs: Vec<_> = self
            .runs
            .values()
            .filter(|run| run.status.is_active())
            .cloned()
            .collect();
        sort_by_key(&mut runs, |run| (run.queued_at, run.key()));
        runs
    }

    /// What the bell says: my failed and partial cards that are neither acknowledged nor dismissed, those included whose row is
    /// not held.
    pub fn n_failed_unattended(&self) -> usize {
        self.cards.n_unattended() + self.n_failed_not_held()
    }

    /// Of these, the failures that are known by name alone: there are too many to hold.
    pub fn n_failed_not_held(&self) -> usize {
        self.failed_named
            .iter()
            .filter(|(key, seq)| {
                let mark = self.marks.on_screen(key);
                let dismissed = mark.and_then(|mark| mark.dismissed);
                dismissed.is_none_or(|dismissed| dismissed.seq < *seq)
            })
            .count()
    }

    /// The failures on screen that an earlier state of this feed did not have; none if that was before the first picture.
    pub fn failed_since(&self, before: &Feed) -> Vec<RunKey> {
        let is_news = |card: &&Rc<Card>| {
            let known = before.run(&card.key);
            card.run.status.is_failure()
                && known.is_none_or(|known| known.status_seq < card.run.status_seq)
        };
        let news = self.cards.shown().filter(is_news);
        let news = news.filter(|card| !before.failed_named.contains_key(&card.key));
        let news = news.map(|card| card.key.clone());
        if before.begun {
            news.collect()
        } else {
            Vec::new()
        }
    }

    /// Cards whose latest status was not seen.
    pub fn n_unread(&self) -> usize {
        self.cards.shown().filter(|card| card.unread).count()
    }

    /// The person's preferences: which runs are cards.
    pub fn rules(&self) -> &[Rule] {
        &self.preferences.rules
    }

    /// The operations of the held runs, each once.
    pub fn operations(&self) -> Vec<String> {
        let mut known: Vec<String> = Vec::new();
        for run in self.runs.values() {
            if !run.operation.is_empty() && !known.contains(&run.operation) {
                known.push(run.operation.clone());
            }
        }
        known
    }

    /// What this tab is among the tabs of its session.
    pub fn tab(&self) -> Tab {
        self.tab
    }

    /// A run, if it is held.
    pub fn run(&self, key: &RunKey) -> Option<&Rc<Run>> {
        self.runs.get(key)
    }

    /// The held runs of a tenant, newest start first.
    pub fn runs_of(&self, tenant_id: TenantId) -> Vec<Rc<Run>> {
        let mut runs: Vec<_> = self
            .runs
            .values()
            .filter(|run| run.tenant_id == tenant_id)
            .cloned()
            .collect();
        sort_by_key(&mut runs, |run| Reverse((run.queued_at, run.key())));
        runs
    }

    /// The person's tenants, by name.
    pub fn tenants(&self) -> impl Iterator<Item = &TenantRef> {
        self.tenants_by_name
            .iter()
            .filter_map(|id| self.tenants.get(id))
            .map(|tenant| &tenant.tenant)
    }

    /// One of the person's tenants.
    pub fn tenant(&self, tenant_id: TenantId) -> Option<&TenantRef> {
        self.tenants.get(&tenant_id).map(|tenant| &tenant.tenant)
    }

    pub(super) fn tenant_name(&self, tenant_id: TenantId) -> Rc<str> {
        self.tenants
            .get(&tenant_id)
            .map_or_else(|| "".into(), |tenant| Rc::clone(&tenant.name))
    }

    /// Who the stream is for.
    pub fn person(&self) -> Option<&PersonRef> {
        self.person.as_ref()
    }

    /// Whether a snapshot has come: before that, nothing means "not known" and not "none".
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// How far what is on screen can be trusted.
    pub fn freshness(&self) -> Freshness {
        Freshness::of(self.link, &self.clock)
    }

    /// The server's time at a reading of the local monotonic clock; `None` before the server said anything.
    pub fn server_now(&self, local_ms: f64) -> Option<Timestamp> {
        self.clock.at(local_ms)
    }

    /// How many runs a tenant has in each state, held or not.
    pub fn totals(&self, tenant_id: TenantId) -> Option<Totals> {
        self.tenants.get(&tenant_id).map(|tenant| tenant.totals)
    }

    /// How many runs of a tenant are held, and how many more there are.
    pub fn held(&self, tenant_id: TenantId) -> Held {
        let n_held = self
            .runs
            .values()
            .filter(|run| run.tenant_id == tenant_id)
            .count() as u64;
        let n_all = self
            .totals(tenant_id)
            .map_or(0, |totals| tenants::sum(&totals));
        Held {
            n_held,
            n_older: n_all.saturating_sub(n_held),
        }
    }

    /// How fast a run goes and how long it may take, at a moment of the server's clock.
    pub fn pace(&self, key: &RunKey, now: Timestamp) -> Pace {
        self.samples.get(key).map_or(
            Pace {
                per_minute: None,
                left: TimeLeft::Unknown,
            },
            |samples| samples.pace(now),
        )
    }

    /// Whether the server serves another build of the app than this page is.
    pub fn build_changed(&self, page_build: &str) -> bool {
        self.build.as_ref().is_some_and(|build| build != page_build)
    }

    /// What the app owes its person, oldest first.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// How often an event of a tenant's history was missing.
    pub fn n_holes(&self) -> u64 {
        self.counted.n_holes
    }

    /// Whether the picture has to be taken anew, and how soon.
    pub fn needs_snapshot(&self) -> Option<SnapshotNeed> {
        if self.stale_picture || self.tenants.values().any(|tenant| tenant.has_holes()) {
            return Some(SnapshotNeed::Now);
        }
        self.tenants
            .values()
            .any(|tenant| tenant.totals_doubted)
            .then_some(SnapshotNeed::Soon)
    }

    /// The `after` of `GET /api/me/marks`, if marks changed while nobody listened.
    pub fn marks_wanted_after(&self) -> Option<i64> {
        self.marks.wanted_after()
    }
}
