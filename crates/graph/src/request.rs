//! One request with its attempts: what is sent again, after how long, and when it is given up.
//!
//! Only GETs go to Graph from here. A GET changes nothing, so every unclear end may be tried again.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::Value;
use tokio::time::Instant;

use crate::config::{GraphConfig, is_loopback};
use crate::error::{Error, Fault, Scope, Service, Support, unpack};
use crate::patience::Patience;
use crate::policy::Family;
use crate::throttle::{Budget, retry_after};
use crate::token::{Token, TokenSource};

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// What all requests of one tenant share.
pub(crate) struct Transport {
    pub(crate) config: GraphConfig,
    pub(crate) patience: Patience,
    /// Keeps its connections.
    pooled: Client,
    /// Makes a new connection for each request: a 503 may be the fault of the one behind the old connection.
    unpooled: Client,
    pub(crate) budget: Budget,
    tokens: TokenSource,
}

/// What a GET is about, for the error that it may end in.
#[derive(Clone, Copy)]
pub(crate) struct About {
    pub(crate) family: Family,
    pub(crate) scope: Scope,
}

/// A JSON answer with status 2xx.
pub(crate) struct Answer {
    pub(crate) body: Value,
    pub(crate) support: Arc<Support>,
}

/// Any whole answer.
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) support: Arc<Support>,
}

/// No whole answer.
pub(crate) enum Failure {
    Broken(reqwest::Error),
    TooLarge,
}

impl Transport {
    pub(crate) fn new(config: GraphConfig, patience: Patience) -> Result<Self, Error> {
        let is_on_this_machine = [&config.login_base, &config.graph_base]
            .into_iter()
            .all(|base| {
                Url::parse(base).is_ok_and(|base| base.scheme() == "http" && is_loopback(&base))
            });
        let build = |idle_connections: usize| {
            let mut builder = Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(patience.connect_timeout)
                .timeout(patience.read_timeout)
                .pool_max_idle_per_host(idle_connections)
                .user_agent(concat!("tenant-atlas/", env!("CARGO_PKG_VERSION")));
            if is_on_this_machine {
                // A stand-in is not behind the proxy that leads to the internet, and needs no certificate of any
                // authority: a machine that has none installed can still show the demo.
                builder = builder.no_proxy().tls_certs_only([]);
            }
            builder
                .build()
                .map_err(|source| Error::Setup(Arc::new(source)))
        };
        Ok(Self {
            pooled: build(patience.in_flight)?,
            unpooled: build(0)?,
            budget: Budget::new(patience.in_flight, patience.calls_a_window, patience.window),
            tokens: TokenSource::default(),
            config,
            patience,
        })
    }

    /// Gets `url` with a token, and again as the contract allows.
    ///
    /// The caller guarantees that `url` is within Graph's origin. Dropping the future cancels it at any point.
    pub(crate) async fn get(&self, url: &Url, about: About) -> Result<Answer, Error> {
        let started_at = Instant::now();
        let mut attempt = 0;
        let mut n_failures = 0;
        let mut is_token_renewed = false;
        let mut client = &self.pooled;
        loop {
            attempt += 1;
            let (token, outcome) = {
                let _permit = self.budget.admit().await;
                let token = self.tokens.get(self).await?;
                let request = client
                    .get(url.clone())
                    .header(AUTHORIZATION, format!("Bearer {}", token.expose()));
                (token, send(request, self.patience.most_bytes).await)
            };
            let (error, wait) = match outcome {
                Ok(raw) if raw.is_success() => {
                    let body = raw.json()?;
                    return Ok(Answer {
                        body,
                        support: raw.support,
                    });
                }
                Ok(raw) if raw.status == 401 && !is_token_renewed => {
                    self.tokens.forget(&token).await;
                    is_token_renewed = true;
                    continue;
                }
                Ok(raw) => {
                    let error = self.error_of(&raw, &token, about);
                    match raw.status {
                        429 => {
                            let rest = self.wait_of(&raw, attempt);
                            self.budget.pause(rest.min(self.patience.most_retry_after));
                            (error, rest)
                        }
                        500 => {
                            n_failures += 1;
                            (error, self.wait_of(&raw, attempt))
                        }
                        423 | 502..=504 => {
                            client = &self.unpooled;
                            (error, self.wait_of(&raw, attempt))
                        }
                        _ => return Err(error),
                    }
                }
                Err(failure @ Failure::TooLarge) => {
                    return Err(failure.into_error(Service::Graph, &self.config.graph_base));
                }
                Err(failure) => {
                    n_failures += 1;
                    client = &self.unpooled;
                    (
                        failure.into_error(Service::Graph, &self.config.graph_base),
                        self.patience.backoff(attempt),
                    )
                }
            };
            let is_too_late = started_at.elapsed() + wait > self.patience.most_time;
            let is_too_long = wait > self.patience.most_retry_after;
            if n_failures >= self.patience.most_failures
                || attempt >= self.patience.most_attempts
                || is_too_late
                || is_too_long
            {
                return Err(error);
            }
            tracing::debug!(
                attempt,
                wait_ms = wait.as_millis(),
                code = error.code(),
                path = url.path(),
                "asking Graph again"
            );
            tokio::time::sleep(wait).await;
        }
    }

    /// Asks the login host for a token, once.
    pub(crate) async fn post_token_form(&self) -> Result<Raw, Failure> {
        let url = format!(
            "{}/{}/oauth2/v2.0/token",
            self.config.login_base, self.config.directory_id
        );
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.config.client_id.as_str()),
            ("client_secret", self.config.client_secret.expose()),
            ("scope", &self.config.scope()),
        ];
        send(self.pooled.post(url).form(&form), self.patience.most_bytes).await
    }

    fn wait_of(&self, raw: &Raw, attempt: u32) -> Duration {
        match raw.retry_after() {
            Some(wait) => wait.max(self.patience.least_retry_after),
            None => self.patience.backoff(attempt),
        }
    }

    fn error_of(&self, raw: &Raw, token: &Token, about: About) -> Error {
        let unpacked = unpack(
            &raw.body,
            &[self.config.client_secret.expose(), token.expose()],
        );
        let message = unpacked.message;
        let support = Arc::new(Support {
            activity_id: unpacked.activity_id,
            ..Support::clone(&raw.support)
        });
        match raw.status {
            300..=399 => Error::BadAnswer {
                fault: Fault::Redirect,
                support,
            },
            401 => Error::TokenRefused { support },
            403 => {
                let permission = about.family.read_permission();
                Error::Forbidden {
                    message,
                    permission,
                    scope: about.scope,
                    support,
                }
            }
            404 => Error::NotFound {
                scope: about.scope,
                support,
            },
            409 | 412 => Error::Conflict { message, support },
            429 => Error::Throttled {
                retry_after: raw.retry_after(),
                support,
            },
            423 | 500.. => Error::Unavailable {
                service: Service::Graph,
                status: raw.status,
                message,
                support,
            },
            status => Error::Rejected {
                status,
                graph_code: unpacked.code,
                message,
                scope: about.scope,
                support,
            },
        }
    }
}

impl Raw {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        retry_after(
            self.headers.get(RETRY_AFTER)?.to_str().ok()?,
            SystemTime::now(),
        )
    }

    pub(crate) fn json(&self) -> Result<Value, Error> {
        serde_json::from_slice(&self.body).map_err(|_text_of_the_body| Error::BadAnswer {
            fault: Fault::NotJson,
            support: self.support.clone(),
        })
    }
}

impl Failure {
    pub(crate) fn into_error(self, service: Service, base: &str) -> Error {
        match self {
            Self::TooLarge => Error::BadAnswer {
                fault: Fault::TooLarge,
                support: Arc::default(),
            },
            // Before there is a connection, a timeout says that the host cannot be reached, not that it is slow.
            Self::Broken(source) if source.is_timeout() && !source.is_connect() => {
                Error::TimedOut {
                    service,
                    source: Arc::new(source.without_url()),
                }
            }
            Self::Broken(source) => Error::Unreachable {
                service,
                base: base.to_owned(),
                source: Arc::new(source.without_url()),
            },
        }
    }
}

async fn send(request: RequestBuilder, most_bytes: usize) -> Result<Raw, Failure> {
    let client_request_id = uuid::Uuid::new_v4().to_string();
    let request = request
        .header(ACCEPT, "application/json")
        .header(CLIENT_REQUEST_ID, &client_request_id);
    let mut response = request.send().await.map_err(Failure::Broken)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failure::Broken)? {
        if body.len() + chunk.len() > most_bytes {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let text = |name: &str| {
        response
            .headers()
            .get(name)?
            .to_str()
            .ok()
            .map(str::to_owned)
    };
    let support = Support {
        request_id: text("request-id").or_else(|| text("x-ms-request-id")),
        client_request_id: Some(client_request_id),
        activity_id: None,
        diagnostic: text("x-ms-ags-diagnostic"),
        date: text("date"),
    };
    Ok(Raw {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body,
        support: Arc::new(support),
    })
}
