//! Every HTTP call of the app, one function each. Typed by [`contract::api`]; a component never fetches by itself.
//!
//! A [`Call`] is made with [`Call::then`], which says what becomes of the answer. One future does the work for all of them: the
//! compiler makes each `async` block a machine of its own, and thirteen of those were 9 KB of WebAssembly at brotli 11.
//!
//! An error is a value that is drawn: [`ApiError`] says whether the server answered, and with which problem.

use std::any::Any;
use std::rc::Rc;

use contract::api::{
    Acknowledge, AcknowledgeMany, AcknowledgedMany, ItemRows, MarkRows, MarksPut, Me,
    NotificationRows, PolicyRows, PutMarks, RunPage, RunRows, Setup, SetupCheck, SetupOffer,
    SignIn, StartRun, Started,
};
use contract::ids::{RunKey, TenantId};
use contract::preferences::{Preferences, PutPreferences};
use contract::problem::{Problem, code};
use contract::run::Run;
use contract::snapshot::Snapshot;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortSignal;

use crate::cards::filter::{Filter, Tab};
use crate::fetch::{self, Request};
use crate::json;
use crate::route::with_query;

/// A call that did not give what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// No answer came: no network, no server, or the page is being left.
    Unreachable,
    /// The server answered with a problem.
    Answered {
        /// The HTTP status.
        status: u16,
        /// Stable, one of [`contract::problem::code`]; `unexpected_answer` if the body was no problem document.
        code: String,
        /// A sentence for people.
        detail: Option<String>,
        /// When it may be tried again.
        retry_after_ms: Option<u64>,
    },
}

impl ApiError {
    /// The problem's code, or `unreachable`.
    pub fn code(&self) -> &str {
        match self {
            ApiError::Unreachable => "unreachable",
            ApiError::Answered { code, .. } => code,
        }
    }

    /// What the server says to people.
    pub fn detail(&self) -> Option<&str> {
        match self {
            ApiError::Unreachable => None,
            ApiError::Answered { detail, .. } => detail.as_deref(),
        }
    }

    /// The HTTP status; `None` if no answer came.
    pub fn status(&self) -> Option<u16> {
        match self {
            ApiError::Unreachable => None,
            ApiError::Answered { status, .. } => Some(*status),
        }
    }

    /// Nobody is signed in (any more). A wrong password is another 401, and no reason to sign anybody out.
    pub fn is_signed_out(&self) -> bool {
        self.status() == Some(401) && self.code() != code::BAD_CREDENTIALS
    }
}

/// `GET /api/me`.
///
/// # Errors
/// [`ApiError::is_signed_out`] when nobody is.
pub fn me() -> Call<Me> {
    get("/api/me", &[])
}

/// `POST /api/session`.
///
/// # Errors
/// `bad_credentials`, or `too_many` with a time to wait.
pub fn sign_in(body: &SignIn) -> Call<Me> {
    send_json(request("POST", "/api/session"), body)
}

/// `DELETE /api/session`.
///
/// # Errors
/// [`ApiError::Unreachable`]: the session still stands on the server.
pub fn sign_out() -> Call<()> {
    Call {
        request: request("DELETE", "/api/session"),
        body: None,
        read: |_| Some(()),
    }
}

/// `POST /api/setup/check`: what a one-time link is good for.
///
/// # Errors
/// `link_used` when it is good for nothing any more.
pub fn setup_check(body: &SetupCheck) -> Call<SetupOffer> {
    send_json(request("POST", "/api/setup/check"), body)
}

/// `POST /api/setup`: uses the link up and signs in.
///
/// # Errors
/// `link_used`, `invalid_value` or `conflict` (the name is taken).
pub fn setup(body: &Setup) -> Call<Me> {
    send_json(request("POST", "/api/setup"), body)
}

/// `GET /api/tenants/{t}/policies`, a page.
///
/// # Errors
/// `not_yours` for a tenant that the person may not see.
pub fn policies(tenant_id: TenantId, after: Option<&str>) -> Call<PolicyRows> {
    let path = format!("/api/tenants/{tenant_id}/policies");
    get(&path, &query(after))
}

/// `POST /api/tenants/{t}/runs`. `idempotency_key` is one for each click: see [`fresh_key`].
///
/// # Errors
/// `role_needed`, `not_yours` or `invalid_value`.
pub fn start(tenant_id: TenantId, body: &StartRun, idempotency_key: &str) -> Call<Started> {
    let path = format!("/api/tenants/{tenant_id}/runs");
    let request = request("POST", &path).header("Idempotency-Key", idempotency_key);
    send_json(request, body)
}

/// `GET /api/tenants/{t}/runs`, a page, newest first.
///
/// # Errors
/// `not_yours` for a tenant that the person may not see.
pub fn runs(tenant_id: TenantId, after: Option<&str>) -> Call<RunRows> {
    let path = format!("/api/tenants/{tenant_id}/runs");
    get(&path, &query(after))
}

/// `GET …/runs/{run_type}/{run_id}`.
///
/// # Errors
/// `not_yours`, also for a run that does not exist.
pub fn run_page(key: &RunKey) -> Call<RunPage> {
    get(&run_path(key), &source(key))
}

/// `GET …/runs/{run_type}/{run_id}/items`, a page, by `item_idx`.
///
/// # Errors
/// As [`run_page`].
pub fn items(key: &RunKey, after: Option<&str>) -> Call<ItemRows> {
    let path = format!("{}/items", run_path(key));
    let mut parts = source(key);
    parts.extend(query(after));
    get(&path, &parts)
}

/// `GET /api/snapshot`. The signal ends it when its answer would be of no use any more.
///
/// # Errors
/// [`ApiError::is_signed_out`], or whatever the server answers; the connection decides what follows.
pub fn snapshot(signal: Option<&AbortSignal>) -> Call<Snapshot> {
    let request = request("GET", "/api/snapshot").live(signal);
    Call {
        request,
        body: None,
        read: json::read,
    }
}

/// `GET /api/me/marks?after=`, a page.
///
/// # Errors
/// [`ApiError::is_signed_out`].
pub fn marks(after: i64) -> Call<MarkRows> {
    get("/api/me/marks", &[("after", after.to_string())])
}

/// `PUT /api/me/marks`. Each list at most [`contract::api::MAX_ROWS`].
///
/// # Errors
/// [`ApiError::is_signed_out`].
pub fn put_marks(body: &PutMarks) -> Call<MarksPut> {
    send_json(request("PUT", "/api/me/marks"), body)
}

/// `GET /api/me/notifications`, a page of the cards that the view has on the server.
///
/// # Errors
/// [`ApiError::is_signed_out`].
pub fn notifications(filter: &Filter, after: Option<&str>) -> Call<NotificationRows> {
    let mut parts = filter.narrowing();
    let state = filter.tab.on_server().unwrap_or("all");
    parts.push(("state", state.to_owned()));
    parts.push(("mine", (filter.tab == Tab::Mine).to_string()));
    parts.extend(query(after));
    get("/api/me/notifications", &parts)
}

/// `POST …/runs/{run_type}/{run_id}/acknowledge`.
///
/// # Errors
/// `role_needed`, or `changed` where the run is no longer what was on screen.
pub fn acknowledge(key: &RunKey, body: &Acknowledge) -> Call<Run> {
    let path = with_query(&format!("{}/acknowledge", run_path(key)), &source(key));
    send_json(request("POST", &path), body)
}

/// `POST /api/tenants/{t}/acknowledge`. At most [`contract::api::MAX_ROWS`].
///
/// # Errors
/// `role_needed`.
pub fn acknowledge_many(tenant_id: TenantId, body: &AcknowledgeMany) -> Call<AcknowledgedMany> {
    let path = format!("/api/tenants/{tenant_id}/acknowledge");
    send_json(request("POST", &path), body)
}

/// `PUT /api/me/preferences`: replaces all rules.
///
/// # Errors
/// `invalid_value`: too many, or two for the same tenant and operation.
pub fn put_preferences(body: &PutPreferences) -> Call<Preferences> {
    send_json(request("PUT", "/api/me/preferences"), body)
}

/// An `Idempotency-Key`: 128 random bits. `crypto.randomUUID` is missing outside secure contexts, and a server in a local
/// network is often reached by plain HTTP.
pub fn fresh_key() -> String {
    let mut bytes = [0_u8; 16];
    let filled = web_sys::window()
        .and_then(|window| window.crypto().ok())
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).ok());
    if filled.is_none() {
        for byte in &mut bytes {
            *byte = (js_sys::Math::random() * 256.0) as u8;
        }
    }
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .flatten()
        .collect()
}

fn run_path(key: &RunKey) -> String {
    let run_type = js_sys::encode_uri_component(&key.run_type);
    format!(
        "/api/tenants/{}/runs/{run_type}/{}",
        key.tenant_id, key.run_id
    )
}

/// A portal's run is named by its source as well.
fn source(key: &RunKey) -> Vec<(&'static str, String)> {
    if key.source.is_empty() {
        return Vec::new();
    }
    vec![("source", key.source.clone())]
}

fn query(after: Option<&str>) -> Vec<(&'static str, String)> {
    after
        .map(|after| ("after", after.to_owned()))
        .into_iter()
        .collect()
}

fn request(method: &str, path: &str) -> Request {
    Request::new(method, path, "application/json")
}

/// A call that is ready to be made.
pub struct Call<T> {
    request: Request,
    /// As it is sent.
    body: Option<String>,
    /// What the text of a good answer says.
    read: fn(&str) -> Option<T>,
}

impl<T: 'static> Call<T> {
    /// Makes it; `take` is given what came of it.
    pub fn then(self, take: impl FnOnce(Result<T, ApiError>) + 'static) {
        let read = self.read;
        exchange(
            self.request,
            self.body,
            Box::new(move |answer| {
                take(answer.and_then(|Answer { status, text }| {
                    read(&text).ok_or_else(|| unexpected(status))
                }));
            }),
        );
    }
}

impl<T: json::Read + 'static> Call<T> {
    /// The same call with its answer behind a pointer, for what keeps answers of all types.
    pub fn held(self) -> Call<Rc<dyn Any>> {
        Call {
            request: self.request,
            body: self.body,
            read: |text| Some(Rc::new(json::read::<T>(text)?)),
        }
    }
}

fn get<T: json::Read>(path: &str, parts: &[(&str, String)]) -> Call<T> {
    Call {
        request: request("GET", &with_query(path, parts)),
        body: None,
        read: json::read,
    }
}

fn send_json<T: json::Read>(request: Request, body: &dyn json::Write) -> Call<T> {
    Call {
        request,
        body: Some(json::write(body)),
        read: json::read,
    }
}

/// A good answer, whole.
struct Answer {
    status: u16,
    text: String,
}

type Take = Box<dyn FnOnce(Result<Answer, ApiError>)>;

/// Asks, and gives the answer away.
fn exchange(request: Request, body: Option<String>, take: Take) {
    spawn_local(async move { take(answer(request, body).await) });
}

async fn answer(request: Request, body: Option<String>) -> Result<Answer, ApiError> {
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let response = request.send().await.ok_or(ApiError::Unreachable)?;
    let content_type = fetch::header(&response, "content-type").unwrap_or_default();
    if response.redirected() && content_type.starts_with("text/html") {
        // A proxy in front sent us to its sign-in page.
        return Err(answered(401, code::SIGNED_OUT));
    }
    let status = response.status();
    let text = fetch::text(&response).await;
    if response.ok() {
        let text = text.ok_or(ApiError::Unreachable)?;
        return Ok(Answer { status, text });
    }
    // Anything between browser and server may answer with a page of its own.
    Err(match text.and_then(|text| json::read::<Problem>(&text)) {
        Some(problem) => ApiError::Answered {
            status,
            code: problem.code,
            detail: problem.detail,
            retry_after_ms: problem.retry_after_ms,
        },
        None => unexpected(status),
    })
}

fn unexpected(status: u16) -> ApiError {
    answered(status, "unexpected_answer")
}

fn answered(status: u16, code: &str) -> ApiError {
    ApiError::Answered {
        status,
        code: code.to_owned(),
        detail: None,
        retry_after_ms: None,
    }
}
