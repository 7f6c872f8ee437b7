//! A configuration is judged before anything is sent to it.

use graph::{ConfigError, GraphConfig, Secret};

const ID: &str = "7c0a51de-3b5e-4c47-9d3a-0c6f2d8e1a01";

fn made(
    login: &str,
    graph: &str,
    directory: &str,
    client: &str,
    secret: &str,
) -> Result<GraphConfig, ConfigError> {
    GraphConfig::new(
        login,
        graph,
        directory,
        client,
        Secret::new(secret.to_owned()),
    )
}

#[track_caller]
fn check_base(base: &str, expected: Option<&str>) {
    let kept = made(base, "https://graph.microsoft.com", ID, ID, "s")
        .ok()
        .map(|config| config.login_base);
    assert_eq!(kept.as_deref(), expected, "{base}");
}

#[test]
fn a_base_is_https_or_on_this_machine() {
    check_base(
        "https://login.microsoftonline.com",
        Some("https://login.microsoftonline.com"),
    );
    check_base(
        "https://login.microsoftonline.us/",
        Some("https://login.microsoftonline.us"),
    );
    check_base("http://127.0.0.1:8080", Some("http://127.0.0.1:8080"));
    check_base("http://localhost:8080/", Some("http://localhost:8080"));
    check_base("http://[::1]:8080", Some("http://[::1]:8080"));
    for refused in [
        "http://login.microsoftonline.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://user@login.microsoftonline.com",
        "https://login.microsoftonline.com/common",
        "https://login.microsoftonline.com?x=1",
        "https://login.microsoftonline.com#x",
        "login.microsoftonline.com",
        "",
    ] {
        check_base(refused, None);
    }
}

#[test]
fn ids_are_guids_and_a_secret_is_whole() {
    let base = "https://graph.microsoft.com";
    for id in [
        "common",
        "contoso.onmicrosoft.com",
        "",
        "7c0a51de3b5e4c479d3a0c6f2d8e1a01",
        "{7c0a51de-3b5e-4c47-9d3a-0c6f2d8e1a01}",
    ] {
        assert_eq!(
            made(base, base, id, ID, "s").err(),
            Some(ConfigError::NotAnId {
                field: "directory_id"
            }),
            "{id}"
        );
        assert_eq!(
            made(base, base, ID, id, "s").err(),
            Some(ConfigError::NotAnId { field: "client_id" }),
            "{id}"
        );
    }
    assert_eq!(
        made(base, base, ID, ID, "").err(),
        Some(ConfigError::NoSecret)
    );
    assert_eq!(
        made(base, base, ID, ID, "s\n").err(),
        Some(ConfigError::SecretHasBlanks)
    );
    assert_eq!(
        made(base, base, &ID.to_uppercase(), ID, "s")
            .map(|config| config.directory_id)
            .ok()
            .as_deref(),
        Some(ID)
    );
}

#[test]
fn a_secret_is_never_shown() {
    let config = made(
        "https://login.example",
        "https://graph.example",
        ID,
        ID,
        "p~Q8.secret",
    )
    .expect("well made");
    assert_eq!(config.client_secret.expose(), "p~Q8.secret");
    assert!(!format!("{config:?} {config:#?} {:?}", config.client_secret).contains("p~Q8"));
}
