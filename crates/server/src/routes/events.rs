//! `GET /api/events`: the event stream. Hello, what the reader missed, then live until somebody says `bye`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use contract::frame::{Hello, PROTOCOL, Reset, name};
use contract::ids::{EventId, TenantId};
use contract::run::PersonRef;
use futures::{Stream, StreamExt as _, stream};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use runs::Store;
use runs::people::{Caller, TokenHash};
use serde::Deserialize;

use crate::auth::SignedIn;
use crate::extract::Query;
use crate::handover::{Handover, OpenStream};
use crate::hub::{Access, Full, Reader, Subscribed, Wanted, encode, encode_run};
use crate::problem::{Answer, Problem};
use crate::routes::snapshot::require_member;
use crate::state::App;
use crate::tokens;

/// Events of one reading of the log.
const REPLAY_PAGE: u32 = 500;
/// What a native `EventSource` waits after an end without a `bye`.
const RETRY_LINE: &[u8] = b"retry: 1000\n";
/// The snapshot reads the database, the head is raised a moment after the commit: an id may be ahead for that moment.
const HEAD_GRACE: Duration = Duration::from_millis(20);
const HEAD_LOOKS: u32 = 10;

/// The query.
#[derive(Deserialize)]
pub struct Scope {
    tenant: Option<TenantId>,
    after: Option<String>,
}

/// Where a reader goes on.
enum Resume {
    /// At the head: it asked for nothing else.
    Live,
    /// After this position.
    After(u64),
    /// The id is of no use.
    Reset(&'static str),
}

/// What happens to runs, as server-sent events, in all my tenants or in one.
///
/// With `Last-Event-ID` (or `after`) the stream goes on behind that event, with nothing lost or twice; without, it begins at the head.
/// A `reset` frame means that this cannot be done: take the snapshot. Frames: `hello` (Hello), `run` (Run, with an id), `progress` (Progress),
/// `seal` (Seal, when it changed and once after connecting),
/// `marks` (`MarksChanged`), `pulse` (Pulse, every 10 s), `reset` (Reset), `bye` (Bye).
#[utoipa::path(
    get, path = "/api/events", operation_id = "events", tag = "stream",
    params(
        ("tenant" = Option<i64>, Query, description = "One tenant only"),
        ("after" = Option<String>, Query, description = "As Last-Event-ID, which goes before it"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last frame that was read"),
    ),
    responses(
        (status = 200, description = "The stream", body = String, content_type = "text/event-stream"),
        (status = 401, description = "`signed_out`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 403, description = "`not_yours`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many`: too many streams of this person, with Retry-After", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`busy`, with Retry-After", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn events(
    State(app): State<App>,
    AccessNow(mut access): AccessNow,
    SignedIn { mut caller, token }: SignedIn,
    headers: HeaderMap,
    Query(Scope { tenant, after }): Query<Scope>,
) -> Answer<Response> {
    let asked = match headers.get("last-event-id") {
        Some(id) => Some(String::from_utf8_lossy(id.as_bytes()).into_owned()),
        None => after,
    };
    let resume = resume(&*app.store, asked.filter(|id| !id.is_empty())).await?;
    let subscribed = loop {
        require_member(&caller, tenant)?;
        let reader = reader(&caller, token, tenant, &resume);
        // Before the replay is read: an event between the two would otherwise be in neither.
        let subscribed = app
            .hub
            .subscribe(reader, app.store.now())
            .map_err(refusal)?;
        if subscribed.access == access {
            break subscribed;
        }
        // Somebody lost access since the store was asked for the caller. Whoever did before this line is seen here; after it, the hub is told.
        access = subscribed.access;
        let now = app
            .store
            .caller(token)
            .await?
            .ok_or_else(Problem::signed_out)?;
        let is_same = now.tenants == caller.tenants;
        caller = now;
        if is_same {
            break subscribed;
        }
    };
    let resume = match resume {
        Resume::After(position)
            if subscribed.missed.is_none() && position < app.store.oldest_resumable().await? =>
        {
            Resume::Reset("too_old")
        }
        other => other,
    };
    let first = greeting(&app, caller, &token, &resume);
    Ok(answer(stream(&app, subscribed, first, &resume)))
}

/// Extracted before [`SignedIn`] asks the store.
pub struct AccessNow(Access);

impl FromRequestParts<App> for AccessNow {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(app.hub.access()))
    }
}

/// Judges the id that the reader came with.
async fn resume(store: &dyn Store, asked: Option<String>) -> Answer<Resume> {
    let Some(asked) = asked else {
        return Ok(Resume::Live);
    };
    let Ok(id) = asked.parse::<EventId>() else {
        return Ok(Resume::Reset("unknown"));
    };
    if id.epoch != store.head().epoch {
        return Ok(Resume::Reset("unknown"));
    }
    for _look in 0..HEAD_LOOKS {
        if id.position <= store.head().position {
            return Ok(Resume::After(id.position));
        }
        tokio::time::sleep(HEAD_GRACE).await;
    }
    Ok(Resume::Reset("ahead"))
}

fn reader(caller: &Caller, token: TokenHash, tenant: Option<TenantId>, resume: &Resume) -> Reader {
    Reader {
        person: caller.person.id,
        session: caller.session_id,
        token,
        tenants: caller.tenants.as_slice().into(),
        scope: match tenant {
            Some(tenant_id) => Arc::new([tenant_id]),
            None => caller.tenants.iter().map(|tenant| tenant.id).collect(),
        },
        after: match resume {
            Resume::After(position) => Some(*position),
            Resume::Live | Resume::Reset(_) => None,
        },
    }
}

fn refusal(full: Full) -> Problem {
    match full {
        Full::Person(most) => Problem::too_many(
            format!("You have {most} streams open. Close some of the tabs."),
            Duration::from_secs(30),
        ),
        Full::All | Full::Closing => Problem::busy(),
    }
}

fn greeting(app: &App, caller: Caller, token: &TokenHash, resume: &Resume) -> Bytes {
    let Caller {
        person: PersonRef { id, name },
        tenants,
        marks_rev,
        ..
    } = caller;
    let hello = Hello {
        protocol: PROTOCOL,
        build: app.assets.build(),
        server_time: app.store.now(),
        person: PersonRef { id, name },
        marks_rev,
        tenants,
        channel: tokens::channel(token),
    };
    let mut first = BytesMut::from(RETRY_LINE);
    first.extend_from_slice(&encode(name::HELLO, &hello));
    if let Resume::Reset(reason) = resume {
        let reset = Reset {
            reason: (*reason).to_owned(),
        };
        first.extend_from_slice(&encode(name::RESET, &reset));
    }
    first.freeze()
}

fn stream(app: &App, subscribed: Subscribed, first: Bytes, resume: &Resume) -> OpenStream {
    let Subscribed {
        live,
        begins_after,
        progress,
        scope,
        seals,
        missed,
        access: _,
    } = subscribed;
    let replay = match (resume, missed) {
        (Resume::Live | Resume::Reset(_), _) => stream::empty().boxed(),
        (Resume::After(_), Some(missed)) => stream::iter([Ok(missed)]).boxed(),
        (Resume::After(position), None) => {
            replay(app, live.wanted(), scope, *position, begins_after).boxed()
        }
    };
    // Behind the replay: it brings the reader to `begins_after`, and these say what is so there.
    let mut now = BytesMut::new();
    for progress in &progress {
        now.extend_from_slice(&encode(name::PROGRESS, &**progress));
    }
    for seal in &seals {
        now.extend_from_slice(seal);
    }
    let first = stream::iter([Ok(first)]);
    OpenStream {
        opening: first
            .chain(replay)
            .chain(stream::iter([Ok(now.freeze())]))
            .boxed(),
        live,
    }
}

/// The events behind `after`, up to and with `until`, a page at a time as the reader takes them. It stops where the stream has ended
/// meanwhile: who signed out or lost a tenant hears no more of what was.
///
/// An error of the store ends the stream without a word: what was sent is whole, and the reader resumes from it.
fn replay(
    app: &App,
    wanted: Wanted,
    scope: Arc<[TenantId]>,
    after: u64,
    until: u64,
) -> impl Stream<Item = Result<Bytes, runs::Error>> + Send + use<> {
    struct Reading {
        store: Arc<dyn Store>,
        epoch: String,
        wanted: Wanted,
        scope: Arc<[TenantId]>,
        after: u64,
    }
    let reading = Reading {
        store: Arc::clone(&app.store),
        epoch: app.hub.epoch().to_owned(),
        wanted,
        scope,
        after,
    };
    stream::try_unfold(reading, move |mut reading| async move {
        if reading.after >= until || reading.wanted.is_over() {
            return Ok(None);
        }
        let events = reading
            .store
            .events_after(reading.after, &reading.scope, REPLAY_PAGE)
            .await
            .inspect_err(|error| tracing::error!("a replay ended: failed to {error}"))?;
        reading.after = match events.last() {
            Some(last) if events.len() == REPLAY_PAGE as usize => last.position,
            _ => until,
        };
        let mut page = BytesMut::new();
        // What is behind `until` is in the live queue.
        for event in events.iter().filter(|event| event.position <= until) {
            page.extend_from_slice(&encode_run(&reading.epoch, event));
        }
        let page = page.freeze();
        Ok((!page.is_empty()).then_some((page, reading)))
    })
}

fn answer(stream: OpenStream) -> Response {
    let handover = Handover::new(stream);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx would keep frames back until it has 4 KB of them.
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    let mut response = (headers, handover.body()).into_response();
    response.extensions_mut().insert(handover);
    response
}
