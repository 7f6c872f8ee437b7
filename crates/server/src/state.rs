//! What every handler may need, made once by `serve.rs`.

use std::sync::Arc;

use runs::Store;

use crate::assets::Assets;
use crate::event_rate::EventRate;
use crate::hub::Hub;
use crate::keys::KnownKeys;
use crate::limiter::Limiter;
use crate::passwords::Passwords;

/// Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Runs, policies, people.
    pub store: Arc<dyn Store>,
    /// Open streams.
    pub hub: Arc<Hub>,
    /// The built app.
    pub assets: Arc<Assets>,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Tries to sign in.
    pub limiter: Arc<Limiter>,
    /// Machine keys that were asked for before.
    pub known_keys: Arc<KnownKeys>,
    /// Events that machine keys announce.
    pub event_rate: Arc<EventRate>,
    /// Trust a reverse proxy's X-Forwarded-Proto and X-Forwarded-For.
    pub behind_proxy: bool,
}
