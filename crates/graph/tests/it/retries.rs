//! What is asked again, and after how long.

use std::time::{Duration, Instant, SystemTime};

use graph::{Error, Family, Reader, Scope};
use graph_standin::faults::{Action, ErrorShape, Match, Rule, When};
use graph_standin::{Options, RetryAfterForm, Seed, Throttle, seed};

use crate::tenant::{Tenant, config, short_waits};

const LIST: Family = Family::DeviceConfiguration;
const PATH: &str = "/deviceConfigurations$";

fn status(code: u16, retry_after: Option<&str>) -> Action {
    Action::Status {
        code,
        body: ErrorShape::Plain,
        retry_after: retry_after.map(str::to_owned),
        message: None,
    }
}

/// Lists while the first `times` calls are spoilt; gives the time that it took and the calls that it needed.
async fn check(action: Action, times: u64) -> (Result<usize, Error>, Duration, usize) {
    let tenant = Tenant::small().await;
    tenant
        .standin
        .faults()
        .add(Rule::new(Match::path(PATH), action).times(times));
    let started = Instant::now();
    let listed = tenant
        .reader
        .list(LIST)
        .await
        .map(|policies| policies.len());
    (
        listed,
        started.elapsed(),
        tenant.standin.journal().graph_calls().len(),
    )
}

#[tokio::test]
async fn a_429_waits_for_whole_seconds() {
    let (listed, took, calls) = check(status(429, Some("1")), 1).await;
    assert_eq!((listed.expect("a list"), calls), (3, 2));
    assert!(took >= Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_429_waits_for_decimal_seconds() {
    let (listed, took, calls) = check(status(429, Some("0.25")), 2).await;
    assert_eq!((listed.expect("a list"), calls), (3, 3));
    assert!(took >= Duration::from_millis(500), "{took:?}");
}

#[tokio::test]
async fn a_429_waits_until_a_date() {
    let at = SystemTime::now() + Duration::from_secs(2);
    let (listed, _took, calls) = check(status(429, Some(&httpdate::fmt_http_date(at))), 1).await;
    assert_eq!((listed.expect("a list"), calls), (3, 2));
    // A date has no fractions: it is up to a second earlier than the moment that it was made of.
    assert!(SystemTime::now() >= at - Duration::from_secs(1));
}

#[tokio::test]
async fn a_429_without_a_time_or_with_a_past_one_is_asked_again_soon() {
    for retry_after in [
        None,
        Some("0"),
        Some("-5"),
        Some("Mon, 02 Mar 2020 09:14:07 GMT"),
        Some("soon"),
    ] {
        let (listed, _took, calls) = check(status(429, retry_after), 2).await;
        assert_eq!((listed.expect("a list"), calls), (3, 3), "{retry_after:?}");
    }
}

#[tokio::test]
async fn a_429_that_asks_for_too_long_gives_the_item_back_at_once() {
    let (listed, took, calls) = check(status(429, Some("301")), 1).await;
    let error = listed.expect_err("nobody waits for five minutes");
    assert_eq!(
        (error.code(), error.retryable(), error.scope(), calls),
        ("throttled", true, Scope::Tenant, 1)
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(301)));
    assert!(took < Duration::from_secs(20));
}

#[tokio::test]
async fn a_429_without_end_is_given_up_after_six_attempts() {
    let (listed, _took, calls) = check(status(429, Some("0.01")), 100).await;
    assert_eq!(
        (listed.expect_err("still throttled").code(), calls),
        ("throttled", 6)
    );
}

#[tokio::test]
async fn a_429_rests_every_request_of_the_tenant() {
    let tenant = Tenant::seeded(Seed::Many(400)).await;
    tenant
        .reader
        .list(LIST)
        .await
        .expect("a list, and a token for later");
    let rest = Rule::new(Match::path(PATH), status(429, Some("0.8")));
    tenant.standin.faults().add(rest.times(1));
    let started = Instant::now();
    let other_family = async {
        let listed = tenant.reader.list(Family::SettingsCatalog).await;
        (listed.map(|policies| policies.len()), started.elapsed())
    };
    let (throttled, (other, other_took)) = tokio::join!(tenant.reader.list(LIST), other_family);
    assert!(throttled.is_ok());
    assert_eq!(other.expect("a list"), 200);
    // Eight pages take some milliseconds, unless they rest as well.
    assert!(other_took >= Duration::from_millis(700), "{other_took:?}");
}

#[tokio::test]
async fn a_500_is_asked_again_twice() {
    let (listed, _took, calls) = check(status(500, None), 2).await;
    assert_eq!((listed.expect("a list"), calls), (3, 3));
    let (listed, _took, calls) = check(status(500, None), 3).await;
    let error = listed.expect_err("a third 500");
    assert_eq!(
        (error.code(), error.retryable(), calls),
        ("graph_unavailable", true, 3)
    );
}

#[tokio::test]
async fn a_503_is_asked_again_on_a_new_connection() {
    let tenant = Tenant::small().await;
    tenant
        .standin
        .faults()
        .add(Rule::new(Match::path(PATH), status(503, Some("0.01"))).times(2));
    tenant.reader.list(LIST).await.expect("a list");
    let connections: Vec<u64> = tenant
        .standin
        .journal()
        .graph_calls()
        .iter()
        .map(|entry| entry.connection)
        .collect();
    assert_eq!(connections.len(), 3);
    assert!(
        connections[0] < connections[1] && connections[1] < connections[2],
        "{connections:?}"
    );
}

#[tokio::test]
async fn other_gateway_troubles_are_asked_again() {
    for code in [423, 502, 504] {
        let (listed, _took, calls) = check(status(code, Some("0.01")), 1).await;
        assert_eq!((listed.expect("a list"), calls), (3, 2), "{code}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_anew() {
    for action in [
        Action::DropBeforeApply,
        Action::DropAfterApply,
        Action::DropMidBody,
    ] {
        let (listed, _took, calls) = check(action.clone(), 2).await;
        assert_eq!((listed.expect("a list"), calls), (3, 3), "{action:?}");
        let (listed, _took, _calls) = check(action.clone(), 100).await;
        let error = listed.expect_err("no whole answer");
        assert_eq!(
            (error.code(), error.scope(), error.retryable()),
            ("graph_unreachable", Scope::Item, true),
            "{action:?}"
        );
        let message = error.safe_message();
        assert!(message.contains("broke off its answer"), "{message}");
    }
}

#[tokio::test]
async fn a_graph_that_is_not_there_is_named() {
    let Tenant { standin, reader } = Tenant::small().await;
    reader
        .list(LIST)
        .await
        .expect("a list, and a token for later");
    let base = standin.base_url();
    drop(standin);
    let error = reader.list(LIST).await.expect_err("nobody listens");
    assert_eq!(
        (error.code(), error.scope(), error.retryable()),
        ("graph_unreachable", Scope::Tenant, true)
    );
    assert!(
        error.safe_message().contains(&base),
        "{}",
        error.safe_message()
    );
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_given_up_in_time() {
    let tenant = Tenant::small().await;
    let patience = graph::Patience {
        read_timeout: Duration::from_millis(400),
        ..short_waits()
    };
    let config = config(
        &tenant.standin.base_url(),
        seed::DEMO_CLIENT_ID,
        &Options::default().client_secret,
    );
    let reader = Reader::with_patience(config, patience).expect("a client");
    let gate = tenant.standin.faults().gate(Match::path(PATH));
    let error = reader.list(LIST).await.expect_err("held for ever");
    assert_eq!((error.code(), error.retryable()), ("graph_timeout", true));
    gate.release();
    let slow = Action::Delay {
        ms: 30_000,
        when: When::BetweenBytes,
    };
    tenant
        .standin
        .faults()
        .add(Rule::new(Match::path(PATH), slow));
    assert_eq!(
        reader.list(LIST).await.expect_err("half an answer").code(),
        "graph_timeout"
    );
}

#[tokio::test]
async fn an_answer_without_end_is_not_read() {
    let tenant = Tenant::seeded(Seed::Many(100)).await;
    let patience = graph::Patience {
        most_bytes: 8 * 1024,
        ..short_waits()
    };
    let config = config(
        &tenant.standin.base_url(),
        seed::DEMO_CLIENT_ID,
        &Options::default().client_secret,
    );
    let error = Reader::with_patience(config, patience)
        .expect("a client")
        .list(LIST)
        .await
        .expect_err("over 8 KiB");
    assert!(
        matches!(
            error,
            Error::BadAnswer {
                fault: graph::error::Fault::TooLarge,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_limit_that_is_reached_says_how_long_in_each_form() {
    for retry_after in [
        RetryAfterForm::Decimal,
        RetryAfterForm::Seconds,
        RetryAfterForm::Date,
    ] {
        // 1,000 calls in 20 s, scaled to 5.
        let throttle = Some(Throttle {
            scale: 0.005,
            retry_after,
        });
        let tenant = Tenant::with(Options {
            seed: Seed::Many(4),
            throttle,
            ..Options::default()
        })
        .await;
        let impatient = graph::Patience {
            most_retry_after: Duration::ZERO,
            ..short_waits()
        };
        let config = config(
            &tenant.standin.base_url(),
            seed::DEMO_CLIENT_ID,
            &Options::default().client_secret,
        );
        let reader = Reader::with_patience(config, impatient).expect("a client");
        for _within_the_limit in 0..5 {
            reader.list(LIST).await.expect("a list");
        }
        let error = reader.list(LIST).await.expect_err("the sixth call");
        assert_eq!(error.code(), "throttled");
        let wait = error.retry_after().expect("the answer names a time");
        assert!(
            wait <= Duration::from_secs(22) && wait > Duration::ZERO,
            "{retry_after:?}: {wait:?}"
        );
    }
}
