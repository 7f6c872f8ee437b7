//! While you were away: what happened meanwhile, once, failures first. Not a live region: [`crate::cards::announce`] says it.

use contract::run::Run;
use yew::{Callback, Html, html};

use crate::cards::Ask;
use crate::cards::filter::Tab;
use crate::feed::Feed;
use crate::i18n::format::clock;
use crate::i18n::{Text, t};
use crate::icons::Icon;
use crate::live::{Action, Live};
use crate::parts::{Look, banner, button};
use crate::route::Route;
use crate::runs::words;

/// Failed runs that are named; all of them are a click away.
const N_NAMED: usize = 3;

/// The digest; nothing where there is none.
pub(crate) fn away(feed: &Feed, live: &Live, onask: &Callback<Ask>) -> Html {
    let Some(digest) = feed.away() else {
        return html! {};
    };
    let failed = digest
        .ended
        .iter()
        .filter(|run| run.status.is_failure())
        .take(N_NAMED);
    let parts = [
        (digest.n_failed, Text::NFailed(digest.n_failed)),
        (digest.n_ended, Text::SayEnded(digest.n_ended)),
        (
            digest.n_still_running,
            Text::StillRunning(digest.n_still_running),
        ),
    ];
    let close = {
        let live = live.clone();
        Callback::from(move |_| live.send(Action::ReadAway))
    };
    let is_bad = digest.n_failed > 0;
    let (tone, icon, see) = if is_bad {
        ("danger", Icon::Failed, Tab::Failed)
    } else {
        ("info", Icon::Clock, Tab::All)
    };
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(_, text)| t(text).to_string())
        .collect();
    let acts = html! {
        <>
            { for failed.map(|run| run_link(run)) }
            { button(Look::Small, None, t(Text::OpenAll), onask.reform(move |_| Ask::Open(see))) }
            { button(Look::Ghost, Some(Icon::Cross), t(Text::Close), close) }
        </>
    };
    let title = t(Text::WhileAway(&clock(digest.since)));
    banner(tone, None, icon, title, Some(words.join(", ").into()), acts)
}

fn run_link(run: &Run) -> Html {
    let words = words::what(run);
    match Route::of_run(run) {
        Some(to) => html! { <a class="ta-link" href={to.path()}>{ words }</a> },
        None => html! { <span>{ words }</span> },
    }
}
