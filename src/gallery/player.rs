//! Plays a recorded log through the page's one feed: play, pause, a step, the end. The bar on top and the stack of cards show it.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::{Callback, Html, NodeRef, Properties, component, html};

use crate::ages::Age;
use crate::cards::centre::{Centre, CentreProps};
use crate::cards::filter::Filter;
use crate::cards::widget::Summary;
use crate::cards::{Stack, StackProps};
use crate::feed::{Event, Link};
use crate::gallery::log::{LOGS, Recorded};
use crate::gallery::runs::ME;
use crate::gallery::{STANDS_AT_MS, section};
use crate::hooks::{use_effect_with, use_once, use_state, use_state_eq};
use crate::i18n::format::clock;
use crate::live::{Live, use_feed, use_live};
use crate::parts::{Look, button};
use crate::route::Route;
use crate::shell::top::{TopProps, top};

/// No wait between two frames is longer than this, in milliseconds: a log may be silent for ten seconds.
const LONGEST_WAIT_MS: f64 = 600.0;

/// Wipes the feed and gives it the snapshot of a log.
pub(super) fn begin(live: &Live, log: usize) {
    live.apply(Event::Wiped);
    live.apply(Event::Connection(Link::Live));
    apply(live, &LOGS[log].read()[0]);
}

/// The clock goes to the moment of the frame, and the feed hears it.
fn apply(live: &Live, recorded: &Recorded) {
    STANDS_AT_MS.set(Some(recorded.at_ms));
    if let Some(event) = &recorded.event {
        live.apply(event.clone());
    }
}

/// The player.
#[component]
pub(super) fn Player() -> Html {
    let live = use_live();
    let feed = use_feed();
    let log = use_state_eq(|| 0_usize);
    let frames = use_state(|| Rc::new(LOGS[0].read()));
    // So many frames were played; the snapshot is one.
    let n_played = use_state_eq(|| 1_usize);
    let is_playing = use_state_eq(|| false);
    let is_centre = use_state_eq(|| false);
    let n = frames.len();

    let to = {
        let (live, frames, set) = (live.clone(), Rc::clone(&frames), n_played.setter());
        Rc::new(move |until: usize| {
            let until = until.min(frames.len());
            for idx in *set.latest()..until {
                apply(&live, &frames[idx]);
            }
            set.set(until);
        })
    };
    let choose = |idx: usize| {
        let (live, set_log, set_frames) = (live.clone(), log.setter(), frames.setter());
        let (set, playing) = (n_played.setter(), is_playing.setter());
        Callback::from(move |_| {
            playing.set(false);
            begin(&live, idx);
            set_log.set(idx);
            set_frames.set(Rc::new(LOGS[idx].read()));
            set.set(1);
        })
    };
    {
        let (to, frames, playing) = (Rc::clone(&to), Rc::clone(&frames), is_playing.setter());
        use_effect_with((*is_playing, *n_played, *log), move |(is_on, played, _)| {
            let played = *played;
            let wait_ms = frames
                .get(played)
                .map(|next| (next.at_ms - frames[played - 1].at_ms).min(LONGEST_WAIT_MS));
            let next = match wait_ms {
                Some(ms) if *is_on => Some(Timeout::new(ms as u32, move || to(played + 1))),
                None if *is_on => {
                    playing.set(false);
                    None
                }
                _ => None,
            };
            move || drop(next)
        });
    }
    let played = *n_played;
    let go = |until: usize| {
        let to = Rc::clone(&to);
        Callback::from(move |_| to(until))
    };
    let turn = {
        let (set, is_on) = (is_playing.setter(), *is_playing);
        Callback::from(move |_| set.set(!is_on))
    };
    let show = {
        let (set, is_on) = (is_centre.setter(), *is_centre);
        Callback::from(move |_| set.set(!is_on))
    };
    let now = live.now().map(clock);
    let again = choose(*log);
    section(
        "player",
        "Recorded event logs, through the feed",
        html! {
            <>
                <div class="ta-tools ta-gallery__wide">
                    { for LOGS.iter().enumerate().map(|(idx, one)| html! {
                        <button class="ta-button" type="button" aria-pressed={(idx == *log).to_string()} onclick={choose(idx)}>{ one.name }</button>
                    }) }
                    { button(Look::Plain, None, if *is_playing { "Pause" } else { "Play" }.into(), turn) }
                    { button(Look::Plain, None, "Step".into(), go(played + 1)) }
                    { button(Look::Plain, None, "To the end".into(), go(n)) }
                    { button(Look::Plain, None, "Again".into(), again) }
                    <button class="ta-button" type="button" aria-pressed={is_centre.to_string()} onclick={show}>{ "All notifications" }</button>
                    <p class="ta-muted" role="status" data-played={played.to_string()}>
                        { format!("Frame {played} of {n}: {}, at {}", frames[played - 1].name, now.unwrap_or_default()) }
                    </p>
                </div>
                <figure class="ta-gallery__wide" data-shown="player">
                    <div class="ta-gallery__screen"><Screen ..ScreenProps { is_centre: *is_centre } /></div>
                    <figcaption>
                        { format!("{} cards, {} failed; holes: {}", feed.cards().len(), feed.n_failed_unattended(), feed.n_holes()) }
                    </figcaption>
                </figure>
            </>
        },
    )
}

/// See [`Screen`].
#[derive(Clone, PartialEq, Properties)]
struct ScreenProps {
    /// All notifications in place of the stack.
    is_centre: bool,
}

/// A page without a page: the bar on top, and the stack or all notifications, as [`shell`](crate::shell) draws them.
#[component]
fn Screen(props: &ScreenProps) -> Html {
    let feed = use_feed();
    let filter = use_state_eq(Filter::default);
    let bell = use_once(NodeRef::default);
    let freshness = feed.freshness();
    let bar = TopProps {
        route: Route::Runs,
        tenants: Rc::new(feed.tenants().cloned().collect()),
        person: "operator".into(),
        freshness,
        summary: Summary::of(&feed.active()),
        n_unread: feed.n_unread(),
        n_failed: feed.n_failed_unattended(),
        is_open: false,
        onask: Callback::noop(),
        bell: NodeRef::clone(&bell),
    };
    html! {
        <>
            { top(&bar) }
            if props.is_centre {
                <div class="ta-page"><div class="ta-centre" data-page="">
                    <Centre ..CentreProps { cards: Rc::new(feed.cards()), n_failed_not_held: feed.n_failed_not_held(), filter: Filter::clone(&filter),
                        onfilter: filter.setter_callback(), is_page: true, has_server: false, me: Some(ME), age: Age::of(freshness),
                        policies: Route::Home, onview: Callback::noop() } />
                </div></div>
            } else {
                <Stack ..StackProps { cards: Rc::new(feed.cards()), n_failed_not_held: feed.n_failed_not_held(), me: Some(ME), age: Age::of(freshness),
                    onask: Callback::noop(), onview: Callback::noop() } />
            }
        </>
    }
}
