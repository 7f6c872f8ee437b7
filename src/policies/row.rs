//! One policy as a row: what it is, how its latest capture went, and the button that captures it.

use std::ops::Deref;
use std::rc::Rc;

use contract::api::{PolicyRow, PolicyRows};
use contract::ids::PolicyId;
use contract::run::{BULK_OPERATION, RESTORE, Run, RunStatus};
use yew::{Callback, Html, Properties, component, html};

use crate::ages::ago_time;
use crate::i18n::format::{absolute, number};
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
use crate::parts::cell;
use crate::route::Route;
use crate::runs::words;

/// A policy on its page of the list.
#[derive(Clone)]
pub struct PolicyOf {
    page: Rc<PolicyRows>,
    idx: usize,
}

impl PolicyOf {
    /// Those of a page.
    pub fn all(page: &Rc<PolicyRows>) -> impl Iterator<Item = PolicyOf> {
        (0..page.rows.len()).map(|idx| PolicyOf {
            page: Rc::clone(page),
            idx,
        })
    }
}

impl Deref for PolicyOf {
    type Target = PolicyRow;

    fn deref(&self) -> &PolicyRow {
        &self.page.rows[self.idx]
    }
}

/// Equal if it draws the same, whatever page it stands on.
impl PartialEq for PolicyOf {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

/// See [`PolicyLine`].
#[derive(Clone, PartialEq, Properties)]
pub struct PolicyLineProps {
    /// The policy.
    pub row: PolicyOf,
    /// The capture of this one policy that is queued or running.
    pub live_run: Option<Rc<Run>>,
    /// Other policies of the tenant have been captured: one that has not is missing among them.
    pub others_captured: bool,
    /// A start waits for its answer.
    pub is_starting: bool,
    /// The reader's role lets them capture.
    pub may_start: bool,
    /// What is shown may be old.
    pub is_old: bool,
    /// Captures it.
    pub onstart: Callback<Option<PolicyId>>,
}

/// The row.
#[component]
pub fn PolicyLine(props: &PolicyLineProps) -> Html {
    let row = &props.row;
    html! {
        <tr role="row" class="ta-row" data-policy={row.id.to_string()}>
            <td role="cell" data-cell="name"><span class="ta-row__link" title={row.name.clone()}><bdi>{ &row.name }</bdi></span></td>
            { cell("family", false, html! { { words::family(&row.family) } }) }
            { cell("platform", false, html! { { platform(&row.platform) } }) }
            { cell("versions", true, html! { { number(u64::from(row.n_versions)) } }) }
            <td role="cell" data-cell="last">{ last(props) }</td>
            <td role="cell" data-cell="acts" data-turns="">{ acts(props) }</td>
        </tr>
    }
}

/// Graph's word for a platform as people write it.
fn platform(platform: &str) -> &str {
    match platform {
        "windows10" | "windows10AndLater" | "windows" => "Windows",
        "macOS" => "macOS",
        "iOS" | "ios" => "iOS",
        "android" | "androidEnterprise" | "aosp" => "Android",
        "linux" => "Linux",
        other => other,
    }
}

fn last(props: &PolicyLineProps) -> Html {
    let row = &props.row;
    if let Some(run) = &props.live_run {
        let (icon, word, turn) = match run.status {
            RunStatus::Queued => (Icon::Queued, Text::CaptureQueuedWord, None),
            _ => (Icon::Inflight, Text::Capturing, Some("")),
        };
        return html! { <span class="ta-state" data-tone="neutral">{ dressed(icon, "", turn, Some("sm"), None) }{ t(word) }</span> };
    }
    if let Some(at) = row.gone_since {
        return html! {
            <span class="ta-state" data-tone="neutral" title={absolute(at)}>
                { dressed(Icon::Cancelled, "", None, Some("sm"), None) }{ t(Text::GoneSince) }{ " " }{ ago_time(at, props.is_old) }
            </span>
        };
    }
    if let Some(error) = &row.error {
        return html! {
            <span class="ta-state" data-tone="danger" title={error.message.clone()}>
                { dressed(Icon::Failed, "", None, Some("sm"), None) }<span>{ &error.message }</span>
            </span>
        };
    }
    match row.captured_at {
        Some(at) => {
            let word = match (row.changed, row.n_versions) {
                (true, 1) => Text::FirstVersion,
                (true, _) => Text::Changed,
                (false, _) => Text::Unchanged,
            };
            html! {
            <>{ ago_time(at, props.is_old) }{ " " }
            <span class="ta-muted">{ t(word) }</span></>
            }
        }
        None if !props.others_captured => {
            html! { <span class="ta-muted">{ t(Text::NeverCaptured) }</span> }
        }
        None => html! {
            <span class="ta-state" data-tone="warning">{ dressed(Icon::Partial, "", None, Some("sm"), None) }{ t(Text::NeverCaptured) }</span>
        },
    }
}

fn acts(props: &PolicyLineProps) -> Html {
    let row = &props.row;
    if let Some(to) = props.live_run.as_ref().and_then(|run| Route::of_run(run)) {
        return html! {
            <a class="ta-button" data-size="sm" href={to.path()} aria-label={t(Text::AlreadyRunningNamed(&row.name))}>
                { t(Text::AlreadyRunning) }{ dressed(Icon::Arrow, "flip", None, None, None) }
            </a>
        };
    }
    let id = row.id;
    let onclick = props.onstart.reform(move |_| Some(id));
    let why = row.run.as_ref().filter(|key| {
        row.error.is_some() && matches!(key.run_type.as_str(), BULK_OPERATION | RESTORE)
    });
    html! {
        <>
            if let Some(key) = why {
                <a class="ta-button" data-kind="ghost" data-size="sm" href={Route::Run(key.clone()).path()} aria-label={t(Text::WhyNamed(&row.name))}>
                    { t(Text::Why) }
                </a>
            }
            if row.gone_since.is_none() {
                <button class="ta-button" data-kind="ghost" data-size="sm" type="button" {onclick}
                    disabled={!props.may_start || props.is_starting}
                    aria-label={(!props.is_starting).then(|| t(Text::CaptureNamed(&row.name)))}>
                    { glyph(Icon::Capture) }{ t(if props.is_starting { Text::Starting } else { Text::Capture }) }
                </button>
            }
        </>
    }
}
