//! What the hub does with each change, in the order of the commits.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use contract::frame::{PULSE_EVERY_MS, Progress, Pulse, name};
use contract::ids::{EventId, TenantId};
use contract::run::RunStatus;
use contract::timestamp::Timestamp;
use runs::change::{Change, LoggedEvent};
use tokio::time::Instant;

use super::directory::Directory;
use super::mailbox::Frame;
use super::outgoing::Outgoing;
use super::pace::Pace;
use super::{Changes, Hub, Reason, encode, encode_run, progress_of};

/// So many changes are told together, so that a reader gets them in one write. A commit may hold many more: readers get the first of them
/// while the last are encoded.
const TOLD_AT_ONCE: usize = 256;
/// How often streams whose time is up are looked for.
const OLD_EVERY: Duration = Duration::from_secs(1);

impl Hub {
    /// Tells what was committed until the server ends. `now` is the store's clock.
    pub async fn pump(&self, mut changes: Changes, now: impl Fn() -> Timestamp + Send) {
        let mut pace = Pace::default();
        let every = Duration::from_millis(PULSE_EVERY_MS);
        let mut pulse = tokio::time::interval_at(Instant::now() + every, every);
        let mut old = tokio::time::interval(OLD_EVERY);
        let mut outgoing = Outgoing::default();
        loop {
            let seals_due = self.lock().seals.next_due();
            let due = [pace.next_due(), seals_due].into_iter().flatten().min();
            tokio::select! {
                batch = changes.0.recv() => {
                    // The hub holds a sender itself, so the channel does not close before it.
                    let mut batch = batch.unwrap_or_default().into_iter();
                    while batch.len() > 0 {
                        let some = batch.by_ref().take(TOLD_AT_ONCE);
                        self.tell(some, &mut pace, now(), &mut outgoing);
                        outgoing.deliver().await;
                    }
                }
                () = sleep_until(due) => {}
                _ = pulse.tick() => self.pulse(now(), &mut outgoing),
                _ = old.tick() => {
                    let touched = &mut outgoing.touched;
                    self.lock().close_old(Instant::now(), touched);
                }
            }
            self.tell_what_is_due(&mut pace, now(), &mut outgoing);
            outgoing.deliver().await;
        }
    }

    fn tell(
        &self,
        changes: impl Iterator<Item = Change>,
        pace: &mut Pace,
        now: Timestamp,
        outgoing: &mut Outgoing,
    ) {
        let mut directory = self.lock();
        let mut changed: Vec<TenantId> = Vec::new();
        for change in changes {
            match change {
                Change::Run(event) => {
                    changed.push(event.run.tenant_id);
                    self.tell_run(&mut directory, &event, pace, outgoing);
                }
                Change::Progress(progress) => {
                    if let Some(known) = directory.progress.get_mut(&progress.key()) {
                        *known = Arc::clone(&progress);
                    } else if progress.n_seen > 0 {
                        let position = directory.position;
                        directory.seen.keep(position, &progress);
                    } else {
                        // The run has ended: a late one is of no use to anybody.
                        continue;
                    }
                    if let Some(progress) = pace.offer(progress, Instant::now()) {
                        tell_progress(&directory, &progress, outgoing);
                    }
                }
                Change::Marks(person, marks) => {
                    let frame = unlogged(encode(name::MARKS, &*marks));
                    directory.tell_person(person, &frame, &mut outgoing.touched);
                }
                Change::Access(person) => {
                    directory.access.0 += 1;
                    // Behind what was committed before.
                    outgoing.put();
                    let ids = directory.of_person(person);
                    directory.close(&ids, Reason::AccessChanged, &mut outgoing.touched);
                }
                Change::SessionEnded(session) => {
                    directory.access.0 += 1;
                    outgoing.put();
                    let ids = directory.of_session(session);
                    directory.close(&ids, Reason::SignedOut, &mut outgoing.touched);
                }
            }
        }
        changed.sort_unstable();
        changed.dedup();
        let at = Instant::now();
        for tenant_id in changed {
            if directory.seals.may_go_along(tenant_id, at) {
                tell_seal(&mut directory, tenant_id, now, outgoing);
            }
        }
    }

    fn tell_run(
        &self,
        directory: &mut Directory,
        event: &LoggedEvent,
        pace: &mut Pace,
        outgoing: &mut Outgoing,
    ) {
        let LoggedEvent { position, run } = event;
        let key = run.key();
        pace.supersede(&key);
        directory.position = *position;
        directory.seals.take(run, &key);
        directory.seen.supersede(&key);
        if run.status == RunStatus::Running {
            let progress = Arc::new(progress_of(run));
            directory.progress.insert(key, progress);
        } else {
            directory.progress.remove(&key);
        }
        let bytes = encode_run(self.epoch(), event);
        directory
            .recent
            .push(*position, run.tenant_id, bytes.clone());
        let position = Some(*position);
        tell_tenant(
            directory,
            run.tenant_id,
            Frame { bytes, position },
            outgoing,
        );
    }

    fn tell_what_is_due(&self, pace: &mut Pace, now: Timestamp, outgoing: &mut Outgoing) {
        let at = Instant::now();
        let mut directory = self.lock();
        for progress in pace.due(at) {
            tell_progress(&directory, &progress, outgoing);
        }
        for tenant_id in directory.seals.due(at) {
            tell_seal(&mut directory, tenant_id, now, outgoing);
        }
    }

    fn pulse(&self, server_time: Timestamp, outgoing: &mut Outgoing) {
        let directory = self.lock();
        let pulse = Pulse {
            head: EventId {
                epoch: self.epoch().to_owned(),
                position: directory.position,
            },
            server_time,
        };
        let frame = unlogged(encode(name::PULSE, &pulse));
        directory.tell_all(&frame, &mut outgoing.touched);
    }
}

fn tell_tenant(directory: &Directory, tenant_id: TenantId, frame: Frame, outgoing: &mut Outgoing) {
    if let Some(mailboxes) = directory.of_tenant(tenant_id) {
        outgoing.add(mailboxes, frame);
    }
}

fn tell_progress(directory: &Directory, progress: &Progress, outgoing: &mut Outgoing) {
    let frame = unlogged(encode(name::PROGRESS, progress));
    tell_tenant(directory, progress.tenant_id, frame, outgoing);
}

fn tell_seal(
    directory: &mut Directory,
    tenant_id: TenantId,
    now: Timestamp,
    outgoing: &mut Outgoing,
) {
    let frame = unlogged(directory.seals.frame(tenant_id, now));
    tell_tenant(directory, tenant_id, frame, outgoing);
}

/// A frame that carries no id.
fn unlogged(bytes: Bytes) -> Frame {
    Frame {
        bytes,
        position: None,
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
