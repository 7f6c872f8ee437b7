//! Machine keys: made on the command line, and what a request with one may do.
//!
//! The token is `tak_` and 256 random bits; the store holds its SHA-256. A request is checked before its body is read into memory.
//!
//! A key that was found once is not asked for again ([`KnownKeys`]): nothing of it changes but that it is revoked, also by another process.
//! The transaction that takes its events looks at that, and [`only_standing`] where there was none. So no answer but 401 goes to a revoked key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::ids::TenantId;
use contract::timestamp::Timestamp;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use runs::Store;
use runs::ingest::{MachineKey, NewKey, USE_EVERY_MS};
use runs::people::TokenHash;

use crate::extract::{is_json, path_segment, read_within};
use crate::problem::Problem;
use crate::state::App;
use crate::tokens;

/// Tells a key from other secrets, for people and for scanners that look for secrets in code.
const PREFIX: &str = "tak_";

/// Makes a key; its token is known to nobody else and to nobody later.
///
/// # Errors
/// `NameTaken`, `NotInTenant`.
pub async fn add(
    store: &dyn Store,
    name: &str,
    tenants: Vec<TenantId>,
    source: Option<String>,
) -> runs::error::Result<(MachineKey, String)> {
    let (token, hash) = tokens::new_token();
    let key = NewKey {
        name: name.to_owned(),
        tenants,
        source,
        token: hash,
    };
    Ok((store.add_key(key).await?, format!("{PREFIX}{token}")))
}

/// Whether a key may be called so. A name of digits alone could not be told from a key's number.
pub fn is_name(name: &str) -> bool {
    crate::people::is_name(name) && !name.bytes().all(|byte| byte.is_ascii_digit())
}

/// A key on one line: number, name, tenants, source, made, last used, revoked; parted by tabs.
pub fn line(key: &MachineKey) -> String {
    let tenants: Vec<_> = key.tenants.iter().map(TenantId::to_string).collect();
    let source = key.source.as_deref().unwrap_or("any source");
    let used = match key.last_used_at {
        Some(at) => format!("used {at}"),
        None => "never used".to_owned(),
    };
    let state = match key.revoked_at {
        Some(at) => format!("revoked {at}"),
        None => "stands".to_owned(),
    };
    let (id, name, tenants) = (key.id.0, &key.name, tenants.join(","));
    format!(
        "{id}\t{name}\ttenants {tenants}\t{source}\tmade {}\t{used}\t{state}",
        key.created_at
    )
}

/// A machine's request: the key and the path's tenant fit together, and the body is whole.
pub struct Announcement {
    /// Who.
    pub key: Arc<MachineKey>,
    /// Where.
    pub tenant_id: TenantId,
    /// JSON, as its sender says.
    pub body: Bytes,
}

impl FromRequest<App> for Announcement {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let (key, tenant_id) = match admit(&mut parts, app).await {
            Ok(admitted) => admitted,
            Err(problem) => {
                discard(body).await;
                return Err(problem);
            }
        };
        let body = read_within(body, contract::ingest::MAX_BYTES).await?;
        Ok(Self {
            key,
            tenant_id,
            body,
        })
    }
}

/// An answer that comes before the body's end may never be seen by its sender.
async fn discard(body: Body) {
    drop(read_within(body, 0).await);
}

async fn admit(parts: &mut Parts, app: &App) -> Result<(Arc<MachineKey>, TenantId), Problem> {
    let token = bearer(&parts.headers).ok_or_else(Problem::key_needed)?;
    let key = match app.known_keys.get(token) {
        Some(known) => known,
        None => {
            let found = app.store.key(token).await?;
            app.known_keys
                .put(token, found.ok_or_else(Problem::key_needed)?)
        }
    };
    note_use(app, token, &key).await;
    let tenant_id = path_segment(parts, app, "tenant")
        .await
        .and_then(|text| text.parse::<TenantId>().ok())
        .filter(|tenant_id| key.tenants.contains(tenant_id))
        .ok_or_else(Problem::not_yours)?;
    // The first event, before its body is read: a key that is over its rate costs next to nothing.
    take(app, &key, 1)?;
    if !is_json(&parts.headers) {
        return Err(Problem::json_only());
    }
    Ok((key, tenant_id))
}

/// Takes room for that many events of the key.
///
/// # Errors
/// 429 with the time to wait.
pub fn take(app: &App, key: &MachineKey, n_events: usize) -> Result<(), Problem> {
    let taken = app.event_rate.take(key.id, n_events, Instant::now());
    taken.map_err(|wait| {
        Problem::too_many(
            "This key announces more events than it may. Wait, then send them again: none of this body was taken.",
            wait,
        )
    })
}

async fn note_use(app: &App, token: TokenHash, key: &MachineKey) {
    let now = app.store.now();
    let is_fresh = key
        .last_used_at
        .is_some_and(|at| now.since(at) < USE_EVERY_MS);
    if is_fresh {
        return;
    }
    // Before the write, so that the requests that come meanwhile do not write too.
    app.known_keys.used(token, key, now);
    if let Err(error) = app.store.key_used(key.id).await {
        // The batch is worth more than the note.
        tracing::warn!(
            key.id = key.id.0,
            "failed to note a key's use: failed to {error}"
        );
    }
}

/// Keys that stood when they were asked for. As many as there are, since nobody finds another's token.
#[derive(Default)]
pub struct KnownKeys(Mutex<HashMap<TokenHash, Arc<MachineKey>>>);

impl KnownKeys {
    fn get(&self, token: TokenHash) -> Option<Arc<MachineKey>> {
        self.lock().get(&token).cloned()
    }

    fn put(&self, token: TokenHash, key: MachineKey) -> Arc<MachineKey> {
        let key = Arc::new(key);
        self.lock().insert(token, Arc::clone(&key));
        key
    }

    fn used(&self, token: TokenHash, key: &MachineKey, at: Timestamp) {
        let mut key = key.clone();
        key.last_used_at = Some(at);
        self.put(token, key);
    }

    fn forget(&self, token: TokenHash) {
        self.lock().remove(&token);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TokenHash, Arc<MachineKey>>> {
        // Each key is put or removed as a whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers 401 to a key that was revoked since it was found, whatever else is wrong with its request. Where events were taken, the
/// transaction has looked.
pub async fn only_standing(State(app): State<App>, request: Request, next: Next) -> Response {
    let token = bearer(request.headers());
    let response = next.run(request).await;
    let Some(token) = token.filter(|_| !response.status().is_success()) else {
        return response;
    };
    if response.status() == StatusCode::UNAUTHORIZED {
        app.known_keys.forget(token);
        return response;
    }
    match app.store.key(token).await {
        Ok(Some(_stands)) => response,
        Ok(None) => {
            app.known_keys.forget(token);
            Problem::key_needed().into_response()
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

fn bearer(headers: &HeaderMap) -> Option<TokenHash> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim().strip_prefix(PREFIX)?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| tokens::token_hash(token)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_key_is_a_bearer_token_with_its_prefix() {
        let (token, hash) = tokens::new_token();
        for (value, expected) in [
            (format!("Bearer {PREFIX}{token}"), Some(hash)),
            (format!("bearer  {PREFIX}{token} "), Some(hash)),
            (format!("Bearer {token}"), None),
            (format!("Basic {PREFIX}{token}"), None),
            (format!("{PREFIX}{token}"), None),
            ("Bearer tak_x".to_owned(), None),
            ("Bearer".to_owned(), None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
            assert_eq!(bearer(&headers), expected, "{value}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }

    #[test]
    fn a_name_is_no_number() {
        assert!(is_name("portal 1") && !is_name("12") && !is_name(""));
    }
}
