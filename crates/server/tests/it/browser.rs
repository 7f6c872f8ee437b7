//! A browser's part: requests with a cookie, and an event stream that is read frame by frame.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use contract::problem::Problem;
use contract::run::Run;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use reqwest::{Client, Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// Longer than anything here takes; only a test that fails waits for it.
const LIMIT: Duration = Duration::from_secs(20);

#[derive(Clone)]
pub(crate) struct Browser {
    http: Client,
    base: String,
    cookie: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The problem's code, once its shape was looked at.
    #[track_caller]
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let problem: Problem = self.json();
        assert_eq!(problem.status, self.status);
        problem.code
    }
}

impl Browser {
    pub(crate) fn new(base: &str) -> Self {
        Self {
            http: Client::builder()
                .no_proxy()
                .build()
                .expect("an HTTP client"),
            base: base.to_owned(),
            cookie: None,
        }
    }

    /// The same person at another server (the same one after a restart has another port).
    pub(crate) fn at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    pub(crate) fn keep_cookie(&mut self, answer: &Answer) {
        let cookie = answer.header("set-cookie");
        self.cookie = cookie.split(';').next().map(str::to_owned);
    }

    /// As a request carries it.
    pub(crate) fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap_or_default()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        request
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let whole = async {
            let response = request.send().await.expect("the server answers");
            Answer {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                body: response.bytes().await.expect("the whole body"),
            }
        };
        tokio::time::timeout(LIMIT, whole)
            .await
            .expect("an answer in time")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// A change from a page of the server.
    pub(crate) async fn change(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self
            .request(method, path)
            .header("sec-fetch-site", "same-origin");
        self.send(request.json(body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.change(Method::POST, path, body).await
    }

    /// Starts a capture; `None` for all of the tenant.
    pub(crate) async fn capture(
        &self,
        tenant_id: i64,
        policy: Option<i64>,
    ) -> contract::api::Started {
        let body = match policy {
            Some(policy) => json!({"operation": "policy.capture_snapshot", "target": policy}),
            None => json!({"operation": "policy.capture_all"}),
        };
        let answer = self
            .post(&format!("/api/tenants/{tenant_id}/runs"), &body)
            .await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn run(&self, run: &Run) -> Run {
        let path = format!(
            "/api/tenants/{}/runs/{}/{}",
            run.tenant_id, run.run_type, run.run_id
        );
        self.get(&path).await.json::<contract::api::RunPage>().run
    }

    pub(crate) async fn items(&self, run: &Run) -> contract::api::ItemRows {
        let path = format!(
            "/api/tenants/{}/runs/{}/{}/items?limit=500",
            run.tenant_id, run.run_type, run.run_id
        );
        self.get(&path).await.json()
    }

    /// Opens the stream; its first frame is to come.
    pub(crate) async fn stream(&self, query: &str) -> Stream {
        self.stream_after(query, None).await
    }

    /// Opens a stream whose bytes nobody reads, with little room for them on the way.
    pub(crate) async fn stream_unread(&self, server: SocketAddr, path: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let mut connection = socket.connect(server).await.expect("the server listens");
        let cookie = self.cookie.as_deref().unwrap_or_default();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\ncookie: {cookie}\r\n\r\n"
        );
        connection
            .write_all(request.as_bytes())
            .await
            .expect("the request is sent");
        let mut first = [0; 12];
        connection
            .read_exact(&mut first)
            .await
            .expect("the answer begins");
        assert_eq!(&first, b"HTTP/1.1 200");
        connection
    }

    pub(crate) async fn stream_after(&self, query: &str, last_event_id: Option<&str>) -> Stream {
        let mut request = self.request(Method::GET, &format!("/api/events{query}"));
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        assert!(response.headers().get("content-encoding").is_none());
        Stream {
            bytes: response.bytes_stream().boxed(),
            text: String::new(),
            last_id: None,
        }
    }
}

/// One frame.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) id: Option<String>,
    pub(crate) event: String,
    pub(crate) data: Value,
}

impl Frame {
    #[track_caller]
    pub(crate) fn run(&self) -> Run {
        assert_eq!(self.event, "run");
        serde_json::from_value(self.data.clone()).expect("a run")
    }

    /// The position of a `run` frame.
    #[track_caller]
    pub(crate) fn position(&self) -> u64 {
        let id = self.id.as_ref().expect("a frame with an id");
        id.rsplit_once('-')
            .expect("epoch and position")
            .1
            .parse()
            .expect("a number")
    }
}

pub(crate) struct Stream {
    bytes: BoxStream<'static, reqwest::Result<Bytes>>,
    text: String,
    /// Of the last frame that had one.
    pub(crate) last_id: Option<String>,
}

impl Stream {
    /// The next frame; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        let whole = async {
            loop {
                if let Some((block, rest)) = self.text.split_once("\n\n") {
                    let frame = parse(block);
                    self.text = rest.to_owned();
                    return Some(frame);
                }
                let bytes = self.bytes.next().await?.ok()?;
                self.text
                    .push_str(std::str::from_utf8(&bytes).expect("frames are UTF-8"));
            }
        };
        let frame = tokio::time::timeout(LIMIT, whole)
            .await
            .expect("a frame in time");
        if let Some(id) = frame.as_ref().and_then(|frame| frame.id.clone()) {
            self.last_id = Some(id);
        }
        frame
    }

    /// The next frame of that name; those before it are left out.
    #[track_caller]
    pub(crate) fn until(&mut self, event: &str) -> impl Future<Output = Frame> {
        self.until_that(move |frame| frame.event == event)
    }

    pub(crate) async fn until_that(&mut self, is_wanted: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            let frame = self.next().await.expect("the stream goes on");
            if is_wanted(&frame) {
                return frame;
            }
        }
    }

    /// The event that ends this run.
    pub(crate) async fn end_of(&mut self, run: &Run) -> Run {
        let is_end = |frame: &Frame| {
            frame.event == "run" && frame.run().key() == run.key() && frame.run().status.is_ended()
        };
        self.until_that(is_end).await.run()
    }
}

fn parse(block: &str) -> Frame {
    let (mut id, mut event, mut data) = (None, String::new(), Value::Null);
    for line in block.lines() {
        match line.split_once(": ").expect("name and value") {
            ("id", value) => id = Some(value.to_owned()),
            ("event", value) => value.clone_into(&mut event),
            ("data", value) => data = serde_json::from_str(value).expect("JSON on one line"),
            ("retry", value) => assert_eq!(value, "1000"),
            (other, _) => panic!("a field of the name {other}"),
        }
    }
    Frame { id, event, data }
}
