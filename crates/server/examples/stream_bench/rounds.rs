//! What is done to each server, and what is measured: several rounds, the servers after one another in each.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::feed::now;
use crate::ours::Ours;
use crate::process::Process;
use crate::readers::{Order, Report};
use crate::subject::{Simple, Subject};

pub(crate) const TENANTS: usize = 40;
/// How many connections bring the events.
const FEEDS: usize = 8;
/// Readers that connect together where no restart is played.
const GENTLY: usize = 64;
/// Events that a reader missed over a restart.
const BEHIND: u64 = 25;

/// How much is done.
pub(crate) struct Size {
    pub(crate) n_streams: usize,
    pub(crate) n_rounds: usize,
    /// Of a phase with steady events.
    pub(crate) seconds: f64,
    /// Events of the burst; each reaches every stream.
    pub(crate) burst: usize,
}

impl Size {
    pub(crate) fn whole() -> Self {
        Self {
            n_streams: 4_000,
            n_rounds: 3,
            seconds: 4.0,
            burst: 250,
        }
    }

    pub(crate) fn quick() -> Self {
        Self {
            n_streams: 1_000,
            n_rounds: 1,
            seconds: 2.0,
            burst: 250,
        }
    }

    /// Each stream gets 20 events a second: 80,000 deliveries over 4,000 streams.
    const PER_STREAM: f64 = 20.0;
}

/// Of a phase with steady events.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Steady {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
    /// Of a delivery, with its share of the event's.
    pub(crate) cpu_us: f64,
    /// Of an event.
    pub(crate) readers: f64,
    pub(crate) lost: f64,
}

/// One server in one round.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Round {
    pub(crate) bytes_each: f64,
    /// CPU of an event that nobody reads.
    pub(crate) event_us: f64,
    /// Streams over all tenants.
    pub(crate) spread: Steady,
    /// All streams on one tenant.
    pub(crate) one: Steady,
    /// Deliveries a second.
    pub(crate) burst: f64,
    pub(crate) burst_cpu_us: f64,
    pub(crate) burst_lost: f64,
    pub(crate) back_ms: f64,
}

/// Each server's name with its rounds.
pub(crate) type Rounds = Vec<(&'static str, Vec<Round>)>;

pub(crate) fn run(server: &Path, size: &Size, only: Option<&str>) -> Result<Rounds> {
    let mut subjects: Vec<Box<dyn Subject>> = vec![
        Box::new(Simple::new("floor", "floor", None)),
        Box::new(Ours::new(server)?),
        Box::new(Simple::new("plain axum", "plain", None)),
        Box::new(Simple::new(
            "durable axum",
            "plain",
            Some(tempfile::tempdir()?),
        )),
    ];
    subjects.retain(|subject| only.is_none_or(|only| only == subject.name()));
    let mut rounds: Rounds = subjects
        .iter()
        .map(|subject| (subject.name(), Vec::new()))
        .collect();
    for n in 1..=size.n_rounds {
        for (subject, (name, done)) in subjects.iter_mut().zip(&mut rounds) {
            println!("round {n} of {}: {name}", size.n_rounds);
            done.push(Measured::new(&mut **subject, size)?.round()?);
        }
    }
    Ok(rounds)
}

/// A server under measurement.
struct Measured<'a> {
    subject: &'a mut dyn Subject,
    server: Process,
    readers: Process,
    size: &'a Size,
    /// Of the next event: time makes it new in every round.
    next_id: u64,
}

impl<'a> Measured<'a> {
    fn new(subject: &'a mut dyn Subject, size: &'a Size) -> Result<Self> {
        Ok(Self {
            server: subject.start()?,
            subject,
            readers: Process::role(&["readers"])?,
            size,
            next_id: now() / 1_000_000,
        })
    }

    fn round(mut self) -> Result<Round> {
        // What the first requests take once is no stream's.
        self.connect(TENANTS, TENANTS, GENTLY, 0)?;
        self.close()?;
        let event_us = self.unread()?;
        let before = self.memory_at_rest()?;
        self.connect(self.size.n_streams, TENANTS, GENTLY, 0)?;
        let after = self.memory_at_rest()?;
        let spread = self.steady(TENANTS)?;
        self.close()?;
        self.connect(self.size.n_streams, 1, GENTLY, 0)?;
        let one = self.steady(1)?;
        let (burst, burst_cpu_us, burst_lost) = self.burst()?;
        let back_ms = self.restart()?;
        Ok(Round {
            event_us,
            bytes_each: (after as f64 - before as f64) / self.size.n_streams as f64,
            spread,
            one,
            burst,
            burst_cpu_us,
            burst_lost,
            back_ms,
        })
    }

    fn connect(
        &mut self,
        n_streams: usize,
        n_tenants: usize,
        at_once: usize,
        behind: u64,
    ) -> Result<f64> {
        let order = Order::Connect {
            address: self.subject.address(),
            n_streams,
            n_tenants,
            at_once,
            request: self.subject.request(behind)?,
            live_mark: self.subject.live_mark().to_owned(),
        };
        match self.order(&order)? {
            Report::Live { after_ms } => Ok(after_ms),
            other => bail!("{other:?}"),
        }
    }

    fn close(&mut self) -> Result<()> {
        self.order(&Order::Close)?;
        Ok(())
    }

    /// Once it does nothing more: what the last streams left behind is gone by then.
    fn memory_at_rest(&self) -> Result<u64> {
        loop {
            let cpu = self.server.cpu()?;
            std::thread::sleep(Duration::from_millis(300));
            if self.server.cpu()? - cpu <= Duration::from_millis(10) {
                return self.server.memory();
            }
        }
    }

    /// CPU of an event before its delivery: as many as [`Measured::steady`] sends, and no stream is open.
    fn unread(&mut self) -> Result<f64> {
        println!("  events that nobody reads");
        let n_events = (Size::PER_STREAM * TENANTS as f64 * self.size.seconds) as usize;
        let before = self.server.cpu()?;
        self.send(n_events, TENANTS)?;
        // The floor answers nobody.
        self.memory_at_rest()?;
        let cpu = self.server.cpu()? - before;
        Ok(cpu.as_secs_f64() * 1e6 / n_events as f64)
    }

    /// Latency and CPU of deliveries.
    fn steady(&mut self, n_tenants: usize) -> Result<Steady> {
        println!("  events for {n_tenants} tenants");
        let n_events = (Size::PER_STREAM * n_tenants as f64 * self.size.seconds) as usize;
        let n_deliveries = n_events * self.size.n_streams / n_tenants;
        self.order(&Order::Expect { n_deliveries })?;
        let before = self.server.cpu()?;
        self.send(n_events, n_tenants)?;
        let read = self.read()?;
        let cpu = self.server.cpu()? - before;
        let ms = |us: u32| f64::from(us) / 1e3;
        Ok(Steady {
            p50_ms: ms(read.p50_us),
            p99_ms: ms(read.p99_us),
            max_ms: ms(read.max_us),
            cpu_us: cpu.as_secs_f64() * 1e6 / n_deliveries as f64,
            readers: self.size.n_streams as f64 / n_tenants as f64,
            lost: n_deliveries as f64 - read.n_deliveries as f64,
        })
    }

    /// Events evenly over the time, one at a time, in turn for each tenant.
    fn send(&mut self, n_events: usize, n_tenants: usize) -> Result<()> {
        let per_second = Size::PER_STREAM * n_tenants as f64;
        let n_feeds = FEEDS.min(n_tenants);
        let mut feeds = Vec::new();
        for _feed in 0..n_feeds {
            feeds.push(self.subject.feed()?);
        }
        let first_id = self.next_id;
        self.next_id += n_events as u64;
        let start = Instant::now();
        std::thread::scope(|scope| {
            let sending: Vec<_> = feeds
                .into_iter()
                .enumerate()
                .map(|(n_feed, mut feed)| {
                    scope.spawn(move || -> Result<()> {
                        for n in (n_feed..n_events).step_by(n_feeds) {
                            let due = start + Duration::from_secs_f64(n as f64 / per_second);
                            std::thread::sleep(due.saturating_duration_since(Instant::now()));
                            feed.send(1 + n % n_tenants, first_id + n as u64, 1)?;
                        }
                        Ok(())
                    })
                })
                .collect();
            sending
                .into_iter()
                .try_for_each(|thread| thread.join().expect("a feed does not panic"))
        })
    }

    /// All events at once, to all streams. Deliveries a second, CPU of one, and how many never came.
    fn burst(&mut self) -> Result<(f64, f64, f64)> {
        println!("  {} events at once", self.size.burst);
        let n_deliveries = self.size.burst * self.size.n_streams;
        self.order(&Order::Expect { n_deliveries })?;
        let mut feed = self.subject.feed()?;
        let (cpu, began) = (self.server.cpu()?, now());
        feed.send(1, self.next_id, self.size.burst)?;
        self.next_id += self.size.burst as u64;
        let read = self.read()?;
        let seconds = (read.at - began) as f64 / 1e9;
        let cpu = self.server.cpu()? - cpu;
        Ok((
            read.n_deliveries as f64 / seconds,
            cpu.as_secs_f64() * 1e6 / n_deliveries as f64,
            n_deliveries as f64 - read.n_deliveries as f64,
        ))
    }

    /// Until all are live again, from the moment at which the server listens.
    fn restart(&mut self) -> Result<f64> {
        println!("  a restart");
        self.server.end()?;
        self.close()?;
        self.server = self.subject.start()?;
        self.connect(self.size.n_streams, TENANTS, self.size.n_streams, BEHIND)
    }

    fn order(&mut self, order: &Order) -> Result<Report> {
        self.readers.tell(&serde_json::to_string(order)?)?;
        self.report()
    }

    fn report(&mut self) -> Result<Report> {
        Ok(serde_json::from_str(&self.readers.line()?)?)
    }

    fn read(&mut self) -> Result<Read> {
        match self.report()? {
            Report::Read {
                n_deliveries,
                p50_us,
                p99_us,
                max_us,
                at,
            } => Ok(Read {
                n_deliveries,
                p50_us,
                p99_us,
                max_us,
                at,
            }),
            other => bail!("{other:?}"),
        }
    }
}

struct Read {
    n_deliveries: usize,
    p50_us: u32,
    p99_us: u32,
    max_us: u32,
    at: u64,
}
