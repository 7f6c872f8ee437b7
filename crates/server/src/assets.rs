//! The built app: hashed files that may be kept for ever, and one document for every page, which is asked for anew each time.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Method, StatusCode};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::problem::Problem;
use crate::state::App;

/// Stands in index.html where the build's id belongs.
const BUILD_PLACE: &str = "__TA_BUILD__";
/// The build while there is no app.
const NO_BUILD: &str = "none";
/// A name with a hash in it never changes its content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_ANEW: HeaderValue = HeaderValue::from_static("no-cache");

/// The folder that `--app` names.
pub struct Assets {
    folder: Option<PathBuf>,
    /// As it was when the file last changed; written by whoever finds that it has.
    document: Mutex<Option<Document>>,
}

#[derive(Clone)]
struct Document {
    modified: SystemTime,
    n_bytes: u64,
    build: Arc<str>,
    html: Bytes,
}

impl Assets {
    /// The app in `folder`; none is well, and says how to build it.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            document: Mutex::new(None),
        }
    }

    /// Which build is served: 16 hex digits of the document's SHA-256, or `none`.
    pub fn build(&self) -> String {
        self.document().map_or_else(
            || NO_BUILD.to_owned(),
            |document| document.build.to_string(),
        )
    }

    /// Looks at the file's time and size each time: a new build is served without a restart.
    fn document(&self) -> Option<Document> {
        let path = self.folder.as_ref()?.join("index.html");
        let facts = std::fs::metadata(&path).ok()?;
        let modified = facts.modified().ok()?;
        let mut known = self
            .document
            .lock()
            .expect("no code panics while it holds the document");
        if let Some(document) = known.as_ref()
            && document.modified == modified
            && document.n_bytes == facts.len()
        {
            return Some(document.clone());
        }
        let html = std::fs::read_to_string(&path).ok()?;
        let build = hex::encode(&Sha256::digest(html.as_bytes())[..8]);
        let document = Document {
            modified,
            n_bytes: facts.len(),
            html: html.replace(BUILD_PLACE, &build).into(),
            build: build.into(),
        };
        *known = Some(document.clone());
        Some(document)
    }
}

/// Everything that is not the API: a file of the app, or its document for a page of the app.
pub async fn serve(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Problem::no_such_path().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::method_not_allowed().into_response();
    }
    if path != "/"
        && path != "/index.html"
        && let Some(folder) = &app.assets.folder
    {
        let is_hashed = is_hashed(path);
        let wants_page = !path.contains('.') && accepts_html(&request);
        let conditions = request.headers().clone();
        let (parts, _) = request.into_parts();
        let files = ServeDir::new(folder)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        let served = files
            .oneshot(Request::from_parts(parts, Body::empty()))
            .await
            .map(|response| response.map(Body::new));
        match served {
            Ok(mut response) if response.status() != StatusCode::NOT_FOUND => {
                let kept = if is_hashed { FOR_EVER } else { ASK_ANEW };
                response.headers_mut().insert(CACHE_CONTROL, kept);
                return response;
            }
            Ok(_) if wants_page => return page(&app.assets, &conditions),
            Ok(_) => return not_found(),
            Err(never) => match never {},
        }
    }
    page(&app.assets, request.headers())
}

fn page(assets: &Assets, conditions: &http::HeaderMap) -> Response {
    let Some(document) = assets.document() else {
        return no_app(assets);
    };
    let tag = format!("\"{}\"", document.build);
    let is_known = conditions
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| {
            known
                .split(',')
                .any(|known| known.trim().trim_start_matches("W/") == tag)
        });
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        document.html.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    // Asked for anew, but kept: `no-store` would shut the page out of the back/forward cache.
    headers.insert(CACHE_CONTROL, ASK_ANEW);
    headers.insert(
        ETAG,
        HeaderValue::from_str(&tag).expect("hex digits in quotes"),
    );
    response
}

fn no_app(assets: &Assets) -> Response {
    let place = match &assets.folder {
        None => "No folder was named with --app.".to_owned(),
        Some(folder) => format!("There is no index.html in {}.", folder.display()),
    };
    let text = format!(
        "The app is not built yet. {place}\n\nBuild it and start again:\n\n    cargo xtask build\n    tenant-atlas-server serve --app dist\n\nor do both at once with `cargo xtask serve`. The API is at /api/openapi.json.\n"
    );
    plain(StatusCode::SERVICE_UNAVAILABLE, text)
}

fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, "There is no such file.\n".to_owned())
}

fn plain(status: StatusCode, text: String) -> Response {
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, text).into_response()
}

fn accepts_html(request: &Request) -> bool {
    request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html") || accept.contains("*/*"))
}

/// `boot-18d4f9ec04c86b22.js`, `tenant-atlas-6716f72a3c87d594_bg.wasm`: as Trunk names what it has hashed.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        (8..=64).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_with_a_hash_is_kept_for_ever() {
        for path in [
            "/boot-18d4f9ec04c86b22.js",
            "/tenant-atlas-6716f72a3c87d594_bg.wasm",
            "/a/shell-bf47f6ff6a49c9b2.css",
        ] {
            assert!(is_hashed(path), "{path}");
        }
        for path in [
            "/index.html",
            "/",
            "/favicon.svg",
            "/some-file.js",
            "/a-18d4f9ec04c86b22/b.js",
        ] {
            assert!(!is_hashed(path), "{path}");
        }
    }

    #[test]
    fn the_document_names_its_build_and_follows_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let assets = Assets::new(Some(folder.path().to_owned()));
        assert_eq!(assets.build(), NO_BUILD);
        std::fs::write(
            folder.path().join("index.html"),
            "<html data-build=__TA_BUILD__>",
        )
        .unwrap();
        let first = assets.build();
        let html = assets.document().unwrap().html;
        assert_eq!(html, format!("<html data-build={first}>"));
        std::fs::write(
            folder.path().join("index.html"),
            "<html data-build=__TA_BUILD__ lang=en>",
        )
        .unwrap();
        assert_ne!(assets.build(), first);
    }
}
