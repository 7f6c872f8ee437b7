//! All pages of a collection. The nextLink is an opaque text: it is checked, and then sent as it came.

use std::collections::HashSet;
use std::sync::Arc;

use reqwest::Url;
use serde_json::Value;

use crate::error::{Error, Fault, Support};
use crate::request::{About, Transport};

/// A whole collection, in the order in which it came.
pub(crate) struct Collected {
    pub(crate) items: Vec<Value>,
    /// Of each page.
    pub(crate) request_ids: Vec<String>,
    /// Of the last page.
    pub(crate) support: Arc<Support>,
}

/// Reads pages until one has no nextLink. An empty page in the middle is not the end.
pub(crate) async fn collect(
    transport: &Transport,
    first: Url,
    about: About,
) -> Result<Collected, Error> {
    let mut seen = HashSet::from([first.to_string()]);
    let mut url = first;
    let mut items = Vec::new();
    let mut request_ids = Vec::new();
    loop {
        let answer = transport.get(&url, about).await?;
        let support = answer.support;
        request_ids.extend(support.request_id.clone());
        let Value::Object(mut page) = answer.body else {
            return Err(Error::BadAnswer {
                fault: Fault::WrongShape,
                support,
            });
        };
        let Some(Value::Array(value)) = page.remove("value") else {
            return Err(Error::BadAnswer {
                fault: Fault::WrongShape,
                support,
            });
        };
        items.extend(value);
        let link = match page.remove("@odata.nextLink") {
            None | Some(Value::Null) => {
                return Ok(Collected {
                    items,
                    request_ids,
                    support,
                });
            }
            Some(Value::String(link)) => link,
            Some(_) => {
                return Err(Error::BadAnswer {
                    fault: Fault::WrongShape,
                    support,
                });
            }
        };
        url = followed(&link, &transport.config.graph_base).ok_or_else(|| Error::BadAnswer {
            fault: Fault::ForeignLink,
            support: Arc::clone(&support),
        })?;
        if seen.len() >= transport.patience.most_pages || !seen.insert(url.to_string()) {
            return Err(Error::BadAnswer {
                fault: Fault::EndlessPages,
                support,
            });
        }
    }
}

/// The link, if it stays with Graph: same scheme, host and port, under `/beta/`. Anything else would be given our token.
fn followed(link: &str, graph_base: &str) -> Option<Url> {
    let base = Url::parse(graph_base).ok()?;
    let url = Url::parse(link).ok()?;
    let is_ours = url.scheme() == base.scheme()
        && url.host() == base.host()
        && url.port_or_known_default() == base.port_or_known_default()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path().starts_with("/beta/");
    is_ours.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(link: &str, is_followed: bool) {
        let url = followed(link, "https://graph.microsoft.com");
        assert_eq!(url.is_some(), is_followed, "{link}");
        if let Some(url) = url {
            assert_eq!(url.as_str(), link, "the link is sent byte for byte");
        }
    }

    #[test]
    fn only_links_within_graphs_own_origin_are_followed_and_they_are_not_rewritten() {
        check(
            "https://graph.microsoft.com/beta/deviceManagement/x?$skiptoken=%255Bcosmosdb%255D%7B%2B&$top=7",
            true,
        );
        check(
            "https://graph.microsoft.com/beta/deviceManagement/x?skiptoken=a%27b",
            true,
        );
        for foreign in [
            "http://graph.microsoft.com/beta/x",
            "https://graph.microsoft.com:8443/beta/x",
            "https://graph.microsoft.com.evil.example/beta/x",
            "https://evil.example/beta/x",
            "https://graph.microsoft.com@evil.example/beta/x",
            "https://user@graph.microsoft.com/beta/x",
            "https://graph.microsoft.com/v1.0/x",
            "https://graph.microsoft.com/beta/../v1.0/x",
            "/beta/x",
            "",
        ] {
            check(foreign, false);
        }
    }
}
