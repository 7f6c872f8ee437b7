//! The token: asked for once, replaced in time, refused for a reason.

use std::time::Duration;

use graph::error::Refusal;
use graph::{Error, Family, GraphConfig, Reader, Scope, Secret};
use graph_standin::faults::{Action, Match, Rule};
use graph_standin::{Options, Standin, seed};

use crate::tenant::{Tenant, assert_says_nothing_of, config, reader, short_waits};

const LIST: Family = Family::DeviceConfiguration;

async fn refused(client_id: &str, secret: Option<&str>) -> Error {
    let options = Options::default();
    let right = options.client_secret.clone();
    let standin = Standin::start(options).await.expect("a free port");
    let secret = secret.unwrap_or(&right);
    let error = reader(&standin.base_url(), client_id, secret)
        .list(LIST)
        .await
        .expect_err("no token");
    assert_says_nothing_of(&error, &[secret]);
    assert_eq!(error.scope(), Scope::Tenant);
    assert!(!error.retryable());
    assert_eq!(
        standin.journal().graph_calls(),
        [],
        "nothing is asked without a token"
    );
    assert_eq!(
        standin.journal().token_calls().len(),
        1,
        "a refusal is final"
    );
    error
}

#[tokio::test]
async fn a_wrong_secret_is_said_to_be_wrong() {
    let error = refused(seed::DEMO_CLIENT_ID, Some("W~rong+secret_of.mine")).await;
    assert_eq!(error.code(), "credentials_refused");
    assert!(matches!(
        error,
        Error::SignIn {
            refusal: Refusal::WrongSecret,
            code: Some(7_000_215),
            ..
        }
    ));
    assert!(
        error.safe_message().contains("value, not its id"),
        "{}",
        error.safe_message()
    );
    assert!(error.request_id().is_some());
}

#[tokio::test]
async fn an_expired_secret_is_said_to_be_expired() {
    let error = refused(seed::EXPIRED_CLIENT_ID, None).await;
    assert_eq!(error.code(), "credentials_expired");
}

#[tokio::test]
async fn an_app_without_consent_is_said_to_be_unknown() {
    let error = refused("11111111-2222-3333-4444-555555555555", None).await;
    assert_eq!(error.code(), "credentials_refused");
    assert!(matches!(
        error,
        Error::SignIn {
            refusal: Refusal::AppNotInDirectory,
            ..
        }
    ));
}

#[tokio::test]
async fn an_unknown_directory_is_said_to_be_unknown() {
    let standin = Standin::start(Options::default())
        .await
        .expect("a free port");
    let base = standin.base_url();
    let directory = "99999999-2222-3333-4444-555555555555";
    let config = GraphConfig::new(
        &base,
        &base,
        directory,
        seed::DEMO_CLIENT_ID,
        Secret::new("x".to_owned()),
    )
    .expect("well made");
    let error = Reader::with_patience(config, short_waits())
        .expect("a client")
        .list(LIST)
        .await
        .expect_err("no directory");
    assert!(
        matches!(
            error,
            Error::SignIn {
                refusal: Refusal::NoSuchDirectory,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn many_requests_at_once_ask_for_one_token() {
    let tenant = Tenant::small().await;
    let gate = tenant
        .standin
        .faults()
        .gate(Match::path("/oauth2/v2.0/token$"));
    let readings: Vec<_> = (0..20)
        .map(|_reading| {
            let reader = tenant.reader.clone();
            tokio::spawn(async move { reader.list(LIST).await })
        })
        .collect();
    gate.reached().await;
    gate.release();
    for reading in readings {
        reading.await.expect("no panic").expect("a list");
    }
    assert_eq!(tenant.standin.journal().token_calls().len(), 1);
    assert_eq!(tenant.standin.journal().graph_calls().len(), 20);
}

#[tokio::test]
async fn many_requests_at_once_with_a_wrong_secret_ask_once() {
    let standin = Standin::start(Options::default())
        .await
        .expect("a free port");
    let wrong = reader(&standin.base_url(), seed::DEMO_CLIENT_ID, "wrong");
    let gate = standin.faults().gate(Match::path("/oauth2/v2.0/token$"));
    let first = tokio::spawn({
        let wrong = wrong.clone();
        async move { wrong.list(LIST).await }
    });
    gate.reached().await;
    // These come to the lock while the first request is held; seven, so that all of them are within the budget.
    let (others, ()) = tokio::join!(futures_of(&wrong, 7), async { gate.release() });
    assert!(others.iter().all(|code| *code == "credentials_refused"));
    assert!(first.await.expect("no panic").is_err());
    assert_eq!(
        standin.journal().token_calls().len(),
        1,
        "the same secret is not tried again for those who waited"
    );
}

/// The codes of so many lists, all begun before any of them ends.
async fn futures_of(reader: &Reader, count: usize) -> Vec<&'static str> {
    let mut lists = tokio::task::JoinSet::new();
    for _list in 0..count {
        let reader = reader.clone();
        lists.spawn(async move {
            reader
                .list(LIST)
                .await
                .map_or_else(|error| error.code(), |_listed| "listed")
        });
    }
    lists.join_all().await
}

#[tokio::test]
async fn a_token_that_graph_calls_expired_is_replaced_once() {
    let tenant = Tenant::small().await;
    tenant.reader.list(LIST).await.expect("a list");
    tenant
        .standin
        .faults()
        .add(Rule::new(Match::path("/deviceConfigurations$"), Action::ExpireToken).times(1));
    tenant
        .reader
        .list(LIST)
        .await
        .expect("a list by a new token");
    assert_eq!(tenant.standin.journal().token_calls().len(), 2);
}

#[tokio::test]
async fn a_new_token_that_is_refused_as_well_ends_it() {
    let tenant = Tenant::small().await;
    tenant.standin.faults().add(Rule::new(
        Match::path("/deviceConfigurations$"),
        Action::ExpireToken,
    ));
    let error = tenant
        .reader
        .list(LIST)
        .await
        .expect_err("every token is expired");
    assert_eq!(
        (error.code(), error.scope(), error.retryable()),
        ("token_refused", Scope::Tenant, false)
    );
    assert_says_nothing_of(&error, &["eyJ0eXAi"]);
    assert_eq!(tenant.standin.journal().graph_calls().len(), 2);
    assert_eq!(tenant.standin.journal().token_calls().len(), 2);
}

#[tokio::test]
async fn a_token_that_is_expired_at_birth_is_not_asked_for_without_end() {
    let options = Options::default();
    let secret = options.client_secret.clone();
    let standin = Standin::start(Options {
        token_lifetime_s: 0,
        ..options
    })
    .await
    .expect("a free port");
    let reader = reader(&standin.base_url(), seed::DEMO_CLIENT_ID, &secret);
    assert_eq!(
        reader
            .list(LIST)
            .await
            .expect_err("Graph refuses even the new one")
            .code(),
        "token_refused"
    );
    assert_eq!(standin.journal().token_calls().len(), 2);
}

#[tokio::test]
async fn a_login_host_with_a_passing_trouble_is_asked_again() {
    let tenant = Tenant::small().await;
    let trouble = Action::Status {
        code: 503,
        body: Default::default(),
        retry_after: Some("0.02".to_owned()),
        message: None,
    };
    tenant
        .standin
        .faults()
        .add(Rule::new(Match::path("/token$"), trouble).times(3));
    tenant.reader.list(LIST).await.expect("a list");
    assert_eq!(tenant.standin.journal().token_calls().len(), 4);
}

#[tokio::test]
async fn a_login_host_that_is_not_there_is_named() {
    let standin = Standin::start(Options::default())
        .await
        .expect("a free port");
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port")
        .local_addr()
        .expect("an address");
    let base = standin.base_url();
    let mut config = config(&base, seed::DEMO_CLIENT_ID, "s~ecret");
    config.login_base = format!("http://{closed}");
    let error = Reader::with_patience(config, short_waits())
        .expect("a client")
        .list(LIST)
        .await
        .expect_err("nobody listens");
    assert_eq!(
        (error.code(), error.scope(), error.retryable()),
        ("login_unreachable", Scope::Tenant, true)
    );
    assert!(
        error.safe_message().contains(&closed.to_string()),
        "{}",
        error.safe_message()
    );
    assert_says_nothing_of(&error, &["s~ecret"]);
}

#[tokio::test]
async fn a_dropped_request_lets_the_next_one_ask() {
    let tenant = Tenant::small().await;
    let gate = tenant.standin.faults().gate(Match::path("/token$").nth(1));
    let reading = tokio::spawn({
        let reader = tenant.reader.clone();
        async move { reader.list(LIST).await }
    });
    gate.reached().await;
    reading.abort();
    assert!(reading.await.is_err_and(|ended| ended.is_cancelled()));
    let listed = tokio::time::timeout(Duration::from_secs(20), tenant.reader.list(LIST))
        .await
        .expect("no wait for a cancelled one");
    listed.expect("a list");
    drop(gate);
}
