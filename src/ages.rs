//! How old things are on screen: relative by the server's clock while it is heard, absolute once it is not.

use contract::timestamp::Timestamp;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::feed::Freshness;
use crate::i18n::format::{absolute, ago, clock, roughly, running_for};
use crate::i18n::{Text, t};
use crate::live::{Live, use_live, use_now};

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
            | Freshness::Offline { as_of }
            | Freshness::SignedOut { as_of } => Age::Old(as_of),
            Freshness::Refused { .. } | Freshness::Stopped => Age::Old(None),
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

/// See [`EachSecond`].
#[derive(Clone, Properties)]
struct EachSecondProps {
    /// All that `draw` depends on besides the clock; `None` where that is too much to compare.
    of: Option<(Timestamp, bool)>,
    draw: Callback<(Live, Option<Timestamp>), Html>,
}

impl PartialEq for EachSecondProps {
    fn eq(&self, other: &Self) -> bool {
        self.of.is_some() && self.of == other.of
    }
}

/// Draws again once a second.
#[component]
fn EachSecond(props: &EachSecondProps) -> Html {
    let live = use_live();
    // Before the first second has passed: now.
    let now = use_now().or_else(|| live.now());
    props.draw.emit((live, now))
}

/// What follows the clock: drawn again once a second by itself, so that what it stands in is not. `of`: all else that it depends on.
pub fn each_second(
    of: Option<(Timestamp, bool)>,
    draw: impl Fn(&Live, Option<Timestamp>) -> Html + 'static,
) -> Html {
    let draw = Callback::from(move |(live, now)| draw(&live, now));
    html! { <EachSecond ..EachSecondProps { of, draw } /> }
}

/// "3 min ago", with the whole moment in `title`. `is_old`: what is on screen may be old, so nothing on it ages.
pub fn ago_time(at: Timestamp, is_old: bool) -> Html {
    each_second(Some((at, is_old)), move |_, now| {
        let words = match now {
            Some(now) if !is_old => ago(at, now),
            _ => clock(at).into(),
        };
        html! { <time datetime={at.to_string()} title={absolute(at)}>{ words }</time> }
    })
}

/// "3 min 28 s": how long it has been going on.
pub fn elapsed_time(at: Timestamp, is_old: bool, says: Elapsed) -> Html {
    each_second(Some((at, is_old)), move |_, now| {
        let words = match now {
            Some(now) if !is_old => {
                let ms = now.since(at);
                match says {
                    Elapsed::Plain => running_for(ms),
                    // Only roughly: a list in which every row ticks is not at rest.
                    Elapsed::Since => t(Text::SinceDuration(&roughly(ms))),
                    Elapsed::NoProgress => t(Text::NoProgressForShort(&roughly(ms))),
                }
            }
            _ => t(Text::SinceClock(&clock(at))),
        };
        html! { <span title={absolute(at)}>{ words }</span> }
    })
}

/// "14:02:07", with the whole moment in `title`.
pub fn clock_time(at: Timestamp) -> Html {
    html! { <time datetime={at.to_string()} title={absolute(at)}>{ clock(at) }</time> }
}
