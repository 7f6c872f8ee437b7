//! Where the reader is: the address as a value, and back. Pages have addresses that can be reloaded and shared.
//!
//! Links are real `<a href>`s; a plain left click on one stays in the page, and everything else is the browser's.

use std::rc::Rc;

use contract::ids::{RunId, RunKey, TenantId};
use contract::run::{BULK_OPERATION, RESTORE, Run};
use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, MouseEvent};
use yew::{Callback, hook};

use crate::cards::filter::Filter;
use crate::hooks::{UseStateHandle, use_effect_with, use_once, use_state};

/// A page of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`: the first tenant's policies, or the runs of all.
    Home,
    /// `/signin?next=…`: the path to go on to.
    SignIn {
        /// A path of this app.
        next: Option<String>,
    },
    /// `/setup#TOKEN`: a one-time link. The token stays in the fragment, which no server sees.
    Setup,
    /// `/runs`: the runs of all tenants.
    Runs,
    /// `/notifications?tab=…`: every card, in the view and narrowed as the query says.
    Notifications(Filter),
    /// `/t/{tenant}/runs`.
    TenantRuns(TenantId),
    /// `/t/{tenant}/policies?family=…`.
    Policies {
        /// Whose.
        tenant_id: TenantId,
        /// Only this family.
        family: Option<String>,
    },
    /// `/t/{tenant}/bulk-operation-runs/{id}` and `/t/{tenant}/restore-runs/{id}`; with `?source=…`, and as
    /// `/t/{tenant}/runs/{run_type}/{id}?source=…`, a run that a portal announced.
    Run(RunKey),
    /// Anything else.
    NotFound,
}

impl Route {
    /// Reads a path and its query, `?` included.
    pub fn parse(path: &str, search: &str) -> Route {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [] => Route::Home,
            ["signin"] => Route::SignIn {
                next: query(search, "next").filter(|next| is_own_path(next)),
            },
            ["setup"] => Route::Setup,
            ["runs"] => Route::Runs,
            ["notifications"] => Route::Notifications(Filter::parse(search)),
            ["t", tenant, rest @ ..] => match whole_number(tenant) {
                Some(tenant_id) => in_tenant(TenantId(tenant_id), rest, search),
                None => Route::NotFound,
            },
            _ => Route::NotFound,
        }
    }

    /// The address, for `href` and the history.
    pub fn path(&self) -> String {
        match self {
            Route::Home => "/".to_owned(),
            Route::SignIn { next: None } => "/signin".to_owned(),
            Route::SignIn { next: Some(next) } => format!("/signin?next={}", encode(next)),
            Route::Setup => "/setup".to_owned(),
            Route::Runs => "/runs".to_owned(),
            Route::Notifications(filter) => with_query("/notifications", &filter.parts()),
            Route::TenantRuns(tenant_id) => format!("/t/{tenant_id}/runs"),
            Route::Policies {
                tenant_id,
                family: None,
            } => format!("/t/{tenant_id}/policies"),
            Route::Policies {
                tenant_id,
                family: Some(family),
            } => {
                format!("/t/{tenant_id}/policies?family={}", encode(family))
            }
            Route::Run(key) => {
                let segment = match key.run_type.as_str() {
                    RESTORE => "restore-runs".to_owned(),
                    BULK_OPERATION => "bulk-operation-runs".to_owned(),
                    run_type => format!("runs/{}", encode(run_type)),
                };
                let source = match key.source.as_str() {
                    "" => String::new(),
                    source => format!("?source={}", encode(source)),
                };
                format!("/t/{}/{segment}/{}{source}", key.tenant_id, key.run_id)
            }
            Route::NotFound => "/not-found".to_owned(),
        }
    }

    /// The page of a run; `None` where a run of that type has none. Each run that a portal announced has one.
    pub fn of_run(run: &Run) -> Option<Route> {
        let has_page =
            matches!(run.run_type.as_str(), BULK_OPERATION | RESTORE) || !run.source.is_empty();
        (has_page && run.tenant_id.0 > 0 && run.run_id.0 > 0).then(|| Route::Run(run.key()))
    }

    /// The policies of a tenant, all families.
    pub fn policies(tenant_id: TenantId) -> Route {
        Route::Policies {
            tenant_id,
            family: None,
        }
    }

    /// The tenant that the page is about.
    pub fn tenant_id(&self) -> Option<TenantId> {
        match self {
            Route::TenantRuns(tenant_id) | Route::Policies { tenant_id, .. } => Some(*tenant_id),
            Route::Run(key) => Some(key.tenant_id),
            Route::Notifications(filter) => filter.tenant,
            Route::Home | Route::SignIn { .. } | Route::Setup | Route::Runs | Route::NotFound => {
                None
            }
        }
    }

    /// Can be read without anybody signed in.
    pub fn is_door(&self) -> bool {
        matches!(self, Route::SignIn { .. } | Route::Setup)
    }
}

fn in_tenant(tenant_id: TenantId, rest: &[&str], search: &str) -> Route {
    match rest {
        [] => Route::policies(tenant_id),
        ["runs"] => Route::TenantRuns(tenant_id),
        ["policies"] => Route::Policies {
            tenant_id,
            family: query(search, "family"),
        },
        ["bulk-operation-runs", run] => run_of(tenant_id, BULK_OPERATION, run, search),
        ["restore-runs", run] => run_of(tenant_id, RESTORE, run, search),
        // Runs of a portal may be of other types; ours have an address each.
        ["runs", run_type, run]
            if !matches!(*run_type, BULK_OPERATION | RESTORE)
                && query(search, "source").is_some() =>
        {
            run_of(tenant_id, run_type, run, search)
        }
        _ => Route::NotFound,
    }
}

fn run_of(tenant_id: TenantId, run_type: &str, run: &str, search: &str) -> Route {
    match (whole_number(run), decode(run_type)) {
        (Some(run_id), Some(run_type)) => Route::Run(RunKey {
            tenant_id,
            source: query(search, "source").unwrap_or_default(),
            run_type,
            run_id: RunId(run_id),
        }),
        _ => Route::NotFound,
    }
}

/// A positive whole number in its shortest form, so that a page has one address.
pub(crate) fn whole_number(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number > 0 && number.to_string() == text).then_some(number)
}

/// Never another host (`//evil.example`, `/\evil.example`) and never another scheme.
fn is_own_path(path: &str) -> bool {
    path.strip_prefix('/')
        .is_some_and(|rest| !rest.starts_with(['/', '\\']))
        && !path.contains(|c: char| c.is_ascii_control() || c == '\\')
}

/// One value of a query, `?` included.
pub(crate) fn query(search: &str, name: &str) -> Option<String> {
    let pairs = search.strip_prefix('?')?.split('&');
    let value = pairs
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))?;
    let value = decode(&value.replace('+', " "))?;
    (!value.is_empty()).then_some(value)
}

/// Percent-decoding; pure, so that routes are tested on the host.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = after.get(..2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// A path with a query.
pub(crate) fn with_query(path: &str, parts: &[(&str, String)]) -> String {
    let mut address = path.to_owned();
    for (idx, (name, value)) in parts.iter().enumerate() {
        address.push_str(if idx == 0 { "?" } else { "&" });
        address.push_str(name);
        address.push('=');
        address.push_str(&encode(value));
    }
    address
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for half in [byte >> 4, byte & 15] {
                encoded
                    .extend(char::from_digit(u32::from(half), 16).map(|c| c.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

/// Leads to a page. One for the whole life of the app, so that a component that holds it is not drawn again for it.
#[derive(Clone, PartialEq)]
pub struct Go(Callback<(Route, How)>);

/// What the history keeps of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// A new entry: the back button leads back.
    Push,
    /// In place of the entry that is there: a page that only led on.
    Replace,
}

impl Go {
    /// Goes to a page.
    pub fn to(&self, route: Route) {
        self.0.emit((route, How::Push));
    }

    /// Goes to a page in place of this one.
    pub fn instead(&self, route: Route) {
        self.0.emit((route, How::Replace));
    }
}

/// The page of the address, and the way to others. Held once, by [`App`](crate::app::App).
#[hook]
pub fn use_address() -> (Route, Go) {
    let route: UseStateHandle<Route> = use_state(current);
    {
        let route = route.setter();
        use_effect_with((), move |()| {
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "popstate", move |_| route.set(current()))
            });
            move || drop(listener)
        });
    }
    let set = route.setter();
    let go = use_once(|| {
        Go(Callback::from(move |(route, how): (Route, How)| {
            write(&route, how);
            set.set(route);
        }))
    });
    {
        let go = Rc::clone(&go);
        use_effect_with((), move |()| {
            let document = crate::dom::document();
            let options = EventListenerOptions::enable_prevent_default();
            let listener = document.map(|document| {
                EventListener::new_with_options(&document, "click", options, move |event| {
                    if let Some(route) = followed(event) {
                        event.prevent_default();
                        go.to(route);
                    }
                })
            });
            move || drop(listener)
        });
    }
    ((*route).clone(), (*go).clone())
}

fn current() -> Route {
    let Some(location) = web_sys::window().map(|window| window.location()) else {
        return Route::NotFound;
    };
    Route::parse(
        &location.pathname().unwrap_or_default(),
        &location.search().unwrap_or_default(),
    )
}

fn write(route: &Route, how: How) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let Ok(history) = window.history() else {
        return;
    };
    let path = route.path();
    // A browser refuses after a few hundred steps in a few seconds; the page is shown all the same.
    let _ = match how {
        How::Push => history.push_state_with_url(&JsValue::NULL, "", Some(&path)),
        How::Replace => history.replace_state_with_url(&JsValue::NULL, "", Some(&path)),
    };
    if how == How::Push {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// The page that a click leads to: a plain left click on a link of this app. Every other click is the browser's.
///
/// One listener for all links, so that a link is an `<a href>` and nothing more.
fn followed(event: &Event) -> Option<Route> {
    let click = event.dyn_ref::<MouseEvent>()?;
    let is_plain = click.button() == 0
        && !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key());
    if !is_plain || click.default_prevented() {
        return None;
    }
    let target: Element = click.target()?.dyn_into().ok()?;
    let link = target.closest("a[href]").ok()??;
    let href = link.get_attribute("href")?;
    // A fragment (the skip link), another host or a download is the browser's.
    let has = |name: &str| link.get_attribute(name).is_some();
    if !is_own_path(&href) || has("target") || has("download") {
        return None;
    }
    let (path, search) = href.split_once('?').unwrap_or((&href, ""));
    Some(Route::parse(path, &format!("?{search}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, search: &str, expected: &Route) {
        assert_eq!(Route::parse(path, search), *expected, "{path}{search}");
        if *expected != Route::NotFound {
            let address = expected.path();
            let (path, search) = address
                .split_once('?')
                .map_or((address.as_str(), String::new()), |(path, query)| {
                    (path, format!("?{query}"))
                });
            assert_eq!(Route::parse(path, &search), *expected, "{address}");
        }
    }

    fn key(run_type: &str) -> RunKey {
        RunKey {
            tenant_id: TenantId(5),
            source: String::new(),
            run_type: run_type.to_owned(),
            run_id: RunId(42),
        }
    }

    #[test]
    fn every_page_has_one_address_that_reads_back() {
        check("/", "", &Route::Home);
        check("/runs", "", &Route::Runs);
        check("/setup", "", &Route::Setup);
        check("/signin", "", &Route::SignIn { next: None });
        check(
            "/signin",
            "?next=%2Ft%2F5%2Fruns",
            &Route::SignIn {
                next: Some("/t/5/runs".into()),
            },
        );
        check("/t/5", "", &Route::policies(TenantId(5)));
        check("/t/5/runs", "", &Route::TenantRuns(TenantId(5)));
        check(
            "/t/5/bulk-operation-runs/42",
            "",
            &Route::Run(key(BULK_OPERATION)),
        );
        check("/t/5/restore-runs/42", "", &Route::Run(key(RESTORE)));
        let family = Some("a&b c%".to_owned());
        check(
            "/t/5/policies",
            "?family=a%26b%20c%25",
            &Route::Policies {
                tenant_id: TenantId(5),
                family,
            },
        );
        let announced = RunKey {
            source: "the portal".into(),
            ..key(RESTORE)
        };
        check(
            "/t/5/restore-runs/42",
            "?source=the%20portal",
            &Route::Run(announced.clone()),
        );
        let of_its_own_type = RunKey {
            run_type: "users_sync".into(),
            ..announced
        };
        check(
            "/t/5/runs/users_sync/42",
            "?source=the%20portal",
            &Route::Run(of_its_own_type),
        );
    }

    #[test]
    fn what_is_no_page_is_not_found() {
        for path in [
            "/t",
            "/t/x/runs",
            "/t/0/runs",
            "/t/05/runs",
            "/t/-1/runs",
            "/t/5/bulk-operation-runs/1e3",
            "/t/5/runs/users_sync/42",
            "/t/5/runs/restore/42",
            "/nowhere",
        ] {
            check(path, "", &Route::NotFound);
        }
    }

    #[test]
    fn a_sign_in_never_leads_to_another_host() {
        for next in [
            "//evil.example",
            "/%5Cevil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "%",
            "/a%0Ab",
        ] {
            check(
                "/signin",
                &format!("?next={next}"),
                &Route::SignIn { next: None },
            );
        }
    }
}
