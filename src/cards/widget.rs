//! The progress widget: one ring over all active runs, and the worst state beside it.

use std::rc::Rc;

use contract::run::Run;
use yew::{Callback, Html, html};

use crate::cards::Ask;
use crate::cards::bar::ring;
use crate::cards::filter::Tab;
use crate::i18n::format::number;
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};

/// What the ring says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Queued or running.
    pub n_active: u64,
    /// Of these, those in which nothing moves.
    pub n_stalled: u64,
    /// Percent of the known records that are done without failure.
    pub done: u64,
    /// Percent that failed.
    pub failed: u64,
}

impl Summary {
    /// Over the active runs. A run whose total is not known yet counts as nothing done.
    pub fn of(active: &[Rc<Run>]) -> Summary {
        let (mut total, mut processed, mut failed) = (0, 0, 0);
        for run in active {
            total += run.counts.total.unwrap_or(1);
            processed += run.counts.processed.unwrap_or(0);
            failed += run.counts.failed.unwrap_or(0);
        }
        let percent = |n: u64| (n * 100).checked_div(total).unwrap_or(0).min(100);
        let failed_percent = if failed > 0 {
            percent(failed).max(2)
        } else {
            0
        };
        Summary {
            n_active: active.len() as u64,
            n_stalled: active
                .iter()
                .filter(|run| run.stalled_since.is_some())
                .count() as u64,
            done: percent(processed.saturating_sub(failed)),
            failed: failed_percent,
        }
    }
}

/// See [`widget`].
#[derive(Clone, PartialEq)]
pub struct WidgetProps {
    /// What it says.
    pub summary: Summary,
    /// Opens the drawer at the active runs.
    pub onask: Callback<Ask>,
}

/// The widget. Its place is kept while nothing is active, so that nothing in the bar moves when a run starts.
pub fn widget(props: &WidgetProps) -> Html {
    let summary = props.summary;
    html! {
        <button class="ta-widget" type="button" onclick={props.onask.reform(|_| Ask::Open(Tab::Active))}>
            { ring(summary.done, summary.failed) }
            <span>{ number(summary.n_active) }{ " " }<span class="ta-widget__word">{ t(Text::ActiveWord) }</span></span>
            if summary.n_stalled > 0 {
                <span class="ta-widget__worst" data-tone="warning">
                    { glyph(Icon::Stalled) }
                    <span>{ number(summary.n_stalled) }{ " " }<span class="ta-widget__word">{ t(Text::StalledWord) }</span></span>
                </span>
            }
            if summary.n_active > 0 {
                <span class="ta-visually-hidden">{ ", " }{ t(Text::PercentDone(u64::from(summary.done + summary.failed))) }</span>
            }
        </button>
    }
}
