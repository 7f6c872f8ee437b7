//! Tells open streams what was committed: each frame is encoded once and shared by all who receive it.
//!
//! Takes the store's changes in commit order ([`Hub::on_commit`]), gives each reader a [`Live`] stream. Invents nothing: what it tells was
//! durable before. **Invariant**: nothing here reads the store or waits for a reader.

mod directory;
mod frames;
mod mailbox;
mod pace;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use contract::api::TenantRef;
use contract::frame::{PULSE_EVERY_MS, Progress};
use contract::ids::{EventId, PersonId, TenantId};
use contract::run::{Run, RunStatus};
use contract::timestamp::Timestamp;
use runs::change::{Change, OnCommit};
use runs::people::{SessionId, TokenHash};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

pub use frames::{encode, encode_run};
pub use mailbox::{Live, Wanted};

use directory::{Directory, SubscriberId};
use pace::Pace;

/// Streams of one person: tabs share one, so this is many browsers.
pub const MOST_OF_A_PERSON: usize = 64;
/// Streams of this server.
pub const MOST_OF_ALL: usize = 10_000;

/// Why a stream ends, as `bye` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The server goes away.
    Shutdown,
    /// The session ended.
    SignedOut,
    /// The person's tenants or roles are others now.
    AccessChanged,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Shutdown => "shutdown",
            Self::SignedOut => "signed_out",
            Self::AccessChanged => "access_changed",
        }
    }
}

/// Who reads, and what.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Whose stream.
    pub person: PersonId,
    /// It ends with this session.
    pub session: SessionId,
    /// For asking the store again whether the session still stands.
    pub token: TokenHash,
    /// What the person could see when the stream began; another answer ends it.
    pub tenants: Vec<TenantRef>,
    /// The tenants that are told: some or all of `tenants`.
    pub scope: Vec<TenantId>,
    /// The reader has every event up to this.
    pub after: Option<u64>,
}

/// A stream that is open from now on.
pub struct Subscribed {
    /// What comes after `begins_after`; ends with `bye`, or at once if the reader falls behind.
    pub live: Live,
    /// Every event with a higher position is in `live`. Those up to it are in the store.
    pub begins_after: u64,
    /// The tenants that are told.
    pub scope: Vec<TenantId>,
    /// Of each running run in the scope, as of `begins_after` or a little later.
    pub progress: Vec<Arc<Progress>>,
}

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// [`MOST_OF_A_PERSON`].
    Person,
    /// [`MOST_OF_ALL`].
    All,
    /// The server is going away.
    Closing,
}

/// A session with open streams, for the slow check of what another process may have changed.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Which.
    pub session: SessionId,
    /// What the store knows it by.
    pub token: TokenHash,
    /// What its person could see when the stream began.
    pub tenants: Vec<TenantRef>,
}

/// The one hub of a server.
pub struct Hub {
    /// Written once, before the first reader; see [`Hub::begin_at`].
    epoch: OnceLock<String>,
    /// Written by the pump, and by readers that come and go. Held for as long as it takes to hand one frame to all.
    directory: Mutex<Directory>,
    to_pump: UnboundedSender<Vec<Change>>,
}

/// What the pump takes: made with the hub, given to [`Hub::pump`] once.
pub struct Changes(UnboundedReceiver<Vec<Change>>);

impl Hub {
    /// A hub that nobody reads, and the end from which it is fed.
    pub fn new() -> (Arc<Self>, Changes) {
        let (to_pump, changes) = unbounded_channel();
        let hub = Arc::new(Self {
            epoch: OnceLock::new(),
            directory: Mutex::new(Directory::default()),
            to_pump,
        });
        (hub, Changes(changes))
    }

    /// For the store: hands the changes over without waiting, on the store's writer thread.
    pub fn on_commit(&self) -> OnCommit {
        let to_pump = self.to_pump.clone();
        // An error means that the pump has ended: the server is going away, and readers resume from the log.
        Box::new(move |changes| drop(to_pump.send(changes.to_vec())))
    }

    /// Where the log and the runs that are running stand before anything is told. Call it once the store is open and before anything is
    /// started.
    pub fn begin_at(&self, head: &EventId, running: &[Run]) {
        self.epoch.get_or_init(|| head.epoch.clone());
        let mut directory = self.lock();
        directory.position = directory.position.max(head.position);
        let progress = running
            .iter()
            .map(|run| (run.key(), Arc::new(progress_of(run))));
        directory.progress.extend(progress);
    }

    /// The epoch of the log.
    pub fn epoch(&self) -> &str {
        self.epoch.get().map_or("", String::as_str)
    }

    /// Tells what was committed until the server ends. `now` is the store's clock.
    pub async fn pump(&self, mut changes: Changes, now: impl Fn() -> Timestamp + Send) {
        let mut pace = Pace::default();
        let every = Duration::from_millis(PULSE_EVERY_MS);
        let mut pulse = tokio::time::interval_at(Instant::now() + every, every);
        loop {
            let due = pace.next_due();
            tokio::select! {
                batch = changes.0.recv() => {
                    // The hub holds a sender itself, so the channel does not close before it.
                    for change in batch.unwrap_or_default() {
                        self.tell(change, &mut pace);
                    }
                }
                () = sleep_until(due) => {}
                _ = pulse.tick() => self.pulse(now()),
            }
            for progress in pace.due(Instant::now()) {
                self.tell_progress(&progress);
            }
        }
    }

    fn tell(&self, change: Change, pace: &mut Pace) {
        match change {
            Change::Run(event) => {
                let key = event.run.key();
                pace.supersede(&key);
                let frame = encode_run(self.epoch(), &event);
                let mut directory = self.lock();
                directory.position = event.position;
                if event.run.status == RunStatus::Running {
                    directory
                        .progress
                        .insert(key, Arc::new(progress_of(&event.run)));
                } else {
                    directory.progress.remove(&key);
                }
                directory.tell_tenant(event.run.tenant_id, &frame, Some(event.position));
            }
            Change::Progress(progress) => {
                {
                    let mut directory = self.lock();
                    let known = directory.progress.get_mut(&progress.key());
                    // Absent once the run has ended: a late one is of no use to anybody.
                    let Some(known) = known else { return };
                    *known = Arc::clone(&progress);
                }
                if let Some(progress) = pace.offer(progress, Instant::now()) {
                    self.tell_progress(&progress);
                }
            }
            Change::Marks(person, marks) => {
                let frame = encode(contract::frame::name::MARKS, &*marks);
                self.lock().tell_person(person, &frame);
            }
            Change::Access(person) => {
                let mut directory = self.lock();
                let ids = directory.of_person(person);
                directory.close(&ids, Reason::AccessChanged);
            }
            Change::SessionEnded(session) => self.end_session(session, Reason::SignedOut),
        }
    }

    fn tell_progress(&self, progress: &Progress) {
        let frame = encode(contract::frame::name::PROGRESS, progress);
        self.lock().tell_tenant(progress.tenant_id, &frame, None);
    }

    fn pulse(&self, server_time: Timestamp) {
        let mut directory = self.lock();
        let pulse = contract::frame::Pulse {
            head: EventId {
                epoch: self.epoch().to_owned(),
                position: directory.position,
            },
            server_time,
        };
        directory.tell_all(&encode(contract::frame::name::PULSE, &pulse));
    }

    /// Opens a stream. Everything that is told from now on is in it.
    pub fn subscribe(self: &Arc<Self>, reader: Reader) -> Result<Subscribed, Full> {
        let mut directory = self.lock();
        let scope = reader.scope.clone();
        let (id, mailbox) = directory.add(reader)?;
        let progress = directory.progress_of(&scope);
        Ok(Subscribed {
            live: Live::new(Arc::clone(self), id, mailbox),
            begins_after: directory.position,
            scope,
            progress,
        })
    }

    /// Ends the streams of a session.
    pub fn end_session(&self, session: SessionId, reason: Reason) {
        let mut directory = self.lock();
        let ids = directory.of_session(session);
        directory.close(&ids, reason);
    }

    /// Says `bye` to everybody, and lets nobody in any more.
    pub fn close(&self) {
        let mut directory = self.lock();
        directory.closing = true;
        let ids = directory.all();
        directory.close(&ids, Reason::Shutdown);
    }

    /// Sessions with open streams, each once.
    pub fn open_sessions(&self) -> Vec<OpenSession> {
        self.lock().open_sessions()
    }

    /// How many streams are open.
    pub fn n_streams(&self) -> usize {
        self.lock().all().len()
    }

    fn leave(&self, id: SubscriberId) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, Directory> {
        self.directory
            .lock()
            .expect("no code panics while it holds the directory")
    }
}

fn progress_of(run: &Run) -> Progress {
    Progress {
        tenant_id: run.tenant_id,
        source: run.source.clone(),
        run_type: run.run_type.clone(),
        run_id: run.run_id,
        tenant_seq: run.tenant_seq,
        rev: run.rev,
        counts: run.counts,
        at: run.at,
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::ids::{Rev, RunId, TenantSeq};
    use contract::run::{Counts, RUN_VERSION};
    use futures::StreamExt as _;
    use runs::change::LoggedEvent;

    fn event(position: u64, status: RunStatus) -> Change {
        let seq = TenantSeq(i64::try_from(position).unwrap());
        let run = Run {
            v: RUN_VERSION,
            tenant_id: TenantId(1),
            tenant_seq: seq,
            status_seq: seq,
            rev: Rev(seq.0),
            source: String::new(),
            run_type: "bulk_operation".into(),
            run_id: RunId(7),
            status,
            attempt: 1,
            counts: Counts::default(),
            operation: String::new(),
            target: String::new(),
            started_by: None,
            at: Timestamp(0),
            queued_at: Timestamp(0),
            started_at: None,
            ended_at: None,
            stalled_since: None,
            waiting: None,
            acknowledged: None,
            error: None,
        };
        Change::Run(LoggedEvent {
            position,
            run: Arc::new(run),
        })
    }

    fn reader(after: Option<u64>) -> Reader {
        Reader {
            person: PersonId(1),
            session: SessionId(1),
            token: [0; 32],
            tenants: vec![],
            scope: vec![TenantId(1)],
            after,
        }
    }

    fn running() -> Arc<Hub> {
        let (hub, changes) = Hub::new();
        let head = EventId {
            epoch: "e".into(),
            position: 4,
        };
        hub.begin_at(&head, &[]);
        let pump = Arc::clone(&hub);
        tokio::spawn(async move { pump.pump(changes, || Timestamp(0)).await });
        hub
    }

    async fn next(live: &mut Live) -> String {
        let Ok(frames) = live.next().await.unwrap();
        String::from_utf8(frames.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_is_told_begins_behind_the_position_that_a_reader_is_given() {
        let hub = running();
        let tell = hub.on_commit();
        let mut early = hub.subscribe(reader(None)).unwrap();
        assert_eq!(early.begins_after, 4);
        tell(&[event(5, RunStatus::Queued)]);
        assert!(
            next(&mut early.live)
                .await
                .starts_with("id: e-5\nevent: run\n")
        );
        let mut late = hub.subscribe(reader(None)).unwrap();
        assert_eq!((late.begins_after, late.progress.len()), (5, 0));
        // A snapshot may be ahead of what was told: what it holds is not told again.
        let mut ahead = hub.subscribe(reader(Some(6))).unwrap();
        tell(&[event(6, RunStatus::Running), event(7, RunStatus::Completed)]);
        assert!(next(&mut late.live).await.starts_with("id: e-6\n"));
        assert!(next(&mut ahead.live).await.starts_with("id: e-7\n"));
        assert_eq!(hub.n_streams(), 3);
        drop((early, late, ahead));
        assert_eq!(hub.n_streams(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pulse_with_the_head_comes_every_ten_seconds() {
        let hub = running();
        let mut reader = hub.subscribe(reader(None)).unwrap();
        let started = Instant::now();
        for n_pulses in 1..=3 {
            let pulse = next(&mut reader.live).await;
            let expected = "event: pulse\ndata: {\"head\":\"e-4\",\"server_time\":\"1970-01-01T00:00:00.000Z\"}\n\n";
            assert_eq!(pulse, expected);
            assert_eq!(started.elapsed().as_secs(), n_pulses * 10);
        }
    }

    #[tokio::test]
    async fn nobody_is_let_in_once_the_server_goes_away() {
        let hub = running();
        let mut open = hub.subscribe(reader(None)).unwrap();
        hub.close();
        assert!(next(&mut open.live).await.starts_with("event: bye\n"));
        assert!(open.live.next().await.is_none());
        assert_eq!(hub.subscribe(reader(None)).err(), Some(Full::Closing));
    }
}
