//! Across the page, only when something is wrong or new: the connection, the session, another version.

use contract::timestamp::Timestamp;
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use web_sys::VisibilityState;
use yew::{AttrValue, Callback, Html, component, html};

use crate::ages::each_second;
use crate::feed::Freshness;
use crate::hooks::use_effect_with;
use crate::i18n::format::clock;
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};
use crate::live::{Action, Live};
use crate::parts::{Look, banner, button, link};
use crate::route::Route;
use crate::shell::health::seconds_until;

/// See [`banners`].
pub struct BannersProps {
    /// How the connection stands.
    pub freshness: Freshness,
    /// The session ended; what is on screen stays.
    pub is_signed_out: bool,
    /// The server serves another build of the app.
    pub is_other_build: bool,
    /// The page to come back to after signing in.
    pub route: Route,
    /// What happened while the reader was away.
    pub away: Html,
}

/// The banners.
pub fn banners(props: &BannersProps) -> Html {
    let connected = (!props.is_signed_out).then_some(props.freshness);
    html! {
        <section class="ta-health-line" aria-label={t(Text::Messages)}>
            if props.is_signed_out {
                { banner("warning", Some("alert"), Icon::Lock, t(Text::YouAreSignedOut), Some(t(Text::WhatYouSeeStays)),
                    link(Look::Small, None, t(Text::SignIn), &Route::SignIn { next: Some(props.route.path()) })) }
            }
            if let Some(freshness) = connected {
                { each_second(None, move |live, now| connection(freshness, live, now)) }
            }
            if props.is_other_build {
                <NewVersion />
            }
            { props.away.clone() }
        </section>
    }
}

fn connection(freshness: Freshness, live: &Live, now: Option<Timestamp>) -> Html {
    let as_of = |at: Option<_>| {
        at.map_or_else(
            || t(Text::WhatYouSeeMayBeOld),
            |at| t(Text::WhatYouSeeIsOf(&clock(at))),
        )
    };
    let (icon, what, body, next): (Icon, AttrValue, AttrValue, Option<AttrValue>) = match freshness
    {
        Freshness::Connecting | Freshness::Live | Freshness::SignedOut { .. } => return html! {},
        Freshness::Reconnecting { since, next_try_at } => {
            let next = seconds_until(next_try_at, now)
                .map_or_else(|| t(Text::TryingNow), |n| t(Text::NextTryIn(n)));
            (
                Icon::Stale,
                t(Text::ConnectionLost),
                as_of(since),
                Some(next),
            )
        }
        Freshness::Stale { as_of: at } => (Icon::Stale, t(Text::ConnectionSilent), as_of(at), None),
        Freshness::Offline { as_of: at } => (Icon::Offline, t(Text::NoNetwork), as_of(at), None),
        Freshness::Refused { status } => {
            let what = t(Text::ServerRefuses(u64::from(status)));
            (
                Icon::Offline,
                what,
                t(Text::WhatYouSeeMayBeOld),
                Some(t(Text::ReloadToGoOn)),
            )
        }
        Freshness::Stopped => (
            Icon::Offline,
            t(Text::ServerStopped),
            t(Text::WhatYouSeeMayBeOld),
            Some(t(Text::ReloadToGoOn)),
        ),
    };
    let is_over = matches!(freshness, Freshness::Refused { .. } | Freshness::Stopped);
    let live = live.clone();
    let try_now = Callback::from(move |_| live.send(Action::TryNow));
    html! {
        <div class="ta-banner" data-tone="warning">
            { glyph(icon) }
            <p>
                // The countdown stands outside of the live region: it would be read out each second.
                <span role="status"><b>{ what }</b>{ " " }{ body }</span>
                if let Some(next) = next { { " " }<span>{ next }</span> }
            </p>
            if is_over {
                { reload_button() }
            } else {
                { button(Look::Small, Some(Icon::Retry), t(Text::TryNow), try_now) }
            }
        </div>
    }
}

/// A hidden page that nobody has touched for this long is idle.
const IDLE_MS: u32 = 60_000;

#[component]
fn NewVersion() -> Html {
    use_effect_with((), |()| {
        let guard = crate::dom::document().map(|document| {
            let timer = std::cell::RefCell::new(None::<Timeout>);
            let target = document.clone();
            let look = move || {
                let is_hidden = document.visibility_state() == VisibilityState::Hidden;
                // Something half typed is not thrown away.
                let is_idle = document
                    .query_selector("input:not(:placeholder-shown)")
                    .ok()
                    .flatten()
                    .is_none();
                *timer.borrow_mut() = (is_hidden && is_idle).then(|| Timeout::new(IDLE_MS, reload));
            };
            look();
            EventListener::new(&target, "visibilitychange", move |_| look())
        });
        move || drop(guard)
    });
    banner(
        "info",
        Some("status"),
        Icon::Info,
        t(Text::NewVersion),
        Some(t(Text::NewVersionBody)),
        reload_button(),
    )
}

fn reload_button() -> Html {
    let onclick = Callback::from(|_| reload());
    button(Look::Small, None, t(Text::Reload), onclick)
}

fn reload() {
    if let Some(window) = web_sys::window() {
        // Refused only in a page that is being left.
        let _ = window.location().reload();
    }
}
