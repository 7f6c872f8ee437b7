//! Who reads what. One lock guards it all, so that "from here on" is one moment for position, mailboxes and progress.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use contract::frame::{Bye, Progress, name};
use contract::ids::{PersonId, RunKey, TenantId};
use runs::people::SessionId;

use super::mailbox::Mailbox;
use super::{Full, MOST_OF_A_PERSON, MOST_OF_ALL, OpenSession, Reader, Reason, encode};

pub(super) type SubscriberId = u64;

#[derive(Default)]
pub(super) struct Directory {
    /// The newest event that was told.
    pub(super) position: u64,
    /// Nobody is let in any more.
    pub(super) closing: bool,
    /// Of each running run, the latest.
    pub(super) progress: BTreeMap<RunKey, Arc<Progress>>,
    last_id: SubscriberId,
    readers: BTreeMap<SubscriberId, (Reader, Arc<Mailbox>)>,
    by_tenant: BTreeMap<TenantId, BTreeMap<SubscriberId, Arc<Mailbox>>>,
    by_person: BTreeMap<PersonId, BTreeSet<SubscriberId>>,
    by_session: BTreeMap<SessionId, BTreeSet<SubscriberId>>,
}

impl Directory {
    pub(super) fn add(&mut self, reader: Reader) -> Result<(SubscriberId, Arc<Mailbox>), Full> {
        if self.closing {
            return Err(Full::Closing);
        }
        if self.readers.len() >= MOST_OF_ALL {
            return Err(Full::All);
        }
        let of_person = self.by_person.entry(reader.person).or_default();
        if of_person.len() >= MOST_OF_A_PERSON {
            return Err(Full::Person);
        }
        self.last_id += 1;
        let id = self.last_id;
        of_person.insert(id);
        self.by_session
            .entry(reader.session)
            .or_default()
            .insert(id);
        let mailbox = Arc::new(Mailbox::new(reader.after.unwrap_or(0)));
        for tenant_id in &reader.scope {
            let of_tenant = self.by_tenant.entry(*tenant_id).or_default();
            of_tenant.insert(id, Arc::clone(&mailbox));
        }
        self.readers.insert(id, (reader, Arc::clone(&mailbox)));
        Ok((id, mailbox))
    }

    pub(super) fn remove(&mut self, id: SubscriberId) {
        let Some((reader, _)) = self.readers.remove(&id) else {
            return;
        };
        for tenant_id in &reader.scope {
            if let Some(of_tenant) = self.by_tenant.get_mut(tenant_id) {
                of_tenant.remove(&id);
            }
        }
        take_out(&mut self.by_person, &reader.person, id);
        take_out(&mut self.by_session, &reader.session, id);
    }

    pub(super) fn tell_tenant(
        &mut self,
        tenant_id: TenantId,
        frame: &Bytes,
        position: Option<u64>,
    ) {
        // One that takes nothing more is left out from now on; it leaves by itself when its connection ends.
        if let Some(of_tenant) = self.by_tenant.get_mut(&tenant_id) {
            of_tenant.retain(|_, mailbox| mailbox.push(frame, position));
        }
    }

    pub(super) fn tell_person(&self, person: PersonId, frame: &Bytes) {
        for id in self.of_person(person) {
            if let Some((_, mailbox)) = self.readers.get(&id) {
                mailbox.push(frame, None);
            }
        }
    }

    pub(super) fn tell_all(&mut self, frame: &Bytes) {
        for (_, mailbox) in self.readers.values() {
            mailbox.push(frame, None);
        }
    }

    pub(super) fn close(&mut self, ids: &[SubscriberId], reason: Reason) {
        // All of them together would come back at once; this is about 4,000 a second.
        let spread_ms = (ids.len() as u64 / 4).max(250);
        for id in ids {
            if let Some((_, mailbox)) = self.readers.get(id) {
                let bye = Bye {
                    retry_ms: 50 + rand::random_range(0..spread_ms),
                    reason: reason.as_str().to_owned(),
                };
                mailbox.end_with(encode(name::BYE, &bye));
            }
        }
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

    pub(super) fn progress_of(&self, scope: &[TenantId]) -> Vec<Arc<Progress>> {
        self.progress
            .values()
            .filter(|progress| scope.contains(&progress.tenant_id))
            .cloned()
            .collect()
    }

    pub(super) fn open_sessions(&self) -> Vec<OpenSession> {
        self.by_session
            .iter()
            .filter_map(|(session, ids)| {
                let (reader, _) = self.readers.get(ids.first()?)?;
                Some(OpenSession {
                    session: *session,
                    token: reader.token,
                    tenants: reader.tenants.clone(),
                })
            })
            .collect()
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
