//! The connection in a word, in the bar on top; it opens what the stream has been through.

use contract::timestamp::Timestamp;
use yew::{AttrValue, Html, html};

use crate::ages::each_second;
use crate::feed::Freshness;
use crate::i18n::format::clock;
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed};
use crate::live::Live;
use crate::shell::diagnostics::diagnostics;

/// Seconds until a moment; `None` once it is there.
pub(super) fn seconds_until(at: Option<Timestamp>, now: Option<Timestamp>) -> Option<u64> {
    let ms = at?.since(now?);
    (ms > 0).then_some((ms as u64).div_ceil(1_000))
}

/// The word. Not a live region: a countdown must not be read out each second; [`super::banners`] says what matters.
pub fn health(freshness: Freshness) -> Html {
    each_second(None, move |live, now| health_at(freshness, live, now))
}

fn health_at(freshness: Freshness, live: &Live, now: Option<Timestamp>) -> Html {
    let (health, icon, words): (&str, Icon, AttrValue) = match freshness {
        Freshness::Live => ("live", Icon::Live, t(Text::Live)),
        Freshness::Connecting => ("reconnecting", Icon::Inflight, t(Text::Connecting)),
        Freshness::Reconnecting { next_try_at, .. } => {
            let words = seconds_until(next_try_at, now)
                .map_or_else(|| t(Text::Reconnecting), |n| t(Text::ReconnectingIn(n)));
            ("reconnecting", Icon::Inflight, words)
        }
        Freshness::Stale { as_of } => {
            let words = as_of.map_or_else(|| t(Text::Stale), |at| t(Text::StaleSince(&clock(at))));
            ("stale", Icon::Stale, words)
        }
        Freshness::Offline { as_of } => {
            let words =
                as_of.map_or_else(|| t(Text::Offline), |at| t(Text::OfflineSince(&clock(at))));
            ("offline", Icon::Offline, words)
        }
        Freshness::SignedOut { .. } => ("offline", Icon::Lock, t(Text::SignedOut)),
        Freshness::Refused { .. } | Freshness::Stopped => {
            ("offline", Icon::Offline, t(Text::Refused))
        }
    };
    let told = live.diagnostics();
    let seal = told
        .complete_as_of
        .filter(|_| freshness == Freshness::Live)
        .map(|at| t(Text::CompleteAsOf(&clock(at))));
    let turn = (icon == Icon::Inflight).then_some("");
    html! {
        <>
            <button class="ta-health" type="button" data-health={health} title={seal.clone().unwrap_or_else(|| words.clone())}
                popovertarget="diagnostics">
                { dressed(icon, "", turn, None, None) }<span class="ta-health__word">{ words.clone() }</span>
                if let Some(seal) = seal { <span class="ta-health__seal">{ seal }</span> }
            </button>
            { diagnostics(&words, &told) }
        </>
    }
}
