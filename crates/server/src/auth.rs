//! Who is asking: the session cookie, and that a change comes from a page of ours.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contract::run::PersonRef;
use contract::timestamp::Timestamp;
use http::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};
use runs::people::{Caller, TokenHash};

use crate::problem::{Answer, Problem};
use crate::state::App;
use crate::tokens;

const COOKIE_NAME: &str = "ta_session";
/// A working day and a bit; the store ends it by itself.
const SESSION_SECONDS: i64 = 12 * 60 * 60;

/// Somebody who is signed in. Memberships are as of this request.
pub struct SignedIn {
    /// Who, and what they may see.
    pub caller: Caller,
    /// What the store knows their session by.
    pub token: TokenHash,
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = session_token(&parts.headers).ok_or_else(Problem::signed_out)?;
        let caller = app
            .store
            .caller(token)
            .await?
            .ok_or_else(Problem::signed_out)?;
        Ok(Self { caller, token })
    }
}

/// The session that the cookie names, whether or not it stands.
fn session_token(headers: &HeaderMap) -> Option<TokenHash> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .and_then(|(_, token)| tokens::token_hash(token))
}

/// Makes a session; gives the header that hands it to the browser, who is in it, and what the store knows it by.
pub async fn begin_session(
    app: &App,
    person: &PersonRef,
    headers: &HeaderMap,
) -> Answer<(HeaderValue, Caller, TokenHash)> {
    let (token, hash) = tokens::new_token();
    let expires_at = Timestamp(app.store.now().0 + SESSION_SECONDS * 1000);
    app.store.add_session(person.id, hash, expires_at).await?;
    let caller = app
        .store
        .caller(hash)
        .await?
        .ok_or_else(Problem::signed_out)?;
    Ok((cookie(app, headers, &token, SESSION_SECONDS), caller, hash))
}

/// The header that takes the session from the browser again.
pub fn forget_session(app: &App, headers: &HeaderMap) -> HeaderValue {
    cookie(app, headers, "", 0)
}

/// Sets a cookie header on an answer.
pub fn with_cookie(answer: impl axum::response::IntoResponse, cookie: HeaderValue) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

fn cookie(app: &App, headers: &HeaderMap, token: &str, max_age: i64) -> HeaderValue {
    let is_https = app.behind_proxy
        && headers
            .get("x-forwarded-proto")
            .is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"));
    let secure = if is_https { "; Secure" } else { "" };
    let text =
        format!("{COOKIE_NAME}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("a token is base64url")
}

/// Where a request came from, for counting tries.
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // The last one is what the proxy itself saw; those before it are what the client says.
        let forwarded = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
            .and_then(|address| address.trim().parse().ok());
        let ConnectInfo(peer) = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .copied()
            .ok_or_else(Problem::internal)?;
        Ok(Self(match forwarded {
            Some(address) if app.behind_proxy => address,
            _ => peer.ip(),
        }))
    }
}

/// Refuses a change that does not come from a page of ours, before anybody looks at it.
///
/// `SameSite=Lax` alone would let a page of a sibling subdomain in.
pub async fn same_origin_only(request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads || is_same_origin(request.headers()) {
        next.run(request).await
    } else {
        Problem::cross_origin().into_response()
    }
}

/// What the browser says of the request; by plain http to another host than localhost it says its Origin alone.
fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site.as_bytes() == b"same-origin";
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(ORIGIN), text(HOST)) else {
        return false;
    };
    origin
        .split_once("://")
        .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], expected: bool) {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        assert_eq!(is_same_origin(&headers), expected, "{headers:?}");
    }

    #[test]
    fn only_a_page_of_this_server_changes_something() {
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "none")], false);
        check(&[], false);
        check(&[("host", "a.example:80")], false);
        check(
            &[("host", "a.example:80"), ("origin", "http://a.example:80")],
            true,
        );
        check(
            &[("host", "a.example:80"), ("origin", "http://a.example")],
            false,
        );
        check(&[("host", "a.example"), ("origin", "null")], false);
        check(
            &[("host", "a.example"), ("origin", "https://evil.a.example")],
            false,
        );
        let both = [
            ("sec-fetch-site", "cross-site"),
            ("host", "a.example"),
            ("origin", "https://a.example"),
        ];
        check(&both, false);
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let (token, hash) = tokens::new_token();
        let value = format!("theme=dark; {COOKIE_NAME}={token}; x=y");
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(&value).unwrap());
        assert_eq!(session_token(&headers), Some(hash));
        headers.insert(COOKIE, HeaderValue::from_static("ta_session=garbage"));
        assert_eq!(session_token(&headers), None);
    }
}
