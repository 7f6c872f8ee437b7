//! What has to be looked at again and again: runs that do not move, and sessions that another process may have ended.

use std::sync::Arc;
use std::time::Duration;

use runs::Store;

use crate::hub::{Hub, Reason};
use crate::shutdown::Shutdown;

const SWEEP_EVERY: Duration = Duration::from_secs(3);
/// No item settled for this long is a stall, whatever the heartbeat says.
const NO_ITEM_FOR: Duration = Duration::from_secs(5 * 60);
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
