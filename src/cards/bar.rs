//! Progress: the segmented bar, its legend, and the ring of the widget. A failure is never narrower than 4 px.
//!
//! A share is set as a property of the element: the Content-Security-Policy stops `style` attributes.

use contract::run::Counts;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::{AttrValue, Html, NodeRef, Properties, component, html};

use crate::hooks::{use_effect_with, use_node_ref};
use crate::i18n::{Text, t};

/// A segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Done.
    Succeeded,
    /// Refused, incomplete or in error.
    Failed,
    /// Has an outcome that is none of the others.
    Unknown,
    /// Left alone on purpose.
    Skipped,
    /// Not done yet.
    Remaining,
}

impl Part {
    fn attribute(self) -> &'static str {
        match self {
            Part::Succeeded => "succeeded",
            Part::Failed => "failed",
            Part::Unknown => "unknown",
            Part::Skipped => "skipped",
            Part::Remaining => "remaining",
        }
    }

    /// "126 succeeded".
    pub fn words(self, n: u64) -> AttrValue {
        t(match self {
            Part::Succeeded => Text::NSucceeded(n),
            Part::Failed => Text::NFailed(n),
            Part::Unknown => Text::NUnknown(n),
            Part::Skipped => Text::NSkipped(n),
            Part::Remaining => Text::NRemaining(n),
        })
    }
}

/// The segments that are there, in their order. Without a total nothing is known to remain.
pub fn parts(counts: &Counts) -> Vec<(Part, u64)> {
    let of = |count: Option<u64>| count.unwrap_or(0);
    let (succeeded, failed, skipped) =
        (of(counts.succeeded), of(counts.failed), of(counts.skipped));
    let settled = succeeded + failed + skipped;
    let processed = counts.processed.unwrap_or(settled).max(settled);
    let remaining = counts
        .total
        .map_or(0, |total| total.saturating_sub(processed));
    let all = [
        (Part::Succeeded, succeeded),
        (Part::Failed, failed),
        (Part::Unknown, processed - settled),
        (Part::Skipped, skipped),
        (Part::Remaining, remaining),
    ];
    all.into_iter().filter(|(_, n)| *n > 0).collect()
}

/// See [`Bar`] and [`Legend`].
#[derive(Clone, PartialEq, Properties)]
pub struct CountsProps {
    /// What became of the records.
    pub counts: Counts,
    /// `lg` or `sm`.
    #[prop_or_default]
    pub size: Option<&'static str>,
    /// Whether what remains is named in the legend.
    #[prop_or_default]
    pub with_remaining: bool,
}

/// The bar. Its label says the counts to those who do not see it.
#[component]
pub fn Bar(props: &CountsProps) -> Html {
    let parts = parts(&props.counts);
    let node = use_node_ref();
    {
        let node = node.clone();
        let shares: Vec<u64> = parts.iter().map(|(_, n)| *n).collect();
        use_effect_with(shares, move |shares| set_shares(&node, shares));
    }
    let words: Vec<String> = parts
        .iter()
        .map(|(part, n)| part.words(*n).to_string())
        .collect();
    let words = if words.is_empty() {
        t(Text::NothingYet).to_string()
    } else {
        words.join(", ")
    };
    let label = match props.counts.total {
        Some(total) => t(Text::BarOf {
            parts: &words,
            total,
        }),
        None => words.into(),
    };
    // An empty bar has its ground, so that it does not come and go.
    let segments = if parts.is_empty() {
        vec![(Part::Remaining, 0)]
    } else {
        parts
    };
    html! {
        <div class="ta-bar" role="img" aria-label={label} data-size={props.size} ref={node}>
            { for segments.iter().map(|(part, _)| html! { <i key={part.attribute()} data-part={part.attribute()} /> }) }
        </div>
    }
}

fn set_shares(node: &NodeRef, shares: &[u64]) {
    let Some(bar) = node.cast::<HtmlElement>() else {
        return;
    };
    let segments = bar.children();
    for (idx, share) in (0_u32..).zip(shares) {
        let segment = segments
            .item(idx)
            .and_then(|segment| segment.dyn_into::<HtmlElement>().ok());
        if let Some(segment) = segment {
            // Refused only for a name that is none.
            let _ = segment.style().set_property("--n", &share.to_string());
        }
    }
}

/// The legend: the bar's shapes with words and counts.
pub fn legend(props: &CountsProps) -> Html {
    let parts = parts(&props.counts);
    let shown = parts
        .into_iter()
        .filter(|(part, _)| props.with_remaining || *part != Part::Remaining);
    html! {
        <ul class="ta-legend">
            { for shown.map(|(part, n)| html! {
                <li key={part.attribute()} data-part={part.attribute()}>{ part.words(n) }</li>
            }) }
        </ul>
    }
}

/// The ring, in percent: what is done without failure, and what failed. Shares are SVG attributes, which the Content-Security-Policy lets through.
pub fn ring(done: u64, failed: u64) -> Html {
    let done = done.min(100);
    let failed = failed.min(100 - done);
    html! {
        <svg class="ta-ring" viewBox="0 0 18 18" aria-hidden="true">
            <circle data-part="remaining" cx="9" cy="9" r="7" />
            if done > 0 {
                <circle data-part="succeeded" cx="9" cy="9" r="7" pathLength="100"
                    stroke-dasharray={format!("{done} {}", 100 - done)} />
            }
            if failed > 0 {
                <circle data-part="failed" cx="9" cy="9" r="7" pathLength="100"
                    stroke-dasharray={format!("{failed} {}", 100 - failed)} stroke-dashoffset={format!("-{done}")} />
            }
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(
        total: Option<u64>,
        processed: u64,
        succeeded: u64,
        failed: u64,
        skipped: u64,
    ) -> Counts {
        Counts {
            total,
            processed: Some(processed),
            succeeded: Some(succeeded),
            failed: Some(failed),
            skipped: Some(skipped),
        }
    }

    #[test]
    fn the_parts_add_up_to_the_total_and_empty_ones_are_left_out() {
        let parts = parts(&counts(Some(240), 131, 126, 3, 2));
        assert_eq!(
            parts,
            [
                (Part::Succeeded, 126),
                (Part::Failed, 3),
                (Part::Skipped, 2),
                (Part::Remaining, 109)
            ]
        );
    }

    #[test]
    fn what_is_processed_and_none_of_the_known_outcomes_is_unknown() {
        assert_eq!(
            parts(&counts(Some(10), 5, 3, 0, 0)),
            [
                (Part::Succeeded, 3),
                (Part::Unknown, 2),
                (Part::Remaining, 5)
            ]
        );
    }

    #[test]
    fn counts_that_do_not_fit_together_break_nothing() {
        assert_eq!(
            parts(&counts(Some(2), 1, 5, 1, 0)),
            [(Part::Succeeded, 5), (Part::Failed, 1)]
        );
        assert_eq!(parts(&Counts::default()), []);
    }
}
