//! The frames that wait for one reader. Bounded: a reader that does not read is let go, and resumes when it returns.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use futures::Stream;

use super::Hub;
use super::directory::SubscriberId;

/// About ten seconds of a very busy tenant.
const MOST_FRAMES: usize = 1_024;
/// Frames are shared, so this bounds what one reader alone can keep alive.
const MOST_BYTES: usize = 1024 * 1024;
/// Frames that wait are joined up to this, so that a burst is a few writes and not hundreds.
const JOIN_BYTES: usize = 16 * 1024;

/// Filled by the hub, emptied by the connection.
pub(super) struct Mailbox {
    state: Mutex<State>,
    /// Events up to this are known to the reader already.
    after: u64,
}

#[derive(Default)]
struct State {
    frames: VecDeque<Bytes>,
    n_bytes: usize,
    /// Nothing comes any more.
    ended: bool,
    /// The last of `frames`, if it ended with a word.
    bye: Option<Bytes>,
    waker: Option<Waker>,
}

impl Mailbox {
    pub(super) fn new(after: u64) -> Self {
        Self {
            state: Mutex::default(),
            after,
        }
    }

    /// Adds a frame. Returns false once nothing more is taken.
    pub(super) fn push(&self, frame: &Bytes, position: Option<u64>) -> bool {
        if position.is_some_and(|position| position <= self.after) {
            return true;
        }
        let mut state = self.lock();
        if state.ended {
            return false;
        }
        if state.frames.len() >= MOST_FRAMES || state.n_bytes + frame.len() > MOST_BYTES {
            // Without a `bye`: whatever is sent now would only wait as well.
            state.frames = VecDeque::new();
            state.n_bytes = 0;
            state.ended = true;
        } else {
            state.n_bytes += frame.len();
            state.frames.push_back(frame.clone());
        }
        let goes_on = !state.ended;
        wake(state);
        goes_on
    }

    /// The last frame.
    pub(super) fn end_with(&self, bye: Bytes) {
        let mut state = self.lock();
        if !state.ended {
            state.frames.push_back(bye.clone());
            state.bye = Some(bye);
            state.ended = true;
            wake(state);
        }
    }

    /// A reader that was let go for being slow got no `bye`: what is replayed to it brings it further.
    fn cut_if_bye(&self) -> bool {
        let mut state = self.lock();
        let Some(bye) = state.bye.clone() else {
            return false;
        };
        state.frames = VecDeque::from([bye]);
        true
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Option<Bytes>> {
        let mut state = self.lock();
        let Some(first) = state.frames.pop_front() else {
            if state.ended {
                return Poll::Ready(None);
            }
            state.waker = Some(cx.waker().clone());
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

/// Wakes after the lock is let go, so that the reader does not wake up only to wait for it.
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// What comes live, as a body. Leaves the hub when it is dropped.
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

    fn take(mailbox: &Mailbox) -> Poll<Option<Bytes>> {
        mailbox.poll(&Context::from_waker(Waker::noop()))
    }

    #[test]
    fn frames_that_wait_are_joined_in_order_and_the_bye_is_last() {
        let mailbox = Mailbox::new(0);
        assert!(take(&mailbox).is_pending());
        assert!(mailbox.push(&Bytes::from_static(b"a"), Some(1)));
        assert!(mailbox.push(&Bytes::from_static(b"b"), None));
        mailbox.end_with(Bytes::from_static(b"bye"));
        assert!(!mailbox.push(&Bytes::from_static(b"c"), Some(2)));
        assert_eq!(
            take(&mailbox),
            Poll::Ready(Some(Bytes::from_static(b"abbye")))
        );
        assert_eq!(take(&mailbox), Poll::Ready(None));
    }

    #[test]
    fn an_event_that_the_reader_has_is_left_out() {
        let mailbox = Mailbox::new(7);
        assert!(mailbox.push(&Bytes::from_static(b"7"), Some(7)));
        assert!(take(&mailbox).is_pending());
        assert!(mailbox.push(&Bytes::from_static(b"8"), Some(8)));
        assert_eq!(take(&mailbox), Poll::Ready(Some(Bytes::from_static(b"8"))));
    }

    #[test]
    fn what_is_behind_a_replay_that_was_cut_is_left_out_but_for_the_bye() {
        let mailbox = Mailbox::new(0);
        assert!(mailbox.push(&Bytes::from_static(b"a"), Some(1)));
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
        let frame = Bytes::from_static(b"frame");
        let n_taken = (1..).take_while(|n| mailbox.push(&frame, Some(*n))).count();
        assert_eq!(n_taken, MOST_FRAMES);
        assert_eq!(take(&mailbox), Poll::Ready(None));
    }
}
