//! Desktop notices: a failure is told outside of the page, once for all tabs. Off until its person turns it on.
//!
//! [`live`](crate::live) calls [`tell`] for each failure that the stream brings; the preferences turn it on and off.

use contract::ids::RunKey;
use gloo_events::EventListener;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlElement, Notification, NotificationOptions, NotificationPermission};

use crate::feed::Feed;
use crate::feed::diagnostics::Tab;
use crate::i18n::Text;
use crate::route::Route;
use crate::runs::state::State;
use crate::runs::words;

/// Where the choice is kept.
const WANTED: &str = "tenant-atlas:desktop-notices";

/// Whether failures are told, as far as the browser lets us.
pub fn is_on() -> bool {
    crate::kept::read(WANTED).is_some() && permission() == Some(NotificationPermission::Granted)
}

/// No more of them.
pub fn turn_off() {
    crate::kept::write(WANTED, None);
}

/// Asks the browser for leave, so only after a click that wants it. An error is what stands in the way.
pub fn turn_on(then: impl FnOnce(Result<(), Text<'static>>) + 'static) {
    let asked = permission().and_then(|_| Notification::request_permission().ok());
    let Some(asked) = asked else {
        then(Err(Text::DesktopMissing));
        return;
    };
    spawn_local(async move {
        // What it answers is what the permission is afterwards.
        let _ = JsFuture::from(asked).await;
        if permission() != Some(NotificationPermission::Granted) {
            then(Err(Text::DesktopDenied));
            return;
        }
        crate::kept::write(WANTED, Some("yes"));
        then(Ok(()));
    });
}

/// Not in every browser, and only in a secure context.
fn permission() -> Option<NotificationPermission> {
    let window = web_sys::window()?;
    let is_there = js_sys::Reflect::has(&window, &"Notification".into());
    is_there.ok()?.then(Notification::permission)
}

/// Tells a failure that has just come, unless its person looks at the page, or has dealt with it elsewhere.
///
/// Only the tab that has the stream does. The tag holds run and status, so that even two that tell show one.
pub fn tell(feed: &Feed, key: &RunKey) {
    let looks = crate::dom::document().is_some_and(|document| {
        !crate::dom::is_hidden(&document) && document.has_focus().unwrap_or(false)
    });
    let Some(card) = feed.card(key) else { return };
    let run = &card.run;
    let is_dealt_with = card.dismissed || !card.unread || run.acknowledged.is_some();
    if looks || is_dealt_with || !run.status.is_failure() || feed.tab() == Tab::Follows || !is_on()
    {
        return;
    }
    let title = State::of(run).title().to_string() + ": " + &words::what(run);
    let mut body = String::new();
    let target = words::target(run);
    if !target.is_empty() {
        body.push_str(&target);
        body.push('\n');
    }
    body.push_str(&card.tenant_name);
    let options = NotificationOptions::new();
    options.set_body(&body);
    options.set_tag(&(words::name(key) + " " + &run.status_seq.0.to_string()));
    // Some browsers show them for service workers alone; the title and the favicon say it as well.
    let Ok(shown) = Notification::new_with_options(&title, &options) else {
        return;
    };
    let to = Route::of_run(run).map(|to| to.path());
    let notice = shown.clone();
    EventListener::once(&shown, "click", move |_| {
        notice.close();
        follow(to);
    })
    .forget();
}

/// Brings the page to the front, at the run: as a click on a link to it does.
fn follow(to: Option<String>) -> Option<()> {
    // Refused where the browser does not see the click behind it.
    let _ = web_sys::window()?.focus();
    let document = crate::dom::document()?;
    let link: HtmlElement =
        wasm_bindgen::JsCast::dyn_into(document.create_element("a").ok()?).ok()?;
    link.set_attribute("href", &to?).ok()?;
    document.body()?.append_child(&link).ok()?;
    link.click();
    link.remove();
    None
}
