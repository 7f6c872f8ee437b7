//! What has to be looked at again and again: runs that do not move, sessions that another process may have ended, rows that are old enough to go.

use std::sync::Arc;
use std::time::Duration;

use runs::Store;
use runs::retention::Keep;

use crate::hub::{Hub, Reason};
use crate::shutdown::Shutdown;

/// How long things may stand or lie; the configuration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upkeep {
    /// A portal that says nothing of a run that is running for so long may have forgotten it.
    pub portal_silent_for: Duration,
    /// What goes after a time.
    pub keep: Keep,
    /// A start that is repeated with its key within this time is answered with the same run.
    pub keep_idempotency_keys: Duration,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            portal_silent_for: Duration::from_secs(30 * 60),
            keep: Keep {
                ingested: 90 * DAY,
                notifications: 180 * DAY,
            },
            keep_idempotency_keys: 7 * DAY,
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SWEEP_EVERY: Duration = Duration::from_secs(3);
/// No item settled for this long is a stall, whatever the heartbeat says.
const NO_ITEM_FOR: Duration = Duration::from_secs(5 * 60);
/// A portal's silence is counted in minutes.
const LISTEN_EVERY: Duration = Duration::from_secs(30);
/// From the start to the first look at what may go, so that it is in nobody's way.
const FIRST_CLEARANCE: Duration = Duration::from_secs(5 * 60);
/// Between two transactions of a clearance: commands come first.
const BREATH: Duration = Duration::from_millis(20);
/// The hub is told of every change of this process at once. Whether another one (the command line) changed anything is looked at this
/// often, and only then is every session asked for.
const OTHERS_EVERY: Duration = Duration::from_secs(1);
/// Sessions expire without anybody's doing: every so many looks they are asked for all the same.
const LOOKS: u32 = 30;

/// Marks runs that stand still, and clears the mark of those that move again.
pub async fn sweep(store: Arc<dyn Store>, lease: Duration, shutdown: Shutdown) {
    while rest(SWEEP_EVERY, &shutdown).await {
        if let Err(error) = store.sweep_stalled(lease, NO_ITEM_FOR).await {
            tracing::error!("failed to look for stalled runs: failed to {error}");
        }
    }
}

/// Marks portals' runs of which nothing was heard.
pub async fn listen(store: Arc<dyn Store>, silent_for: Duration, shutdown: Shutdown) {
    while rest(LISTEN_EVERY, &shutdown).await {
        if let Err(error) = store.sweep_silent(silent_for).await {
            tracing::error!("failed to look for silent portals: failed to {error}");
        }
    }
}

/// Once a day, lets go of what was kept for long enough.
pub async fn clear(store: Arc<dyn Store>, upkeep: Upkeep, shutdown: Shutdown) {
    let mut wait = FIRST_CLEARANCE;
    while rest(wait, &shutdown).await {
        wait = DAY;
        if let Err(error) = clear_once(&*store, upkeep, &shutdown).await {
            tracing::error!("failed to clear old rows away: failed to {error}");
        }
    }
}

async fn clear_once(
    store: &dyn Store,
    upkeep: Upkeep,
    shutdown: &Shutdown,
) -> runs::error::Result<()> {
    store
        .forget_idempotency_keys(upkeep.keep_idempotency_keys)
        .await?;
    let mut after = Some(0);
    while let Some(run) = after {
        after = store.forget_old(upkeep.keep, run).await?;
        if !rest(BREATH, shutdown).await {
            break;
        }
    }
    Ok(())
}

/// Ends the streams of sessions that ended, expired, or see other tenants now.
pub async fn check_access(store: Arc<dyn Store>, hub: Arc<Hub>, shutdown: Shutdown) {
    let (mut seen, mut n_looks) = (None, 0_u32);
    while rest(OTHERS_EVERY, &shutdown).await {
        let others = match store.others_changes().await {
            Ok(others) => Some(others),
            Err(error) => {
                tracing::warn!("failed to look for changes of another process: failed to {error}");
                None
            }
        };
        n_looks += 1;
        if others.is_some() && others == seen && n_looks < LOOKS {
            continue;
        }
        // The first look compares with nothing: what was open before it is asked for.
        (seen, n_looks) = (others, 0);
        // Whoever is being let in by what was so before is looked at again.
        hub.access_changed();
        for open in hub.open_sessions() {
            match store.caller(open.token).await {
                Ok(Some(caller)) if *caller.tenants == *open.tenants => {}
                Ok(Some(_)) => hub.end_session(open.session, Reason::AccessChanged),
                Ok(None) => hub.end_session(open.session, Reason::SignedOut),
                Err(error) => tracing::warn!("failed to check a session: failed to {error}"),
            }
        }
    }
}

async fn rest(wait: Duration, shutdown: &Shutdown) -> bool {
    tokio::select! {
        () = tokio::time::sleep(wait) => true,
        () = shutdown.ending() => false,
    }
}
