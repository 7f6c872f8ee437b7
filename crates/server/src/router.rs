//! The whole API on one screen, and what every answer has.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue};
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::openapi::{self, ApiDoc};
use crate::problem::Problem;
use crate::state::App;
use crate::{assets, auth, extract, keys, routes as r};

/// `wasm-unsafe-eval` is what WebAssembly takes; nothing else is loosened.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The calls that answer and are done.
fn calls() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .routes(routes!(r::session::sign_in, r::session::sign_out))
        .routes(routes!(r::setup::check))
        .routes(routes!(r::setup::set_up))
        .routes(routes!(r::me::me))
        .routes(routes!(r::marks::list, r::marks::put))
        .routes(routes!(r::preferences::get, r::preferences::put))
        .routes(routes!(r::notifications::list))
        .routes(routes!(r::tenants::list))
        .routes(routes!(r::policies::list))
        .routes(routes!(r::start::start, r::runs::list))
        .routes(routes!(r::runs::one))
        .routes(routes!(r::runs::items))
        .routes(routes!(r::acknowledge::one))
        .routes(routes!(r::acknowledge::many))
        .routes(routes!(r::snapshot::snapshot))
        .routes(routes!(openapi::document))
        .routes(routes!(r::health::check))
}

/// The call that goes on.
fn stream() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(r::events::events))
}

/// The call that machines make: a key opens it, and no cookie does, so it has no use for what guards the others.
fn ingest() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(r::ingest::ingest))
}

/// What describes them all.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    calls().merge(stream()).merge(ingest()).into_openapi()
}

/// Everything that the server answers.
pub fn router(app: App) -> Router {
    let (calls, _) = calls().split_for_parts();
    let (stream, _) = stream().split_for_parts();
    let (ingest, _) = ingest().split_for_parts();
    let standing = middleware::from_fn_with_state(app.clone(), keys::only_standing);
    calls
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(assets::serve)
        .layer(CompressionLayer::new())
        // Behind the compression: a stream is not compressed, and would keep room for a compressor as long as it is open.
        .merge(stream.method_not_allowed_fallback(async || Problem::method_not_allowed()))
        .layer(middleware::from_fn(auth::same_origin_only))
        .layer(middleware::from_fn(extract::whole_body))
        .merge(
            ingest
                .layer(standing)
                .method_not_allowed_fallback(async || Problem::method_not_allowed()),
        )
        .layer(middleware::from_fn(common_headers))
        .with_state(app)
}

async fn common_headers(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    if is_api {
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    response
}
