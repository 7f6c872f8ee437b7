//! How old things are on screen: relative by the server's clock while it is heard, absolute once it is not.

use contract::timestamp::Timestamp;
use yew::{AttrValue, Html, Properties, component, hook, html};

use crate::feed::Freshness;
use crate::i18n::format::{absolute, ago, clock, roughly, running_for};
use crate::i18n::{Text, t};
use crate::live::{use_live, use_now};

/// Whether what is on screen may be old, and from when it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Age {
    /// It is so.
    #[default]
    Live,
    /// It was so then; `None` where even that is not known.
    Old(Option<Timestamp>),
}

impl Age {
    /// What the connection's state means for what is on screen.
    pub fn of(freshness: Freshness) -> Age {
        match freshness {
            Freshness::Connecting | Freshness::Live => Age::Live,
            Freshness::Reconnecting { since: as_of, .. }
            | Freshness::Stale { as_of }
            | Freshness::Offline { as_of } => Age::Old(as_of),
            Freshness::SignedOut | Freshness::Refused { .. } | Freshness::Stopped => Age::Old(None),
        }
    }

    /// May be old.
    pub fn is_old(self) -> bool {
        matches!(self, Age::Old(_))
    }

    /// "As of 14:02:07".
    pub fn words(self) -> Option<AttrValue> {
        match self {
            Age::Live => None,
            Age::Old(None) => Some(t(Text::AsOfUnknown)),
            Age::Old(Some(at)) => Some(t(Text::AsOf(&clock(at)))),
        }
    }
}

/// What is said of a length of time that goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Elapsed {
    /// "3 min 28 s".
    #[default]
    Plain,
    /// "since 2 min".
    Since,
    /// "no progress for 4 min".
    NoProgress,
}

/// See [`Ago`] and [`RunningFor`].
#[derive(Clone, Copy, PartialEq, Properties)]
pub struct AgoProps {
    /// When it was.
    pub at: Timestamp,
    /// What is on screen may be old, so nothing on it ages.
    #[prop_or_default]
    pub is_old: bool,
    /// What is said of it, by [`RunningFor`].
    #[prop_or_default]
    pub says: Elapsed,
}

/// The server's time for a drawing: that of the last second or, before the first one has passed, of now.
#[hook]
fn use_moment() -> Option<Timestamp> {
    let live = use_live();
    use_now().or_else(|| live.now())
}

/// "3 min ago", with the whole moment in `title`. Drawn again by itself, so that what it stands in is not.
#[component]
pub fn Ago(props: &AgoProps) -> Html {
    let now = use_moment();
    let words = match now {
        Some(now) if !props.is_old => ago(props.at, now),
        _ => clock(props.at).into(),
    };
    html! { <time datetime={props.at.to_string()} title={absolute(props.at)}>{ words }</time> }
}

/// "3 min 28 s": how long it has been going on.
#[component]
pub fn RunningFor(props: &AgoProps) -> Html {
    let now = use_moment();
    let words = match now {
        Some(now) if !props.is_old => {
            let ms = now.since(props.at);
            match props.says {
                Elapsed::Plain => running_for(ms),
                // Only roughly: a list in which every row ticks is not at rest.
                Elapsed::Since => t(Text::SinceDuration(&roughly(ms))),
                Elapsed::NoProgress => t(Text::NoProgressForShort(&roughly(ms))),
            }
        }
        _ => t(Text::SinceClock(&clock(props.at))),
    };
    html! { <span title={absolute(props.at)}>{ words }</span> }
}

/// See [`Clock`].
#[derive(Clone, Copy, PartialEq, Properties)]
pub struct ClockProps {
    /// When it was.
    pub at: Timestamp,
}

/// "14:02:07", with the whole moment in `title`.
#[component]
pub fn Clock(props: &ClockProps) -> Html {
    html! { <time datetime={props.at.to_string()} title={absolute(props.at)}>{ clock(props.at) }</time> }
}
