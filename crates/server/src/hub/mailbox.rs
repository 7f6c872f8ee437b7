//! The frames that wait for one reader. Bounded: a reader that does not read is let go, and resumes when it returns.
//!
//! Once a reader has all that was before, its mailbox holds its socket as well, and whoever fills it writes: no task wakes up for a frame
//! that the kernel takes at once, which is nearly every one. The connection's own task writes what the kernel did not take.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bytes::{Buf as _, Bytes, BytesMut};
use futures::Stream;
use socket2::SockRef;
use tokio::net::TcpStream;

use super::Hub;
use super::directory::SubscriberId;

/// More than the largest batch that a portal may announce, four times over.
const MOST_FRAMES: usize = 4_096;
/// Frames are shared, so this bounds what one reader alone can keep alive.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Frames that wait are joined up to this where they are not written by us.
const JOIN_BYTES: usize = 16 * 1024;
/// Frames of one write: about as much as the kernel takes of one reader.
const WRITE_FRAMES: usize = 64;
/// Room for frames is kept up to this. What a burst took beyond it is given back.
const KEEP_FRAMES: usize = 8;

/// A frame for many readers.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) bytes: Bytes,
    /// Of the log, if it is an event.
    pub(super) position: Option<u64>,
}

impl Frame {
    fn is_known_at(&self, after: u64) -> bool {
        self.position.is_some_and(|position| position <= after)
    }
}

/// Filled by the hub, emptied by whoever comes first: the hub or the connection.
pub(super) struct Mailbox {
    state: Mutex<State>,
    /// Events up to this are known to the reader already.
    after: u64,
}

#[derive(Default)]
struct State {
    /// The first of them may be the rest of one that was written in part.
    frames: VecDeque<Bytes>,
    n_bytes: usize,
    /// Nothing comes any more.
    ended: bool,
    /// It ended with a word, which is the last of `frames`.
    has_bye: bool,
    /// Waits for a frame, for the end, or for room in the kernel.
    waker: Option<Waker>,
    /// How much the kernel took, over all.
    n_written: u64,
    /// Where the frames go; none before the reader has what was before, and none where somebody else writes.
    socket: Option<Arc<TcpStream>>,
}

/// How far a write came.
enum Written {
    /// Nothing waits.
    All,
    /// The kernel takes no more now.
    Some,
    /// The connection is gone.
    Gone,
}

impl Mailbox {
    pub(super) fn new(after: u64) -> Self {
        Self {
            state: Mutex::default(),
            after,
        }
    }

    /// Adds a frame. Tells whether something waits now that did not before, or the mailbox has just ended: then [`Mailbox::flush`] has to
    /// follow.
    pub(super) fn push(&self, frame: &Frame) -> bool {
        let mut state = self.lock();
        if frame.is_known_at(self.after) || state.ended {
            return false;
        }
        let was_empty = state.frames.is_empty();
        let was_taken = state.push(frame.bytes.clone());
        was_empty || !was_taken
    }

    /// Adds frames and flushes, in one go: a visit of the mailbox, a call of the kernel.
    pub(super) fn deliver(&self, frames: &[Frame]) {
        let mut state = self.lock();
        if let [frame] = frames
            && state.is_idle()
            && !frame.is_known_at(self.after)
        {
            let Some(socket) = &state.socket else { return };
            // Past the runtime, which would look up first whether it thinks the socket ready: it nearly always is.
            match SockRef::from(&**socket).send(&frame.bytes) {
                Ok(n_bytes) if n_bytes == frame.bytes.len() => {
                    state.n_written += n_bytes as u64;
                    return;
                }
                Ok(n_bytes) => {
                    state.n_written += n_bytes as u64;
                    state.push(frame.bytes.slice(n_bytes..));
                }
                // Not taken now, or never: the connection's task finds out.
                Err(_) => {
                    state.push(frame.bytes.clone());
                }
            }
            return wake(state);
        }
        let is_behind = !state.frames.is_empty();
        for frame in frames {
            if !frame.is_known_at(self.after) {
                state.push(frame.bytes.clone());
            }
        }
        // One that is behind has a task that waits for room.
        if !is_behind || state.ended {
            flush(state);
        }
    }

    /// The last frame. [`Mailbox::flush`] has to follow.
    pub(super) fn end_with(&self, bye: Bytes) {
        let mut state = self.lock();
        if !state.ended {
            state.frames.push_back(bye);
            state.ended = true;
            state.has_bye = true;
        }
    }

    /// Writes what waits as far as the kernel takes it, and leaves the rest to the connection.
    pub(super) fn flush(&self) {
        flush(self.lock());
    }

    /// A reader that was let go for being slow got no `bye`: what is replayed to it brings it further.
    fn cut_if_bye(&self) -> bool {
        let mut state = self.lock();
        let bye = state.frames.pop_back().filter(|_| state.has_bye);
        let is_over = bye.is_some();
        if let Some(bye) = bye {
            state.frames = VecDeque::from([bye]);
        }
        is_over
    }

    /// Writes until nothing comes any more (`Ready`), as room and frames come.
    fn poll_write(&self, socket: &Arc<TcpStream>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.socket.is_none() {
            state.socket = Some(Arc::clone(socket));
        }
        loop {
            match state.write(socket) {
                Written::Gone => return Poll::Ready(()),
                Written::All if state.ended => return Poll::Ready(()),
                Written::All => break,
                // Asks to be woken; a write may also have become possible just now.
                Written::Some => match socket.poll_write_ready(cx) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(_)) => return Poll::Ready(()),
                    Poll::Pending => break,
                },
            }
        }
        state.wait(cx);
        Poll::Pending
    }

    /// Whether the reader has not taken what there is, and how much it took over all.
    fn is_behind(&self) -> Option<u64> {
        let state = self.lock();
        (!state.frames.is_empty()).then_some(state.n_written)
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        let mut state = self.lock();
        let Some(first) = state.frames.pop_front() else {
            if state.ended {
                return Poll::Ready(None);
            }
            state.wait(cx);
            return Poll::Pending;
        };
        state.n_bytes = state.n_bytes.saturating_sub(first.len());
        if state.frames.is_empty() {
            return Poll::Ready(Some(first));
        }
        let mut joined = BytesMut::with_capacity(JOIN_BYTES.max(first.len()));
        joined.extend_from_slice(&first);
        while let Some(next) = state.frames.front() {
            if joined.len() + next.len() > JOIN_BYTES {
                break;
            }
            joined.extend_from_slice(next);
            let n_bytes = next.len();
            state.frames.pop_front();
            state.n_bytes = state.n_bytes.saturating_sub(n_bytes);
        }
        Poll::Ready(Some(joined.freeze()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no code panics while it holds a mailbox")
    }
}

impl State {
    /// Nothing waits, and a frame can be written at once.
    fn is_idle(&self) -> bool {
        self.frames.is_empty() && !self.ended && self.socket.is_some()
    }

    /// Whether it was taken.
    fn push(&mut self, bytes: Bytes) -> bool {
        if self.ended {
            return false;
        }
        if self.frames.len() >= MOST_FRAMES || self.n_bytes + bytes.len() > MOST_BYTES {
            // Without a `bye`: whatever is sent now would only wait as well.
            self.frames = VecDeque::new();
            self.n_bytes = 0;
            self.ended = true;
            return false;
        }
        self.n_bytes += bytes.len();
        self.frames.push_back(bytes);
        true
    }

    fn write(&mut self, socket: &TcpStream) -> Written {
        while !self.frames.is_empty() {
            let written = if let [frame] = self.frames.make_contiguous() {
                socket.try_write(frame)
            } else {
                let mut slices = [IoSlice::new(&[]); WRITE_FRAMES];
                let n_slices = self.frames.len().min(WRITE_FRAMES);
                for (slice, frame) in slices.iter_mut().zip(&self.frames) {
                    *slice = IoSlice::new(frame);
                }
                socket.try_write_vectored(&slices[..n_slices])
            };
            match written {
                Ok(n_bytes) => self.took(n_bytes),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    return Written::Some;
                }
                Err(_) => {
                    self.frames = VecDeque::new();
                    self.ended = true;
                    return Written::Gone;
                }
            }
        }
        if self.frames.capacity() > KEEP_FRAMES {
            self.frames = VecDeque::new();
        }
        Written::All
    }

    fn took(&mut self, mut n_bytes: usize) {
        self.n_bytes = self.n_bytes.saturating_sub(n_bytes);
        self.n_written += n_bytes as u64;
        while let Some(first) = self.frames.front_mut() {
            if n_bytes < first.len() {
                first.advance(n_bytes);
                return;
            }
            n_bytes -= first.len();
            self.frames.pop_front();
        }
    }

    fn wait(&mut self, cx: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
    }
}

fn flush(mut state: MutexGuard<'_, State>) {
    let is_done = match state.socket.clone() {
        None => false,
        Some(socket) => matches!(state.write(&socket), Written::All) && !state.ended,
    };
    if !is_done {
        wake(state);
    }
}

/// Wakes after the lock is let go, so that the reader does not wake up only to wait for it.
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// What comes live: as a body, or written to a socket by the hub itself. Leaves the hub when it is dropped.
pub struct Live {
    hub: Arc<Hub>,
    id: SubscriberId,
    mailbox: Arc<Mailbox>,
}

impl Live {
    pub(super) fn new(hub: Arc<Hub>, id: SubscriberId, mailbox: Arc<Mailbox>) -> Self {
        Self { hub, id, mailbox }
    }

    /// Ask it between two pieces of a replay.
    pub fn wanted(&self) -> Wanted {
        Wanted(Arc::clone(&self.mailbox))
    }

    /// Lets the hub write to this socket from now on. Ready once nothing comes any more, or the connection is gone. Whoever begins with
    /// it stays with it, and with this socket.
    pub fn poll_write(&self, socket: &Arc<TcpStream>, cx: &mut Context<'_>) -> Poll<()> {
        self.mailbox.poll_write(socket, cx)
    }

    /// Whether something waits for the reader, and how many bytes were written until now.
    pub fn is_behind(&self) -> Option<u64> {
        self.mailbox.is_behind()
    }
}

/// For whoever sends something before what comes live: whether that is still wanted.
pub struct Wanted(Arc<Mailbox>);

impl Wanted {
    /// Whether somebody said `bye` meanwhile. Then that is all that is left of what came live, since the rest is behind what was not sent.
    pub fn is_over(&self) -> bool {
        self.0.cut_if_bye()
    }
}

impl Stream for Live {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.mailbox.poll(cx).map(|frames| frames.map(Ok))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.hub.leave(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    fn frame(bytes: &'static str, position: impl Into<Option<u64>>) -> Frame {
        Frame {
            bytes: Bytes::from_static(bytes.as_bytes()),
            position: position.into(),
        }
    }

    fn take(mailbox: &Mailbox) -> Poll<Option<Bytes>> {
        mailbox.poll(&Context::from_waker(Waker::noop()))
    }

    #[test]
    fn frames_that_wait_are_joined_in_order_and_the_bye_is_last() {
        let mailbox = Mailbox::new(0);
        assert!(take(&mailbox).is_pending());
        assert!(mailbox.push(&frame("a", 1)));
        assert!(!mailbox.push(&frame("b", None)));
        mailbox.end_with(Bytes::from_static(b"bye"));
        mailbox.deliver(&[frame("c", 2)]);
        assert_eq!(
            take(&mailbox),
            Poll::Ready(Some(Bytes::from_static(b"abbye")))
        );
        assert_eq!(take(&mailbox), Poll::Ready(None));
    }

    #[test]
    fn an_event_that_the_reader_has_is_left_out() {
        let mailbox = Mailbox::new(7);
        assert!(!mailbox.push(&frame("7", 7)));
        mailbox.deliver(&[frame("6", 6), frame("7", 7)]);
        assert!(take(&mailbox).is_pending());
        assert!(mailbox.push(&frame("8", 8)));
        assert_eq!(take(&mailbox), Poll::Ready(Some(Bytes::from_static(b"8"))));
    }

    #[test]
    fn what_is_behind_a_replay_that_was_cut_is_left_out_but_for_the_bye() {
        let mailbox = Mailbox::new(0);
        mailbox.deliver(&[frame("a", 1)]);
        assert!(!mailbox.cut_if_bye());
        mailbox.end_with(Bytes::from_static(b"bye"));
        assert!(mailbox.cut_if_bye());
        assert_eq!(
            take(&mailbox),
            Poll::Ready(Some(Bytes::from_static(b"bye")))
        );
        assert_eq!(take(&mailbox), Poll::Ready(None));
    }

    #[test]
    fn a_reader_that_does_not_read_is_let_go_with_all_that_waits() {
        let mailbox = Mailbox::new(0);
        for n in 0..MOST_FRAMES {
            assert_eq!(mailbox.push(&frame("frame", 1)), n == 0);
        }
        assert!(mailbox.is_behind().is_some());
        assert!(mailbox.push(&frame("frame", 1)), "its task has to hear");
        assert!(!mailbox.push(&frame("frame", 1)));
        assert_eq!(take(&mailbox), Poll::Ready(None));
    }

    #[tokio::test]
    async fn what_the_kernel_does_not_take_at_once_is_written_in_order_by_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = TcpStream::connect(listener.local_addr().unwrap());
        let (here, there) = tokio::join!(listener.accept(), there);
        let (here, mut there) = (Arc::new(here.unwrap().0), there.unwrap());
        let mailbox = Arc::new(Mailbox::new(0));
        let writing = Arc::clone(&mailbox);
        let connection = tokio::spawn(std::future::poll_fn(move |cx| {
            writing.poll_write(&here, cx)
        }));
        let mut expected = Vec::new();
        // More than the two kernel buffers hold, less than a mailbox does.
        for n in 0..3_000_u32 {
            let bytes = Bytes::from(format!("{n:01000}"));
            expected.extend_from_slice(&bytes);
            let frame = Frame {
                bytes,
                position: None,
            };
            // By all the ways that there are.
            match n % 3 {
                0 => mailbox.deliver(&[frame]),
                1 => mailbox.deliver(&[frame.clone(), frame]),
                _ if mailbox.push(&frame) => mailbox.flush(),
                _ => {}
            }
            if n % 3 == 1 {
                expected.extend_from_within(expected.len() - 1_000..);
            }
        }
        mailbox.end_with(Bytes::from_static(b"bye"));
        mailbox.flush();
        expected.extend_from_slice(b"bye");
        let mut read = vec![0; expected.len()];
        there.read_exact(&mut read).await.unwrap();
        assert!(read == expected);
        connection.await.unwrap();
    }
}
