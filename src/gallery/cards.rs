//! The card in each state, a group closed and open, the undo bar, what stands where there are no cards, and the rows of the table.

use std::rc::Rc;

use yew::{Callback, Html, component, html};

use crate::ages::Age;
use crate::cards::card::{Card, CardProps};
use crate::cards::filter::{Filter, Tab};
use crate::cards::group::Group;
use crate::cards::list::{CardList, CardListProps};
use crate::cards::undo::{UndoBar, UndoProps};
use crate::feed::Card as CardData;
use crate::gallery::runs::{ME, NOW, TENANT, ago, of_one_kind, states};
use crate::gallery::{section, shown};
use crate::hooks::use_once;
use crate::i18n::{Text, t};
use crate::icons::Icon;
use crate::parts::{self, Empty, Look, bones, head};
use crate::route::Route;
use crate::runs::columns;
use crate::runs::row::{Row, RowProps};
use crate::runs::state::State;
use crate::runs::timeline::timeline;
use crate::runs::words;
use contract::api::RunChange;
use contract::run::RunStatus;

/// The parts of a run.
#[component]
pub(super) fn Cards() -> Html {
    let states = use_once(|| {
        let named = states().into_iter();
        let named = named.map(|(name, card)| (name, Rc::new(card)));
        named.collect::<Vec<_>>()
    });
    let closed = use_once(|| of_one_kind("Nightly sync", 100));
    let open = use_once(|| {
        let cards = of_one_kind("Weekly export", 200);
        if let Some(group) = Group::of(cards.clone()) {
            group.turn();
        }
        cards
    });
    let of = |name: &str| {
        let found = states.iter().find(|(known, _)| *known == name);
        Rc::clone(&found.expect("each state is in the list").1)
    };
    let stale = |name, as_of| shown(name, card(&of("card-running"), Age::Old(as_of)));
    html! {
        <>
            { section("cards", "Cards", html! {
                <>
                    { for states.iter().map(|(name, one)| shown(name, card(one, Age::Live))) }
                    { stale("card-stale", Some(ago(1))) }
                    { shown("undo", undo(&of("card-failed"))) }
                </>
            }) }
            { section("groups", "Groups", html! {
                <>
                    { shown("group-closed", list(&closed)) }
                    { shown("group-open", list(&open)) }
                </>
            }) }
            { section("nothing", "Where there is nothing", empties()) }
            { section("tables", "Tables", html! {
                <>
                    { shown("table", table(&states)) }
                    { shown("table-bones", loading()) }
                    { shown("timeline", story(&of("card-partial"))) }
                </>
            }) }
        </>
    }
}

fn card(card: &Rc<CardData>, age: Age) -> Html {
    html! {
        <Card ..CardProps { card: Rc::clone(card), follows: false, me: Some(ME), age, is_new: false, takes_focus: false, ondismiss: Callback::noop(),
            onview: Callback::noop() } />
    }
}

fn undo(card: &Rc<CardData>) -> Html {
    html! {
        <UndoBar ..UndoProps { run: card.key.clone(), title: State::of(&card.run).title(), by_keyboard: false, onwish: Callback::noop() } />
    }
}

fn list(cards: &Rc<Vec<Rc<CardData>>>) -> Html {
    html! {
        <CardList ..CardListProps { class: "ta-centre__section", is_history: true, cards: Rc::clone(cards), limit: usize::MAX, filter: Filter::from(Tab::All), is_held: false, me: Some(ME),
            age: Age::Live, onwaiting: Callback::noop(), onview: Callback::noop() } />
    }
}

fn empties() -> Html {
    let one = |icon, tone, title, body, acts| {
        parts::empty(Empty {
            icon,
            tone,
            level: "h3",
            title: t(title),
            body: t(body),
            acts,
        })
    };
    let link = parts::link(Look::Small, None, t(Text::GoToPolicies), &Route::Home);
    let again = parts::button(
        Look::Small,
        Some(Icon::Retry),
        t(Text::TryNow),
        Callback::noop(),
    );
    html! {
        <>
            { shown("empty-cards", one(Some(Icon::Bell), None, Text::NoCards, Text::NoCardsBody, link)) }
            { shown("empty-dismissed", one(Some(Icon::History), None, Text::NothingDismissed, Text::NothingDismissedBody, html! {})) }
            { shown("empty-filter", one(None, None, Text::NoRunsMatch, Text::NoRunsMatchBody, html! {})) }
            { shown("empty-failed", one(Some(Icon::Failed), Some("danger"), Text::RunsFailedToLoad, Text::ErrorUnreachable, again)) }
        </>
    }
}

fn table(states: &[(&'static str, Rc<CardData>)]) -> Html {
    html! {
        <div class="ta-table-box">
            <table role="table" class="ta-table ta-table--runs">
                <caption class="ta-visually-hidden">{ "Runs" }</caption>
                { head(&columns(true)) }
                <tbody role="rowgroup">
                    { for states.iter().map(|(_, card)| html! {
                        <Row key={words::name(&card.key)}
                            ..RowProps { run: Rc::clone(&card.run), me: Some(ME), is_old: false, tenant: Some(TENANT.into()) } />
                    }) }
                </tbody>
            </table>
        </div>
    }
}

fn loading() -> Html {
    html! {
        <div class="ta-table-box">
            <table role="table" class="ta-table ta-table--runs" aria-busy="true">
                <caption class="ta-visually-hidden">{ "Runs that are on their way" }</caption>
                { head(&columns(true)) }
                <tbody role="rowgroup">{ bones(7) }</tbody>
            </table>
        </div>
    }
}

fn story(card: &Rc<CardData>) -> Html {
    let run = &card.run;
    let change = |seq, status, attempt, minutes, is_stalled: bool| RunChange {
        tenant_seq: contract::ids::TenantSeq(seq),
        status,
        attempt,
        stalled_since: is_stalled.then(|| ago(minutes)),
        at: if minutes == 0 { NOW } else { ago(minutes) },
    };
    let changes = [
        change(1, RunStatus::Queued, 1, 15, false),
        change(2, RunStatus::Running, 1, 14, false),
        change(3, RunStatus::Running, 1, 9, true),
        change(4, RunStatus::Running, 2, 6, false),
        change(5, RunStatus::Partial, 2, 2, false),
    ];
    timeline(run, &changes, false)
}
