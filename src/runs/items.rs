//! The items of a run: failures first and by error, the others folded until they are asked for, each with its details.

use std::rc::Rc;

use contract::api::ItemRows;
use contract::run::{Counts, Item, Outcome};
use contract::timestamp::Timestamp;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::ages::clock_time;
use crate::hooks::{UseStateHandle, use_state, use_state_eq};
use crate::i18n::format::{duration, holds, lowercase, number};
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
use crate::parts::{self, Column, ColumnKind, Empty, Look, button, cell, facts};
use crate::runs::groups::{Group, Kind, Tab, groups};
use crate::runs::words;
use crate::shell::copy::{Copy, CopyProps};
use crate::sorted::SortedMap;

/// Rows of a group drawn before "Show more".
const ROWS_SHOWN: usize = 100;

const COLUMNS: [Column; 6] = [
    Column::new(Text::ColumnPolicy, None, ColumnKind::Words),
    Column::new(Text::ColumnFamily, Some("188"), ColumnKind::Words),
    Column::new(Text::ColumnOutcome, Some("136"), ColumnKind::Words),
    Column::new(Text::ColumnAttempts, Some("92"), ColumnKind::Number),
    Column::new(Text::ColumnTook, Some("92"), ColumnKind::Number),
    Column::new(Text::ColumnAt, Some("104"), ColumnKind::Number),
];

/// See [`Items`].
#[derive(Clone, PartialEq, Properties)]
pub struct ItemsProps {
    /// Those that are read so far, by index.
    pub pages: Vec<Rc<ItemRows>>,
    /// Of the run, exact.
    pub counts: Counts,
    /// More are on the server: reads the next page.
    #[prop_or_default]
    pub onmore: Option<Callback<()>>,
}

/// How an outcome is shown: its tone, icon and word.
fn look(outcome: Outcome) -> (&'static str, Icon, Text<'static>) {
    match outcome {
        Outcome::Pending => ("neutral", Icon::Pending, Text::Remaining),
        Outcome::Inflight => ("neutral", Icon::Inflight, Text::InFlight),
        Outcome::Succeeded => ("neutral", Icon::Check, Text::Succeeded),
        Outcome::Failed => ("danger", Icon::Failed, Text::Failed),
        Outcome::Skipped => ("neutral", Icon::Skipped, Text::Skipped),
        Outcome::Unknown => ("warning", Icon::Unknown, Text::UnknownOutcome),
    }
}

/// What the reader opened and folded, by name of group or item.
#[derive(Clone, Default, PartialEq)]
struct Folds {
    open: SortedMap<String, bool>,
    limits: SortedMap<String, usize>,
}

/// The table.
#[component]
pub fn Items(props: &ItemsProps) -> Html {
    let tab = use_state_eq(Tab::default);
    let wanted = use_state(String::new);
    let folds = use_state(Folds::default);
    let needle = lowercase(wanted.trim_ascii());
    let items = || props.pages.iter().flat_map(|page| &page.rows);
    let n_read = items().count();
    let shown = items().filter(|item| tab.takes(item.outcome) && holds(&item.name, &needle));
    let groups = groups(shown);
    let hint = match props.counts.total {
        Some(total) => t(Text::SearchItems(total)),
        None => t(Text::SearchItemsNone),
    };
    html! {
        <section class="ta-panel" aria-labelledby="items-title">
            <h2 class="ta-visually-hidden" id="items-title">{ t(Text::Items) }</h2>
            <div class="ta-tabs-line ta-tabs-line--in">
                <div class="ta-tabs" role="group" aria-label={t(Text::ItemsByOutcome)}>
                    { for Tab::ALL.into_iter().map(|choice| tab_button(choice, &tab, props, n_read)) }
                </div>
                <div class="ta-tabs-line__end">
                    { parts::search(t(Text::SearchItemsNone), hint, &wanted) }
                </div>
            </div>
            if groups.is_empty() {
                { empty(n_read == 0) }
            } else {
                <table role="table" class="ta-table ta-table--items">
                    <caption class="ta-visually-hidden">{ t(Text::ItemsCaption) }</caption>
                    { parts::head(&COLUMNS) }
                    { for groups.iter().map(|group| group_rows(group, &folds, !needle.is_empty() || *tab != Tab::All)) }
                </table>
            }
            if let Some(onmore) = &props.onmore {
                <p class="ta-panel__body">
                    { button(Look::Small, None, t(Text::ShowMore), onmore.reform(|_| ())) }
                </p>
            }
        </section>
    }
}

fn tab_button(choice: Tab, tab: &UseStateHandle<Tab>, props: &ItemsProps, n_read: usize) -> Html {
    let counts = &props.counts;
    let of = |count: Option<u64>| count.unwrap_or(0);
    let n = match choice {
        Tab::All => counts.total.unwrap_or(n_read as u64),
        Tab::Failed => of(counts.failed),
        Tab::Skipped => of(counts.skipped),
        Tab::Succeeded => of(counts.succeeded),
        Tab::Remaining => {
            let settled = of(counts.succeeded) + of(counts.failed) + of(counts.skipped);
            counts
                .total
                .map_or(0, |total| total.saturating_sub(settled))
        }
    };
    let word = match choice {
        Tab::All => Text::All,
        Tab::Failed => Text::Failed,
        Tab::Skipped => Text::Skipped,
        Tab::Succeeded => Text::Succeeded,
        Tab::Remaining => Text::Remaining,
    };
    let set = tab.setter();
    parts::tab(
        word,
        **tab == choice,
        Some(n),
        choice == Tab::Failed,
        Callback::from(move |_| set.set(choice)),
    )
}

fn empty(is_all: bool) -> Html {
    let (title, body) = if is_all {
        (Text::NoItems, Text::NoItemsBody)
    } else {
        (Text::NoItemsOfKind, Text::NoItemsOfKindBody)
    };
    let empty = parts::empty(Empty {
        icon: None,
        tone: None,
        level: "h3",
        title: t(title),
        body: t(body),
        acts: html! {},
    });
    html! { <div class="ta-panel__body">{ empty }</div> }
}

fn group_rows(group: &Group<'_>, folds: &UseStateHandle<Folds>, is_asked_for: bool) -> Html {
    let key = group.kind.key();
    let is_open = folds
        .open
        .get(&key)
        .copied()
        .unwrap_or_else(|| is_asked_for || group.kind.starts_open());
    let limit = folds.limits.get(&key).copied().unwrap_or(ROWS_SHOWN);
    let (tone, icon, title, code) = match &group.kind {
        Kind::Error(error) => (
            "danger",
            Icon::Failed,
            AttrValue::from(error.message.clone()),
            Some(error.code.clone()),
        ),
        Kind::Outcome(outcome) => {
            let (tone, icon, word) = look(*outcome);
            (tone, icon, t(word), None)
        }
    };
    let n = group.items.len();
    let label = if is_open {
        t(Text::Fold(&title))
    } else {
        t(Text::Open(&title))
    };
    html! {
        <tbody role="rowgroup" key={key.clone()} data-group={code.clone().unwrap_or_else(|| key.clone())}>
            <tr role="row" class="ta-group-row">
                <td role="cell" colspan="6">
                    <div class="ta-group-row__in">
                        { twist(is_open, label, &toggle(folds, key.clone(), is_open)) }
                        { dressed(icon, "", None, None, Some(tone)) }
                        <b title={title.clone()}>{ title }</b>
                        <span class="ta-count">{ t(Text::NPolicies(n as u64)) }</span>
                        if let Some(code) = code { <span class="ta-muted"><span class="ta-mono">{ code }</span></span> }
                    </div>
                </td>
            </tr>
            if is_open {
                { for group.items.iter().take(limit).map(|item| item_rows(item, folds)) }
                if n > limit {
                    <tr role="row" class="ta-group-row">
                        <td role="cell" colspan="6">
                            { button(Look::Ghost, None, t(Text::ShowMoreItems((n - limit) as u64)), show_more(folds, key, limit)) }
                        </td>
                    </tr>
                }
            }
        </tbody>
    }
}

fn toggle(folds: &UseStateHandle<Folds>, key: String, is_open: bool) -> Callback<()> {
    let folds = folds.clone();
    Callback::from(move |()| {
        let mut now = (*folds).clone();
        now.open.insert(key.clone(), !is_open);
        folds.set(now);
    })
}

fn show_more(
    folds: &UseStateHandle<Folds>,
    key: String,
    limit: usize,
) -> Callback<yew::MouseEvent> {
    let folds = folds.clone();
    Callback::from(move |_| {
        let mut now = (*folds).clone();
        now.limits
            .insert(key.clone(), limit + contract::api::MAX_ROWS as usize);
        folds.set(now);
    })
}

fn twist(is_open: bool, label: AttrValue, onclick: &Callback<()>) -> Html {
    html! {
        <button class="ta-twist" type="button" aria-expanded={is_open.to_string()} aria-label={label} onclick={onclick.reform(|_| ())}>
            { glyph(Icon::Next) }
        </button>
    }
}

fn item_rows(item: &Item, folds: &UseStateHandle<Folds>) -> Html {
    let key = format!("item {}", item.item_id);
    let is_open = folds.open.get(&key).copied().unwrap_or(false);
    let (tone, icon, word) = look(item.outcome);
    let turn = (item.outcome == Outcome::Inflight).then_some("");
    let known = |it: Option<Html>| it.unwrap_or_else(|| html! { { "–" } });
    let attempts =
        known((item.attempts > 0).then(|| html! { { number(u64::from(item.attempts)) } }));
    let took = known(took(item).map(|took| html! { { took } }));
    let when = known(item.settled_at.map(clock_time));
    html! {
        <>
            <tr role="row" class="ta-row" data-outcome={item.outcome.as_str()} key={key.clone()}>
                <td role="cell" data-cell="name">
                    <div class="ta-item-name">
                        { twist(is_open, t(Text::DetailsOf(&item.name)), &toggle(folds, key.clone(), is_open)) }
                        <span title={item.name.clone()}><bdi>{ &item.name }</bdi></span>
                    </div>
                </td>
                { cell("family", false, html! { { words::family(&item.family) } }) }
                <td role="cell" data-cell="outcome">
                    <span class="ta-state" data-tone={tone}>{ dressed(icon, "", turn, None, None) }{ t(word) }</span>
                </td>
                { cell("attempts", true, attempts) }{ cell("took", true, took) }{ cell("when", true, when) }
            </tr>
            if is_open { { details(item, &key) } }
        </>
    }
}

fn took(item: &Item) -> Option<AttrValue> {
    Some(duration(item.settled_at?.since(item.begun_at?)))
}

fn details(item: &Item, key: &str) -> Html {
    let version = item.version.map(|version| {
        let n = u64::from(version);
        t(if item.changed {
            Text::VersionNew(n)
        } else {
            Text::VersionUnchanged(n)
        })
    });
    let moment = |at: Option<Timestamp>| match at {
        Some(at) => html! { { clock_time(at) } },
        None => html! { { t(Text::NotYet) } },
    };
    let mut what = Vec::new();
    let mut how = Vec::new();
    if let Some(error) = &item.error {
        let retry = if error.retryable {
            Text::RetryMayHelp
        } else {
            Text::RetryWouldNot
        };
        what = vec![
            (
                Text::Code,
                html! { <span class="ta-mono">{ &error.code }</span> },
            ),
            (Text::WhatHappened, html! { { &error.message } }),
            (Text::CanBeRetried, html! { { t(retry) } }),
        ];
        if let Some(request_id) = error.request_id.clone() {
            let copy = html! { <Copy ..CopyProps { text: request_id.into(), label: t(Text::CopyRequestId) } /> };
            how.push((Text::GraphRequest, copy));
        }
    }
    if let Some(version) = version {
        what.push((Text::Version, html! { { version } }));
    }
    how.extend([
        (
            Text::AttemptsLabel,
            html! { { number(u64::from(item.attempts)) } },
        ),
        (Text::Begun, moment(item.begun_at)),
        (Text::Settled, moment(item.settled_at)),
    ]);
    html! {
        <tr role="row" class="ta-detail" key={format!("details of {key}")}>
            <td role="cell" colspan="6">
                <div class="ta-detail__in">
                    { facts(None, what) }{ facts(None, how) }
                </div>
            </td>
        </tr>
    }
}
