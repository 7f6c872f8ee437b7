//! The GET-only client: lists the policies of a tenant and captures one completely.
//!
//! There is no method here that writes, so whoever holds a [`Reader`] cannot. The job worker holds one for a capture.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::canonical;
use crate::config::GraphConfig;
use crate::error::{Error, Fault, Scope, Support};
use crate::paging::collect;
use crate::patience::Patience;
use crate::policy::{Family, PolicySummary};
use crate::redact;
use crate::request::{About, Answer, Transport};

/// Reads one tenant. Cheap to clone: clones share the connections, the token and the tenant's budget.
///
/// Make one for each tenant and clone it for each job: two made apart do not know of each other's requests.
#[derive(Clone)]
pub struct Reader {
    transport: Arc<Transport>,
}

/// One policy, complete, in the form in which it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    /// The name exactly as it is.
    pub name: String,
    /// The canonical object with its settings, without secrets; see [`canonical::object`].
    pub object: Value,
    /// The canonical set of assignments; see [`canonical::assignments`].
    pub assignments: Value,
    /// SHA-256 in hex of object and assignments. Equal content gives an equal hash, whatever its order was.
    pub content_hash: String,
    /// JSON pointers into `object` where a secret was: such a policy cannot be restored as a whole.
    pub redactions: Vec<String>,
    /// JSON pointers into `object` to scripts and payloads, which may hold secrets of any kind: to be stored encrypted and
    /// shown only to those who may see them.
    pub sensitive: Vec<String>,
    /// Graph's own text.
    pub last_modified: Option<String>,
    /// Of each call that this capture took, in order.
    pub request_ids: Vec<String>,
}

impl Reader {
    /// A reader with the waits that a real tenant needs. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Setup`] where this machine lacks what TLS needs.
    pub fn new(config: GraphConfig) -> Result<Self, Error> {
        Self::with_patience(config, Patience::default())
    }

    /// A reader with waits of its own, for tests.
    ///
    /// # Errors
    /// As [`Reader::new`].
    pub fn with_patience(config: GraphConfig, patience: Patience) -> Result<Self, Error> {
        Ok(Self {
            transport: Arc::new(Transport::new(config, patience)?),
        })
    }

    /// How long no request of this tenant leaves, because Graph throttles it. `None`: they leave as they come.
    #[must_use]
    pub fn rest(&self) -> Option<Duration> {
        self.transport.budget.rest(Instant::now())
    }

    /// Every policy of a family: all pages, each id once, sorted by id.
    ///
    /// A list is not atomic: a policy that is made or deleted meanwhile may be in it or not.
    ///
    /// # Errors
    /// [`Scope::Family`] for what concerns this family alone; nothing partial is returned.
    pub async fn list(&self, family: Family) -> Result<Vec<PolicySummary>, Error> {
        let about = About {
            family,
            scope: Scope::Family,
        };
        let list = collect(&self.transport, self.url(family, &[]), about).await?;
        let mut by_id = BTreeMap::new();
        for item in &list.items {
            let Some(summary) = family.summary(item) else {
                return Err(Error::BadAnswer {
                    fault: Fault::WrongShape,
                    support: list.support,
                });
            };
            by_id.insert(summary.graph_id.clone(), summary);
        }
        Ok(by_id.into_values().collect())
    }

    /// One policy with all its settings and assignments, or an error: never a part of it.
    ///
    /// # Errors
    /// - [`Error::NotFound`]: it was deleted since the list was read
    /// - [`Error::SettingsIncomplete`]: the settings are not as many as the policy says, in two readings
    pub async fn capture(&self, family: Family, graph_id: &str) -> Result<Captured, Error> {
        let about = About {
            family,
            scope: Scope::Item,
        };
        let mut request_ids = Vec::new();
        let mut policy = self.whole(about, graph_id, &mut request_ids).await?;
        let assigned = collect(
            &self.transport,
            self.url(family, &[graph_id, "assignments"]),
            about,
        )
        .await?;
        request_ids.extend(assigned.request_ids);

        let text = |key: &str| policy.get(key).and_then(Value::as_str).map(str::to_owned);
        let name = text(family.name_property()).unwrap_or_default();
        let last_modified = text("lastModifiedDateTime");
        // Before the order is made: it must not depend on a secret either.
        redact::object(&mut policy);
        let object = canonical::object(&policy);
        let assignments = canonical::assignments(&assigned.items);
        Ok(Captured {
            name,
            content_hash: canonical::content_hash(&object, &assignments),
            redactions: redact::placeholders(&object),
            sensitive: redact::sensitive(&object),
            object,
            assignments,
            last_modified,
            request_ids,
        })
    }

    /// The object with its settings inside, the number of them checked.
    async fn whole(
        &self,
        about: About,
        graph_id: &str,
        request_ids: &mut Vec<String>,
    ) -> Result<Value, Error> {
        let mut shortfall = None;
        // Once more, because a change between the object and its last page looks the same as a lost page.
        for _reading in 0..2 {
            let (mut object, support) = self.object(about, graph_id, request_ids).await?;
            if !about.family.has_settings_pages() {
                return Ok(Value::Object(object));
            }
            let Some(expected) = object.get("settingCount").and_then(Value::as_u64) else {
                return Err(Error::BadAnswer {
                    fault: Fault::WrongShape,
                    support,
                });
            };
            let settings = collect(
                &self.transport,
                self.url(about.family, &[graph_id, "settings"]),
                about,
            )
            .await?;
            request_ids.extend(settings.request_ids);
            let got = settings.items.len() as u64;
            if got == expected {
                object.insert("settings".to_owned(), Value::Array(settings.items));
                return Ok(Value::Object(object));
            }
            shortfall = Some(Error::SettingsIncomplete {
                got,
                expected,
                support: settings.support,
            });
        }
        Err(shortfall.expect("each reading returned or left its shortfall"))
    }

    async fn object(
        &self,
        about: About,
        graph_id: &str,
        request_ids: &mut Vec<String>,
    ) -> Result<(Map<String, Value>, Arc<Support>), Error> {
        let mut url = self.url(about.family, &[graph_id]);
        let mut answer = self.transport.get(&url, about).await?;
        request_ids.extend(answer.support.request_id.clone());
        if let Some(expand) = about.family.needed_expand(&answer.body) {
            url.set_query(Some(&format!("$expand={expand}")));
            answer = self.transport.get(&url, about).await?;
            request_ids.extend(answer.support.request_id.clone());
        }
        match answer {
            // An id that a path cannot carry would have asked for something else than the policy.
            Answer {
                body: Value::Object(object),
                support,
            } if object
                .get("id")
                .and_then(Value::as_str)
                .is_some_and(|id| id.eq_ignore_ascii_case(graph_id)) =>
            {
                Ok((object, support))
            }
            Answer { support, .. } => Err(Error::BadAnswer {
                fault: Fault::WrongShape,
                support,
            }),
        }
    }

    /// The address of a family's collection, or of something below it. Each segment is encoded.
    fn url(&self, family: Family, below: &[&str]) -> Url {
        let mut url = Url::parse(&self.transport.config.graph_base)
            .expect("GraphConfig::new parsed the base");
        url.path_segments_mut()
            .expect("GraphConfig::new takes bases with a host only")
            .pop_if_empty()
            .extend(["beta", "deviceManagement", family.as_str()])
            .extend(below);
        url
    }
}
