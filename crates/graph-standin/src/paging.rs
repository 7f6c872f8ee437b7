//! Pages: 25 items unless asked otherwise, and a nextLink whose token means nothing to anybody but us.
//!
//! The token is a cursor, not an offset: what is inserted or deleted meanwhile does not shift the pages after it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::path::{decoded, encoded};
use crate::query::Query;

const DEFAULT_PAGE: usize = 25;
const LARGEST_PAGE: usize = 1_000;

/// An item with its place in its collection: places grow, and are never used again.
pub(crate) struct Placed {
    pub(crate) place: u64,
    pub(crate) value: Value,
}

/// Where a page is asked for.
pub(crate) struct PageRequest<'a> {
    /// Scheme, host and port as the client wrote them.
    pub(crate) origin: &'a str,
    /// The path as the client wrote it.
    pub(crate) path: &'a str,
    /// The token's tenant: a skip token of one tenant is worth nothing in another.
    pub(crate) tenant: &'a str,
    pub(crate) query: &'a Query,
    /// The collection for `@odata.context`, after `$metadata#`.
    pub(crate) context: &'a str,
}

/// One page of `items`, or `None` where the skip token is not one of ours for this place.
pub(crate) fn page(request: &PageRequest<'_>, items: Vec<Placed>) -> Option<Value> {
    let after = match &request.query.skiptoken {
        Some(skiptoken) => Some(read_token(skiptoken, request)?),
        None => None,
    };
    let size = request
        .query
        .top
        .unwrap_or(DEFAULT_PAGE)
        .clamp(1, LARGEST_PAGE);
    let mut rest = items
        .into_iter()
        .filter(|item| after.is_none_or(|after| item.place > after))
        .peekable();
    let mut shown = Vec::new();
    let mut last = after.unwrap_or_default();
    while let (true, Some(item)) = (shown.len() < size, rest.peek()) {
        last = item.place;
        shown.extend(rest.next().map(|item| item.value));
    }
    let version = request
        .path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or("beta");
    let mut body = json!({
        "@odata.context": format!("{}/{version}/$metadata#{}", request.origin, request.context),
        // The number on this page, not in all: a client that trusts it loses objects.
        "@odata.count": shown.len(),
        "value": shown,
    });
    if rest.peek().is_some() {
        body["@odata.nextLink"] = Value::String(link(request, last));
    }
    Some(body)
}

/// The link to the page after `place`.
pub(crate) fn link(request: &PageRequest<'_>, place: u64) -> String {
    let token = URL_SAFE_NO_PAD.encode(format!("{}|{}|{place}", request.tenant, request.path));
    // Encoded twice, as the service does it: whoever decodes and encodes it again breaks it.
    let token = encoded(&encoded(&format!("[standin]{token}")));
    let mut options = request.query.repeated.clone();
    options.push(format!("$skiptoken={token}"));
    format!("{}{}?{}", request.origin, request.path, options.join("&"))
}

fn read_token(skiptoken: &str, request: &PageRequest<'_>) -> Option<u64> {
    let once_more = decoded(skiptoken)?;
    if once_more == skiptoken {
        // It arrived decoded already, so it was not sent as it was given.
        return None;
    }
    let bytes = URL_SAFE_NO_PAD
        .decode(once_more.strip_prefix("[standin]")?)
        .ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (bound_to, place) = text.rsplit_once('|')?;
    (bound_to == format!("{}|{}", request.tenant, request.path)).then(|| place.parse().ok())?
}
