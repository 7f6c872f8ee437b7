//! An open stream leaves HTTP's machinery: once its head is known, its frames are written to the bare socket.
//!
//! `routes/events.rs` puts a [`Handover`] into its response, `connections.rs` takes it out again. Bytes are all that follows, until the
//! connection closes, so nothing is left to do for an HTTP library, which would keep two buffers, copy each frame and wake a task for it.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::{Buf as _, Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{FutureExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::hub::Live;

/// A reader that takes nothing for this long while something waits for it is let go. Where the kernel knows `TCP_USER_TIMEOUT` it is sooner.
const STALLED: Duration = Duration::from_secs(10);

/// A stream: what was before, then what comes live.
pub(crate) struct OpenStream {
    /// Ends where `live` begins. An error ends the stream.
    pub(crate) opening: BoxStream<'static, Result<Bytes, runs::Error>>,
    /// Ends with the stream.
    pub(crate) live: Live,
}

/// The stream of a response, for whoever takes it first: the socket's task, or the body.
#[derive(Clone)]
pub(crate) struct Handover(Arc<Mutex<Option<OpenStream>>>);

impl Handover {
    /// Of this stream.
    pub(crate) fn new(stream: OpenStream) -> Self {
        Self(Arc::new(Mutex::new(Some(stream))))
    }

    /// The stream, once.
    pub(crate) fn take(&self) -> Option<OpenStream> {
        self.0.lock().expect("taking it does not panic").take()
    }

    /// The same as a body, where nobody takes it: a router without a socket, or a socket that is not free yet.
    pub(crate) fn body(&self) -> Body {
        let handover = self.clone();
        let taken = stream::once(async move { handover.take() });
        let frames = taken.filter_map(std::future::ready).flat_map(|stream| {
            let live = stream
                .live
                .map(|frames| frames.map_err(|never| match never {}));
            stream.opening.chain(live)
        });
        Body::from_stream(frames)
    }
}

/// Writes the answer's head and the stream until it ends or the reader is gone.
pub(crate) async fn send(socket: TcpStream, head: Vec<u8>, stream: OpenStream) {
    let OpenStream { mut opening, live } = stream;
    let socket = Arc::new(socket);
    let mut head = BytesMut::from(Bytes::from(head));
    // The first frames are there already: one write for both.
    if let Some(Some(Ok(first))) = opening.next().now_or_never() {
        head.extend_from_slice(&first);
    }
    let mut waiting = head.freeze();
    loop {
        if write(&socket, waiting).await.is_err() {
            return;
        }
        match opening.next().await {
            Some(Ok(bytes)) => waiting = bytes,
            Some(Err(_)) => return,
            None => break,
        }
    }
    drop(opening);
    Telling {
        socket,
        live,
        n_written: 0,
        deadline: None,
    }
    .await;
}

async fn write(socket: &TcpStream, mut bytes: Bytes) -> std::io::Result<()> {
    while !bytes.is_empty() {
        match socket.try_write(&bytes) {
            Ok(n_bytes) => bytes.advance(n_bytes),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                tokio::time::timeout(STALLED, socket.writable()).await??;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Waits while the hub writes, writes what the hub could not, and sees when the reader is gone. A type and not an `async fn`: thousands
/// of it wait, and this is all that each takes.
struct Telling {
    socket: Arc<TcpStream>,
    live: Live,
    /// What the reader had taken when the deadline was set.
    n_written: u64,
    /// Only while something waits for the reader.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Future for Telling {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if is_gone(&this.socket, cx) || this.live.poll_write(&this.socket, cx).is_ready() {
            return Poll::Ready(());
        }
        let Some(n_written) = this.live.is_behind() else {
            this.deadline = None;
            return Poll::Pending;
        };
        let until = Instant::now() + STALLED;
        let is_first = this.deadline.is_none();
        let deadline = this
            .deadline
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if !is_first && n_written != this.n_written {
            deadline.as_mut().reset(until);
        }
        this.n_written = n_written;
        deadline.as_mut().poll(cx)
    }
}

/// A reader says nothing after its request; what it sends all the same is thrown away.
fn is_gone(socket: &TcpStream, cx: &mut Context<'_>) -> bool {
    let mut nobody_reads_it = [0; 256];
    loop {
        match socket.poll_read_ready(cx) {
            Poll::Pending => return false,
            Poll::Ready(Err(_)) => return true,
            Poll::Ready(Ok(())) => match socket.try_read(&mut nobody_reads_it) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return true,
            },
        }
    }
}
