//! Connections, from the handshake to the end: HTTP/1.1 for requests and answers, and the bare socket for an open stream.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::{JoinError, JoinSet};
use tower::Service as _;

use crate::handover::{self, Handover, OpenStream};
use crate::listen;
use crate::shutdown::Shutdown;

/// From the handshake, or the last answer, to the end of the next request's head. Longer than browsers and proxies keep an idle connection
/// for nothing, short enough for one that sends a byte now and then.
const HEAD_WITHIN: Duration = Duration::from_secs(75);
/// The head of a request, and what an answer keeps before the kernel takes it.
const MOST_BUFFERED: usize = 64 * 1024;
/// Without a free file descriptor it is of no use to ask for the next connection at once.
const REFUSED_FOR: Duration = Duration::from_secs(1);

/// The head of an answer, and what follows it.
type Taken = (Vec<u8>, OpenStream);

/// A stream that goes on without HTTP.
struct Opened {
    socket: TcpStream,
    head: Vec<u8>,
    stream: OpenStream,
}

/// Answers until the server goes away, and then until what is under way is done. Dropping it cuts all connections.
pub(crate) async fn answer(listener: TcpListener, router: Router, shutdown: Shutdown) {
    let mut tasks = JoinSet::new();
    let (streams, mut opened) = unbounded_channel::<Opened>();
    let ending = shutdown.ending();
    tokio::pin!(ending);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((mut socket, peer)) => {
                    listen::tune(&mut socket);
                    let (router, streams) = (router.clone(), streams.clone());
                    tasks.spawn(requests(socket, peer, router, streams, shutdown.clone()));
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "failed to take a connection");
                    tokio::time::sleep(REFUSED_FOR).await;
                }
            },
            Some(Opened { socket, head, stream }) = opened.recv() => {
                tasks.spawn(handover::send(socket, head, stream));
            }
            Some(ended) = tasks.join_next() => note(ended),
            () = &mut ending => break,
        }
    }
    drop((listener, streams));
    loop {
        tokio::select! {
            Some(Opened { socket, head, stream }) = opened.recv() => {
                tasks.spawn(handover::send(socket, head, stream));
            }
            Some(ended) = tasks.join_next() => note(ended),
            else => break,
        }
    }
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

fn note(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection broke");
    }
}

/// Answers the requests of one connection, one after the other, until it closes or one of them opens a stream.
async fn requests(
    socket: TcpStream,
    peer: SocketAddr,
    router: Router,
    streams: UnboundedSender<Opened>,
    shutdown: Shutdown,
) {
    let is_free = Arc::new(AtomicBool::new(true));
    let taken: Arc<Mutex<Option<Taken>>> = Arc::default();
    let service = service_fn(|request: Request<Incoming>| {
        let (mut router, taken, is_free) = (router.clone(), taken.clone(), is_free.clone());
        async move {
            let may_be_taken = request.method() == Method::GET;
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let mut response = router.call(request).await?;
            let handover = response.extensions_mut().remove::<Handover>();
            if may_be_taken
                && is_free.load(Ordering::Relaxed)
                && let Some(stream) = handover.and_then(|handover| handover.take())
            {
                *taken.lock().expect("setting it does not panic") =
                    Some((head_of(&response), stream));
                // Dropped with the connection's HTTP, which is over.
                std::future::pending::<()>().await;
            }
            Ok::<_, Infallible>(response)
        }
    });
    let io = Io {
        inner: TokioIo::new(socket),
        is_free: Arc::clone(&is_free),
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(MOST_BUFFERED);
    let mut connection = http.serve_connection(io, service);
    let mut ending = Some(Box::pin(shutdown.ending()));
    let opened = std::future::poll_fn(|cx| {
        if let Some(told) = &mut ending
            && told.as_mut().poll(cx).is_ready()
        {
            ending = None;
            Pin::new(&mut connection).graceful_shutdown();
        }
        // A reader that breaks off is nothing to note.
        if Pin::new(&mut connection).poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        let taken = taken.lock().expect("taking it does not panic").take();
        taken.map_or(Poll::Pending, |taken| Poll::Ready(Some(taken)))
    })
    .await;
    if let Some((head, stream)) = opened {
        let socket = connection.into_parts().io.inner.into_inner();
        let opened = Opened {
            socket,
            head,
            stream,
        };
        // Nobody takes it any more when the server has cut all connections.
        drop(streams.send(opened));
    }
}

/// The answer's head as bytes. The body ends with the connection, so it has no length and no chunks.
fn head_of(response: &Response<Body>) -> Vec<u8> {
    let mut head = Vec::with_capacity(768);
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    head.extend_from_slice(format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).as_bytes());
    for (name, value) in response.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    let date = httpdate::fmt_http_date(SystemTime::now());
    head.extend_from_slice(format!("date: {date}\r\nconnection: close\r\n\r\n").as_bytes());
    head
}

/// The socket, and whether the kernel has taken all that HTTP gave it so far: only then is it free for a stream. It is not while a client
/// that sends requests without waiting for answers does not read them.
struct Io {
    inner: TokioIo<TcpStream>,
    is_free: Arc<AtomicBool>,
}

impl Io {
    fn wrote(
        &self,
        given: usize,
        written: Poll<std::io::Result<usize>>,
    ) -> Poll<std::io::Result<usize>> {
        let all = matches!(&written, Poll::Ready(Ok(n_bytes)) if *n_bytes == given);
        self.is_free.store(all, Ordering::Relaxed);
        written
    }
}

impl Read for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl Write for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.wrote(bytes.len(), written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let given = slices.iter().map(|slice| slice.len()).sum();
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.wrote(given, written)
    }
}
