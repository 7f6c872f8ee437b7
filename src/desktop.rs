//! A failure is told outside of the page, once for all tabs, where its person wants that.
//!
//! [`live`](crate::live) calls [`tell`] for each failure that the stream brings, or a later picture; `device.js` asks the browser for leave, and shows it.

use contract::ids::RunKey;

use crate::feed::Feed;
use crate::feed::diagnostics::Tab;
use crate::panic::dispatch;
use crate::route::Route;
use crate::runs::state::State;
use crate::runs::words;

/// The event on `window`. Its `detail` is what happened, to what, its target, its tenant, an address and a name, with a
/// unit separator between them.
const FAILURE_EVENT: &str = "tenant-atlas:failure";

/// Tells a failure that has just come, unless its person has dealt with it elsewhere.
///
/// Only the tab that has the stream does. The tag holds run and status, so that even two that tell show one.
pub fn tell(feed: &Feed, key: &RunKey) {
    let Some(card) = feed.card(key) else { return };
    let run = &card.run;
    let is_dealt_with = card.dismissed || !card.unread || run.acknowledged.is_some();
    if is_dealt_with || !run.status.is_failure() || feed.tab() == Tab::Follows {
        return;
    }
    let tag = words::name(key) + " " + &run.status_seq.0.to_string();
    let to = Route::of_run(run).map(|to| to.path()).unwrap_or_default();
    let said = [
        &*State::of(run).title(),
        &*words::what(run),
        &*words::target(run),
        &*card.tenant_name,
        &*to,
        &*tag,
    ];
    dispatch(FAILURE_EVENT, &said.join("\u{1f}").into());
}
