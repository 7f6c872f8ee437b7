//! The `OpenAPI` document: made from the handlers themselves, and kept beside this crate so that a change of the API shows in a diff.

use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use contract::frame::{Bye, Hello, MarksChanged, Progress, Pulse, Reset};
use contract::run::Run;

/// What the handlers do not say themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "tenant-atlas",
        description = "Runs over Microsoft 365 tenants: start them, watch them, look at what they did.\n\nEvery call but `/api/tenants/{tenant}/run-events` (by machine key), `/api/session`, `/api/setup`, `/api/openapi.json` and `/healthz` takes the session cookie. A change takes `Sec-Fetch-Site: same-origin` or an Origin equal to the Host, and a JSON body of at most 64 KB (400, 403 `cross_origin`, 413, 415 otherwise). Whoever is not signed in gets 401 `signed_out`. Errors are `application/problem+json` with a stable `code`."
    ),
    modifiers(&MachineKey),
    components(schemas(Hello, Run, Progress, MarksChanged, Pulse, Reset, Bye))
)]
pub(crate) struct ApiDoc;

/// How machines say who they are.
struct MachineKey;

impl utoipa::Modify for MachineKey {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description = Some(
            "A key for machines, made by `tenant-atlas-server key add`. It opens this call and no other; a session opens every call but this."
                .to_owned(),
        );
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("machineKey", SecurityScheme::Http(bearer));
    }
}

/// The document as text, with a newline at its end.
pub fn text() -> String {
    let mut text = crate::router::document()
        .to_pretty_json()
        .expect("the document is plain texts and numbers");
    text.push('\n');
    text
}

/// This document.
#[utoipa::path(
    get, path = "/api/openapi.json", operation_id = "openapi", tag = "server",
    responses((status = 200, description = "The document", body = String, content_type = "application/json"))
)]
pub async fn document() -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], text()).into_response()
}
