//! `POST` and `DELETE /api/session`: signing in and out.

use std::time::Instant;

use axum::extract::State;
use axum::response::Response;
use contract::api::{MAX_NAME_CHARS, MAX_PASSWORD_BYTES, Me, SignIn};
use http::{HeaderMap, StatusCode};

use crate::auth::{self, ClientAddress, SignedIn};
use crate::extract::Json;
use crate::problem::{Answer, Problem};
use crate::routes::me::me_of;
use crate::state::App;

/// Signs in, and sets the session's cookie.
///
/// A wrong password and a name that nobody has get the same answer after the same time. Tries are counted by name and by address.
#[utoipa::path(
    post, path = "/api/session", operation_id = "signIn", tag = "session", request_body = SignIn,
    responses(
        (status = 200, description = "Signed in", body = Me),
        (status = 401, description = "`bad_credentials`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many`, with Retry-After", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sign_in(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(SignIn { name, password }): Json<SignIn>,
) -> Answer<Response> {
    if name.chars().count() > MAX_NAME_CHARS || password.len() > MAX_PASSWORD_BYTES {
        return Err(Problem::invalid_value(format!(
            "A name has {MAX_NAME_CHARS} characters at most, a password {MAX_PASSWORD_BYTES} bytes."
        )));
    }
    app.limiter
        .take(Some(&name), address, Instant::now())
        .map_err(|wait| {
            Problem::too_many(
                "There were too many tries to sign in. Wait, then try again.",
                wait,
            )
        })?;
    let credentials = app.store.credentials(&name).await?;
    let (person, stored) = match credentials {
        Some(known) => (Some(known.person), known.password_hash),
        None => (None, None),
    };
    let fits = app.passwords.verify(password, stored).await?;
    let person = person
        .filter(|_| fits)
        .ok_or_else(Problem::bad_credentials)?;
    app.limiter.give_back(Some(&name), address);
    let (cookie, caller, token) = auth::begin_session(&app, &person, &headers).await?;
    tracing::info!(person.id = person.id.0, "signed in");
    Ok(auth::with_cookie(
        axum::Json(me_of(&app, caller, &token)),
        cookie,
    ))
}

/// Signs out: the session ends, and its open streams with it.
#[utoipa::path(
    delete, path = "/api/session", operation_id = "signOut", tag = "session",
    responses(
        (status = 204, description = "Signed out"),
        (status = 401, description = "`signed_out`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
    SignedIn { caller, .. }: SignedIn,
) -> Answer<Response> {
    app.store.end_session(caller.session_id).await?;
    let cookie = auth::forget_session(&app, &headers);
    Ok(auth::with_cookie(StatusCode::NO_CONTENT, cookie))
}
