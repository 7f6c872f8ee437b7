//! Takes queued runs and works on them: claim → heartbeat → `jobs/<operation>.rs` → the run's end.
//!
//! Every write names the lease. Once that is lost the job is dropped in the middle: another worker has the run, and goes on from its items.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use contract::ids::TenantId;
use contract::run::RunError;
use graph::Reader;
use runs::Store;
use runs::lease::{Claim, Ending, Lease};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::jobs::capture::Job;
use crate::run_error::internal;
use crate::shutdown::Shutdown;

/// Runs at the same time. Nearly all that a run does is to wait for Graph, which may rest one tenant for many minutes: there are places for
/// as many tenants as are likely to wait like that at once, so that they hold no other up.
const AT_ONCE: usize = 64;
/// Of one tenant: Graph's limits are the tenant's, and more runs would only wait for each other.
const OF_A_TENANT: u32 = 2;
/// Attempts at one run. More than restarts and crashes of the machine explain: what no worker brings to its end in so many has to be seen by
/// somebody, rather than be tried for ever.
const MOST_ATTEMPTS: u32 = 20;
/// Leases expire without anybody telling, so a claim is tried at least this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two tries to write to a store that is busy.
const BUSY_WAIT: Duration = Duration::from_millis(200);

/// What the workers share.
#[derive(Clone)]
pub struct Workers {
    /// Where runs are.
    pub store: Arc<dyn Store>,
    /// The tenants' Graphs.
    pub readers: Arc<BTreeMap<TenantId, Reader>>,
    /// How long a run is ours without a heartbeat.
    pub lease: Duration,
    /// Nothing is claimed after this, and what is held is dropped: its lease expires, and the next start goes on.
    pub shutdown: Shutdown,
}

impl Workers {
    /// Claims and works until the server ends.
    pub async fn work(self) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let name = format!("server-{}", std::process::id());
        loop {
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place.expect("the semaphore is never closed"),
                () = self.shutdown.ending() => return,
            };
            match self.store.claim_next(&name, self.lease, OF_A_TENANT).await {
                Ok(Some(claim)) => {
                    let workers = self.clone();
                    tokio::spawn(async move {
                        workers.hold(claim).await;
                        drop(place);
                    });
                }
                Ok(None) => tokio::select! {
                    () = self.store.work_may_be_ready(LOOK_EVERY) => {}
                    () = self.shutdown.ending() => return,
                },
                Err(error) => {
                    tracing::error!("failed to {error}");
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    /// Works on one run while its lease is ours.
    async fn hold(&self, claim: Claim) {
        let lease = claim.lease.clone();
        tracing::info!(
            tenant.id = lease.tenant_id.0,
            run.id = lease.run_id.0,
            attempt = claim.run.attempt,
            "working on {}",
            claim.run.operation
        );
        let (cancel, cancelled) = watch::channel(false);
        if claim.run.attempt > MOST_ATTEMPTS {
            return self.end(&lease, given_up(), &cancel).await;
        }
        let job = Job {
            store: Arc::clone(&self.store),
            reader: self.readers.get(&lease.tenant_id).cloned(),
            claim,
            cancelled,
            rests_until: AtomicI64::new(0),
        };
        // A task of its own: a panic ends the job and not the worker, and a slow step does not hold the heartbeat up.
        let mut job = Dropped(tokio::spawn(job.run()));
        let ending = tokio::select! {
            done = &mut job.0 => match done {
                Ok(Ok(ending)) => ending,
                Ok(Err(runs::Error::LeaseLost)) => return lost(&lease),
                Ok(Err(error @ (runs::Error::Busy | runs::Error::Unavailable(_)))) => {
                    // Nothing can be said of the run now. Its lease expires, and whoever claims it goes on from its items.
                    tracing::error!(run.id = lease.run_id.0, "dropped the work: failed to {error}");
                    return;
                }
                Ok(Err(error)) => {
                    tracing::error!(run.id = lease.run_id.0, "the job ended: failed to {error}");
                    Ending::Failed(internal())
                }
                Err(panic) => {
                    tracing::error!(run.id = lease.run_id.0, "the job ended: {panic}");
                    Ending::Failed(internal())
                }
            },
            () = self.beat(&lease, &cancel) => return lost(&lease),
            () = self.shutdown.ending() => return,
        };
        drop(job);
        self.end(&lease, ending, &cancel).await;
    }

    /// Writes the run's end while its lease is ours.
    async fn end(&self, lease: &Lease, ending: Ending, cancel: &watch::Sender<bool>) {
        tokio::select! {
            () = self.finish(lease, ending) => {}
            () = self.beat(lease, cancel) => lost(lease),
            () = self.shutdown.ending() => {}
        }
    }

    /// Moves the lease on at a third of its length. Returns once it is not ours any more.
    async fn beat(&self, lease: &Lease, cancel: &watch::Sender<bool>) {
        let mut ours_until = Instant::now() + self.lease;
        let mut wait = self.lease / 3;
        loop {
            tokio::time::sleep(wait).await;
            let asked = Instant::now();
            match self.store.heartbeat(lease, self.lease).await {
                Ok(beat) => {
                    ours_until = asked + self.lease;
                    wait = self.lease / 3;
                    if beat.cancel_requested {
                        cancel.send_replace(true);
                    }
                }
                Err(runs::Error::LeaseLost) => return,
                Err(error) => {
                    tracing::warn!(run.id = lease.run_id.0, "failed to {error}");
                    // The store's fence would refuse our writes from then on, so the work is of no use.
                    if Instant::now() >= ours_until {
                        return;
                    }
                    wait = BUSY_WAIT;
                }
            }
        }
    }

    async fn finish(&self, lease: &Lease, ending: Ending) {
        loop {
            match self.store.finish(lease, ending.clone()).await {
                Ok(()) => return,
                Err(runs::Error::LeaseLost) => return lost(lease),
                Err(error) => {
                    tracing::warn!(run.id = lease.run_id.0, "failed to {error}");
                    tokio::time::sleep(BUSY_WAIT).await;
                }
            }
        }
    }
}

fn given_up() -> Ending {
    Ending::Failed(RunError {
        code: "given_up".to_owned(),
        message: format!(
            "No worker brought this run to its end in {MOST_ATTEMPTS} attempts. The server's log says what happened to each. What was captured is kept; start it again once that is mended."
        ),
        retryable: false,
        request_id: None,
    })
}

/// Ends the task when it is dropped, at its next await.
struct Dropped<T>(JoinHandle<T>);

impl<T> Drop for Dropped<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn lost(lease: &Lease) {
    tracing::warn!(
        tenant.id = lease.tenant_id.0,
        run.id = lease.run_id.0,
        "lost the lease: dropped the work"
    );
}
