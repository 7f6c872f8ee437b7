//! Every HTTP call of the app, one function each. Typed by [`contract::api`]; a component never fetches by itself.
//!
//! An error is a value that is drawn: [`ApiError`] says whether the server answered, and with which problem.

use std::future::Future;
use std::pin::Pin;

use contract::api::{
    ItemRows, MarkRows, MarksPut, Me, PolicyRows, PutMarks, RunPage, RunRows, Setup, SetupCheck,
    SetupOffer, SignIn, StartRun, Started,
};
use contract::ids::{RunKey, TenantId};
use contract::problem::{Problem, code};
use contract::snapshot::Snapshot;
use gloo_net::http::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::{AbortSignal, RequestCredentials};

use crate::json;

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
pub async fn me() -> Result<Me, ApiError> {
    get("/api/me", &[]).await
}

/// `POST /api/session`.
///
/// # Errors
/// `bad_credentials`, or `too_many` with a time to wait.
pub async fn sign_in(body: &SignIn) -> Result<Me, ApiError> {
    send_json(request(Method::POST, "/api/session"), body).await
}

/// `DELETE /api/session`.
///
/// # Errors
/// [`ApiError::Unreachable`]: the session still stands on the server.
pub async fn sign_out() -> Result<(), ApiError> {
    exchange(request(Method::DELETE, "/api/session"), None)
        .await
        .map(|_| ())
}

/// `POST /api/setup/check`: what a one-time link is good for.
///
/// # Errors
/// `link_used` when it is good for nothing any more.
pub async fn setup_check(body: &SetupCheck) -> Result<SetupOffer, ApiError> {
    send_json(request(Method::POST, "/api/setup/check"), body).await
}

/// `POST /api/setup`: uses the link up and signs in.
///
/// # Errors
/// `link_used`, `invalid_value` or `conflict` (the name is taken).
pub async fn setup(body: &Setup) -> Result<Me, ApiError> {
    send_json(request(Method::POST, "/api/setup"), body).await
}

/// `GET /api/tenants/{t}/policies`, a page.
///
/// # Errors
/// `not_yours` for a tenant that the person may not see.
pub async fn policies(tenant_id: TenantId, after: Option<&str>) -> Result<PolicyRows, ApiError> {
    let path = format!("/api/tenants/{tenant_id}/policies");
    get(&path, &query(after)).await
}

/// `POST /api/tenants/{t}/runs`. `idempotency_key` is one for each click: see [`fresh_key`].
///
/// # Errors
/// `role_needed`, `not_yours` or `invalid_value`.
pub async fn start(
    tenant_id: TenantId,
    body: &StartRun,
    idempotency_key: &str,
) -> Result<Started, ApiError> {
    let path = format!("/api/tenants/{tenant_id}/runs");
    let request = request(Method::POST, &path).header("Idempotency-Key", idempotency_key);
    send_json(request, body).await
}

/// `GET /api/tenants/{t}/runs`, a page, newest first.
///
/// # Errors
/// `not_yours` for a tenant that the person may not see.
pub async fn runs(tenant_id: TenantId, after: Option<&str>) -> Result<RunRows, ApiError> {
    let path = format!("/api/tenants/{tenant_id}/runs");
    get(&path, &query(after)).await
}

/// `GET …/runs/{run_type}/{run_id}`.
///
/// # Errors
/// `not_yours`, also for a run that does not exist.
pub async fn run_page(key: &RunKey) -> Result<RunPage, ApiError> {
    get(&run_path(key), &source(key)).await
}

/// `GET …/runs/{run_type}/{run_id}/items`, a page, by `item_idx`.
///
/// # Errors
/// As [`run_page`].
pub async fn items(key: &RunKey, after: Option<&str>) -> Result<ItemRows, ApiError> {
    let path = format!("{}/items", run_path(key));
    let mut parts = source(key);
    parts.extend(query(after));
    get(&path, &parts).await
}

/// `GET /api/snapshot`. The signal ends it when its answer would be of no use any more.
///
/// # Errors
/// [`ApiError::is_signed_out`], or whatever the server answers; the connection decides what follows.
pub async fn snapshot(signal: Option<&AbortSignal>) -> Result<Snapshot, ApiError> {
    let request = request(Method::GET, "/api/snapshot")
        .cache(web_sys::RequestCache::NoStore)
        .abort_signal(signal);
    exchange(request, None).await?.read()
}

/// `GET /api/me/marks?after=`, a page.
///
/// # Errors
/// [`ApiError::is_signed_out`].
pub async fn marks(after: i64) -> Result<MarkRows, ApiError> {
    get("/api/me/marks", &[("after", after.to_string())]).await
}

/// `PUT /api/me/marks`. Each list at most [`contract::api::MAX_ROWS`].
///
/// # Errors
/// [`ApiError::is_signed_out`].
pub async fn put_marks(body: &PutMarks) -> Result<MarksPut, ApiError> {
    send_json(request(Method::PUT, "/api/me/marks"), body).await
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

fn request(method: Method, path: &str) -> RequestBuilder {
    RequestBuilder::new(path)
        .method(method)
        .credentials(RequestCredentials::SameOrigin)
        .header("Accept", "application/json")
}

async fn get<T: DeserializeOwned>(path: &str, parts: &[(&str, String)]) -> Result<T, ApiError> {
    let mut address = path.to_owned();
    for (idx, (name, value)) in parts.iter().enumerate() {
        address.push_str(if idx == 0 { "?" } else { "&" });
        address.push_str(name);
        address.push('=');
        address.push_str(&String::from(js_sys::encode_uri_component(value)));
    }
    exchange(request(Method::GET, &address), None).await?.read()
}

async fn send_json<B: Serialize, T: DeserializeOwned>(
    request: RequestBuilder,
    body: &B,
) -> Result<T, ApiError> {
    // Nothing in a body can fail to be written.
    let body = serde_json::to_string(body).unwrap_or_default();
    exchange(request, Some(body)).await?.read()
}

/// A good answer, whole.
struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        json::read(&self.text).ok_or_else(|| unexpected(self.status))
    }
}

/// Asks, and takes the answer apart. Boxed: every call holds one, and the app holds the code of it once.
fn exchange(
    request: RequestBuilder,
    body: Option<String>,
) -> Pin<Box<dyn Future<Output = Result<Answer, ApiError>>>> {
    Box::pin(async move {
        let request = match body {
            Some(body) => request
                .header("Content-Type", "application/json")
                .body(body),
            None => request.build(),
        };
        // The browser would not even make the request: a fault of this app, and for its person the same as no answer.
        let request = request.ok().ok_or(ApiError::Unreachable)?;
        let response = request.send().await.ok().ok_or(ApiError::Unreachable)?;
        let content_type = response.headers().get("content-type").unwrap_or_default();
        if response.redirected() && content_type.starts_with("text/html") {
            // A proxy in front sent us to its sign-in page.
            return Err(answered(401, code::SIGNED_OUT));
        }
        let status = response.status();
        let text = response.text().await.ok();
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
