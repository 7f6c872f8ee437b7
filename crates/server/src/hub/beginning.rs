//! Where the hub begins: read from the store once, before anything is told.

use contract::ids::{EventId, TenantId};
use contract::run::Run;
use runs::Store;
use runs::change::LoggedEvent;
use runs::failures::Failures;

use super::recent;

/// What the store knows when the hub begins.
pub struct Beginning {
    /// The newest event.
    pub head: EventId,
    /// The newest events of all tenants without a hole, up to and with `head`; or none.
    pub recent: Vec<LoggedEvent>,
    /// Every run that is running.
    pub running: Vec<Run>,
    /// Every failed run.
    pub failures: Vec<Failures>,
}

impl Beginning {
    /// Reads it.
    ///
    /// # Errors
    /// As the store.
    pub async fn read(store: &dyn Store) -> Result<Self, runs::Error> {
        let (head, failures) = (store.head(), store.failures().await?);
        let tenants: Vec<TenantId> = failures.iter().map(|tenant| tenant.tenant_id).collect();
        let after = head.position.saturating_sub(recent::KEPT as u64);
        let recent = store
            .events_after(after, &tenants, recent::KEPT as u32)
            .await?;
        Ok(Self {
            head,
            recent,
            running: store.running().await?,
            failures,
        })
    }
}
