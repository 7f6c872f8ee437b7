//! One run as a card: what it is in, what it does and where, how far it is, what went wrong, and the way to its page.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use contract::run::{PersonRef, Run, RunStatus};
use web_sys::MouseEvent;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::ages::{Age, ago_time, each_second};
use crate::cards::bar::{Bar, CountsProps, Part, legend, parts};
use crate::cards::frame::{Frame, frame};
use crate::cards::list::seq;
use crate::cards::more::more;
use crate::feed::{Card as CardData, TimeLeft};
use crate::hooks::{use_effect_with, use_node_ref};
use crate::i18n::format::{clock, number, roughly};
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
use crate::live::{Action, use_card, use_live};
use crate::parts;
use crate::route::Route;
use crate::runs::state::State;
use crate::runs::words;
use crate::shell::copy::use_copy;

/// What a reader asks of what stands in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Takes a card off the screen, or brings back one that is off.
    Dismiss {
        /// The keyboard is slower to reach the undo.
        by_keyboard: bool,
    },
    /// Brings back what was dismissed: the undo bar was pressed.
    Undo,
    /// The time of the undo bar is over.
    Over,
    /// Opens or folds a group.
    Turn,
    /// Takes the completed ones of a group off the screen.
    Sweep {
        /// As in [`Act::Dismiss`].
        by_keyboard: bool,
    },
}

/// What a reader asks, and of which card. A group has the name of its oldest one.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The run.
    pub run: RunKey,
    /// What.
    pub act: Act,
}

/// Tells of a click; `act` is given whether the keyboard did it.
pub(super) fn on_click(
    run: &RunKey,
    onwish: &Callback<Wish>,
    act: fn(bool) -> Act,
) -> Callback<MouseEvent> {
    let run = run.clone();
    onwish.reform(move |event: MouseEvent| Wish {
        run: run.clone(),
        // A click without a press of a pointer.
        act: act(event.detail() == 0),
    })
}

/// See [`Card`].
#[derive(Clone, Properties)]
pub struct CardProps {
    /// What it shows, unless the feed has a newer one.
    pub card: Rc<CardData>,
    /// It is of the feed, which the card follows by itself: another one from the list changes nothing.
    #[prop_or_default]
    pub follows: bool,
    /// Who reads it.
    #[prop_or_default]
    pub me: Option<PersonId>,
    /// Whether what it shows may be old.
    #[prop_or_default]
    pub age: Age,
    /// It has just come.
    #[prop_or_default]
    pub is_new: bool,
    /// Its dismiss button takes the focus when it comes: an undone dismissal.
    #[prop_or_default]
    pub takes_focus: bool,
    /// Its person dismisses it.
    pub ondismiss: Callback<Wish>,
    /// Its person goes to the run's page.
    #[prop_or_default]
    pub onview: Callback<RunKey>,
}

impl PartialEq for CardProps {
    fn eq(&self, other: &Self) -> bool {
        let is_same = self.follows && other.follows && self.card.key == other.card.key;
        (is_same || self.card == other.card)
            && self.me == other.me
            && self.age == other.age
            && self.is_new == other.is_new
            && self.takes_focus == other.takes_focus
            && self.ondismiss == other.ondismiss
            && self.onview == other.onview
    }
}

/// The id of a card's parts in the document.
fn id(key: &RunKey, part: &str) -> String {
    let source = if key.source.is_empty() {
        ""
    } else {
        "-announced"
    };
    format!(
        "card-{}-{}{source}-{}-{part}",
        key.tenant_id, key.run_type, key.run_id
    )
}

/// The card.
#[component]
pub fn Card(props: &CardProps) -> Html {
    let card = &use_card(&props.card);
    let run = &card.run;
    let state = State::of(run);
    let is_old = props.age.is_old();
    let what = words::what(run);
    let (live, copy) = (use_live(), use_copy());
    let dismiss = use_node_ref();
    {
        let dismiss = dismiss.clone();
        use_effect_with(props.takes_focus, move |takes_focus| {
            if *takes_focus {
                crate::dom::focus(&dismiss);
            }
        });
    }
    let (title_id, what_id) = (id(&card.key, "title"), id(&card.key, "what"));
    let named = (&*state.title(), &*what, &*card.tenant_name);
    let dismiss_label = t(match named {
        (title, what, tenant) if card.dismissed => Text::BringBackCard {
            title,
            what,
            tenant,
        },
        (title, what, tenant) => Text::DismissCard {
            title,
            what,
            tenant,
        },
    });
    let ondismiss = on_click(&card.key, &props.ondismiss, |by_keyboard| Act::Dismiss {
        by_keyboard,
    });
    let onfollow = {
        let (key, onview) = (card.key.clone(), props.onview.clone());
        Callback::from(move |()| onview.emit(key.clone()))
    };
    let onacknowledge = {
        let (live, card) = (live.clone(), Rc::clone(card));
        Callback::from(move |_| {
            live.send(Action::Acknowledge(
                vec![seq(&card)],
                card.run.acknowledged.is_none(),
            ));
        })
    };
    let age_of_run = run.ended_at.unwrap_or(run.queued_at);
    frame(Frame {
        class: "ta-card",
        state,
        is_old,
        is_new: props.is_new,
        is_unread: card.unread,
        run: Some(words::short_name(run)),
        label: None,
        labelled_by: Some(title_id.clone() + " " + &what_id),
        title_id: Some(title_id),
        icon: dressed(state.icon(), "card", state.turn(is_old), None, None),
        title: state.title(),
        head: html! {
            <>
                { chip(run, state, props.age) }
                <span class="ta-card__acts">
                    { more(card, &props.onview, &live, copy) }
                    <button class="ta-icon-button" data-act="dismiss" type="button" aria-label={dismiss_label} onclick={ondismiss}
                        ref={dismiss}>
                        { glyph(if card.dismissed { Icon::Undo } else { Icon::Cross }) }
                    </button>
                </span>
            </>
        },
        lead: html! {
            <>
                <p class="ta-card__body">{ words::body(run) }</p>
                <p class="ta-card__what" id={what_id.clone()}>
                    { what }{ " " }<span class="ta-muted">{ words::target(run) }</span>
                </p>
                <p class="ta-card__meta">
                    <span><bdi>{ &*card.tenant_name }</bdi></span>
                    <span>{ words::started_by(run, props.me) }</span>
                    { ago_time(age_of_run, is_old) }
                </p>
            </>
        },
        body: html! {
            <>
                { progress(run, state, is_old) }
                { note(run, state, is_old) }
                { who(run, props.me) }
            </>
        },
        foot: html! {
            <>
                if let Some(to) = Route::of_run(run) {
                    <a class="ta-button" data-size="sm" data-act="view" href={to.path()} aria-describedby={what_id}
                        onclick={onfollow.reform(|_: yew::MouseEvent| ())}>
                        { t(Text::ViewRun) }{ dressed(Icon::Arrow, "flip", None, None, None) }
                    </a>
                }
                if run.status.is_failure() && card.may_acknowledge {
                    <button class="ta-button" data-size="sm" data-kind="ghost" data-act="acknowledge" type="button" onclick={onacknowledge}>
                        { t(if run.acknowledged.is_some() { Text::TakeAcknowledgementBack } else { Text::Acknowledge }) }
                    </button>
                }
            </>
        },
    })
}

/// Who has seen a failure, and who looks after it.
fn who(run: &Run, me: Option<PersonId>) -> Html {
    let is_me = |person: &PersonRef| Some(person.id) == me;
    let others = run.seen_by.iter().filter(|person| !is_me(person)).count();
    let names: Vec<String> = run
        .seen_by
        .iter()
        .map(|person| match is_me(person) {
            true => t(Text::You).to_string(),
            false => person.name.clone(),
        })
        .collect();
    let names = &names.join(", ");
    let n = u64::from(run.n_seen).saturating_sub(run.seen_by.len() as u64);
    let line =
        |icon, words| html! { <p class="ta-card__who">{ glyph(icon) }<span>{ words }</span></p> };
    html! {
        <>
            // That I have seen it myself I know.
            if others > 0 {
                { line(Icon::Seen, t(if n > 0 { Text::SeenByMore { names, n } } else { Text::SeenBy(names) })) }
            }
            if let Some(acknowledged) = &run.acknowledged {
                { line(Icon::Acknowledged, {
                    let (name, clock) = (&acknowledged.by.name, &clock(acknowledged.at));
                    t(if is_me(&acknowledged.by) { Text::AcknowledgedByYou(clock) } else { Text::AcknowledgedBy { name, clock } })
                }) }
            }
        </>
    }
}

fn chip(run: &Run, state: State, age: Age) -> Html {
    if let Some(as_of) = age.words() {
        return parts::chip("neutral", None, Some(Icon::Stale), as_of);
    }
    let n_failed = run.counts.failed.unwrap_or(0);
    match state {
        State::Throttled | State::Stalled => {
            parts::chip(state.tone(), None, None, state.word(&run.status))
        }
        State::Updated => parts::chip("neutral", None, None, state.word(&run.status)),
        State::Running if n_failed > 0 => parts::chip(
            "danger",
            None,
            Some(Icon::Cross),
            t(Text::FailedSoFar(n_failed)),
        ),
        _ => html! {},
    }
}

fn progress(run: &Rc<Run>, state: State, is_old: bool) -> Html {
    match state {
        State::Running | State::Throttled | State::Stalled => moving(run, is_old),
        State::Partial => html! {
            <div class="ta-progress">
                <Bar ..CountsProps { counts: run.counts, size: None, with_remaining: true } />
                <p class="ta-progress__line">
                    <span class="ta-progress__count">{ done_of(run) }</span>
                    if let Some(took) = words::took(run) {
                        <span class="ta-muted ta-nowrap">{ t(Text::InDuration(&took)) }</span>
                    }
                </p>
                { legend(&CountsProps { counts: run.counts, size: None, with_remaining: false }) }
            </div>
        },
        State::Completed => sum(run),
        State::Cancelled => {
            let (done, total) = (
                run.counts.processed.unwrap_or(0),
                run.counts.total.unwrap_or(0),
            );
            if total == 0 {
                return html! {};
            }
            html! { <p class="ta-card__sum">{ t(Text::DoneStaysDone { done, total }) }</p> }
        }
        State::Failed if run.counts.processed.unwrap_or(0) > 0 => html! {
            <div class="ta-progress"><Bar ..CountsProps { counts: run.counts, size: None, with_remaining: true } />{ legend(&CountsProps { counts: run.counts, size: None, with_remaining: false }) }</div>
        },
        State::Queued | State::Failed | State::Updated => html! {},
    }
}

fn sum(run: &Run) -> Html {
    let words: Vec<String> = parts(&run.counts)
        .into_iter()
        .filter(|(part, _)| *part != Part::Remaining)
        .map(|(part, n)| part.words(n).to_string())
        .collect();
    html! {
        if !words.is_empty() {
            <p class="ta-card__sum">
                { words.join(", ") }
                if let Some(took) = words::took(run) {
                    { " " }<span class="ta-muted">{ t(Text::InDuration(&took)) }</span>
                }
            </p>
        }
    }
}

/// "131 of 240", or "131 done" before the total is known.
pub(crate) fn done_of(run: &Run) -> AttrValue {
    let done = run.counts.processed.unwrap_or(0);
    t(match run.counts.total {
        Some(total) => Text::DoneOf { done, total },
        None => Text::NDone(done),
    })
}

fn note(run: &Run, state: State, is_old: bool) -> Html {
    match (state, &run.error, &run.waiting) {
        (State::Queued, ..) => html! {
            <p class="ta-card__note">
                { glyph(Icon::Clock) }
                <span><b>{ t(Text::WaitsForSlot) }</b>{ ", " }{ words::since_clock(run.queued_at) }</span>
            </p>
        },
        (State::Throttled, _, Some(waiting)) => {
            let until = waiting.until.map(|until| t(Text::GoesOnAt(&clock(until))));
            let why = if waiting.reason == "throttled" {
                t(Text::GraphAsksToWait)
            } else {
                t(Text::Waits(&waiting.reason))
            };
            html! { <p class="ta-card__note"><span>{ why }{ " " }<b>{ until }</b></span></p> }
        }
        (State::Stalled, ..) => stalled_note(run, is_old),
        (State::Partial | State::Failed, Some(error), _) => html! {
            <p class="ta-card__note" title={error.message.clone()}><span><b>{ &error.message }</b></span></p>
        },
        _ => html! {},
    }
}

/// The progress of a run that moves: its rate and time left follow the clock.
fn moving(run: &Rc<Run>, is_old: bool) -> Html {
    let run = Rc::clone(run);
    each_second(None, move |live, now| {
        let pace = now
            .filter(|_| !is_old)
            .map(|now| live.picture().feed.pace(&run.key(), now));
        let per_minute = pace
            .and_then(|pace| pace.per_minute)
            .map(|rate| rate.round() as u64)
            .filter(|rate| *rate > 0);
        let left = if is_old || run.stalled_since.is_some() {
            t(Text::LeftUnknown)
        } else {
            words::left(pace.map_or(TimeLeft::Unknown, |pace| pace.left))
        };
        html! {
            <div class="ta-progress">
                <Bar ..CountsProps { counts: run.counts, size: None, with_remaining: true } />
                <p class="ta-progress__line">
                    <span class="ta-progress__count">{ done_of(&run) }</span>
                    if let Some(rate) = per_minute {
                        <span class="ta-muted ta-nowrap">{ t(Text::PerMinute(rate)) }</span>
                    }
                    if run.status != RunStatus::Queued {
                        <span class="ta-progress__left">{ left }</span>
                    }
                </p>
                { legend(&CountsProps { counts: run.counts, size: None, with_remaining: false }) }
            </div>
        }
    })
}

fn stalled_note(run: &Run, is_old: bool) -> Html {
    let since = run.stalled_since.unwrap_or(run.at);
    each_second(Some((since, is_old)), move |_, now| {
        let words = match now {
            Some(now) if !is_old => t(Text::NoProgressFor(&roughly(now.since(since)))),
            _ => t(Text::NoProgressSince(&clock(since))),
        };
        html! {
            <p class="ta-card__note"><span><b>{ words }</b>{ " " }{ t(Text::RunHasNotEnded) }</span></p>
        }
    })
}

/// A count in a badge.
pub(crate) fn count(n: usize) -> String {
    number(n as u64)
}
