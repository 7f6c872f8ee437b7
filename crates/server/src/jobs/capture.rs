//! Captures policies: one, or all of a tenant. Reads Graph alone: the [`Reader`] that it holds has no method that writes.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use contract::run::{CAPTURE_ALL, RunError, Waiting};
use contract::timestamp::Timestamp;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use graph::{Captured, Family, Reader, Scope, canonical};
use runs::Store;
use runs::items::{NewItem, NewVersion, Settlement, WorkItem};
use runs::lease::{Claim, Ending, Lease};
use tokio::sync::watch;

use crate::inventory::{self, ListError};
use crate::run_error::run_error;

/// Policies at the same time; the client's own budget for a tenant is wider, since two runs share it.
const AT_ONCE: usize = 3;
/// How often a policy that Graph throttles for longer than the client waits is tried.
const THROTTLED_TRIES: u32 = 3;
/// The rest before the next try. Where Graph names none, the client's own budget holds the next request back as well.
const SHORTEST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(10 * 60);
/// A rest that is nearly over is not worth two events.
const WORTH_TELLING: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A run that is ours.
pub struct Job {
    /// Where outcomes go.
    pub store: Arc<dyn Store>,
    /// The tenant's Graph; none if the configuration names the tenant no more.
    pub reader: Option<Reader>,
    /// Which run.
    pub claim: Claim,
    /// Set once somebody wants it ended.
    pub cancelled: watch::Receiver<bool>,
    /// Until when a throttled policy rests, by the store's clock. Written by each that does; the one that tells of it reads it.
    pub rests_until: AtomicI64,
}

impl Job {
    /// Works until the run has its end, which is the caller's to write.
    ///
    /// # Errors
    /// `LeaseLost` and whatever keeps the store from being written to: then nothing more is to be done.
    pub async fn run(self) -> runs::error::Result<Ending> {
        let Some(reader) = self.reader.clone() else {
            return Ok(Ending::Failed(RunError {
                code: "tenant_not_configured".to_owned(),
                message: "The server has no credentials for this tenant. Name it in the configuration file, start the server again, then start the run again.".to_owned(),
                retryable: false,
                request_id: None,
            }));
        };
        tokio::select! {
            ending = self.work(&reader) => ending,
            error = self.tell_waiting(&reader) => Err(error),
        }
    }

    async fn work(&self, reader: &Reader) -> runs::error::Result<Ending> {
        let refused = match self.plan(reader).await {
            Ok(refused) => refused,
            Err(ListError::Graph(error)) => return Ok(Ending::Failed(error)),
            Err(ListError::Store(error)) => return Err(error),
        };
        let items = self.store.open_items(self.lease()).await?;
        if let Some(error) = self.capture_all(reader, items).await? {
            return Ok(Ending::Failed(error));
        }
        if *self.cancelled.borrow() {
            return Ok(Ending::Cancelled);
        }
        Ok(refused.map_or(Ending::ByItems, Ending::Failed))
    }

    fn lease(&self) -> &Lease {
        &self.claim.lease
    }

    fn is_whole_tenant(&self) -> bool {
        self.claim.run.operation == CAPTURE_ALL
    }

    /// Which policies. Gives the error of a family that could not be listed: then the run did not do all that it was asked to.
    ///
    /// A later attempt lists again: what an earlier one could not list would otherwise be passed over in silence.
    async fn plan(&self, reader: &Reader) -> Result<Option<RunError>, ListError> {
        let tenant_id = self.lease().tenant_id;
        let (policies, refused) = if self.is_whole_tenant() {
            let listing = inventory::refresh(&*self.store, tenant_id, reader).await?;
            (listing.policies, listing.refused)
        } else {
            let target = self
                .claim
                .target
                .expect("the start refuses this operation without a target");
            (vec![self.store.policy(tenant_id, target).await?], None)
        };
        let items = policies
            .into_iter()
            .map(|policy| NewItem {
                policy_id: policy.id,
                name: policy.name,
                family: policy.family,
            })
            .collect();
        self.store.plan_items(self.lease(), items).await?;
        Ok(refused.map(incomplete))
    }

    /// Gives what ended the run early: an error that concerns the whole tenant.
    async fn capture_all(
        &self,
        reader: &Reader,
        items: Vec<WorkItem>,
    ) -> runs::error::Result<Option<RunError>> {
        let mut waiting = items.into_iter();
        let mut working = FuturesUnordered::new();
        let mut ended_by = None;
        loop {
            while working.len() < AT_ONCE && ended_by.is_none() && !*self.cancelled.borrow() {
                let Some(item) = waiting.next() else { break };
                working.push(self.capture_item(reader, item));
            }
            // What has begun gets its outcome, also when the run is to end.
            match working.next().await {
                Some(Ok(None)) => {}
                Some(Ok(Some(error))) => {
                    ended_by.get_or_insert(error);
                }
                Some(Err(error)) => return Err(error),
                None => return Ok(ended_by),
            }
        }
    }

    /// Captures one policy and settles it. Gives its error if that concerns the whole tenant.
    async fn capture_item(
        &self,
        reader: &Reader,
        item: WorkItem,
    ) -> runs::error::Result<Option<RunError>> {
        let lease = self.lease();
        match self.store.begin_item(lease, item.item_id, "capture").await {
            Ok(()) => {}
            Err(runs::Error::ItemSettled) => return Ok(None),
            Err(error) => return Err(error),
        }
        let Ok(family) = Family::from_str(&item.family) else {
            let unknown = RunError {
                code: "family_unknown".to_owned(),
                message: format!(
                    "This version cannot read policies of the family {}.",
                    item.family
                ),
                retryable: false,
                request_id: None,
            };
            self.store
                .settle_item(lease, item.item_id, Settlement::Failed(unknown))
                .await?;
            return Ok(None);
        };
        let (settlement, ended_by) = match self.capture(reader, family, &item.graph_id).await {
            Ok(captured) => (Settlement::Captured(version(captured)), None),
            Err(error) => {
                let concerns_all = error.scope() == Scope::Tenant;
                let error = run_error(&error);
                (
                    Settlement::Failed(error.clone()),
                    concerns_all.then_some(error),
                )
            }
        };
        self.store
            .settle_item(lease, item.item_id, settlement)
            .await?;
        Ok(ended_by)
    }

    /// Tries again after a rest while Graph throttles the tenant.
    async fn capture(
        &self,
        reader: &Reader,
        family: Family,
        graph_id: &str,
    ) -> Result<Captured, graph::Error> {
        let mut tries = 1;
        loop {
            let captured = reader.capture(family, graph_id).await;
            let Err(error @ graph::Error::Throttled { .. }) = captured else {
                return captured;
            };
            if tries >= THROTTLED_TRIES || *self.cancelled.borrow() {
                return Err(error);
            }
            tries += 1;
            let rest = error.retry_after().unwrap_or_default();
            let rest = rest.clamp(SHORTEST_REST, LONGEST_REST);
            let until = self.store.now().0 + millis(rest);
            self.rests_until.fetch_max(until, Ordering::Relaxed);
            tokio::time::sleep(rest).await;
        }
    }

    /// Says in the run that it waits for Graph, for as long as it does. Returns only what keeps it from saying so.
    async fn tell_waiting(&self, reader: &Reader) -> runs::Error {
        let mut told: Option<i64> = None;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.store.now().0;
            let rests_until = self.rests_until.load(Ordering::Relaxed);
            let until = rests_until.max(now + reader.rest().map_or(0, millis));
            let next = match told {
                // Two looks at one rest differ by a little; Graph may also have asked for more since.
                Some(told_until) if until > now && until < told_until + millis(WORTH_TELLING) => {
                    continue;
                }
                None if until < now + millis(WORTH_TELLING) => continue,
                _ => (until > now).then_some(until),
            };
            let waiting = next.map(|until| Waiting {
                reason: "throttled".to_owned(),
                until: Some(Timestamp(until)),
            });
            if let Err(error) = self.store.set_waiting(self.lease(), waiting).await {
                return error;
            }
            told = next;
        }
    }
}

fn millis(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 2)
}

fn version(captured: Captured) -> NewVersion {
    NewVersion {
        name: captured.name,
        content_hash: captured.content_hash,
        object: canonical::text(&captured.object),
        assignments: canonical::text(&captured.assignments),
        redactions: captured.redactions,
        last_modified: captured.last_modified,
    }
}

/// Says that the rest was captured, in front of what was refused.
fn incomplete(mut error: RunError) -> RunError {
    let text = format!(
        "Not every kind of policy could be listed; what could be listed was captured. {}",
        error.message
    );
    error.message = text.chars().take(500).collect();
    error
}
