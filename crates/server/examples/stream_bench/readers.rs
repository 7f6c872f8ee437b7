//! Thousands of readers in one thread: connect, read, note when each event came.
//!
//! Told by lines of JSON ([`Order`]), answers by lines of JSON ([`Report`]).

use std::io::{BufRead as _, Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::Result;
use memchr::memmem::Finder;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token, Waker};
use serde::{Deserialize, Serialize};

use crate::feed::{MARK, now};

const ORDERS: Token = Token(usize::MAX);
/// Whatever is waited for, it does not come any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the readers are told.
#[derive(Serialize, Deserialize)]
pub(crate) enum Order {
    /// Connect; answered by [`Report::Live`].
    Connect {
        address: SocketAddr,
        n_streams: usize,
        /// Stream n reads tenant 1 + n mod this.
        n_tenants: usize,
        /// So many connect at the same time.
        at_once: usize,
        /// With `{tenant}` in it.
        request: String,
        /// Read once the stream is live.
        live_mark: String,
    },
    /// Forget what was read; answered by [`Report::Ready`], and by [`Report::Read`] once so many events have come.
    Expect { n_deliveries: usize },
    /// Close all; answered by [`Report::Ready`].
    Close,
}

/// What the readers answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    Ready,
    /// All streams are live.
    Live {
        after_ms: f64,
    },
    /// Latencies of the events, from sending to reading.
    Read {
        n_deliveries: usize,
        p50_us: u32,
        p99_us: u32,
        max_us: u32,
        /// When the last of them was read.
        at: u64,
    },
}

struct Reader {
    socket: TcpStream,
    request: String,
    is_live: bool,
    /// The beginning of a line whose end is to come.
    rest: Vec<u8>,
}

#[derive(Default)]
enum Goal {
    #[default]
    None,
    Live {
        since: Instant,
    },
    Deliveries {
        n: usize,
        since: Instant,
    },
}

struct Readers {
    poll: Poll,
    orders: Receiver<Order>,
    readers: Vec<Reader>,
    /// Who is to connect, the last first.
    to_connect: Vec<(SocketAddr, String)>,
    n_live: usize,
    n_streams: usize,
    live_mark: Finder<'static>,
    mark: Finder<'static>,
    latencies_us: Vec<u32>,
    goal: Goal,
}

pub(crate) fn run() -> Result<()> {
    let poll = Poll::new()?;
    let waker = Waker::new(poll.registry(), ORDERS)?;
    let (told, orders) = channel();
    std::thread::spawn(move || -> Result<()> {
        for line in std::io::stdin().lock().lines() {
            told.send(serde_json::from_str(&line?)?)?;
            waker.wake()?;
        }
        Ok(())
    });
    let readers = Readers {
        poll,
        orders,
        readers: Vec::new(),
        to_connect: Vec::new(),
        n_live: 0,
        n_streams: 0,
        live_mark: Finder::new(b"").into_owned(),
        mark: Finder::new(MARK).into_owned(),
        latencies_us: Vec::with_capacity(1 << 20),
        goal: Goal::None,
    };
    readers.work()
}

impl Readers {
    fn work(mut self) -> Result<()> {
        let mut events = Events::with_capacity(4_096);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            self.poll.poll(&mut events, Some(Duration::from_secs(1)))?;
            for event in &events {
                if event.token() == ORDERS {
                    while let Ok(order) = self.orders.try_recv() {
                        self.take(order)?;
                    }
                } else {
                    if event.is_writable() {
                        self.ask(event.token().0)?;
                    }
                    if event.is_readable() {
                        self.read(event.token().0, &mut buffer)?;
                    }
                }
            }
            self.look_at_the_goal()?;
        }
    }

    fn take(&mut self, order: Order) -> Result<()> {
        match order {
            Order::Connect {
                address,
                n_streams,
                n_tenants,
                at_once,
                request,
                live_mark,
            } => {
                self.to_connect = (0..n_streams)
                    .map(|n| (1 + n % n_tenants).to_string())
                    .map(|tenant| (address, request.replace("{tenant}", &tenant)))
                    .collect();
                (self.n_live, self.n_streams) = (0, n_streams);
                self.live_mark = Finder::new(live_mark.as_bytes()).into_owned();
                self.goal = Goal::Live {
                    since: Instant::now(),
                };
                for _one in 0..at_once {
                    self.connect_next()?;
                }
            }
            Order::Expect { n_deliveries } => {
                self.latencies_us.clear();
                self.goal = Goal::Deliveries {
                    n: n_deliveries,
                    since: Instant::now(),
                };
                say(&Report::Ready)?;
            }
            Order::Close => {
                self.readers.clear();
                say(&Report::Ready)?;
            }
        }
        Ok(())
    }

    fn connect_next(&mut self) -> Result<()> {
        let Some((address, request)) = self.to_connect.pop() else {
            return Ok(());
        };
        let mut socket = TcpStream::connect(address)?;
        let token = Token(self.readers.len());
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut socket, token, both)?;
        self.readers.push(Reader {
            socket,
            request,
            is_live: false,
            rest: Vec::new(),
        });
        Ok(())
    }

    /// Sends the request once the connection is there.
    fn ask(&mut self, n: usize) -> Result<()> {
        let Some(reader) = self.readers.get_mut(n) else {
            return Ok(());
        };
        let is_there = reader.socket.take_error()?.is_none() && reader.socket.peer_addr().is_ok();
        if is_there && !reader.request.is_empty() {
            reader.socket.write_all(reader.request.as_bytes())?;
            reader.request = String::new();
        }
        Ok(())
    }

    fn read(&mut self, n: usize, buffer: &mut [u8]) -> Result<()> {
        loop {
            // Closed since the kernel said so.
            let Some(reader) = self.readers.get_mut(n) else {
                return Ok(());
            };
            match reader.socket.read(buffer) {
                // The server was ended; the order to close follows.
                Ok(0) => return Ok(()),
                Ok(n_bytes) => self.note(n, &buffer[..n_bytes])?,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
                Err(_) => return Ok(()),
            }
        }
    }

    /// Looks at the lines that are whole, and keeps the rest.
    fn note(&mut self, n: usize, bytes: &[u8]) -> Result<()> {
        let at = now();
        let reader = &mut self.readers[n];
        let (whole, rest) = match memchr::memrchr(b'\n', bytes) {
            Some(end) => bytes.split_at(end + 1),
            None => (&[][..], bytes),
        };
        let mut lines = whole;
        let joined;
        if !reader.rest.is_empty() && !whole.is_empty() {
            reader.rest.extend_from_slice(whole);
            joined = std::mem::take(&mut reader.rest);
            lines = &joined;
        }
        reader.rest.extend_from_slice(rest);
        for found in self.mark.find_iter(lines) {
            let digits = &lines[found + MARK.len()..];
            let sent = digits
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
            self.latencies_us
                .push((at.saturating_sub(sent) / 1_000) as u32);
        }
        if !reader.is_live && self.live_mark.find(lines).is_some() {
            reader.is_live = true;
            self.n_live += 1;
            self.connect_next()?;
        }
        Ok(())
    }

    fn look_at_the_goal(&mut self) -> Result<()> {
        match self.goal {
            Goal::None => {}
            Goal::Live { since } => {
                if self.n_live == self.n_streams {
                    self.goal = Goal::None;
                    let after_ms = since.elapsed().as_secs_f64() * 1e3;
                    say(&Report::Live { after_ms })?;
                } else if since.elapsed() > PATIENCE {
                    anyhow::bail!("{} of {} streams are live", self.n_live, self.n_streams);
                }
            }
            Goal::Deliveries { n, since } => {
                if self.latencies_us.len() >= n || since.elapsed() > PATIENCE {
                    self.goal = Goal::None;
                    let sorted = &mut self.latencies_us;
                    sorted.sort_unstable();
                    let of = |share: f64| {
                        let idx = (sorted.len() as f64 * share) as usize;
                        sorted.get(idx.min(sorted.len().saturating_sub(1)))
                    };
                    say(&Report::Read {
                        n_deliveries: sorted.len(),
                        p50_us: of(0.5).copied().unwrap_or_default(),
                        p99_us: of(0.99).copied().unwrap_or_default(),
                        max_us: of(1.0).copied().unwrap_or_default(),
                        at: now(),
                    })?;
                }
            }
        }
        Ok(())
    }
}

fn say(report: &Report) -> Result<()> {
    println!("{}", serde_json::to_string(report)?);
    Ok(())
}
