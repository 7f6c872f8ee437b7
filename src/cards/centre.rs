//! Every card: failures first, with the exact number of each view. The drawer that the bell opens and the notifications'
//! page are this, each in a frame of its own.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use contract::run::RunStatus;
use web_sys::MouseEvent;
use yew::{AttrValue, Callback, Html, Properties, component, html, use_mut_ref};

use crate::ages::Age;
use crate::cards::card::{Act, Wish};
use crate::cards::filter::{Filter, Tab};
use crate::cards::list::{CardList, CardListProps, seq};
use crate::cards::older::{Older, OlderProps};
use crate::cards::preferences::Preferences;
use crate::cards::undo::{UndoBar, UndoProps};
use crate::feed::Card;
use crate::feed::order::Rank;
use crate::hooks::{use_effect_with, use_node_ref, use_state_eq};
use crate::i18n::format::lowercase;
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};
use crate::live::{Action, RunSeq, use_feed, use_live};
use crate::parts::{self, Empty, Look, button};
use crate::route::Route;
use crate::shell::hold::use_hold;

/// So many of the first cards have been seen once the reader goes.
const SEEN: usize = 50;

/// See [`Centre`].
#[derive(Clone, PartialEq, Properties)]
pub struct CentreProps {
    /// All cards on screen, in their order.
    pub cards: Rc<Vec<Rc<Card>>>,
    /// Failures known by name alone.
    #[prop_or_default]
    pub n_failed_not_held: usize,
    /// What is looked for.
    #[prop_or_default]
    pub filter: Filter,
    /// Looks for something else.
    pub onfilter: Callback<Filter>,
    /// On a page of its own: it scrolls with the page.
    #[prop_or_default]
    pub is_page: bool,
    /// It reaches what the server alone has; not while the reader types what is looked for.
    #[prop_or_default]
    pub has_server: bool,
    /// Who reads.
    #[prop_or_default]
    pub me: Option<PersonId>,
    /// Whether what is shown may be old.
    #[prop_or_default]
    pub age: Age,
    /// Where to go when there is no card.
    pub policies: Route,
    /// The reader went to a run.
    #[prop_or_default]
    pub onview: Callback<RunKey>,
}

/// Views, list and what can be done with all of it.
#[component]
pub fn Centre(props: &CentreProps) -> Html {
    let live = use_live();
    let feed = use_feed();
    let filter = &props.filter;
    let waiting = use_state_eq(|| (0, 0));
    // What "Dismiss 6 completed" took off, as long as that can be undone here, and whether the keyboard did.
    let swept = use_state_eq(|| (Vec::<RunKey>::new(), false));
    let list = use_node_ref();
    let is_held = use_hold(&list);
    let needle = lowercase(filter.words.trim_ascii());
    let through: Vec<&Rc<Card>> = props
        .cards
        .iter()
        .filter(|card| filter.lets_through(card, &needle))
        .collect();
    let of = |tab: Tab| through.iter().copied().filter(move |card| tab.takes(card));
    let shown: Rc<Vec<_>> = Rc::new(if filter.tab == Tab::Dismissed {
        Vec::new()
    } else {
        of(filter.tab).cloned().collect()
    });
    let unattended = || {
        let is_one = |card: &&Rc<Card>| Rank::of(&card.run) == Rank::Unattended;
        shown.iter().filter(is_one)
    };
    // What stood here last: others are told who has seen a failure.
    let last_shown = use_mut_ref(Rc::default);
    *last_shown.borrow_mut() = Rc::clone(&shown);
    {
        let live = live.clone();
        use_effect_with((), move |()| {
            move || {
                let cards: Rc<Vec<Rc<Card>>> = last_shown.take();
                read(&live, &mut cards.iter().take(SEEN));
            }
        });
    }
    let mine_to_take = seqs(&mut unattended().filter(|card| card.may_acknowledge));
    let n_not_held = if filter.is_narrow() {
        0
    } else {
        props.n_failed_not_held
    };
    let n_unattended = unattended().count() + n_not_held;
    let completed = seqs(
        &mut shown
            .iter()
            .filter(|card| card.run.status == RunStatus::Completed),
    );
    let n_completed = completed.len();
    let n_unread = shown.iter().filter(|card| card.unread).count();

    let acknowledge = {
        let live = live.clone();
        let runs = mine_to_take.clone();
        Callback::from(move |_| live.send(Action::Acknowledge(runs.clone(), true)))
    };
    let dismiss_completed = {
        let (live, swept) = (live.clone(), swept.setter());
        Callback::from(move |event: MouseEvent| {
            let keys = completed.iter().map(|seq| seq.run.clone()).collect();
            swept.set((keys, event.detail() == 0));
            live.send(Action::DismissAll(completed.clone()));
        })
    };
    let mark_read = {
        let (live, shown) = (live.clone(), Rc::clone(&shown));
        Callback::from(move |_| read(&live, &mut shown.iter()))
    };
    let onwish = {
        let (live, swept) = (live.clone(), swept.clone());
        Callback::from(move |wish: Wish| {
            if wish.act == Act::Undo {
                live.send(Action::Undo(swept.0.clone()));
            }
            swept.set((Vec::new(), false));
        })
    };
    // The server's failures are those that nobody looks after.
    let n_held = match filter.tab {
        Tab::Failed => unattended().count(),
        _ => shown.len(),
    };
    let has_older = match filter.tab {
        Tab::Dismissed => true,
        Tab::Failed => props.n_failed_not_held > 0,
        Tab::All | Tab::Mine => feed.has_older(),
        Tab::Active | Tab::Preferences => false,
    };
    html! {
        <>
            <div class="ta-tabs-line ta-centre__tabs">
                <div class="ta-tabs" role="group" aria-label={t(Text::FilterCards)}>
                    { for Tab::OPEN.into_iter().map(|tab| view(props, tab, Some(of(tab).count() as u64))) }
                    if props.is_page {
                        { view(props, Tab::Dismissed, None) }
                        { view(props, Tab::Preferences, None) }
                    }
                </div>
                <p class="ta-centre__wait" role="status">{ super::waiting_words(*waiting) }</p>
            </div>
            <div class="ta-centre__list" data-scrolls={(!props.is_page).then_some("")} tabindex="0" role="region"
                aria-label={t(Text::Cards)} ref={list}>
                if props.is_page {
                    <h2 class="ta-visually-hidden">{ t(Text::Cards) }</h2>
                }
                if n_unattended > 0 && filter.tab != Tab::Active {
                    <div class="ta-centre__title" data-tone="danger">
                        { glyph(Icon::Failed) }<h3>{ t(Text::NFailedUnattended(n_unattended as u64)) }</h3>
                        if mine_to_take.len() > 1 {
                            { button(Look::Ghost, None, t(Text::AcknowledgeN(mine_to_take.len() as u64)), acknowledge) }
                        }
                    </div>
                }
                <CardList key={filter.tab as u8} ..CardListProps { class: "ta-centre__section", is_history: false, cards: Rc::clone(&shown), limit: usize::MAX, filter: filter.clone(), is_held, me: props.me,
                    age: props.age, onwaiting: waiting.setter_callback(), onview: props.onview.clone() } />
                if n_not_held > 0 && !props.is_page {
                    <p class="ta-muted">{ t(Text::NotHeldFailures(n_not_held as u64)) }{ " " }
                        <a class="ta-link" href={Route::Notifications(Tab::Failed.into()).path()}>{ t(Text::OpenAll) }</a></p>
                }
                if props.has_server && has_older {
                    <Older key={Route::Notifications(filter.clone()).path()} ..OlderProps { filter: filter.clone(), n_held,
                        empty: empty(props), me: props.me, age: props.age, onview: props.onview.clone() } />
                } else if filter.tab == Tab::Preferences {
                    <Preferences />
                } else if shown.is_empty() {
                    { empty(props) }
                }
            </div>
            if let Some(run) = swept.0.first() {
                <UndoBar ..UndoProps { run: run.clone(), title: t(Text::NCompleted(swept.0.len() as u64)), by_keyboard: swept.1, onwish } />
            } else if n_completed + n_unread > 0 {
                <div class="ta-centre__foot">
                    if n_completed > 0 {
                        { button(Look::Ghost, None, t(Text::DismissCompleted(n_completed as u64)), dismiss_completed) }
                    }
                    if n_unread > 0 {
                        { button(Look::Ghost, None, t(Text::MarkAllRead(n_unread as u64)), mark_read) }
                    }
                </div>
            }
        </>
    }
}

fn seqs(cards: &mut dyn Iterator<Item = &Rc<Card>>) -> Vec<RunSeq> {
    cards.map(seq).collect()
}

fn read(live: &crate::live::Live, cards: &mut dyn Iterator<Item = &Rc<Card>>) {
    let seen = seqs(&mut cards.filter(|card| card.unread));
    if !seen.is_empty() {
        live.send(Action::Seen(seen));
    }
}

fn view(props: &CentreProps, tab: Tab, n: Option<u64>) -> Html {
    let wanted = Filter {
        tab,
        ..props.filter.clone()
    };
    parts::tab(
        tab.word(),
        tab == props.filter.tab,
        n,
        tab == Tab::Failed,
        props.onfilter.reform(move |_| wanted.clone()),
    )
}

fn empty(props: &CentreProps) -> Html {
    let (tab, onfilter) = (props.filter.tab, &props.onfilter);
    let (icon, title, body, acts) = if props.filter.is_narrow() {
        let clear = button(
            Look::Small,
            None,
            t(Text::ClearFilter),
            onfilter.reform(move |_| tab.into()),
        );
        (None, Text::NoCardsForFilter, AttrValue::default(), clear)
    } else if tab == Tab::All {
        let to = parts::link(Look::Small, None, t(Text::GoToPolicies), &props.policies);
        (Some(Icon::Bell), Text::NoCards, t(Text::NoCardsBody), to)
    } else {
        let (icon, title, body) = match tab {
            Tab::Dismissed => (
                Some(Icon::History),
                Text::NothingDismissed,
                Text::NothingDismissedBody,
            ),
            _ => (None, Text::NoCardsOfKind, Text::NoCardsOfKindBody),
        };
        (icon, title, t(body), html! {})
    };
    parts::empty(Empty {
        icon,
        tone: None,
        level: "h3",
        title: t(title),
        body,
        acts,
    })
}
