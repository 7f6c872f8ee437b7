//! What stands around a page: the bar on top, the states of the connection, bells and progress widgets, banners and notices.

use std::rc::Rc;

use contract::ids::TenantId;
use yew::{Callback, Html, NodeRef, component, html};

use crate::cards::bell::{BellProps, bell};
use crate::cards::widget::{Summary, WidgetProps, widget};
use crate::feed::{Event, Feed, Freshness, NoticeKind};
use crate::gallery::log::LOGS;
use crate::gallery::runs::{NOW, ago};
use crate::gallery::{section, shown};
use crate::hooks::use_once;
use crate::live::use_live;
use crate::route::Route;
use crate::shell::away::away;
use crate::shell::banners::{BannersProps, banners};
use crate::shell::health::health;
use crate::shell::notices::{NoticesProps, notices, say};
use contract::timestamp::Timestamp;

/// What stands around a page.
#[component]
pub(super) fn Chrome() -> Html {
    let live = use_live();
    let noticed = use_once(noticed);
    let absent = use_once(absent);
    let said = |freshness, is_signed_out, is_other_build| {
        banners(&BannersProps {
            freshness,
            is_signed_out,
            is_other_build,
            route: Route::Runs,
            away: html! {},
        })
    };
    let broken = freshnesses()
        .into_iter()
        .filter(|(_, one)| one.may_be_old());
    let said_of = [
        "banner-reconnecting",
        "banner-trying",
        "banner-stale",
        "banner-offline",
        "banner-signed-out",
        "banner-refused",
        "banner-stopped",
    ];
    html! {
        <>
            { section("connection", "The connection", html! {
                <>{ for freshnesses().into_iter().map(|(name, freshness)| shown(name, health(freshness))) }</>
            }) }
            { section("bells", "Bells and progress", html! {
                <>
                    { for [("bell-quiet", 0, 0, false), ("bell-unread", 3, 0, false), ("bell-failed", 12, 2, false), ("bell-open", 1_204, 38, true)]
                        .into_iter().map(|(name, n_unread, n_failed, is_open)| shown(name, bell(&BellProps { n_unread, n_failed, is_open,
                            onask: Callback::noop(), node: NodeRef::default() }))) }
                    { for [("widget-idle", 0, 0, 0, 0), ("widget-running", 3, 0, 55, 0), ("widget-failing", 3, 0, 55, 9), ("widget-stalled", 12, 2, 80, 4)]
                        .into_iter().map(|(name, n_active, n_stalled, done, failed)| shown(name, widget(&WidgetProps {
                            summary: Summary { n_active, n_stalled, done, failed }, onask: Callback::noop() }))) }
                </>
            }) }
            { section("banners", "Banners and notices", html! {
                <>
                    { for said_of.into_iter().zip(broken).map(|(name, (_, freshness))| {
                        shown(name, said(freshness, matches!(freshness, Freshness::SignedOut { .. }), false))
                    }) }
                    { shown("banner-new-version", said(Freshness::Live, false, true)) }
                    { shown("banner-away", away(&absent, &live, &Callback::noop())) }
                    { shown("notices", notices(&NoticesProps { notices: say(&noticed), live: live.clone() })) }
                </>
            }) }
        </>
    }
}

/// Each state of the connection.
fn freshnesses() -> [(&'static str, Freshness); 9] {
    let as_of = Some(ago(1));
    let in_7_s = Timestamp(NOW.0 + 7_000);
    [
        ("health-live", Freshness::Live),
        ("health-connecting", Freshness::Connecting),
        (
            "health-reconnecting",
            Freshness::Reconnecting {
                since: as_of,
                next_try_at: Some(in_7_s),
            },
        ),
        (
            "health-trying",
            Freshness::Reconnecting {
                since: as_of,
                next_try_at: None,
            },
        ),
        ("health-stale", Freshness::Stale { as_of }),
        ("health-offline", Freshness::Offline { as_of }),
        ("health-signed-out", Freshness::SignedOut { as_of }),
        ("health-refused", Freshness::Refused { status: 429 }),
        ("health-stopped", Freshness::Stopped),
    ]
}

/// A feed that owes its person every sentence there is.
fn noticed() -> Feed {
    let detail = || Some("The store is busy; nothing was changed.".to_owned());
    let (code, operation) = (|| "busy".to_owned(), || "policy.capture_all".to_owned());
    let mut feed = Feed::default();
    feed.apply(first_of(1));
    let run = feed.cards().swap_remove(0).key.clone();
    let kinds = [
        NoticeKind::Stayed(vec![run.clone(), run.clone()]),
        NoticeKind::MarksFailed {
            n_runs: 3,
            code: code(),
            detail: detail(),
        },
        NoticeKind::Muted {
            operation: operation(),
        },
        NoticeKind::PreferFailed { detail: detail() },
        NoticeKind::NotAcknowledged {
            n_runs: 2,
            detail: detail(),
        },
        NoticeKind::StartFailed {
            tenant_id: TenantId(1),
            operation: operation(),
            code: code(),
            detail: detail(),
        },
        NoticeKind::StartFailed {
            tenant_id: TenantId(1),
            operation: operation(),
            code: "unreachable".to_owned(),
            detail: None,
        },
        NoticeKind::Reused(run),
        NoticeKind::SignOutFailed {
            code: code(),
            detail: detail(),
        },
        NoticeKind::Unreadable {
            event: "run".to_owned(),
        },
    ];
    for kind in kinds {
        feed.apply(Event::Notice(kind));
    }
    feed
}

/// A feed whose person was away over night: nothing had ended when they left.
fn absent() -> Rc<Feed> {
    let mut feed = Feed::default();
    feed.apply(Event::WasHere {
        at: ago(8 * 60),
        n_ended: 0,
    });
    feed.apply(first_of(1));
    Rc::new(feed)
}

/// The snapshot of a log.
fn first_of(log: usize) -> Event {
    let first = LOGS[log].read().swap_remove(0);
    first.event.expect("a log begins with a snapshot")
}
