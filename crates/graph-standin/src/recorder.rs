//! What was called: a journal that proves "only GET", "once for each item", "no token to a foreign host".

use std::sync::Mutex;
use std::time::Instant;

use serde::Serialize;

/// One call.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Entry {
    /// From 1, in the order of arrival.
    pub number: u64,
    /// The connection it came on, from 1.
    pub connection: u64,
    /// `GET`.
    pub method: String,
    /// As it was sent, without the query.
    pub path: String,
    /// As it was sent, without the `?`.
    pub query: String,
    /// The directory id, where login or token name one.
    pub tenant: Option<String>,
    /// The answer's status; `None` while there is none, and for ever where the connection was closed without one.
    pub status: Option<u16>,
    /// The answer's id.
    pub request_id: String,
    /// The caller's id, where it sent one.
    pub client_request_id: Option<String>,
    /// Whether an Authorization header came along. Its content is kept nowhere.
    pub has_token: bool,
    /// SHA-256 in hex of the body, where there was one.
    pub body_sha256: Option<String>,
    /// Milliseconds since the start.
    pub at_ms: u64,
}

/// All calls of the two roles; the control port's own are not in it.
pub struct Journal {
    started_at: Instant,
    entries: Mutex<Vec<Entry>>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            started_at: Instant::now(),
            entries: Mutex::default(),
        }
    }

    /// A copy of every entry, in the order of arrival.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    /// How many calls are as `is_wanted` says.
    #[must_use]
    pub fn count(&self, is_wanted: impl Fn(&Entry) -> bool) -> usize {
        self.lock().iter().filter(|entry| is_wanted(entry)).count()
    }

    /// Every call to Graph, without those to the login host.
    #[must_use]
    pub fn graph_calls(&self) -> Vec<Entry> {
        self.lock()
            .iter()
            .filter(|entry| !is_login(&entry.path))
            .cloned()
            .collect()
    }

    /// Every call to the login host.
    #[must_use]
    pub fn token_calls(&self) -> Vec<Entry> {
        self.lock()
            .iter()
            .filter(|entry| is_login(&entry.path))
            .cloned()
            .collect()
    }

    /// Forgets all entries; numbers start again.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Adds a call and gives its number.
    pub(crate) fn arrived(&self, mut entry: Entry) -> u64 {
        let mut entries = self.lock();
        entry.number = entries.len() as u64 + 1;
        entry.at_ms = u64::try_from(self.started_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        let number = entry.number;
        entries.push(entry);
        number
    }

    pub(crate) fn answered(&self, number: u64, status: u16) {
        self.with(number, |entry| entry.status = Some(status));
    }

    fn with(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.lock();
        let index = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        // A reset may have cleared the journal while this call was held.
        if let Some(entry) = entries.get_mut(index) {
            change(entry);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.entries
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn is_login(path: &str) -> bool {
    path.ends_with("/oauth2/v2.0/token")
}
