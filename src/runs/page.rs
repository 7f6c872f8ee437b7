//! A run's page: what it is in, how far it is, what became of every policy, and what happened when. Live.
//!
//! Run and items are asked for here and nowhere below: once, and again as the run moves on.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use contract::run::{BULK_OPERATION, RESTORE, Run};
use contract::timestamp::Timestamp;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::ages::{Age, Elapsed, ago_time, each_second, elapsed_time};
use crate::api::{self, ApiError};
use crate::cards::bar::{Bar, CountsProps, legend};
use crate::cards::bell::{PageMarks, PageMarksProps};
use crate::errors::{
    CouldNotLoadProps, DeadEndProps, could_not_load, dead_end, ways_on, words as error_words,
};
use crate::fetched::use_fetched;
use crate::hooks::{use_effect_with, use_state_eq};
use crate::i18n::format::{clock, duration, number};
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
use crate::live::{Action, Live, RunSeq, use_feed, use_live};
use crate::parts::{Look, bones, chip, facts as fact_list, link, note};
use crate::route::Route;
use crate::runs::items::{Items, ItemsProps};
use crate::runs::state::State;
use crate::runs::timeline::timeline;
use crate::runs::words;
use crate::shell::copy::{Copy, CopyProps};

/// Items are asked for again at most once a second.
const EVERY_MS: u32 = 1_000;

/// See [`RunPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct RunPageProps {
    /// Which run. Another one is another component (by its key).
    pub run: RunKey,
}

/// The page.
#[component]
pub fn RunPage(props: &RunPageProps) -> Html {
    let live = use_live();
    let feed = use_feed();
    let key = &props.run;
    let n_pages = use_state_eq(|| 1_usize);
    let held = feed.run(key).cloned();

    // A change of status is in the timeline; progress is in the items alone.
    let seq = held.as_ref().map(|run| run.tenant_seq);
    let body = use_fetched((seq, 0), 1, EVERY_MS, {
        let key = key.clone();
        move |_| api::run_page(&key)
    });
    let rev = held.as_ref().map_or(0, |run| run.rev.0.unsigned_abs());
    // What a portal announced has no items here, so there is nothing to ask for again.
    let moves_on = key.source.is_empty();
    let version = if moves_on { (seq, rev) } else { (None, 0) };
    let items = use_fetched(version, *n_pages, EVERY_MS, {
        let key = key.clone();
        move |after| api::items(&key, after)
    });
    use_effect_with(body.n_readings, {
        let live = live.clone();
        let pages = body.pages.clone();
        move |_| {
            let runs = pages.iter().map(|page| page.run.clone());
            live.send(Action::Bodies(runs.collect()));
        }
    });
    let run = held.or_else(|| body.value().map(|body| Rc::new(body.run.clone())));
    // Who reads a run's page has seen its card.
    let unread = feed
        .card(key)
        .filter(|card| card.unread)
        .map(|card| card.run.tenant_seq);
    use_effect_with(unread, {
        let key = key.clone();
        move |unread| {
            if let Some(seq) = *unread {
                live.send(Action::Seen(vec![RunSeq { run: key, seq }]));
            }
        }
    });

    if let Some(error) = &body.error
        && matches!(error.status(), Some(403 | 404))
    {
        return not_yours(
            key,
            feed.tenant(key.tenant_id).map(|tenant| tenant.name.clone()),
        );
    }
    let Some(run) = run else {
        let Some(error) = &body.error else {
            return loading();
        };
        return html! {
            <>
                <PageMarks ..PageMarksProps { title: t(Text::Run) } />
                <h1 class="ta-visually-hidden">{ t(Text::Run) }</h1>
                { could_not_load(&CouldNotLoadProps { title: t(Text::RunFailedToLoad), error: error.clone(), again: body.again.clone() }) }
            </>
        };
    };
    let age = Age::of(feed.freshness());
    let me = feed.person().map(|person| person.id);
    let tenant = feed
        .tenant(key.tenant_id)
        .map(|tenant| AttrValue::from(tenant.name.clone()))
        .unwrap_or_default();
    let onmore = items.has_more().then(|| {
        let n_pages = n_pages.clone();
        Callback::from(move |()| n_pages.set(*n_pages + 1))
    });
    html! {
        <>
            <PageMarks ..PageMarksProps { title: words::what(&run) } />
            { head(&HeadProps { run: Rc::clone(&run), tenant: tenant.clone(), me, age, url: body.value().and_then(|body| body.url.clone()) }) }
            { old(&body.error, &items.error) }
            <div class="ta-split">
                <div>
                    { figures(&run, age.is_old()) }
                    { own_error(&run) }
                    if !run.source.is_empty() {
                        { note("neutral", None, Icon::Info, html! { { t(Text::NoItemsHere(&run.source)) } }) }
                    } else if !items.pages.is_empty() {
                        <Items ..ItemsProps { pages: items.pages, counts: run.counts, onmore } />
                    } else if let Some(error) = &items.error {
                        { could_not_load(&CouldNotLoadProps { title: t(Text::ItemsFailedToLoad), error: error.clone(), again: items.again.clone() }) }
                    } else {
                        { item_bones() }
                    }
                </div>
                <aside aria-label={t(Text::AboutThisRun)}>
                    { timeline(&run, body.value().map_or(&[], |body| &body.timeline), age.is_old()) }
                    { facts(&run, &tenant, me) }
                </aside>
            </div>
        </>
    }
}

fn not_yours(key: &RunKey, tenant: Option<String>) -> Html {
    html! {
        <>
            <PageMarks ..PageMarksProps { title: t(Text::Run) } />
            { dead_end(&DeadEndProps { icon: Icon::Lock, title: t(Text::NotYours), body: t(Text::NotYoursBody), children: html! { <>
                if let Some(tenant) = tenant {
                    { link(Look::Plain, None, t(Text::RunsOfTenant(&tenant)), &Route::TenantRuns(key.tenant_id)) }
                }
                { ways_on() }
            </> } }) }
        </>
    }
}

fn loading() -> Html {
    html! {
        <div aria-busy="true">
            <PageMarks ..PageMarksProps { title: t(Text::Run) } />
            <h1 class="ta-visually-hidden">{ t(Text::LoadingRun) }</h1>
            <div class="ta-split"><div>{ item_bones() }</div></div>
        </div>
    }
}

fn item_bones() -> Html {
    html! {
        <div class="ta-table-box" aria-hidden="true">
            <table role="presentation" class="ta-table"><tbody>{ bones(4) }</tbody></table>
        </div>
    }
}

/// A later reading failed: what is there stays, and says so.
fn old(run: &Option<ApiError>, items: &Option<ApiError>) -> Html {
    // A session that ended has a banner of its own.
    let is_news = |error: &&ApiError| !error.is_signed_out();
    let (run, items) = (run.as_ref().filter(is_news), items.as_ref().filter(is_news));
    let (what, error) = match (run, items) {
        (Some(error), _) => (Text::OldPage, error),
        (None, Some(error)) => (Text::ItemsOld, error),
        (None, None) => return html! {},
    };
    html! {
        <div class="ta-banner ta-banner--in" data-tone="warning" role="status">
            { glyph(Icon::Stale) }<p><b>{ t(what) }</b>{ " " }{ error_words(error) }</p>
        </div>
    }
}

/// Why the run itself failed; the errors of its items are in the list.
fn own_error(run: &Run) -> Html {
    let Some(error) = run
        .error
        .as_ref()
        .filter(|_| State::of(run) == State::Failed)
    else {
        return html! {};
    };
    let words =
        html! { <><b>{ &error.message }</b>{ " " }<span class="ta-mono">{ &error.code }</span></> };
    note("danger", None, Icon::Failed, words)
}

/// See [`head`].
#[derive(Clone, PartialEq)]
struct HeadProps {
    run: Rc<Run>,
    tenant: AttrValue,
    me: Option<PersonId>,
    age: Age,
    /// The portal's own page of the run.
    url: Option<String>,
}

fn head(props: &HeadProps) -> Html {
    let run = &props.run;
    let state = State::of(run);
    let is_old = props.age.is_old();
    let id = run.run_id.0;
    let name = words::short_name(run);
    let here = t(match run.run_type.as_str() {
        RESTORE => Text::RestoreRun(id),
        BULK_OPERATION => Text::BulkOperationRun(id),
        _ => Text::RunOfType(&name),
    });
    let n_failed = run.counts.failed.unwrap_or(0);
    let target = words::target(run);
    html! {
        <header class="ta-head">
            <div class="ta-head__text">
                <nav class="ta-crumbs" aria-label={t(Text::Breadcrumb)}>
                    <a href={Route::TenantRuns(run.tenant_id).path()}>{ t(Text::Runs) }</a>
                    { dressed(Icon::Next, "flip", None, None, None) }<span aria-current="page">{ here }</span>
                </nav>
                <div class="ta-head__line">
                    <h1>{ words::what(run) }</h1>
                    <span class="ta-chip" data-tone={state.word_tone()} data-size="lg" data-run-state={state.attribute()}>
                        { dressed(state.icon(), "", state.turn(is_old), None, Some(state.tone())) }{ state.word(&run.status) }
                    </span>
                    if n_failed > 0 && run.status.is_active() {
                        { chip("danger", Some("lg"), Some(Icon::Cross), t(Text::FailedSoFar(n_failed))) }
                    }
                    if let Some(as_of) = props.age.words() {
                        { chip("warning", Some("lg"), Some(Icon::Stale), as_of) }
                    }
                </div>
                <p class="ta-dots ta-muted">
                    <span><bdi>{ props.tenant.clone() }</bdi></span>
                    if !target.is_empty() { <span><bdi>{ target }</bdi></span> }
                    <span>{ words::started_by(run, props.me) }{ ", " }{ ago_time(run.queued_at, is_old) }</span>
                    if run.attempt > 1 { <span>{ t(Text::AttemptN(u64::from(run.attempt))) }</span> }
                </p>
            </div>
            if let Some(url) = &props.url {
                <div class="ta-head__acts"><a class="ta-button" href={url.clone()} rel="noreferrer">{ t(Text::OpenIn(&run.source)) }</a></div>
            }
        </header>
    }
}

/// How far it is. Follows the clock.
fn figures(run: &Rc<Run>, is_old: bool) -> Html {
    let run = Rc::clone(run);
    each_second(None, move |live, now| figures_at(&run, is_old, live, now))
}

fn figures_at(run: &Run, is_old: bool, live: &Live, now: Option<Timestamp>) -> Html {
    let is_active = run.status.is_active();
    let pace = now
        .filter(|_| is_active && !is_old)
        .map(|now| live.picture().feed.pace(&run.key(), now));
    let rate = pace
        .and_then(|pace| pace.per_minute)
        .map(|rate| rate.round() as u64)
        .filter(|rate| *rate > 0);
    let left = pace
        .and_then(|pace| words::range(pace.left))
        .map(|range| match range {
            None => t(Text::AFewSeconds),
            Some(range) => t(Text::AboutText(&range)),
        });
    let time = |word: Text<'static>, value: Html| html! { <div class="ta-figure"><dt>{ t(word) }</dt><dd>{ value }</dd></div> };
    html! {
        <section class="ta-panel" aria-label={t(Text::Progress)}>
            <div class="ta-panel__body ta-big-progress">
                <dl class="ta-figures">
                    <div class="ta-figure" data-size="lg" data-first="">
                        <dt>{ t(Text::Done) }</dt>
                        <dd>
                            { number(run.counts.processed.unwrap_or(0)) }
                            if let Some(total) = run.counts.total { { " " }<span>{ t(Text::OfTotal(total)) }</span> }
                        </dd>
                    </div>
                    if run.started_at.is_some() && is_active {
                        { time(Text::TimeLeft, html! { { left.unwrap_or_else(|| t(Text::NotKnownYet)) } }) }
                    }
                    if let Some(rate) = rate { { time(Text::Rate, html! { { t(Text::PerMinute(rate)) } }) } }
                    { match (run.started_at, run.ended_at) {
                        (Some(started), Some(ended)) => time(Text::Took, html! { { duration(ended.since(started)) } }),
                        (None, Some(ended)) => time(Text::Took, html! { { duration(ended.since(run.queued_at)) } }),
                        (Some(at), None) => time(Text::RunningFor, html! { { elapsed_time(at, is_old, Elapsed::Plain) } }),
                        (None, None) => time(Text::WaitingFor, html! { { elapsed_time(run.queued_at, is_old, Elapsed::Plain) } }),
                    } }
                </dl>
                <Bar ..CountsProps { counts: run.counts, size: Some("lg"), with_remaining: true } />
                { legend(&CountsProps { counts: run.counts, size: None, with_remaining: true }) }
                { waits(run) }
            </div>
        </section>
    }
}

fn waits(run: &Run) -> Html {
    let words = match (State::of(run), &run.waiting, run.stalled_since) {
        (State::Throttled, Some(waiting), _) => {
            let until = waiting
                .until
                .map(|until| t(Text::GoesOnAt(&clock(until))).to_string())
                .unwrap_or_default();
            format!("{} {until}", t(Text::GraphAsksToWait))
        }
        (State::Stalled, _, Some(since)) => {
            format!(
                "{} {}",
                t(Text::NoProgressSince(&clock(since))),
                t(Text::RunHasNotEnded)
            )
        }
        _ => return html! {},
    };
    let state = State::of(run);
    note(state.tone(), None, state.icon(), html! { { words } })
}

fn facts(run: &Run, tenant: &AttrValue, me: Option<PersonId>) -> Html {
    let name = |name: &AttrValue| html! { <bdi>{ name }</bdi> };
    let id = words::short_name(run);
    let mut rows = vec![
        (
            Text::Id,
            html! { <Copy ..CopyProps { text: id.into(), label: t(Text::CopyRunId) } /> },
        ),
        (Text::Tenant, name(tenant)),
    ];
    if !run.operation.is_empty() {
        let operation = html! { <span class="ta-mono">{ &run.operation }</span> };
        rows.push((Text::Operation, operation));
    }
    if !run.target.is_empty() {
        rows.push((Text::Target, name(&run.target.clone().into())));
    }
    rows.push((Text::StartedByLabel, name(&words::starter(run, me))));
    if run.attempt > 1 {
        let attempt = number(u64::from(run.attempt));
        rows.push((Text::AttemptsLabel, html! { { attempt } }));
    }
    html! {
        <section class="ta-panel" aria-labelledby="facts-title">
            <header class="ta-panel__head"><h2 id="facts-title">{ t(Text::Run) }</h2></header>
            <div class="ta-panel__body">
                { fact_list(Some("sm"), rows) }
            </div>
        </section>
    }
}
