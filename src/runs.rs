//! The runs of a tenant, or of all: newest first, live, and still under the reader's pointer.

pub mod groups;
pub mod items;
pub mod page;
pub mod row;
pub mod state;
pub mod timeline;
pub mod words;

use std::rc::Rc;

use contract::api::MAX_ROWS;
use contract::ids::{RunKey, TenantId};
use contract::run::Run;
use yew::{AttrValue, Callback, Html, Properties, component, html, use_force_update, use_mut_ref};

use crate::ages::Age;
use crate::api;
use crate::errors::{CouldNotLoadProps, DeadEndProps, could_not_load, dead_end, ways_on};
use crate::fetched::use_fetched;
use crate::hooks::{use_effect_with, use_node_ref, use_state, use_state_eq};
use crate::i18n::format::{holds, lowercase};
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};
use crate::live::{Action, use_feed, use_live};
use crate::parts::{self, Column, ColumnKind, Empty, Look, bones, button, empty, head, link, tab};
use crate::route::Route;
use crate::runs::row::{Row, RowProps};
use crate::shell::hold::use_hold;
use crate::sorted::{SortedMap, sort_by_key};

/// The list is asked for again not more often than this; what the feed hears is shown at once.
const EVERY_MS: u32 = 2_000;
/// Rows are drawn up to this; the next ones are a click away.
const ROWS_SHOWN: usize = 200;

/// Which runs are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum View {
    #[default]
    All,
    Failed,
    Active,
}

impl View {
    const ALL: [View; 3] = [View::All, View::Failed, View::Active];

    fn takes(self, run: &Run) -> bool {
        match self {
            View::All => true,
            View::Failed => run.status.is_failure(),
            View::Active => run.status.is_active(),
        }
    }

    fn word(self) -> Text<'static> {
        match self {
            View::All => Text::AllRuns,
            View::Failed => Text::NeedsYou,
            View::Active => Text::ActiveTab,
        }
    }
}

/// The runs of all tenants, as far as the feed holds them.
#[component]
pub fn AllRuns() -> Html {
    let feed = use_feed();
    let runs: Vec<Rc<Run>> = newest_first(
        feed.tenants()
            .flat_map(|tenant| feed.runs_of(tenant.id))
            .collect(),
    );
    let n_older: u64 = feed
        .tenants()
        .map(|tenant| feed.held(tenant.id).n_older)
        .sum();
    html! {
        <List ..ListProps { tenant_id: None, runs: Rc::new(runs), n_older, onolder: None, is_loading: !feed.has_begun() } />
    }
}

/// See [`TenantRuns`].
#[derive(Clone, PartialEq, Properties)]
pub struct TenantProps {
    /// Whose. Another tenant is another component (by its key).
    pub tenant_id: TenantId,
}

/// The runs of a tenant: those of the feed, and behind them the pages of the server.
#[component]
pub fn TenantRuns(props: &TenantProps) -> Html {
    let tenant_id = props.tenant_id;
    let live = use_live();
    let feed = use_feed();
    let n_pages = use_state_eq(|| 1_usize);
    let fetched = use_fetched((None, 0), *n_pages, EVERY_MS, move |after| {
        api::runs(tenant_id, after)
    });
    let rows = || fetched.pages.iter().flat_map(|page| &page.rows);
    use_effect_with(fetched.n_readings, {
        // The pages are shared; their runs are copied once a reading, and not with each drawing.
        let pages = fetched.pages.clone();
        move |_| {
            let runs = pages.iter().flat_map(|page| &page.rows).cloned();
            live.send(Action::Bodies(runs.collect()));
        }
    });
    if fetched.pages.is_empty()
        && let Some(error) = &fetched.error
    {
        if error.status() == Some(403) {
            return html! {
                { dead_end(&DeadEndProps { icon: Icon::Lock, title: t(Text::TenantNotYours), body: t(Text::NotYoursBody), children: html! { <>{ ways_on() }</> } }) }
            };
        }
        return html! {
            <><h1 class="ta-visually-hidden">{ t(Text::Runs) }</h1>
            { could_not_load(&CouldNotLoadProps { title: t(Text::RunsFailedToLoad), error: error.clone(), again: fetched.again.clone() }) }</>
        };
    }
    // The feed is newer than the pages; the pages reach further back.
    let mut by_key: Vec<(Rc<RunKey>, Rc<Run>)> = Vec::new();
    by_key.extend(rows().map(|run| (Rc::new(run.key()), Rc::new(run.clone()))));
    by_key.extend(
        feed.runs_of(tenant_id)
            .into_iter()
            .map(|run| (Rc::new(run.key()), run)),
    );
    let runs = newest_first(
        by_key
            .into_iter()
            .collect::<SortedMap<_, _>>()
            .values()
            .cloned()
            .collect(),
    );
    let n_all = feed.held(tenant_id).n_held + feed.held(tenant_id).n_older;
    let n_older = n_all.saturating_sub(runs.len() as u64);
    let is_loading = fetched.pages.is_empty();
    let onolder = fetched.has_more().then(|| {
        let n_pages = n_pages.clone();
        Callback::from(move |()| n_pages.set(*n_pages + 1))
    });
    html! {
        <List ..ListProps { tenant_id: Some(tenant_id), runs: Rc::new(runs), n_older, onolder, is_loading } />
    }
}

fn newest_first(mut runs: Vec<Rc<Run>>) -> Vec<Rc<Run>> {
    sort_by_key(&mut runs, |run| {
        std::cmp::Reverse((run.queued_at, run.key()))
    });
    runs
}

/// See [`List`].
#[derive(Clone, PartialEq, Properties)]
struct ListProps {
    #[prop_or_default]
    tenant_id: Option<TenantId>,
    /// Newest first.
    runs: Rc<Vec<Rc<Run>>>,
    /// On the server alone.
    n_older: u64,
    #[prop_or_default]
    onolder: Option<Callback<()>>,
    is_loading: bool,
}

#[component]
fn List(props: &ListProps) -> Html {
    let feed = use_feed();
    let view = use_state_eq(View::default);
    let words = use_state(String::new);
    let limit = use_state_eq(|| ROWS_SHOWN);
    let before = use_mut_ref(SortedMap::<RunKey, ()>::default);
    let table = use_node_ref();
    let is_held = use_hold(&table);

    let tenant = props.tenant_id.and_then(|id| feed.tenant(id)).cloned();
    let tenant_name = |id: TenantId| {
        feed.tenant(id)
            .map(|tenant| AttrValue::from(tenant.name.clone()))
            .unwrap_or_default()
    };
    // While the reader is on the table, what is new waits above it.
    let (there, waiting): (Vec<_>, Vec<_>) = props.runs.iter().cloned().partition(|run| {
        !is_held || before.borrow().is_empty() || before.borrow().contains_key(&run.key())
    });
    if waiting.is_empty() {
        *before.borrow_mut() = there.iter().map(|run| (run.key(), ())).collect();
    }
    let matching: Vec<_> = there
        .iter()
        .filter(|run| view.takes(run) && has_words(run, &tenant_name(run.tenant_id), &words))
        .cloned()
        .collect();
    let me = feed.person().map(|person| person.id);
    let age = Age::of(feed.freshness());
    let title = t(Text::Runs);
    let caption = tenant.as_ref().map_or_else(
        || t(Text::RunsOfAll),
        |tenant| t(Text::RunsOf(&tenant.name)),
    );
    let shown: Vec<_> = matching.iter().take(*limit).cloned().collect();
    let n_hidden = matching.len() - shown.len();
    let show_all = {
        let (before, update) = (Rc::clone(&before), use_force_update());
        Callback::from(move |_| {
            before.borrow_mut().clear();
            update.force_update();
        })
    };
    let more = {
        let (limit, onolder) = (limit.clone(), props.onolder.clone());
        Callback::from(move |_| match &onolder {
            Some(onolder) if n_hidden == 0 => {
                limit.set(*limit + MAX_ROWS as usize);
                onolder.emit(());
            }
            _ => limit.set(*limit + MAX_ROWS as usize),
        })
    };
    let can_show_more = n_hidden > 0 || props.onolder.is_some();
    let policies = props
        .tenant_id
        .or_else(|| feed.tenants().next().map(|tenant| tenant.id))
        .map(Route::policies);
    html! {
        <>
            <header class="ta-head">
                <div class="ta-head__text">
                    <h1>{ title }</h1>
                    <p class="ta-dots ta-muted"><span><bdi>{ tenant.as_ref().map_or_else(|| t(Text::AllTenants), |tenant| tenant.name.clone().into()) }</bdi></span></p>
                </div>
                if let Some(to) = policies.clone() {
                    <div class="ta-head__acts">
                        { link(Look::Ink, Some(Icon::Capture), t(Text::StartCapture), &to) }
                    </div>
                }
            </header>
            <div class="ta-tabs-line">
                <div class="ta-tabs" role="group" aria-label={t(Text::ViewsOfRuns)}>
                    { for View::ALL.into_iter().map(|choice| {
                        let n = props.runs.iter().filter(|run| choice.takes(run)).count();
                        let set = view.setter();
                        let n = n as u64 + if choice == View::All { props.n_older } else { 0 };
                        tab(choice.word(), *view == choice, (!props.is_loading).then_some(n), choice == View::Failed,
                            Callback::from(move |_| set.set(choice)))
                    }) }
                </div>
            </div>
            <div class="ta-tools">
                { parts::search(t(Text::SearchRuns), t(Text::SearchRuns), &words) }
            </div>
            <div class="ta-holds" ref={table}>
                { hold_bar(&waiting, show_all) }
                <div class="ta-table-box">
                if !shown.is_empty() || props.is_loading {
                    <table role="table" class="ta-table ta-table--runs" data-one={props.tenant_id.map(|_| "")}
                        aria-busy={props.is_loading.then_some("true")}>
                        <caption class="ta-visually-hidden">{ caption }</caption>
                        { head(&columns(props.tenant_id.is_none())) }
                        <tbody role="rowgroup">
                            if shown.is_empty() { { bones(if props.tenant_id.is_some() { 6 } else { 7 }) } }
                            { for shown.iter().map(|run| html! {
                                <Row key={words::name(&run.key())}
                                    ..RowProps { run: Rc::clone(run), me, is_old: age.is_old(),
                                        tenant: props.tenant_id.is_none().then(|| tenant_name(run.tenant_id)) } />
                            }) }
                        </tbody>
                    </table>
                } else if props.runs.is_empty() {
                    { empty(Empty { icon: Some(Icon::Running), tone: None, level: "h2", title: t(Text::NoRuns), body: t(Text::NoRunsBody),
                        acts: policies.map(|to| link(Look::Small, None, t(Text::GoToPolicies), &to)).unwrap_or_default() }) }
                } else {
                    { empty(Empty { icon: None, tone: None, level: "h2", title: t(Text::NoRunsMatch), body: t(Text::NoRunsMatchBody),
                        acts: html! {} }) }
                }
                </div>
            </div>
            if !shown.is_empty() {
                <footer class="ta-table__foot">
                    <span>{ foot(shown.len() as u64, matching.len() as u64 + if *view == View::All && words.is_empty() { props.n_older } else { 0 }) }</span>
                    <span>
                        if can_show_more {
                            { button(Look::Small, None, t(Text::ShowOlder), more) }
                        }
                    </span>
                </footer>
            }
        </>
    }
}

fn foot(n_shown: u64, n_all: u64) -> AttrValue {
    if n_shown >= n_all {
        t(Text::NRunsShown(n_shown))
    } else {
        t(Text::NRunsShownOf {
            n: n_shown,
            m: n_all,
        })
    }
}

fn has_words(run: &Run, tenant: &str, words: &str) -> bool {
    let wanted = lowercase(words.trim_ascii());
    if wanted.is_empty() {
        return true;
    }
    let text = format!(
        "{} {} {tenant} {} {} {}",
        words::what(run),
        run.target,
        run.status,
        run.run_id,
        run.started_by
            .as_ref()
            .map_or("", |person| person.name.as_str()),
    );
    holds(&text, &wanted)
}

fn hold_bar(waiting: &[Rc<Run>], onshow: Callback<yew::MouseEvent>) -> Html {
    if waiting.is_empty() {
        return html! {};
    }
    let (n, m) = (
        waiting.len() as u64,
        waiting.iter().filter(|run| run.status.is_failure()).count() as u64,
    );
    let words = if m > 0 {
        t(Text::NewRunsFailed { n, m })
    } else {
        t(Text::NewRuns(n))
    };
    html! {
        <div class="ta-hold" role="status">
            { glyph(Icon::Pause) }<p><b>{ words }</b></p>
            { button(Look::Small, None, t(Text::ShowNew(n)), onshow) }
        </div>
    }
}

pub(crate) fn columns(with_tenant: bool) -> Vec<Column> {
    let mut columns = vec![
        Column::new(Text::ColumnStatus, Some("136"), ColumnKind::Words),
        Column::new(Text::ColumnRun, None, ColumnKind::Words),
        Column::new(Text::ColumnProgress, Some("276"), ColumnKind::Words),
        Column::new(Text::ColumnStartedBy, Some("136"), ColumnKind::Words),
        Column::new(Text::ColumnStarted, Some("118"), ColumnKind::Sorted),
        Column::new(Text::ColumnTime, Some("188"), ColumnKind::Words),
    ];
    if with_tenant {
        columns.insert(
            2,
            Column::new(Text::ColumnTenant, Some("172"), ColumnKind::Words),
        );
    }
    columns
}
