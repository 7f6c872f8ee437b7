//! What Graph refuses, and what is said of it.

use graph::{Family, Scope};
use graph_standin::faults::{Action, ErrorShape, Match, Rule};

use crate::tenant::{Tenant, assert_says_nothing_of};

const FAMILY: Family = Family::DeviceConfiguration;
const POLICY: &str = "WIN - Wi-Fi office";

async fn refused(code: u16, body: ErrorShape, message: &str) -> graph::Error {
    let tenant = Tenant::small().await;
    let refusal = Action::Status {
        code,
        body,
        retry_after: None,
        message: Some(message.to_owned()),
    };
    tenant
        .standin
        .faults()
        .add(Rule::new(Match::path("/deviceConfigurations/"), refusal));
    let error = tenant
        .capture(FAMILY, POLICY)
        .await
        .expect_err("it is refused");
    assert_eq!(
        tenant.standin.journal().graph_calls().len(),
        1,
        "a refusal is final"
    );
    error
}

#[tokio::test]
async fn a_nested_text_is_unpacked_whatever_its_depth() {
    for shape in [ErrorShape::Plain, ErrorShape::Nested, ErrorShape::Nested2] {
        let error = refused(403, shape, "The tenant has no licence for this").await;
        assert_eq!(
            (error.code(), error.scope(), error.retryable()),
            ("graph_forbidden", Scope::Item, false)
        );
        let message = error.safe_message();
        assert!(
            message.contains("The tenant has no licence for this"),
            "{message}"
        );
        assert!(
            !message.contains("Operation ID")
                && !message.contains("_version")
                && !message.contains("https://"),
            "{message}"
        );
        assert!(error.request_id().is_some());
    }
}

#[tokio::test]
async fn a_refusal_without_a_text_is_still_a_sentence() {
    for shape in [ErrorShape::Unknown, ErrorShape::Empty, ErrorShape::Html] {
        let error = refused(403, shape, "").await;
        let message = error.safe_message();
        assert!(
            message
                .starts_with("Microsoft Graph refused to show this policy. Check that the app has"),
            "{message}"
        );
        assert!(!message.contains('<'), "{message}");
    }
}

#[tokio::test]
async fn each_status_has_its_code() {
    for (status, code) in [
        (400, "graph_rejected"),
        (404, "not_found"),
        (405, "graph_rejected"),
        (409, "graph_conflict"),
        (412, "graph_conflict"),
        (415, "graph_rejected"),
        (422, "graph_rejected"),
    ] {
        let error = refused(status, ErrorShape::Nested, "No.").await;
        assert_eq!(
            (error.code(), error.retryable(), error.scope()),
            (code, false, Scope::Item),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_text_that_gives_secrets_away_is_redacted_and_cut() {
    let long = format!(
        "password=hunter2 and Bearer eyJ0eXAiOiJKV1QiLCJhbGciOi and {}",
        "more ".repeat(400)
    );
    let error = refused(400, ErrorShape::Nested, &long).await;
    assert_says_nothing_of(&error, &["hunter2", "eyJ0eXAi"]);
    assert!(error.safe_message().chars().count() <= 500);
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_a_bad_answer() {
    let error = refused(200, ErrorShape::Html, "").await;
    assert_eq!(error.code(), "bad_answer");
    assert!(
        error.safe_message().contains("proxy"),
        "{}",
        error.safe_message()
    );
    assert_eq!(
        refused(200, ErrorShape::Plain, "an object that is no policy")
            .await
            .code(),
        "bad_answer"
    );
    assert_eq!(
        refused(302, ErrorShape::Empty, "").await.code(),
        "bad_answer"
    );
}
