//! Lists: every page, each policy once, and no step outside of Graph.

use std::collections::BTreeSet;

use graph::error::Fault;
use graph::{Error, Family, Scope};
use graph_standin::faults::{Action, Match, Rule};
use graph_standin::{Options, Seed, Standin, seed};

use crate::tenant::Tenant;

const LIST: &str = "^/beta/deviceManagement/configurationPolicies$";

#[tokio::test]
async fn a_list_holds_every_policy_of_every_page_sorted_by_id() {
    let tenant = Tenant::seeded(Seed::Many(160)).await;
    let policies = tenant
        .reader
        .list(Family::SettingsCatalog)
        .await
        .expect("a list");
    assert_eq!(policies.len(), 80);
    assert!(policies.is_sorted_by(|one, other| one.graph_id < other.graph_id));
    assert_eq!(
        tenant
            .standin
            .journal()
            .count(|entry| entry.path.ends_with("/configurationPolicies")),
        4,
        "25 a page"
    );
}

#[tokio::test]
async fn a_summary_says_what_the_list_says() {
    let tenant = Tenant::seeded(Seed::Demo).await;
    let catalog = tenant
        .reader
        .list(Family::SettingsCatalog)
        .await
        .expect("a list");
    let devices = tenant
        .reader
        .list(Family::DeviceConfiguration)
        .await
        .expect("a list");
    assert_eq!((catalog.len(), devices.len()), (36, 26));
    let vault = catalog
        .iter()
        .find(|policy| policy.name == "MAC - FileVault")
        .expect("in the seed");
    assert_eq!(vault.platform.as_deref(), Some("macOS"));
    assert_eq!(vault.description.as_deref(), Some("Personal key, escrowed"));
    assert!(
        vault
            .last_modified
            .as_deref()
            .is_some_and(|at| at.starts_with("2026-01-"))
    );
    let platforms: BTreeSet<_> = devices
        .iter()
        .map(|policy| policy.platform.as_deref().unwrap_or("unknown"))
        .collect();
    assert_eq!(
        platforms,
        BTreeSet::from(["windows10", "windows81", "macOS", "iOS", "android"])
    );
    assert_eq!(
        catalog
            .iter()
            .filter(|policy| policy.name == "WIN - Edge home page")
            .count(),
        2,
        "names are not unique"
    );
}

#[tokio::test]
async fn an_empty_page_in_the_middle_is_not_the_end() {
    let tenant = Tenant::seeded(Seed::Many(120)).await;
    tenant
        .standin
        .faults()
        .add(Rule::new(Match::path(LIST).nth(2), Action::EmptyPage));
    let policies = tenant
        .reader
        .list(Family::SettingsCatalog)
        .await
        .expect("a list");
    assert_eq!(policies.len(), 60);
    assert_eq!(tenant.standin.journal().graph_calls().len(), 4);
}

#[tokio::test]
async fn a_policy_that_two_pages_show_is_listed_once() {
    let tenant = Tenant::seeded(Seed::Many(120)).await;
    let before = tenant
        .reader
        .list(Family::SettingsCatalog)
        .await
        .expect("a list");
    tenant
        .standin
        .state()
        .change(seed::DEMO_DIRECTORY_ID, |tenant| {
            for policies in tenant.policies.values_mut() {
                let mut again = policies[0].clone();
                again.place = 10_000;
                policies.push(again);
            }
        });
    let after = tenant
        .reader
        .list(Family::SettingsCatalog)
        .await
        .expect("a list");
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_link_to_another_host_is_refused_and_the_token_is_not_sent_there() {
    let tenant = Tenant::seeded(Seed::Many(120)).await;
    let foreign = Standin::start(Options::default())
        .await
        .expect("a free port");
    let to = foreign.base_url();
    tenant.standin.faults().add(Rule::new(
        Match::path(LIST).nth(1),
        Action::ForeignNextLink { to },
    ));
    let error = tenant
        .reader
        .list(Family::SettingsCatalog)
        .await
        .expect_err("a foreign link");
    assert!(
        matches!(
            error,
            Error::BadAnswer {
                fault: Fault::ForeignLink,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(error.code(), "bad_answer");
    assert_eq!(foreign.journal().entries(), []);
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    let tenant = Tenant::small().await;
    let foreign = Standin::start(Options::default())
        .await
        .expect("a free port");
    let to = format!(
        "{}/beta/deviceManagement/configurationPolicies",
        foreign.base_url()
    );
    tenant
        .standin
        .faults()
        .add(Rule::new(Match::path(LIST), Action::Redirect { to }));
    let error = tenant
        .reader
        .list(Family::SettingsCatalog)
        .await
        .expect_err("a redirect");
    assert!(
        matches!(
            error,
            Error::BadAnswer {
                fault: Fault::Redirect,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(foreign.journal().entries(), []);
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_end_in_an_error() {
    let tenant = Tenant::seeded(Seed::Many(120)).await;
    tenant
        .standin
        .faults()
        .add(Rule::new(Match::path(LIST).nth(2), Action::NextLinkLoop));
    let error = tenant
        .reader
        .list(Family::SettingsCatalog)
        .await
        .expect_err("a circle");
    assert!(
        matches!(
            error,
            Error::BadAnswer {
                fault: Fault::EndlessPages,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(tenant.standin.journal().graph_calls().len(), 2);
}

#[tokio::test]
async fn a_refused_list_concerns_the_family() {
    let options = Options::default();
    let secret = options.client_secret.clone();
    let standin = Standin::start(options).await.expect("a free port");
    let reader = crate::tenant::reader(&standin.base_url(), seed::NO_RIGHTS_CLIENT_ID, &secret);
    let error = reader
        .list(Family::DeviceConfiguration)
        .await
        .expect_err("no permission");
    assert_eq!(
        (error.code(), error.scope(), error.retryable()),
        ("graph_forbidden", Scope::Family, false)
    );
    assert!(
        error
            .safe_message()
            .contains("DeviceManagementConfiguration.Read.All"),
        "{}",
        error.safe_message()
    );
}
