//! Tells open streams what was committed: each frame is encoded once and shared by all who receive it.
//!
//! Takes the store's changes in commit order ([`Hub::on_commit`]), gives each reader a [`Live`] stream. Invents nothing: what it tells was
//! durable before. **Invariant**: once it has begun ([`Beginning`]), nothing here reads the store or waits for a reader.

mod beginning;
mod directory;
mod frames;
mod limits;
mod mailbox;
mod outgoing;
mod pace;
mod pump;
mod recent;
mod seals;
mod seen;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use bytes::Bytes;
use contract::api::TenantRef;
use contract::frame::Progress;
use contract::ids::{PersonId, TenantId};
use contract::run::Run;
use contract::timestamp::Timestamp;
use runs::change::{Change, OnCommit};
use runs::people::{SessionId, TokenHash};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub use beginning::Beginning;
pub use frames::{encode, encode_run};
pub use limits::Limits;
pub use mailbox::{Live, Wanted};

use directory::{Directory, SubscriberId, Touched};

/// Why a stream ends, as `bye` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The server goes away.
    Shutdown,
    /// The session ended.
    SignedOut,
    /// The person's tenants or roles are others now.
    AccessChanged,
    /// It was open for long enough: connecting anew spreads readers over servers again.
    Lifetime,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Shutdown => "shutdown",
            Self::SignedOut => "signed_out",
            Self::AccessChanged => "access_changed",
            Self::Lifetime => "lifetime",
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
    pub tenants: Arc<[TenantRef]>,
    /// The tenants that are told: some or all of `tenants`.
    pub scope: Arc<[TenantId]>,
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
    pub scope: Arc<[TenantId]>,
    /// Of each running run in the scope, and of failures that somebody saw meanwhile, as of `begins_after` or a little later.
    pub progress: Vec<Arc<Progress>>,
    /// The frames of the tenants' seals, as of `begins_after`.
    pub seals: Vec<Bytes>,
    /// The frames of the events between [`Reader::after`] and `begins_after`; `None` where they have to be read from the store.
    pub missed: Option<Bytes>,
    /// As of the moment at which it was opened.
    pub access: Access,
}

/// How often somebody's access has changed. Where it is the same before the store was asked for somebody and after their stream was opened,
/// what the store said holds for the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access(u64);

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The person has so many.
    Person(usize),
    /// The server has [`Limits::most_of_all`].
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
    pub tenants: Arc<[TenantRef]>,
}

/// The one hub of a server.
pub struct Hub {
    /// Written once, before the first reader; see [`Hub::begin_at`].
    epoch: OnceLock<String>,
    /// Written by the pump, and by readers that come and go. Held for as long as it takes to hand some frames to all mailboxes; no socket
    /// is written to meanwhile.
    directory: Mutex<Directory>,
    to_pump: UnboundedSender<Vec<Change>>,
}

/// What the pump takes: made with the hub, given to [`Hub::pump`] once.
pub struct Changes(UnboundedReceiver<Vec<Change>>);

impl Hub {
    /// A hub that nobody reads, and the end from which it is fed.
    pub fn new(limits: Limits) -> (Arc<Self>, Changes) {
        let (to_pump, changes) = unbounded_channel();
        let hub = Arc::new(Self {
            epoch: OnceLock::new(),
            directory: Mutex::new(Directory::new(limits)),
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

    /// Where things stand before anything is told. Call it once the store is open and before anything is started.
    pub fn begin_at(&self, beginning: Beginning) {
        let Beginning {
            head,
            recent,
            running,
            failures,
        } = beginning;
        let epoch = self.epoch.get_or_init(|| head.epoch);
        let mut directory = self.lock();
        directory.position = head.position;
        let before = recent.first().map(|event| event.position - 1);
        directory.recent.begin(before.unwrap_or(head.position));
        for event in &recent {
            let frame = encode_run(epoch, event);
            let tenant_id = event.run.tenant_id;
            directory.recent.push(event.position, tenant_id, frame);
        }
        let progress = running
            .iter()
            .map(|run| (run.key(), Arc::new(progress_of(run))));
        directory.progress.extend(progress);
        directory.seals.begin(failures);
    }

    /// The epoch of the log.
    pub fn epoch(&self) -> &str {
        self.epoch.get().map_or("", String::as_str)
    }

    /// Opens a stream. Everything that is told from now on is in it. `now` is the store's clock.
    pub fn subscribe(self: &Arc<Self>, reader: Reader, now: Timestamp) -> Result<Subscribed, Full> {
        let mut directory = self.lock();
        let scope = Arc::clone(&reader.scope);
        let after = reader.after;
        let (id, mailbox) = directory.add(reader)?;
        let missed = match after {
            None => Some(Bytes::new()),
            Some(after) => directory.recent.after(after, &scope),
        };
        let mut progress = directory.progress_of(&scope);
        if let Some(after) = after {
            progress.append(&mut directory.seen.after(after, &scope));
        }
        let seals = scope
            .iter()
            .map(|tenant_id| directory.seals.frame(*tenant_id, now))
            .collect();
        Ok(Subscribed {
            live: Live::new(Arc::clone(self), id, mailbox),
            begins_after: directory.position,
            scope,
            progress,
            seals,
            missed,
            access: directory.access,
        })
    }

    /// Ask it before the store is asked who somebody is; see [`Subscribed::access`].
    pub fn access(&self) -> Access {
        self.lock().access
    }

    /// Another process may have changed somebody's access.
    pub fn access_changed(&self) {
        self.lock().access.0 += 1;
    }

    /// Ends the streams of a session.
    pub fn end_session(&self, session: SessionId, reason: Reason) {
        self.end(reason, |directory| directory.of_session(session));
    }

    /// Says `bye` to everybody, and lets nobody in any more.
    pub fn close(&self) {
        self.end(Reason::Shutdown, |directory| {
            directory.closing = true;
            directory.all()
        });
    }

    fn end(&self, reason: Reason, which: impl FnOnce(&mut Directory) -> Vec<SubscriberId>) {
        let mut touched = Touched::new();
        let mut directory = self.lock();
        let ids = which(&mut directory);
        directory.close(&ids, reason, &mut touched);
        drop(directory);
        for mailbox in touched {
            mailbox.flush();
        }
    }

    /// Sessions with open streams.
    pub fn open_sessions(&self) -> Vec<OpenSession> {
        self.lock().open_sessions()
    }

    /// How many streams are open.
    pub fn n_streams(&self) -> usize {
        self.lock().n_readers()
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
        seen_by: run.seen_by.clone(),
        n_seen: run.n_seen,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use contract::ids::{EventId, RunId, TenantSeq};
    use contract::run::RunStatus;
    use futures::StreamExt as _;
    use runs::change::LoggedEvent;
    use tokio::time::Instant;

    /// A run of tenant 1.
    pub(super) fn run(seq: u64, run_id: i64, status: RunStatus) -> Run {
        let seq = TenantSeq(i64::try_from(seq).unwrap());
        Run::bare(TenantId(1), RunId(run_id), seq, status)
    }

    fn event(position: u64, status: RunStatus) -> Change {
        Change::Run(LoggedEvent {
            position,
            run: Arc::new(run(position, 7, status)),
        })
    }

    fn reader(after: Option<u64>) -> Reader {
        Reader {
            person: PersonId(1),
            session: SessionId(1),
            token: [0; 32],
            tenants: Arc::new([]),
            scope: Arc::new([TenantId(1)]),
            after,
        }
    }

    fn running() -> Arc<Hub> {
        running_within(Limits::default())
    }

    fn running_within(limits: Limits) -> Arc<Hub> {
        let (hub, changes) = Hub::new(limits);
        let head = EventId {
            epoch: "e".into(),
            position: 4,
        };
        hub.begin_at(Beginning {
            head,
            recent: vec![],
            running: vec![],
            failures: vec![],
        });
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
        let mut early = hub.subscribe(reader(None), Timestamp(0)).unwrap();
        assert_eq!(early.begins_after, 4);
        tell(&[event(5, RunStatus::Queued)]);
        assert!(
            next(&mut early.live)
                .await
                .starts_with("id: e-5\nevent: run\n")
        );
        let mut late = hub.subscribe(reader(None), Timestamp(0)).unwrap();
        assert_eq!((late.begins_after, late.progress.len()), (5, 0));
        // A snapshot may be ahead of what was told: what it holds is not told again.
        let mut ahead = hub.subscribe(reader(Some(6)), Timestamp(0)).unwrap();
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
        let mut reader = hub.subscribe(reader(None), Timestamp(0)).unwrap();
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
        let mut open = hub.subscribe(reader(None), Timestamp(0)).unwrap();
        hub.close();
        assert!(next(&mut open.live).await.starts_with("event: bye\n"));
        assert!(open.live.next().await.is_none());
        assert_eq!(
            hub.subscribe(reader(None), Timestamp(0)).err(),
            Some(Full::Closing)
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn readers_in_their_thousands_get_every_event_in_order() {
        let hub = running_within(Limits {
            most_of_a_person: 3_000,
            ..Limits::default()
        });
        let tell = hub.on_commit();
        let mut readers: Vec<Subscribed> = (0..3_000)
            .map(|_reader| hub.subscribe(reader(None), Timestamp(0)).unwrap())
            .collect();
        for position in (5..25).step_by(2) {
            let two = [
                event(position, RunStatus::Queued),
                event(position + 1, RunStatus::Running),
            ];
            tell(&two);
        }
        for reader in &mut readers {
            let mut text = String::new();
            while !text.contains("id: e-24\n") {
                text += &next(&mut reader.live).await;
            }
            let ids = text.lines().filter_map(|line| line.strip_prefix("id: e-"));
            assert!(ids.eq((5..25).map(|position| position.to_string())));
        }
    }
}
