//! One-time links, as the start of the server and the command line make them.

use contract::api::{MAX_NAME_CHARS, Role};
use contract::ids::TenantId;
use contract::timestamp::Timestamp;
use runs::Store;

use crate::tokens::new_token;

/// The first account's link.
const FIRST_LINK_MS: i64 = 60 * 60 * 1000;
/// An invitation or a reset, which has to reach its person first.
const LINK_MS: i64 = 24 * 60 * 60 * 1000;

/// A new link for the first account, while nobody has one. An earlier link is no good from then on.
///
/// # Errors
/// The store's.
pub async fn first_link(store: &dyn Store, base: &str) -> runs::error::Result<Option<String>> {
    if store.has_people().await? {
        return Ok(None);
    }
    let (token, hash) = new_token();
    let expires_at = Timestamp(store.now().0 + FIRST_LINK_MS);
    store.put_first_link(hash, expires_at).await?;
    Ok(Some(link(base, &token)))
}

/// Adds a person to a tenant; the link sets their password.
///
/// # Errors
/// `NotInTenant` if there is no such tenant.
pub async fn invite(
    store: &dyn Store,
    base: &str,
    name: &str,
    tenant_id: TenantId,
    role: Role,
) -> runs::error::Result<String> {
    let (token, hash) = new_token();
    let expires_at = Timestamp(store.now().0 + LINK_MS);
    store
        .invite(name, tenant_id, role, hash, expires_at)
        .await?;
    Ok(link(base, &token))
}

/// A link by which a person sets a new password. `None`: nobody has that name.
///
/// # Errors
/// The store's.
pub async fn reset(
    store: &dyn Store,
    base: &str,
    name: &str,
) -> runs::error::Result<Option<String>> {
    let (token, hash) = new_token();
    let expires_at = Timestamp(store.now().0 + LINK_MS);
    let person = store.reset_link(name, hash, expires_at).await?;
    Ok(person.map(|_| link(base, &token)))
}

/// Whether a name may be stored: one line, no blanks around it.
pub fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_CHARS).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control)
}

/// The token is behind the `#`, which a browser does not send: it is in no log on the way.
fn link(base: &str, token: &str) -> String {
    format!("{}/setup#{token}", base.trim_end_matches('/'))
}
