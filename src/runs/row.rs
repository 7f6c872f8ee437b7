//! One run as a row of the list.

use std::rc::Rc;

use contract::ids::PersonId;
use contract::run::Run;
use yew::{AttrValue, Html, Properties, component, html};

use crate::ages::{Elapsed, ago_time, each_second, elapsed_time};
use crate::cards::bar::{Bar, CountsProps, Part, parts};
use crate::cards::card::done_of;
use crate::feed::TimeLeft;
use crate::i18n::format::clock;
use crate::i18n::{Text, t};
use crate::icons::dressed;
use crate::parts::cell;
use crate::route::Route;
use crate::runs::state::State;
use crate::runs::words;
use crate::sorted::sort_by_key;

/// See [`Row`].
#[derive(Clone, PartialEq, Properties)]
pub struct RowProps {
    /// The run; the same one is not drawn again.
    pub run: Rc<Run>,
    /// Who reads.
    #[prop_or_default]
    pub me: Option<PersonId>,
    /// The tenant's name, where the list is of all tenants.
    #[prop_or_default]
    pub tenant: Option<AttrValue>,
    /// What is shown may be old.
    #[prop_or_default]
    pub is_old: bool,
}

/// The row.
#[component]
pub fn Row(props: &RowProps) -> Html {
    let run = &props.run;
    let state = State::of(run);
    let what = words::what(run);
    html! {
        <tr role="row" class="ta-row" data-state={state.attribute()} data-run={words::short_name(run)}>
            <td role="cell" data-cell="state">
                <span class="ta-state" data-tone={state.word_tone()} title={state.word(&run.status)}>
                    { dressed(state.icon(), "", state.turn(props.is_old), None, Some(state.tone())) }<span>{ state.word(&run.status) }</span>
                </span>
            </td>
            <td role="cell" data-cell="run">
                if let Some(to) = Route::of_run(run) {
                    <a class="ta-row__link" href={to.path()}>{ what }</a>
                } else {
                    <span class="ta-row__link">{ what }</span>
                }
                { " " }<span class="ta-muted" title={run.target.clone()}>{ words::target(run) }</span>
            </td>
            if let Some(tenant) = &props.tenant {
                <td role="cell" data-cell="tenant"><bdi>{ tenant }</bdi></td>
            }
            <td role="cell" data-cell="progress">{ progress(run, state) }</td>
            { cell("who", false, html! { <bdi>{ words::starter(run, props.me) }</bdi> }) }
            { cell("when", false, ago_time(run.queued_at, props.is_old)) }
            <td role="cell" data-cell="left">{ time(run, state, props.is_old) }</td>
        </tr>
    }
}

fn progress(run: &Run, state: State) -> Html {
    match state {
        State::Queued => html! { <span class="ta-muted">{ t(Text::WaitsForSlot) }</span> },
        State::Running | State::Throttled | State::Stalled => html! {
            <div class="ta-cell-bar"><Bar ..CountsProps { counts: run.counts, size: None, with_remaining: true } /><span>{ done_of(run) }</span></div>
        },
        State::Failed if run.error.is_some() => html! {
            <span class="ta-alarm" data-tone="danger" title={run.error.as_ref().map(|error| error.message.clone())}>
                { run.error.as_ref().map(|error| error.message.clone()) }
            </span>
        },
        State::Updated => html! {},
        State::Completed | State::Partial | State::Failed | State::Cancelled => ended(run),
    }
}

fn ended(run: &Run) -> Html {
    // Failures first, here as everywhere.
    let mut parts = parts(&run.counts);
    sort_by_key(&mut parts, |(part, _)| *part != Part::Failed);
    html! {
        <span class="ta-dots ta-dots--line ta-muted">
            { for parts.into_iter().map(|(part, n)| match part {
                Part::Failed => html! { <span class="ta-alarm" data-tone="danger">{ part.words(n) }</span> },
                _ => html! { <span>{ part.words(n) }</span> },
            }) }
        </span>
    }
}

fn time(run: &Rc<Run>, state: State, is_old: bool) -> Html {
    match state {
        State::Queued => html! { { elapsed_time(run.queued_at, is_old, Elapsed::Since) } },
        State::Stalled => {
            let since = run.stalled_since.unwrap_or(run.at);
            html! { { elapsed_time(since, is_old, Elapsed::NoProgress) } }
        }
        State::Throttled => match run.waiting.as_ref().and_then(|waiting| waiting.until) {
            Some(until) => html! { <span>{ t(Text::GoesOnAt(&clock(until))) }</span> },
            None => left(run, is_old),
        },
        State::Running => left(run, is_old),
        State::Completed | State::Partial => {
            html! { <span>{ words::took(run).map(|took| t(Text::TookDuration(&took))) }</span> }
        }
        State::Failed | State::Cancelled | State::Updated => {
            html! { <span>{ words::took(run).map(|took| t(Text::AfterDuration(&took))) }</span> }
        }
    }
}

/// Time left follows the clock.
fn left(run: &Rc<Run>, is_old: bool) -> Html {
    let key = run.key();
    each_second(None, move |live, now| {
        let words = match now {
            Some(now) if !is_old => words::left(live.picture().feed.pace(&key, now).left),
            Some(_) => t(Text::LeftUnknown),
            None => words::left(TimeLeft::Unknown),
        };
        html! { <span>{ words }</span> }
    })
}
