//! Who reads what. One lock guards it all, so that "from here on" is one moment for position, mailboxes, progress and seals.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use contract::api::TenantRef;
use contract::frame::{Bye, Progress, name};
use contract::ids::{PersonId, RunKey, TenantId};
use runs::people::SessionId;
use tokio::time::Instant;

use super::mailbox::{Frame, Mailbox};
use super::recent::Recent;
use super::seals::Seals;
use super::seen::Seen;
use super::{Access, Full, Limits, OpenSession, Reader, Reason, encode};

pub(super) type SubscriberId = u64;

/// Of a tenant's readers, shared with a delivery that goes on while readers come and go.
pub(super) type Mailboxes = Arc<BTreeMap<SubscriberId, Arc<Mailbox>>>;

/// Mailboxes that got something. Who fills them flushes them once the lock on the directory is let go.
pub(super) type Touched = Vec<Arc<Mailbox>>;

struct Entry {
    reader: Reader,
    mailbox: Arc<Mailbox>,
    /// Its place in `by_end`.
    ends_at: Instant,
}

pub(super) struct Directory {
    /// The newest event that was told.
    pub(super) position: u64,
    /// Nobody is let in any more.
    pub(super) closing: bool,
    /// Of each running run, the latest.
    pub(super) progress: BTreeMap<RunKey, Arc<Progress>>,
    /// Of failures.
    pub(super) seen: Seen,
    /// Of each tenant, as of `position`.
    pub(super) seals: Seals,
    /// Up to `position`.
    pub(super) recent: Recent,
    /// Rises whenever somebody may have lost access.
    pub(super) access: Access,
    limits: Limits,
    last_id: SubscriberId,
    readers: BTreeMap<SubscriberId, Entry>,
    by_tenant: BTreeMap<TenantId, Mailboxes>,
    by_person: BTreeMap<PersonId, BTreeSet<SubscriberId>>,
    by_session: BTreeMap<SessionId, BTreeSet<SubscriberId>>,
    /// When each reader is asked to connect anew.
    by_end: BTreeSet<(Instant, SubscriberId)>,
}

impl Directory {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            position: 0,
            closing: false,
            progress: BTreeMap::new(),
            seen: Seen::default(),
            seals: Seals::default(),
            recent: Recent::default(),
            access: Access::default(),
            limits,
            last_id: 0,
            readers: BTreeMap::new(),
            by_tenant: BTreeMap::new(),
            by_person: BTreeMap::new(),
            by_session: BTreeMap::new(),
            by_end: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, mut reader: Reader) -> Result<(SubscriberId, Arc<Mailbox>), Full> {
        if self.closing {
            return Err(Full::Closing);
        }
        if self.readers.len() >= self.limits.most_of_all {
            return Err(Full::All);
        }
        let of_person = self.by_person.entry(reader.person).or_default();
        if of_person.len() >= self.limits.most_of_a_person {
            return Err(Full::Person(self.limits.most_of_a_person));
        }
        // The tenants of a person are many and the same in each of their streams.
        if let Some(Entry { reader: other, .. }) =
            of_person.last().and_then(|id| self.readers.get(id))
            && other.tenants == reader.tenants
        {
            reader.tenants = Arc::clone(&other.tenants);
            if other.scope == reader.scope {
                reader.scope = Arc::clone(&other.scope);
            }
        }
        self.last_id += 1;
        let id = self.last_id;
        of_person.insert(id);
        self.by_session
            .entry(reader.session)
            .or_default()
            .insert(id);
        let mailbox = Arc::new(Mailbox::new(reader.after.unwrap_or(0)));
        for tenant_id in &*reader.scope {
            let of_tenant = self.by_tenant.entry(*tenant_id).or_default();
            Arc::make_mut(of_tenant).insert(id, Arc::clone(&mailbox));
        }
        let ends_at = Instant::now() + self.limits.a_lifetime();
        self.by_end.insert((ends_at, id));
        let entry = Entry {
            reader,
            mailbox: Arc::clone(&mailbox),
            ends_at,
        };
        self.readers.insert(id, entry);
        Ok((id, mailbox))
    }

    pub(super) fn remove(&mut self, id: SubscriberId) {
        let Some(Entry {
            reader, ends_at, ..
        }) = self.readers.remove(&id)
        else {
            return;
        };
        for tenant_id in &*reader.scope {
            if let Some(of_tenant) = self.by_tenant.get_mut(tenant_id) {
                Arc::make_mut(of_tenant).remove(&id);
            }
        }
        take_out(&mut self.by_person, &reader.person, id);
        take_out(&mut self.by_session, &reader.session, id);
        self.by_end.remove(&(ends_at, id));
    }

    pub(super) fn of_tenant(&self, tenant_id: TenantId) -> Option<&Mailboxes> {
        self.by_tenant.get(&tenant_id)
    }

    pub(super) fn tell_person(&self, person: PersonId, frame: &Frame, touched: &mut Touched) {
        let mailboxes = self
            .of_person(person)
            .into_iter()
            .filter_map(|id| self.readers.get(&id));
        push_all(mailboxes, frame, touched);
    }

    pub(super) fn tell_all(&self, frame: &Frame, touched: &mut Touched) {
        push_all(self.readers.values(), frame, touched);
    }

    pub(super) fn close(&self, ids: &[SubscriberId], reason: Reason, touched: &mut Touched) {
        // All of them together would come back at once; this is about 4,000 a second.
        let spread_ms = (ids.len() as u64 / 4).max(250);
        for id in ids {
            if let Some(Entry { mailbox, .. }) = self.readers.get(id) {
                let bye = Bye {
                    retry_ms: 50 + rand::random_range(0..spread_ms),
                    reason: reason.as_str().to_owned(),
                };
                mailbox.end_with(encode(name::BYE, &bye));
                touched.push(Arc::clone(mailbox));
            }
        }
    }

    /// Says `bye` to those whose time is up.
    pub(super) fn close_old(&mut self, now: Instant, touched: &mut Touched) {
        let mut old = Vec::new();
        while let Some((ends_at, id)) = self.by_end.first().copied()
            && ends_at <= now
        {
            self.by_end.pop_first();
            old.push(id);
        }
        self.close(&old, Reason::Lifetime, touched);
    }

    pub(super) fn of_person(&self, person: PersonId) -> Vec<SubscriberId> {
        listed(&self.by_person, &person)
    }

    pub(super) fn of_session(&self, session: SessionId) -> Vec<SubscriberId> {
        listed(&self.by_session, &session)
    }

    pub(super) fn all(&self) -> Vec<SubscriberId> {
        self.readers.keys().copied().collect()
    }

    pub(super) fn n_readers(&self) -> usize {
        self.readers.len()
    }

    pub(super) fn progress_of(&self, scope: &[TenantId]) -> Vec<Arc<Progress>> {
        self.progress
            .values()
            .filter(|progress| scope.contains(&progress.tenant_id))
            .cloned()
            .collect()
    }

    /// Sessions with open streams and what their readers were let in with, each once.
    pub(super) fn open_sessions(&self) -> Vec<OpenSession> {
        let mut sessions: Vec<OpenSession> = Vec::new();
        for (session, ids) in &self.by_session {
            // Two streams of a session may have begun before and after a change.
            let mut seen: Vec<&Arc<[TenantRef]>> = Vec::new();
            for Entry { reader, .. } in ids.iter().filter_map(|id| self.readers.get(id)) {
                if seen.contains(&&reader.tenants) {
                    continue;
                }
                seen.push(&reader.tenants);
                sessions.push(OpenSession {
                    session: *session,
                    token: reader.token,
                    tenants: Arc::clone(&reader.tenants),
                });
            }
        }
        sessions
    }
}

fn push_all<'a>(readers: impl Iterator<Item = &'a Entry>, frame: &Frame, touched: &mut Touched) {
    for Entry { mailbox, .. } in readers {
        if mailbox.push(frame) {
            touched.push(Arc::clone(mailbox));
        }
    }
}

fn listed<K: Ord>(index: &BTreeMap<K, BTreeSet<SubscriberId>>, key: &K) -> Vec<SubscriberId> {
    index
        .get(key)
        .map(|ids| ids.iter().copied().collect())
        .unwrap_or_default()
}

fn take_out<K: Ord>(index: &mut BTreeMap<K, BTreeSet<SubscriberId>>, key: &K, id: SubscriberId) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(&id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
