//! What policies a tenant has: listed at the start and every five minutes, so that there is something to choose before the first capture.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use contract::api::PolicyRow;
use contract::ids::TenantId;
use contract::run::RunError;
use futures::FutureExt as _;
use graph::{Family, Reader, Scope};
use runs::Store;
use runs::policies::ListedPolicy;
use tokio::sync::Semaphore;

use crate::run_error::{internal, run_error};
use crate::shutdown::Shutdown;

/// Between two readings of a tenant that answers.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// Between two readings of a tenant that has not answered; the last one goes on.
const RETRY_AFTER: [Duration; 3] = [
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
];

/// Tenants at the same time: hundreds of them begin together when the server starts.
pub const AT_ONCE: usize = 8;

/// What a reading gave.
pub struct Listing {
    /// Every policy of the families that were read whole, with our ids.
    pub policies: Vec<PolicyRow>,
    /// The first of the families that could not be read.
    pub refused: Option<RunError>,
}

/// No family could be read.
pub enum ListError {
    /// Graph says why.
    Graph(RunError),
    /// The store does not take it.
    Store(runs::Error),
}

impl From<runs::Error> for ListError {
    fn from(error: runs::Error) -> Self {
        Self::Store(error)
    }
}

/// Reads all families of a tenant and stores what there is; an error is stored too.
pub async fn refresh(
    store: &dyn Store,
    tenant_id: TenantId,
    reader: &Reader,
) -> Result<Listing, ListError> {
    let mut families = Vec::new();
    let mut listed = Vec::new();
    let mut refused = None;
    for family in Family::ALL {
        match reader.list(family).await {
            Ok(policies) => {
                families.push(family.as_str());
                listed.extend(policies.into_iter().map(|policy| ListedPolicy {
                    graph_id: policy.graph_id,
                    family: policy.family.as_str().to_owned(),
                    name: policy.name,
                    platform: policy.platform.unwrap_or_default(),
                }));
            }
            Err(error) => {
                let concerns_all = error.scope() == Scope::Tenant;
                let error = run_error(&error);
                if concerns_all {
                    store.put_list_error(tenant_id, error.clone()).await?;
                    return Err(ListError::Graph(error));
                }
                refused.get_or_insert(error);
            }
        }
    }
    if let (true, Some(error)) = (families.is_empty(), &refused) {
        store.put_list_error(tenant_id, error.clone()).await?;
        return Err(ListError::Graph(error.clone()));
    }
    let rows = store.put_listed(tenant_id, &families, listed).await?;
    // After the list, which clears the error of an earlier reading.
    if let Some(error) = &refused {
        store.put_list_error(tenant_id, error.clone()).await?;
    }
    let policies = rows
        .into_iter()
        .filter(|row| row.gone_since.is_none() && families.contains(&row.family.as_str()))
        .collect();
    Ok(Listing { policies, refused })
}

/// A panic over one tenant's answer is that tenant's error, and takes nothing else down.
async fn refresh_or_say(
    store: &dyn Store,
    tenant_id: TenantId,
    reader: &Reader,
) -> Result<Listing, ListError> {
    let refreshed = AssertUnwindSafe(refresh(store, tenant_id, reader)).catch_unwind();
    if let Ok(refreshed) = refreshed.await {
        return refreshed;
    }
    let error = internal();
    store.put_list_error(tenant_id, error.clone()).await?;
    Err(ListError::Graph(error))
}

/// Keeps a tenant's list fresh until the server ends. `places` is shared by all tenants.
pub async fn keep(
    store: Arc<dyn Store>,
    tenant_id: TenantId,
    reader: Reader,
    places: Arc<Semaphore>,
    shutdown: Shutdown,
) {
    let mut n_failed = 0;
    loop {
        let refreshed = async {
            let _place = places.acquire().await;
            refresh_or_say(&*store, tenant_id, &reader).await
        };
        let refreshed = tokio::select! {
            refreshed = refreshed => refreshed,
            () = shutdown.ending() => return,
        };
        let wait = match refreshed {
            Ok(listing) => {
                n_failed = 0;
                tracing::debug!(
                    tenant.id = tenant_id.0,
                    n_policies = listing.policies.len(),
                    "listed the policies"
                );
                EVERY
            }
            Err(error) => {
                if let ListError::Store(error) = error {
                    tracing::error!(
                        tenant.id = tenant_id.0,
                        "failed to keep the list of policies: failed to {error}"
                    );
                }
                let wait = RETRY_AFTER[n_failed.min(RETRY_AFTER.len() - 1)];
                n_failed += 1;
                wait
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shutdown.ending() => return,
        }
    }
}
