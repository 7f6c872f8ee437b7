//! The steps of one call: journal, gates, time, faults, limits, the answer itself, and what a fault does to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{Response, StatusCode, header};
use sha2::{Digest, Sha256};
use tower_http::compression::CompressionLayer;

use crate::answer::{Answer, Ids, Payload};
use crate::control;
use crate::faults::{Action, Call, Faults, When};
use crate::listen::Connection;
use crate::options::Options;
use crate::query::Query;
use crate::recorder::{Entry, Journal};
use crate::routes::{self, GraphCall};
use crate::spoil;
use crate::state::State;
use crate::throttle::Windows;
use crate::token::Tokens;

/// Larger than any policy that a test writes.
const MOST_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Everything that one stand-in is.
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) state: State,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) tokens: Tokens,
    pub(crate) windows: Windows,
    n_calls: AtomicU64,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            state: State::new(options.seed.clone(), &options.client_secret),
            faults: Faults::seeded(options.seed.rules()),
            journal: Journal::new(),
            tokens: Tokens::new(options.token_lifetime_s),
            windows: Windows::default(),
            n_calls: AtomicU64::new(0),
            options,
        }
    }

    /// Back to how it started: state, rules, journal, tokens and windows.
    pub(crate) fn reset(&self) {
        self.state.reset();
        self.faults.clear();
        self.journal.clear();
        self.tokens.forget_all();
        self.windows.clear();
        self.n_calls.store(0, Ordering::Relaxed);
    }

    /// The time that this call takes: looks random, and is the same in each run.
    fn latency(&self) -> Option<Duration> {
        let range = self.options.latency_ms.clone()?;
        let drawn = mixed(self.n_calls.fetch_add(1, Ordering::Relaxed));
        let width = range.end().saturating_sub(*range.start()) + 1;
        Some(Duration::from_millis(range.start() + drawn % width))
    }
}

/// Splitmix64: neighbouring numbers give unrelated ones.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

pub(crate) fn router(world: Arc<World>) -> Router {
    let mut router = Router::new().fallback(answer);
    if world.options.control {
        router = router.nest("/_control", control::router());
    }
    router.layer(CompressionLayer::new()).with_state(world)
}

async fn answer(Shared(world): Shared<Arc<World>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let header_text = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let client_request_id = header_text("client-request-id").map(str::to_owned);
    let ids = Ids::new(client_request_id.as_deref());
    let Ok(body) = to_bytes(body, MOST_BODY_BYTES).await else {
        return Answer::error(
            413,
            "RequestEntityTooLarge",
            "The request is too large.",
            &ids,
        )
        .into_response(&ids);
    };

    let method = parts.method.as_str();
    let path = parts.uri.path();
    let query = parts.uri.query().unwrap_or_default();
    let origin = format!("http://{}", header_text("host").unwrap_or("localhost"));
    let login = login_directory(path);
    let mut bearer = world.tokens.bearer(&parts.headers, &ids);
    let tenant = login
        .or(bearer
            .as_ref()
            .ok()
            .map(|bearer| bearer.directory_id.as_str()))
        .map(str::to_owned);

    let number = world.journal.arrived(Entry {
        number: 0,
        connection: parts
            .extensions
            .get::<Connection>()
            .map_or(0, |connection| connection.0),
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        tenant: tenant.clone(),
        status: None,
        request_id: ids.request_id.clone(),
        client_request_id,
        has_token: parts.headers.contains_key(header::AUTHORIZATION),
        body_sha256: (!body.is_empty()).then(|| hex::encode(Sha256::digest(&body))),
        at_ms: 0,
    });
    let call = Call {
        method,
        path,
        tenant: tenant.as_deref(),
    };
    world.faults.pass_gates(&call).await;
    if let Some(latency) = world.latency() {
        tokio::time::sleep(latency).await;
    }
    let action = world.faults.action(&call);

    let early = match &action {
        Some(Action::DropBeforeApply) => return spoil::closed(),
        Some(Action::Status {
            code,
            body,
            retry_after,
            message,
        }) => {
            let message = message
                .as_deref()
                .unwrap_or("The stand-in was told to answer so.");
            let answer = Answer::shaped(*code, code_of(*code), message, *body, &ids);
            Some(match retry_after {
                Some(value) => answer.with_header("retry-after", value.as_str()),
                None => answer,
            })
        }
        Some(Action::Redirect { to }) => Some(Answer {
            status: 302,
            body: Payload::Empty,
            headers: vec![("location", to.clone())],
        }),
        Some(Action::ExpireToken) => {
            world.tokens.expire(&parts.headers);
            bearer = world.tokens.bearer(&parts.headers, &ids);
            None
        }
        Some(Action::Delay {
            ms,
            when: When::Before,
        }) => {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
            None
        }
        Some(Action::ChangeMeanwhile { path, patch }) => {
            routes::change_meanwhile(
                &world.state,
                tenant.as_deref().unwrap_or_default(),
                path,
                patch,
            );
            None
        }
        _ => None,
    };

    let mut answer = match (early, login, bearer) {
        (Some(early), _, _) => early,
        (None, Some(directory_id), _) if method == "POST" => {
            world
                .tokens
                .answer(directory_id, &parts.headers, &body, &origin, &world.state)
        }
        (None, Some(_), _) => Answer {
            status: 405,
            body: Payload::Empty,
            headers: Vec::new(),
        },
        (None, None, Err(refused)) => refused,
        (None, None, Ok(bearer)) => {
            let call = GraphCall {
                method,
                path,
                query: &Query::parse(query),
                body: &body,
                bearer: &bearer,
                ids: &ids,
                origin: &origin,
            };
            let limits = world.options.throttle;
            let admit = |method: &str| match limits {
                Some(throttle) => world.windows.admit(
                    throttle,
                    &bearer.directory_id,
                    &bearer.client_id,
                    method,
                    &ids,
                ),
                None => Ok(()),
            };
            match admit(method) {
                Ok(()) => routes::answer(&world.state, &call, &admit),
                Err(throttled) => throttled,
            }
        }
    };

    match &action {
        Some(Action::DropAfterApply) => return spoil::closed(),
        Some(Action::StatusAfterApply { code }) => {
            answer = Answer::error(
                *code,
                code_of(*code),
                "The stand-in was told to answer so.",
                &ids,
            );
        }
        Some(Action::Delay {
            ms,
            when: When::After,
        }) => tokio::time::sleep(Duration::from_millis(*ms)).await,
        _ => {}
    }
    if let (Payload::Json(body), Some(action)) = (&mut answer.body, &action) {
        spoil::page(body, action, &format!("{origin}{path}"), query);
    }
    world.journal.answered(number, answer.status);
    let response = answer.into_response(&ids);
    match action {
        Some(Action::DropMidBody) => spoil::in_two_parts(response, None).await,
        Some(Action::Delay {
            ms,
            when: When::BetweenBytes,
        }) => spoil::in_two_parts(response, Some(Duration::from_millis(ms))).await,
        _ => response,
    }
}

/// The directory in the path of a token request.
fn login_directory(path: &str) -> Option<&str> {
    path.strip_prefix('/')?
        .strip_suffix("/oauth2/v2.0/token")
        .filter(|directory| !directory.contains('/'))
}

fn code_of(status: u16) -> &'static str {
    match status {
        401 => "InvalidAuthenticationToken",
        403 => "Forbidden",
        404 => "ResourceNotFound",
        409 => "Conflict",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        status if status >= 500 => "InternalServerError",
        status if StatusCode::from_u16(status).is_ok() => "BadRequest",
        _ => "UnknownError",
    }
}
