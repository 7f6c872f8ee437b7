//! Connections: accepted, counted, and closed without an answer where a fault says so.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::serve::{self, World};

/// The number of the connection on which a request came, from 1.
#[derive(Clone, Copy)]
pub(crate) struct Connection(pub(crate) u64);

/// On a response: send nothing of it, close the connection.
#[derive(Clone, Copy)]
pub(crate) struct CloseWithoutAnswer;

/// The accepting task; it and its connections end when this is dropped.
pub(crate) struct Listener {
    accepting: JoinHandle<()>,
}

impl Listener {
    pub(crate) fn spawn(socket: TcpListener, world: Arc<World>) -> Self {
        let router = serve::router(world);
        Self {
            accepting: tokio::spawn(accept(socket, router)),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The set of connections belongs to this task and is aborted with it.
        self.accepting.abort();
    }
}

async fn accept(socket: TcpListener, router: Router) {
    let numbers = AtomicU64::new(0);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.accept() => {
                let Ok((stream, _peer)) = accepted else {
                    // Out of file descriptors, most likely: let the open connections end first.
                    tokio::task::yield_now().await;
                    continue;
                };
                let number = Connection(numbers.fetch_add(1, Ordering::Relaxed) + 1);
                connections.spawn(connection(stream, number, router.clone()));
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, number: Connection, router: Router) {
    // Without this, the last segment of each answer waits for an acknowledgement.
    let _is_only_slower_without = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let router = router.clone();
        async move {
            request.extensions_mut().insert(number);
            let answered: Result<Response<Body>, Infallible> =
                router.oneshot(request.map(Body::new)).await;
            let response = answered.unwrap_or_else(|never| match never {});
            if response.extensions().get::<CloseWithoutAnswer>().is_some() {
                return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
            }
            Ok(response)
        }
    });
    // An error here is a client that went away, or a fault that we made ourselves.
    let _ended = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
