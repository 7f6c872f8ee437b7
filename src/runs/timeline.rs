//! What happened to a run, oldest first: each change of its status, and what it waited for.

use contract::api::RunChange;
use contract::run::{Run, RunStatus};
use contract::timestamp::Timestamp;
use yew::{AttrValue, Html, html};

use crate::ages::clock_time;
use crate::i18n::format::duration;
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed};
use crate::runs::state::State;
use crate::runs::words;

/// A step on the rail.
struct Step {
    state: State,
    what: AttrValue,
    at: Timestamp,
    note: Option<AttrValue>,
    key: String,
}

fn steps(run: &Run, changes: &[RunChange]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut n_running = 0;
    for (idx, change) in changes.iter().enumerate() {
        let next_at = changes.get(idx + 1).map(|next| next.at);
        let is_running = change.status == RunStatus::Running;
        let before = idx.checked_sub(1).map(|idx| &changes[idx]);
        // A wait or an acknowledgement is an event too, and no step.
        let is_same = before.is_some_and(|before| {
            before.status == change.status
                && before.attempt == change.attempt
                && before.stalled_since == change.stalled_since
        });
        if is_same {
            continue;
        }
        let state = match change.stalled_since {
            Some(_) if change.status.is_active() => State::Stalled,
            _ => State::of_status(&change.status),
        };
        let what = match state {
            State::Queued => t(Text::TimelineQueued),
            State::Stalled => t(Text::TimelineStalled),
            State::Running => t(Text::TimelineAttempt(u64::from(change.attempt))),
            state => state.word(&change.status),
        };
        let note = match state {
            State::Queued => {
                next_at.map(|next| t(Text::TimelineWaited(&duration(next.since(change.at)))))
            }
            State::Running if n_running > 0 => Some(t(Text::TimelineNewAttempt)),
            State::Completed | State::Partial | State::Failed | State::Cancelled => {
                words::took(run).map(|took| t(Text::TimelineRan(&took)))
            }
            _ => None,
        };
        n_running += usize::from(is_running);
        steps.push(Step {
            state,
            what,
            at: change.at,
            note,
            key: change.tenant_seq.to_string(),
        });
    }
    steps
}

/// The timeline: the run as it stands, and its changes, oldest first. `is_old`: what is shown may be old.
pub fn timeline(run: &Run, changes: &[RunChange], is_old: bool) -> Html {
    let steps = steps(run, changes);
    let last = steps.len().saturating_sub(1);
    let is_active = run.status.is_active();
    html! {
        <section class="ta-panel" aria-labelledby="timeline-title">
            <header class="ta-panel__head"><h2 id="timeline-title">{ t(Text::Timeline) }</h2></header>
            <div class="ta-panel__body">
                <ol class="ta-timeline">
                    { for steps.iter().enumerate().map(|(idx, step)| {
                        let turn = step.state.turn(is_old).filter(|_| idx == last && is_active);
                        html! {
                            <li data-state={step.state.attribute()} key={step.key.clone()}>
                                { dressed(step.state.icon(), "", turn, None, Some(step.state.tone())) }
                                <b>{ step.what.clone() }</b>
                                { clock_time(step.at) }
                                if let Some(note) = &step.note { <p>{ note }</p> }
                            </li>
                        }
                    }) }
                    if is_active {
                        <li data-state="end" key="end">
                            { dressed(Icon::Pending, "", None, None, Some("neutral")) }<b>{ t(Text::TimelineEnds) }</b><span />
                            <p>{ t(Text::NotYet) }</p>
                        </li>
                    }
                </ol>
            </div>
        </section>
    }
}
