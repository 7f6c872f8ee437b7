//! A plain client: it knows the address and a token, and nothing of the product.

use graph_standin::{Options, Seed, Standin, seed};
use reqwest::{Method, Response};
use serde_json::Value;

pub(crate) struct Client {
    pub(crate) standin: Standin,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
}

impl Client {
    pub(crate) async fn small() -> Self {
        Self::with(Options::default(), seed::DEMO_CLIENT_ID).await
    }

    pub(crate) async fn seeded(seed: Seed) -> Self {
        Self::with(
            Options {
                seed,
                ..Options::default()
            },
            seed::DEMO_CLIENT_ID,
        )
        .await
    }

    pub(crate) async fn with(options: Options, client_id: &str) -> Self {
        let secret = options.client_secret.clone();
        let standin = Standin::start(options).await.expect("a free port");
        let http = plain();
        let answer: Value = sign_in(&http, &standin.base_url(), client_id, &secret)
            .await
            .json()
            .await
            .expect("JSON");
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        Self {
            standin,
            http,
            token,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.standin.base_url())
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let method: Method = method.parse().expect("a method");
        let mut request = self
            .http
            .request(method, self.url(path))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.expect("an answer")
    }

    /// Status and body of a GET.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answered(self.send("GET", path, None).await).await
    }

    /// The id of a policy by its name, in either family.
    pub(crate) fn id(&self, name: &str) -> String {
        let tenant = self
            .standin
            .state()
            .tenant(seed::DEMO_DIRECTORY_ID)
            .expect("the seed's tenant");
        let mut policies = tenant.policies.values().flatten();
        policies
            .find(|policy| policy.name() == name)
            .map(|policy| policy.id.clone())
            .expect("a policy of the seed")
    }

    /// Every item of a collection, by its links.
    pub(crate) async fn walk(&self, path: &str) -> (Vec<Value>, usize) {
        let mut url = self.url(path);
        let mut items = Vec::new();
        for page in 1.. {
            let response = self
                .http
                .get(&url)
                .bearer_auth(&self.token)
                .send()
                .await
                .expect("an answer");
            let body: Value = response.json().await.expect("JSON");
            let value = body["value"].as_array().expect("a page");
            assert_eq!(body["@odata.count"], value.len(), "the number on this page");
            items.extend(value.iter().cloned());
            match body["@odata.nextLink"].as_str() {
                Some(link) => link.clone_into(&mut url),
                None => return (items, page),
            }
        }
        unreachable!("the loop returns at the last page")
    }
}

pub(crate) fn plain() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("an HTTP client")
}

pub(crate) async fn answered(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = response.bytes().await.expect("a whole body");
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

pub(crate) async fn sign_in(
    http: &reqwest::Client,
    base: &str,
    client_id: &str,
    secret: &str,
) -> Response {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", secret),
        ("scope", "https://graph.microsoft.com/.default"),
        ("client_info", "1"),
    ];
    let url = format!("{base}/{}/oauth2/v2.0/token", seed::DEMO_DIRECTORY_ID);
    http.post(url).form(&form).send().await.expect("an answer")
}

/// The text inside a nested error of Intune.
pub(crate) fn nested(body: &Value) -> String {
    let packed = body["error"]["message"].as_str().expect("a message");
    let packed: Value = serde_json::from_str(packed).expect("JSON inside the message");
    packed["Message"].as_str().expect("a text").to_owned()
}
