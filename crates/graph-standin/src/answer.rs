//! How Graph answers: its headers, its error shape, and Intune's text packed inside that.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// An answer before it has its headers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Payload,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// What stands in an answer's body.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Json(Value),
    Html(&'static str),
    Empty,
}

/// How an error is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorShape {
    /// Graph's own object.
    #[default]
    Plain,
    /// Intune's JSON text inside `message`.
    Nested,
    /// The same, packed once more.
    Nested2,
    /// `UnknownError` with no text.
    Unknown,
    /// No body at all.
    Empty,
    /// A page of some gateway.
    Html,
}

/// The ids of one call, which its headers and its error name.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    pub(crate) request_id: String,
    pub(crate) client_request_id: String,
}

impl Ids {
    pub(crate) fn new(client_request_id: Option<&str>) -> Self {
        let request_id = Uuid::new_v4().to_string();
        let client_request_id = client_request_id.map_or_else(|| request_id.clone(), str::to_owned);
        Self {
            request_id,
            client_request_id,
        }
    }
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self {
            status: 200,
            body: Payload::Json(body),
            headers: Vec::new(),
        }
    }

    pub(crate) fn no_content() -> Self {
        Self {
            status: 204,
            body: Payload::Empty,
            headers: Vec::new(),
        }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// An error of the gateway: unknown segments, verbs, tokens.
    pub(crate) fn error(status: u16, code: &str, message: &str, ids: &Ids) -> Self {
        Self::shaped(status, code, message, ErrorShape::Plain, ids)
    }

    /// An error of Intune behind the gateway.
    pub(crate) fn intune_error(status: u16, code: &str, message: &str, ids: &Ids) -> Self {
        Self::shaped(status, code, message, ErrorShape::Nested, ids)
    }

    pub(crate) fn shaped(
        status: u16,
        code: &str,
        message: &str,
        shape: ErrorShape,
        ids: &Ids,
    ) -> Self {
        let body = match shape {
            ErrorShape::Plain => Payload::Json(error_object(code, message, ids)),
            ErrorShape::Nested => {
                Payload::Json(error_object(code, &packed(message, ids).to_string(), ids))
            }
            ErrorShape::Nested2 => {
                let twice = json!({"Message": packed(message, ids).to_string()});
                Payload::Json(error_object(code, &twice.to_string(), ids))
            }
            ErrorShape::Unknown => Payload::Json(error_object("UnknownError", "", ids)),
            ErrorShape::Empty => Payload::Empty,
            ErrorShape::Html => Payload::Html(
                "<html><head><title>Bad gateway</title></head><body>Bad gateway</body></html>",
            ),
        };
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }

    pub(crate) fn into_response(self, ids: &Ids) -> Response<Body> {
        let (content_type, body) = match self.body {
            Payload::Json(value) => (Some(JSON), Body::from(value.to_string())),
            Payload::Html(text) => (Some("text/html"), Body::from(text)),
            Payload::Empty => (None, Body::empty()),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let mut put = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        if let Some(content_type) = content_type {
            put(header::CONTENT_TYPE.as_str(), content_type);
        }
        put("request-id", &ids.request_id);
        put("client-request-id", &ids.client_request_id);
        put("odata-version", "4.0");
        put(
            "x-ms-ags-diagnostic",
            r#"{"ServerInfo":{"DataCenter":"Stand-in","Slice":"E","Ring":"5","ScaleUnit":"001","RoleInstance":"SI000001"}}"#,
        );
        for (name, value) in &self.headers {
            put(name, value);
        }
        response
    }
}

fn error_object(code: &str, message: &str, ids: &Ids) -> Value {
    json!({"error": {"code": code, "message": message, "innerError": {
        "date": "2026-03-02T09:14:07", "request-id": ids.request_id, "client-request-id": ids.client_request_id}}})
}

fn packed(message: &str, ids: &Ids) -> Value {
    let text = format!(
        "{message} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: {} - Url: \
         https://fef.standin.example/StatelessDeviceFEService/deviceManagement?api-version=5024-01-18",
        ids.request_id
    );
    json!({"_version": 3, "Message": text, "CustomApiErrorPhrase": "", "RetryAfter": null, "ErrorSourceService": "", "HttpHeaders": "{}"})
}
