//! The server that one writes in an afternoon: axum's `Sse` over a broadcast channel for each tenant.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::extract::{Path, State};
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use futures::{Stream, stream};
use tokio::sync::broadcast::{Receiver, Sender, channel};

use crate::rounds::TENANTS;

type Frame = Arc<(u64, String)>;
type Tenants = Arc<Vec<Sender<Frame>>>;

/// More than a burst: a reader that lags would lose frames.
const KEPT: usize = 4_096;

#[tokio::main]
pub(crate) async fn run(port: u16) -> Result<()> {
    let tenants: Tenants = Arc::new((0..=TENANTS).map(|_tenant| channel(KEPT).0).collect());
    let router = Router::new()
        .route("/{tenant}", get(events))
        .route("/publish/{tenant}", post(publish))
        .with_state(tenants);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    println!("ready {}", listener.local_addr()?.port());
    // A failure to set it would show in the latency.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    Ok(axum::serve(listener, router).await?)
}

async fn publish(
    State(tenants): State<Tenants>,
    Path(tenant): Path<usize>,
    Json(frames): Json<Vec<(u64, String)>>,
) -> &'static str {
    for frame in frames {
        // Nobody may be listening.
        drop(tenants[tenant].send(Arc::new(frame)));
    }
    "ok"
}

async fn events(
    State(tenants): State<Tenants>,
    Path(tenant): Path<usize>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let hello = stream::iter([Ok(Event::default().event("hello").data("{}"))]);
    let live = stream::unfold(tenants[tenant].subscribe(), next);
    Sse::new(futures::StreamExt::chain(hello, live))
}

async fn next(mut frames: Receiver<Frame>) -> Option<(Result<Event, Infallible>, Receiver<Frame>)> {
    let frame = frames.recv().await.ok()?;
    let event = Event::default()
        .id(format!("0123456789ab-{}", frame.0))
        .event("run")
        .data(&frame.1);
    Some((Ok(event), frames))
}
