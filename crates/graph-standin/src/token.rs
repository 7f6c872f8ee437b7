//! The login host: client credentials in a form, opaque tokens out, and every refusal by its number.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer::{Answer, Ids, Payload};
use crate::path::decoded;
use crate::state::State;

/// Who a bearer token belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) directory_id: String,
    pub(crate) client_id: String,
    pub(crate) permissions: Vec<String>,
    expires_at: Instant,
}

/// The tokens that were given out.
pub(crate) struct Tokens {
    lifetime_s: u64,
    given: Mutex<HashMap<String, Bearer>>,
}

impl Tokens {
    pub(crate) fn new(lifetime_s: u64) -> Self {
        Self {
            lifetime_s,
            given: Mutex::default(),
        }
    }

    /// The bearer of a call, or the 401 that Graph gives.
    pub(crate) fn bearer(&self, headers: &HeaderMap, ids: &Ids) -> Result<Bearer, Answer> {
        let refused = |message: &str| {
            Answer::error(401, "InvalidAuthenticationToken", message, ids)
                .with_header("www-authenticate", "Bearer")
        };
        let Some(sent) = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
        else {
            return Err(refused("Access token is empty."));
        };
        let Some(token) = sent.strip_prefix("Bearer ") else {
            return Err(refused("The authorization scheme is not supported."));
        };
        let given = self
            .given
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match given.get(token) {
            None => Err(refused("The token is malformed.")),
            Some(bearer) if Instant::now() >= bearer.expires_at => {
                Err(refused("Lifetime validation failed, the token is expired."))
            }
            Some(bearer) => Ok(bearer.clone()),
        }
    }

    /// From now on the token of this call is expired.
    pub(crate) fn expire(&self, headers: &HeaderMap) {
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let mut given = self
            .given
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bearer) = token.and_then(|token| given.get_mut(token)) {
            bearer.expires_at = Instant::now();
        }
    }

    pub(crate) fn forget_all(&self) {
        self.given
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clear();
    }

    /// Answers `POST /{directory}/oauth2/v2.0/token`.
    pub(crate) fn answer(
        &self,
        directory_id: &str,
        headers: &HeaderMap,
        body: &[u8],
        graph_base: &str,
        state: &State,
    ) -> Answer {
        let is_form = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let form = if is_form {
            parse_form(body)
        } else {
            HashMap::new()
        };
        let field = |name: &str| {
            form.get(name)
                .map(String::as_str)
                .filter(|value| !value.is_empty())
        };

        let locked = state.lock();
        let Some(tenant) = locked.tenant(directory_id) else {
            return refused(
                400,
                "invalid_request",
                90_002,
                &format!("Tenant '{directory_id}' not found."),
            );
        };
        let (Some(grant), Some(client_id)) = (field("grant_type"), field("client_id")) else {
            let missing = if field("grant_type").is_none() {
                "grant_type"
            } else {
                "client_id"
            };
            return refused(
                400,
                "invalid_request",
                900_144,
                &format!("The request body must contain the parameter '{missing}'."),
            );
        };
        if grant != "client_credentials" {
            return refused(
                400,
                "unsupported_grant_type",
                70_003,
                "The app requested an unsupported grant type.",
            );
        }
        let Some(app) = tenant.apps.iter().find(|app| app.client_id == client_id) else {
            return refused(
                400,
                "unauthorized_client",
                700_016,
                &format!("Application '{client_id}' was not found in the directory."),
            );
        };
        let Some(scope) = field("scope") else {
            return refused(
                400,
                "invalid_request",
                900_144,
                "The request body must contain the parameter 'scope'.",
            );
        };
        match scope.strip_suffix("/.default") {
            // The real resource is taken as well, for clients that cannot be told another one.
            Some(resource)
                if resource == graph_base || resource == "https://graph.microsoft.com" => {}
            Some(resource) => {
                return refused(
                    400,
                    "invalid_resource",
                    500_011,
                    &format!("The resource principal named {resource} was not found."),
                );
            }
            None => {
                return refused(
                    400,
                    "invalid_scope",
                    1_002_012,
                    "The provided value for scope is not valid.",
                );
            }
        }
        let Some(secret) = field("client_secret") else {
            return refused(
                401,
                "invalid_client",
                7_000_218,
                "The request body must contain 'client_assertion' or 'client_secret'.",
            );
        };
        if secret != app.client_secret {
            return refused(
                401,
                "invalid_client",
                7_000_215,
                "Invalid client secret provided. Send the value, not the id.",
            );
        }
        if app.is_secret_expired {
            return refused(
                401,
                "invalid_client",
                7_000_222,
                "The provided client secret keys are expired.",
            );
        }
        let bearer = Bearer {
            directory_id: directory_id.to_owned(),
            client_id: client_id.to_owned(),
            permissions: app.permissions.clone(),
            expires_at: Instant::now() + Duration::from_secs(self.lifetime_s),
        };
        drop(locked);
        // As long as a real one, and as opaque.
        let token = format!(
            "eyJ0eXAi.{}",
            (0..32)
                .map(|_part| Uuid::new_v4().simple().to_string())
                .collect::<String>()
        );
        self.given
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(token.clone(), bearer);
        Answer::ok(json!({"token_type": "Bearer", "expires_in": self.lifetime_s, "ext_expires_in": self.lifetime_s, "access_token": token}))
            .with_header("cache-control", "no-store, no-cache")
    }
}

fn refused(status: u16, error: &str, code: u64, text: &str) -> Answer {
    let (trace_id, correlation_id) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let timestamp = "2026-03-02 09:14:07Z";
    Answer {
        status,
        body: Payload::Json(json!({
            "error": error,
            "error_description": format!("AADSTS{code}: {text} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}"),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": Value::String(format!("https://login.microsoftonline.com/error?code={code}")),
        })),
        headers: Vec::new(),
    }
}

fn parse_form(body: &[u8]) -> HashMap<String, String> {
    let text = String::from_utf8_lossy(body);
    text.split('&')
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((
                decoded(&name.replace('+', " "))?,
                decoded(&value.replace('+', " "))?,
            ))
        })
        .collect()
}
