//! `POST /api/setup/check` and `POST /api/setup`: using a one-time link.

use std::time::Instant;

use axum::extract::State;
use axum::response::Response;
use contract::api::{
    MAX_NAME_CHARS, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, Me, Setup, SetupCheck, SetupOffer,
};
use http::HeaderMap;
use runs::people::{LinkPurpose, TokenHash};

use crate::auth::{self, ClientAddress};
use crate::extract::Json;
use crate::people::is_name;
use crate::problem::{Answer, Problem};
use crate::routes::me::me_of;
use crate::state::App;
use crate::tokens;

/// Whether a one-time link is still good, and for what. The link stays good.
#[utoipa::path(
    post, path = "/api/setup/check", operation_id = "checkLink", tag = "session", request_body = SetupCheck,
    responses(
        (status = 200, body = SetupOffer),
        (status = 403, description = "`link_used`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many`, with Retry-After", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn check(
    State(app): State<App>,
    address: ClientAddress,
    Json(SetupCheck { token }): Json<SetupCheck>,
) -> Answer<axum::Json<SetupOffer>> {
    let (_, purpose) = purpose(&app, &address, &token).await?;
    let offer = match purpose {
        LinkPurpose::FirstAccount => SetupOffer {
            name: None,
            tenants: app
                .store
                .tenants()
                .await?
                .into_iter()
                .map(|tenant| tenant.name)
                .collect(),
        },
        LinkPurpose::Password(person) => SetupOffer {
            name: Some(person.name),
            tenants: app
                .store
                .tenants_of(person.id)
                .await?
                .into_iter()
                .map(|tenant| tenant.name)
                .collect(),
        },
    };
    Ok(axum::Json(offer))
}

/// Uses a one-time link up: sets the password and signs in.
#[utoipa::path(
    post, path = "/api/setup", operation_id = "setUp", tag = "session", request_body = Setup,
    responses(
        (status = 200, description = "Signed in", body = Me),
        (status = 403, description = "`link_used`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 409, description = "`conflict`: somebody has the name", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_value`", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many`, with Retry-After", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn set_up(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Json(Setup {
        token,
        name,
        password,
    }): Json<Setup>,
) -> Answer<Response> {
    let (token, purpose) = purpose(&app, &address, &token).await?;
    let name = match purpose {
        LinkPurpose::FirstAccount => checked_name(name)?,
        LinkPurpose::Password(person) => person.name,
    };
    check_password(&password)?;
    let hash = app.passwords.hash(password).await?;
    let person = app.store.use_link(token, &name, &hash).await?;
    let (cookie, caller, token) = auth::begin_session(&app, &person, &headers).await?;
    tracing::info!(person.id = person.id.0, "set a password by a one-time link");
    Ok(auth::with_cookie(
        axum::Json(me_of(&app, caller, &token)),
        cookie,
    ))
}

async fn purpose(
    app: &App,
    ClientAddress(address): &ClientAddress,
    token: &str,
) -> Answer<(TokenHash, LinkPurpose)> {
    app.limiter
        .take(None, *address, Instant::now())
        .map_err(|wait| {
            Problem::too_many("There were too many tries. Wait, then try again.", wait)
        })?;
    let token = tokens::token_hash(token).ok_or_else(Problem::link_used)?;
    let purpose = app.store.link_purpose(token).await?;
    app.limiter.give_back(None, *address);
    Ok((token, purpose))
}

fn checked_name(name: String) -> Answer<String> {
    if is_name(&name) {
        Ok(name)
    } else {
        Err(Problem::invalid_value(format!(
            "A name has 1 to {MAX_NAME_CHARS} characters on one line, without blanks around it."
        )))
    }
}

fn check_password(password: &str) -> Answer<()> {
    if password.chars().count() < MIN_PASSWORD_CHARS {
        Err(Problem::invalid_value(format!(
            "A password has at least {MIN_PASSWORD_CHARS} characters."
        )))
    } else if password.len() > MAX_PASSWORD_BYTES {
        Err(Problem::invalid_value(format!(
            "A password has {MAX_PASSWORD_BYTES} bytes at most."
        )))
    } else {
        Ok(())
    }
}
