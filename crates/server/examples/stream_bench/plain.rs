//! The server that one writes in an afternoon: axum's `Sse` over a broadcast channel for each tenant.
//!
//! With a database, each event is a row that is durable before anybody is told of it, which is the promise that ours keeps.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use axum::extract::{Path, State};
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use futures::{Stream, stream};
use rusqlite::Connection;
use tokio::sync::broadcast::{Receiver, Sender, channel};

use crate::rounds::TENANTS;

type Frame = Arc<(u64, String)>;

#[derive(Clone)]
struct Plain {
    tenants: Arc<Vec<Sender<Frame>>>,
    log: Option<Arc<Mutex<Connection>>>,
}

/// More than a burst: a reader that lags would lose frames.
const KEPT: usize = 4_096;

/// One row for each event: as little as can be durable.
const LOG: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, body TEXT NOT NULL);";
const APPEND: &str = "INSERT INTO events (tenant, body) VALUES (?1, ?2)";

/// `log`: the database of the events, where they are kept.
#[tokio::main]
pub(crate) async fn run(port: u16, log: Option<&path::Path>) -> Result<()> {
    let log = log.map(Connection::open).transpose()?;
    if let Some(log) = &log {
        log.execute_batch(LOG)?;
    }
    let plain = Plain {
        tenants: Arc::new((0..=TENANTS).map(|_tenant| channel(KEPT).0).collect()),
        log: log.map(|log| Arc::new(Mutex::new(log))),
    };
    let router = Router::new()
        .route("/{tenant}", get(events))
        .route("/publish/{tenant}", post(publish))
        .with_state(plain);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    println!("ready {}", listener.local_addr()?.port());
    // A failure to set it would show in the latency.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    Ok(axum::serve(listener, router).await?)
}

async fn publish(
    State(plain): State<Plain>,
    Path(tenant): Path<usize>,
    Json(frames): Json<Vec<(u64, String)>>,
) -> &'static str {
    let frames: Vec<Frame> = frames.into_iter().map(Arc::new).collect();
    if let Some(log) = plain.log {
        let frames = frames.clone();
        let keep = move || {
            keep(
                &mut log.lock().expect("nobody panics with it"),
                tenant,
                &frames,
            )
        };
        let kept = tokio::task::spawn_blocking(keep).await;
        kept.expect("it does not panic")
            .expect("the disk takes the events");
    }
    for frame in frames {
        // Nobody may be listening.
        drop(plain.tenants[tenant].send(frame));
    }
    "ok"
}

fn keep(log: &mut Connection, tenant: usize, frames: &[Frame]) -> rusqlite::Result<()> {
    let transaction = log.transaction()?;
    for frame in frames {
        let mut append = transaction.prepare_cached(APPEND)?;
        append.execute((tenant as i64, &frame.1))?;
    }
    transaction.commit()
}

async fn events(
    State(plain): State<Plain>,
    Path(tenant): Path<usize>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let hello = stream::iter([Ok(Event::default().event("hello").data("{}"))]);
    let live = stream::unfold(plain.tenants[tenant].subscribe(), next);
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
