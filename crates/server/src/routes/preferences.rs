//! `GET` and `PUT /api/me/preferences`: who is told of what.

use std::collections::BTreeSet;

use axum::extract::State;
use contract::preferences::{MAX_OPERATION_CHARS, MAX_RULES, Preferences, PutPreferences, Rule};

use crate::auth::SignedIn;
use crate::extract::Json;
use crate::problem::{Answer, Problem};
use crate::state::App;

/// My rules. Those of tenants that I left are left out.
#[utoipa::path(
    get, path = "/api/me/preferences", operation_id = "getPreferences", tag = "marks",
    responses((status = 200, body = Preferences))
)]
pub async fn get(
    State(app): State<App>,
    SignedIn { caller, .. }: SignedIn,
) -> Answer<axum::Json<Preferences>> {
    Ok(axum::Json(app.store.preferences(caller.person.id).await?))
}

/// Replaces my rules. The most specific one wins: tenant and operation, then the operation, then the tenant, then the one that names neither.
///
/// My other tabs and devices hear of it as of marks.
#[utoipa::path(
    put, path = "/api/me/preferences", operation_id = "putPreferences", tag = "marks", request_body = PutPreferences,
    responses(
        (status = 200, body = Preferences),
        (status = 403, description = "`not_yours`: a rule names a tenant of others", body = contract::problem::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_value`", body = contract::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn put(
    State(app): State<App>,
    SignedIn { caller, .. }: SignedIn,
    Json(PutPreferences { rules }): Json<PutPreferences>,
) -> Answer<axum::Json<Preferences>> {
    check(&rules)?;
    let preferences = app.store.put_preferences(caller.person.id, rules).await?;
    Ok(axum::Json(preferences))
}

fn check(rules: &[Rule]) -> Answer<()> {
    if rules.len() > MAX_RULES {
        return Err(Problem::invalid_value(format!(
            "There are {MAX_RULES} rules at most."
        )));
    }
    let names = || rules.iter().filter_map(|rule| rule.operation.as_ref());
    if !names().all(|name| (1..=MAX_OPERATION_CHARS).contains(&name.chars().count())) {
        return Err(Problem::invalid_value(format!(
            "An `operation` has 1 to {MAX_OPERATION_CHARS} characters. Leave it out for all operations."
        )));
    }
    let about = |rule: &'_ Rule| (rule.tenant_id, rule.operation.clone());
    let distinct: BTreeSet<_> = rules.iter().map(about).collect();
    if distinct.len() < rules.len() {
        return Err(Problem::invalid_value(
            "Two rules are for the same tenant and operation. Send one of them.",
        ));
    }
    Ok(())
}
