//! Where Graph is and who asks: checked once, so that no later step meets a base that it must not send a secret to.

use std::fmt;

use reqwest::Url;

/// A secret that is never shown: neither `Debug` nor `Display` nor serde gives its content away.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the secret as it is, white space included; [`GraphConfig::new`] judges it.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The content, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

/// One tenant of one cloud, and the app registration that reads it.
///
/// The clouds differ in their two bases alone, and a stand-in differs from a cloud in nothing else.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GraphConfig {
    /// The login host without a slash at its end, `https://login.microsoftonline.com` for the global cloud.
    pub login_base: String,
    /// The Graph host without a slash at its end, `https://graph.microsoft.com` for the global cloud.
    pub graph_base: String,
    /// The customer's directory (tenant) id, a GUID.
    pub directory_id: String,
    /// The application (client) id of the app registration, a GUID.
    pub client_id: String,
    /// The value of a client secret, not its id.
    pub client_secret: Secret,
}

impl GraphConfig {
    /// Checks and keeps the parts of a configuration.
    ///
    /// # Errors
    /// [`ConfigError`] names the field and what it has to look like. A base must be https; plain http is taken for a
    /// loopback host alone, because the secret and the token travel to it.
    pub fn new(
        login_base: &str,
        graph_base: &str,
        directory_id: &str,
        client_id: &str,
        client_secret: Secret,
    ) -> Result<Self, ConfigError> {
        let secret = client_secret.expose();
        if secret.is_empty() {
            return Err(ConfigError::NoSecret);
        }
        if secret.trim() != secret {
            return Err(ConfigError::SecretHasBlanks);
        }
        Ok(Self {
            login_base: checked_base("login_base", login_base)?,
            graph_base: checked_base("graph_base", graph_base)?,
            directory_id: checked_guid("directory_id", directory_id)?,
            client_id: checked_guid("client_id", client_id)?,
            client_secret,
        })
    }

    /// The only scope that this app asks for: everything that was consented to, at this cloud's Graph.
    pub(crate) fn scope(&self) -> String {
        format!("{}/.default", self.graph_base)
    }
}

/// What is wrong with a configuration, in words for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The base is no URL at all, or has parts that a base cannot have.
    #[error(
        "{field} must be an address such as https://graph.microsoft.com, with no path, query or user name"
    )]
    NotABase {
        /// The field's name.
        field: &'static str,
    },
    /// The base would carry the secret and the token in clear over a network.
    #[error("{field} must begin with https:// (plain http is only for a stand-in on this machine)")]
    NotSecure {
        /// The field's name.
        field: &'static str,
    },
    /// A domain name or `common` instead of the id: both can end in another directory than the one that was meant.
    #[error("{field} must be an id such as 11111111-2222-3333-4444-555555555555")]
    NotAnId {
        /// The field's name.
        field: &'static str,
    },
    /// There is no secret.
    #[error("client_secret is empty")]
    NoSecret,
    /// A file that ends in a newline is the usual reason.
    #[error("client_secret begins or ends with white space")]
    SecretHasBlanks,
}

fn checked_base(field: &'static str, base: &str) -> Result<String, ConfigError> {
    let url = Url::parse(base).map_err(|_not_a_url| ConfigError::NotABase { field })?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !bare || url.host_str().is_none() {
        return Err(ConfigError::NotABase { field });
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        _ => return Err(ConfigError::NotSecure { field }),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// True for `localhost`, 127.0.0.0/8 and `::1`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn checked_guid(field: &'static str, id: &str) -> Result<String, ConfigError> {
    match uuid::Uuid::try_parse(id) {
        Ok(guid) if id.len() == 36 => Ok(guid.hyphenated().to_string()),
        _ => Err(ConfigError::NotAnId { field }),
    }
}
