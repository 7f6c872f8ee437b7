//! A page with what stands around it: the bar, banners and notices, the stack of cards or the drawer, the live regions.

pub(crate) mod away;
pub mod banners;
pub mod copy;
mod diagnostics;
pub mod health;
pub mod hold;
pub mod menu;
pub mod notices;
pub mod top;

use std::cell::Cell;
use std::rc::Rc;

use contract::api::TenantRef;
use contract::ids::RunKey;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::ages::Age;
use crate::cards::announce::Announcer;
use crate::cards::bell::{PageMarks, PageMarksProps};
use crate::cards::drawer::{Drawer, DrawerProps};
use crate::cards::filter::Tab;
use crate::cards::page::{NotificationsPage, NotificationsProps};
use crate::cards::widget::Summary;
use crate::cards::{Ask, Stack, StackProps};
use crate::dom::focus;
use crate::errors::{DeadEndProps, dead_end, ways_on};
use crate::hooks::{use_effect_with, use_node_ref, use_once, use_state_eq};
use crate::i18n::{Text, t};
use crate::icons::Icon;
use crate::live::{Action, RunSeq, use_feed, use_live, use_session};
use crate::policies::{Policies, PoliciesProps};
use crate::route::{Go, Route};
use crate::runs::page::{RunPage, RunPageProps};
use crate::runs::{AllRuns, TenantProps, TenantRuns};
use crate::session::Session;
use crate::shell::banners::{BannersProps, banners};
use crate::shell::notices::{NoticesProps, notices, say};
use crate::shell::top::{TopProps, top};
use crate::tenants::{Home, HomeProps};

/// Where the choice to fold the stack is kept.
const FOLDED: &str = "tenant-atlas:cards-folded";

/// See [`Shell`].
#[derive(Clone, PartialEq, Properties)]
pub struct ShellProps {
    /// The page.
    pub route: Route,
    /// Leads to another.
    pub go: Go,
}

/// The page and what stands around it.
#[component]
pub fn Shell(props: &ShellProps) -> Html {
    let live = use_live();
    let feed = use_feed();
    let session = use_session();
    let route = &props.route;
    let bell = use_node_ref();
    let main = use_node_ref();
    let drawer = use_state_eq(|| None::<Tab>);
    let is_folded = use_state_eq(|| crate::kept::read(FOLDED).is_some());
    let build = use_once(page_build);

    // A new page takes the focus, so that a keyboard and a screen reader are where the eye is; the first one does not.
    let page = page_key(route);
    let is_first = use_once(|| Cell::new(true));
    {
        let (drawer, main) = (drawer.setter(), main.clone());
        use_effect_with(page.clone(), move |_| {
            if !is_first.replace(false) {
                drawer.set(None);
                focus(&main);
            }
        });
    }
    // One callback for all of the cards' places, so that none of them is drawn again for a new one.
    let is_centre = use_once(|| Cell::new(false));
    is_centre.set(matches!(route, Route::Notifications(_)));
    let onask = {
        let (drawer, fold, bell) = (drawer.setter(), is_folded.setter(), bell.clone());
        let (is_centre, go) = (Rc::clone(&is_centre), props.go.clone());
        use_once(move || {
            Callback::from(move |ask: Ask| match ask {
                // The page has what the drawer would show.
                Ask::Open(tab) if is_centre.get() => go.instead(Route::Notifications(tab.into())),
                Ask::Open(tab) => drawer.set(Some(tab)),
                Ask::Toggle if is_centre.get() => go.instead(Route::Notifications(Tab::All.into())),
                Ask::Toggle if drawer.latest().is_none() => drawer.set(Some(Tab::All)),
                Ask::Toggle => {
                    drawer.set(None);
                    focus(&bell);
                }
                Ask::Fold => {
                    crate::kept::write(FOLDED, Some("yes"));
                    fold.set(true);
                    focus(&bell);
                }
                Ask::Close => {
                    // Who opens the bell wants to see the cards again.
                    crate::kept::write(FOLDED, None);
                    fold.set(false);
                    drawer.set(None);
                    focus(&bell);
                }
            })
        })
    };
    let onask = Callback::clone(&onask);
    let onview = {
        let live = live.clone();
        use_once(move || {
            Callback::from(move |key: RunKey| {
                if let Some(run) = live.picture().feed.run(&key) {
                    live.send(Action::Seen(vec![RunSeq {
                        run: key,
                        seq: run.tenant_seq,
                    }]));
                }
            })
        })
    };
    let onview = Callback::clone(&onview);

    let tenants: Rc<Vec<TenantRef>> = {
        let from_feed: Vec<TenantRef> = feed.tenants().cloned().collect();
        let known = session
            .me()
            .map(|me| me.tenants.clone())
            .filter(|_| from_feed.is_empty());
        Rc::new(known.unwrap_or(from_feed))
    };
    let cards = Rc::new(feed.cards());
    let freshness = feed.freshness();
    let age = Age::of(freshness);
    let me = feed.person().map(|person| person.id);
    let is_known = session.me().is_some();
    let n_failed_not_held = feed.n_failed_not_held();
    let policies = route
        .tenant_id()
        .or_else(|| tenants.first().map(|tenant| tenant.id))
        .map_or(Route::Home, Route::policies);
    let bar = TopProps {
        route: route.clone(),
        tenants: Rc::clone(&tenants),
        person: person(&session),
        freshness,
        summary: Summary::of(&feed.active()),
        n_unread: feed.n_unread(),
        n_failed: feed.n_failed_unattended(),
        is_open: drawer.is_some(),
        onask: onask.clone(),
        bell,
    };
    let said = BannersProps {
        freshness,
        is_signed_out: matches!(&*session, Session::SignedOut { was: Some(_) }),
        is_other_build: build
            .as_ref()
            .as_ref()
            .is_some_and(|build| feed.build_changed(build)),
        route: route.clone(),
        away: away::away(&feed, &live, &onask),
    };
    html! {
        <>
            <a class="ta-skip" href="#content">{ t(Text::SkipToContent) }</a>
            { top(&bar) }
            { banners(&said) }
            { notices(&NoticesProps { notices: say(&feed), live: live.clone() }) }
            <main class="ta-page" id="content" tabindex="-1" key="main" ref={main}>
                if let Route::Notifications(filter) = route {
                    <PageMarks ..PageMarksProps { title: t(Text::Notifications) } />
                    <NotificationsPage ..NotificationsProps { filter: filter.clone(), go: props.go.clone(), cards: Rc::clone(&cards),
                        n_failed_not_held, me, age, policies: policies.clone(), onview: onview.clone() } />
                } else {
                    { content(route, &props.go, &page, &tenants, is_known) }
                }
            </main>
            if is_centre.get() {
            } else if let Some(tab) = *drawer {
                <Drawer key={tab as u8} ..DrawerProps { cards, n_failed_not_held, tab, me, age, policies, onask, onview } />
            } else if !*is_folded {
                <Stack ..StackProps { cards, n_failed_not_held, me, age, onask, onview } />
            }
            <Announcer />
        </>
    }
}

fn content(
    route: &Route,
    go: &Go,
    page: &str,
    tenants: &Rc<Vec<TenantRef>>,
    is_known: bool,
) -> Html {
    let titled = |title: Text<'_>, body: Html| html! { <><PageMarks ..PageMarksProps { title: t(title) } />{ body }</> };
    match route {
        Route::Home if !is_known => titled(
            Text::Loading,
            html! { <h1 class="ta-visually-hidden">{ t(Text::Loading) }</h1> },
        ),
        Route::Home => titled(
            Text::Runs,
            html! { <Home ..HomeProps { tenants: Rc::clone(tenants), go: go.clone() } /> },
        ),
        Route::Runs => titled(Text::Runs, html! { <AllRuns /> }),
        Route::TenantRuns(tenant_id) => titled(
            Text::Runs,
            html! { <TenantRuns key={page.to_owned()} ..TenantProps { tenant_id: *tenant_id } /> },
        ),
        Route::Policies { tenant_id, family } => titled(
            Text::Policies,
            html! { <Policies key={page.to_owned()} ..PoliciesProps { tenant_id: *tenant_id, family: family.clone() } /> },
        ),
        Route::Run(run) => {
            html! { <RunPage key={page.to_owned()} ..RunPageProps { run: run.clone() } /> }
        }
        // The door is drawn without a shell.
        Route::SignIn { .. } | Route::Setup | Route::NotFound | Route::Notifications(_) => titled(
            Text::NotFound,
            html! {
                { dead_end(&DeadEndProps { icon: Icon::Unknown, title: t(Text::NotFound), body: t(Text::NotFoundBody(&path())), children: html! { <>{ ways_on() }</> } }) }
            },
        ),
    }
}

/// Names the page: the same one with another filter is the same.
fn page_key(route: &Route) -> String {
    match route {
        Route::Policies { tenant_id, .. } => format!("policies of {tenant_id}"),
        Route::Notifications(_) => "notifications".to_owned(),
        Route::NotFound => format!("nothing at {}", path()),
        route => route.path(),
    }
}

fn path() -> String {
    web_sys::window()
        .and_then(|window| window.location().pathname().ok())
        .unwrap_or_default()
}

fn person(session: &Session) -> AttrValue {
    session
        .person()
        .map(|person| person.name.clone().into())
        .unwrap_or_default()
}

/// The build that this page came from; `None` where nothing was put in for it (a file server, a test).
fn page_build() -> Option<String> {
    let document = crate::dom::document()?;
    let meta = document
        .query_selector("meta[name=ta-build]")
        .ok()
        .flatten()?;
    meta.get_attribute("content")
        .filter(|build| !build.is_empty() && !build.starts_with("__"))
}
