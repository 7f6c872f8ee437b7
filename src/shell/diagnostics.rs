//! What the stream has been through: what proves that nothing is missing, and what had to be mended.

use yew::{Html, html};

use crate::feed::diagnostics::{Diagnostics, Tab};
use crate::i18n::format::{clock, duration, number};
use crate::i18n::{Text, t};
use crate::parts::facts;

/// The panel that [`health`](super::health::health) opens. The browser opens and closes it: it is a popover.
pub(super) fn diagnostics(connection: &str, told: &Diagnostics) -> Html {
    let ahead_ms = told.server_ahead_ms.unwrap_or(0);
    let complete = told.complete_as_of.map_or_else(
        || t(Text::NotProvedYet),
        |at| t(Text::CompleteAsOf(&clock(at))),
    );
    let apart = duration(ahead_ms.abs());
    let clocks = t(match ahead_ms {
        -999..=999 => Text::ClocksAgree,
        1_000.. => Text::ClockAhead(&apart),
        _ => Text::ClockBehind(&apart),
    });
    let tab = t(match told.tab {
        Tab::Alone => Text::TabAlone,
        Tab::Leads => Text::TabLeads,
        Tab::Follows => Text::TabFollows,
    });
    let count = |n: u64| html! { { number(n) } };
    let mut rows = vec![
        (Text::Proof, html! { { complete } }),
        (Text::ConnectionsMade, count(told.n_connections)),
        (Text::HolesFound, count(told.n_holes)),
        (Text::RepairsMade, count(told.n_repairs)),
        (Text::PlacesRefused, count(told.n_resets)),
        (Text::Clocks, html! { { clocks } }),
        (Text::Tabs, html! { { tab } }),
    ];
    let frames = told.frames.iter().map(|(name, at)| {
        html! { <span class="ta-nowrap">{ *name }{ " " }{ clock(*at) }{ " " }</span> }
    });
    rows.push((Text::LastFrames, html! { { for frames } }));
    html! {
        <section class="ta-panel ta-health__panel" id="diagnostics" popover="" tabindex="0" aria-labelledby="diagnostics-title">
            <header class="ta-panel__head"><h2 id="diagnostics-title">{ t(Text::ConnectionIs(connection)) }</h2></header>
            <div class="ta-panel__body">{ facts(None, rows) }</div>
        </section>
    }
}
