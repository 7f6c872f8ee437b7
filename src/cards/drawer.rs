//! Every card, in a drawer that the bell opens: failures first, with the exact number of each kind.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use contract::run::RunStatus;
use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, MouseEvent};
use yew::{Callback, Html, Properties, component, html};

use crate::ages::Age;
use crate::cards::list::{CardList, CardListProps};
use crate::cards::undo::{UndoBar, UndoProps};
use crate::cards::{Ask, n_failed};
use crate::feed::Card;
use crate::feed::order::Rank;
use crate::hooks::{use_effect_with, use_node_ref, use_state_eq};
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};
use crate::live::{Action, RunSeq, use_live};
use crate::parts::{self, Empty, Look, button};
use crate::route::Route;
use crate::shell::hold::use_hold;

/// So many cards at first, and more when they are asked for: thousands would take seconds to draw.
const PAGE: usize = 50;

/// Which cards are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Failed and partial.
    Failed,
    /// Queued and running.
    Active,
    /// The others.
    Ended,
}

impl Filter {
    const ALL: [Filter; 4] = [Filter::All, Filter::Failed, Filter::Active, Filter::Ended];

    fn takes(self, card: &Card) -> bool {
        let status = &card.run.status;
        match self {
            Filter::All => true,
            Filter::Failed => status.is_failure(),
            Filter::Active => status.is_active(),
            Filter::Ended => !status.is_failure() && !status.is_active(),
        }
    }

    fn word(self) -> Text<'static> {
        match self {
            Filter::All => Text::All,
            Filter::Failed => Text::Failed,
            Filter::Active => Text::ActiveTab,
            Filter::Ended => Text::Ended,
        }
    }
}

/// See [`Drawer`].
#[derive(Clone, PartialEq, Properties)]
pub struct DrawerProps {
    /// All cards on screen, in their order.
    pub cards: Rc<Vec<Rc<Card>>>,
    /// Failures known by name alone.
    #[prop_or_default]
    pub n_failed_not_held: usize,
    /// What it opens with.
    #[prop_or_default]
    pub filter: Filter,
    /// Who reads.
    #[prop_or_default]
    pub me: Option<PersonId>,
    /// Whether what is shown may be old.
    #[prop_or_default]
    pub age: Age,
    /// Where to go when there is no card.
    pub policies: Route,
    /// Closes it; the bell takes the focus back.
    pub onask: Callback<Ask>,
    /// The reader went to a run.
    #[prop_or_default]
    pub onview: Callback<RunKey>,
}

/// The drawer.
#[component]
pub fn Drawer(props: &DrawerProps) -> Html {
    let live = use_live();
    let filter = use_state_eq(|| props.filter);
    let waiting = use_state_eq(|| (0, 0));
    let limit = use_state_eq(|| PAGE);
    // What "Dismiss 6 completed" took off, as long as that can be undone here, and whether the keyboard did.
    let swept = use_state_eq(|| (Vec::<RunKey>::new(), false));
    let close = use_node_ref();
    let list = use_node_ref();
    let is_held = use_hold(&list);
    {
        let close = close.clone();
        use_effect_with((), move |()| {
            crate::dom::focus(&close);
        });
    }
    {
        // What was listed here has been seen, once the reader closes the drawer.
        let live = live.clone();
        use_effect_with((), move |()| {
            move || {
                let feed = live.picture().feed;
                let seen: Vec<RunSeq> = feed
                    .cards()
                    .iter()
                    .filter(|card| card.unread)
                    .map(|card| RunSeq {
                        run: card.key.clone(),
                        seq: card.run.tenant_seq,
                    })
                    .take(contract::api::MAX_ROWS as usize)
                    .collect();
                if !seen.is_empty() {
                    live.send(Action::Seen(seen));
                }
            }
        });
    }
    // On the document: where what had the focus is gone, a key is pressed on the page.
    use_effect_with(props.onask.clone(), |onask| {
        let onask = onask.clone();
        let listener = crate::dom::document().map(|document| {
            EventListener::new(&document, "keydown", move |event| {
                let key = event.dyn_ref::<KeyboardEvent>().map(|event| event.key());
                if key.as_deref() == Some("Escape") {
                    onask.emit(Ask::Close);
                }
            })
        });
        move || drop(listener)
    });
    let shown: Rc<Vec<_>> = Rc::new(
        props
            .cards
            .iter()
            .filter(|card| filter.takes(card))
            .cloned()
            .collect(),
    );
    let completed: Vec<RunSeq> = props
        .cards
        .iter()
        .filter(|card| card.run.status == RunStatus::Completed)
        .map(|card| RunSeq {
            run: card.key.clone(),
            seq: card.run.tenant_seq,
        })
        .collect();
    let n_unattended = props
        .cards
        .iter()
        .filter(|card| Rank::of(&card.run) == Rank::Unattended)
        .count()
        + props.n_failed_not_held;
    let n_completed = completed.len();
    let dismiss_completed = {
        let (live, swept) = (live.clone(), swept.setter());
        Callback::from(move |event: MouseEvent| {
            let keys = completed.iter().map(|seq| seq.run.clone()).collect();
            swept.set((keys, event.detail() == 0));
            live.send(Action::DismissAll(completed.clone()));
        })
    };
    let onundo = {
        let (live, swept) = (live.clone(), swept.clone());
        Callback::from(move |_| {
            live.send(Action::Undo(swept.0.clone()));
            swept.set((Vec::new(), false));
        })
    };
    let more = {
        let limit = limit.clone();
        Callback::from(move |_| limit.set(*limit + PAGE))
    };
    let onover = {
        let swept = swept.setter();
        Callback::from(move |_| swept.set((Vec::new(), false)))
    };
    html! {
        <div class="ta-centre" role="dialog" aria-labelledby="centre-title">
            <div class="ta-centre__head">
                <h2 id="centre-title">{ t(Text::Notifications) }</h2>
                <p class="ta-centre__wait" role="status">{ super::waiting_words(*waiting) }</p>
                <span class="ta-centre__acts">
                    <button class="ta-icon-button" type="button" aria-label={t(Text::CloseNotifications)}
                        onclick={props.onask.reform(|_| Ask::Close)} ref={close}>
                        { glyph(Icon::Cross) }
                    </button>
                </span>
            </div>
            <div class="ta-tabs-line ta-centre__tabs">
                <div class="ta-tabs" role="group" aria-label={t(Text::FilterCards)}>
                    { for Filter::ALL.into_iter().map(|choice| tab(props, choice, *filter, filter.setter())) }
                </div>
            </div>
            <div class="ta-centre__list" tabindex="0" role="region" aria-label={t(Text::Cards)} ref={list}>
                if n_unattended > 0 && matches!(*filter, Filter::All | Filter::Failed) {
                    <div class="ta-centre__title" data-tone="danger">
                        { glyph(Icon::Failed) }<h3>{ t(Text::NFailedUnattended(n_unattended as u64)) }</h3>
                    </div>
                }
                <div class="ta-centre__section" role="list">
                    <CardList key={*filter as u8} ..CardListProps { cards: Rc::clone(&shown), limit: *limit, is_held, me: props.me,
                        age: props.age, onwaiting: waiting.setter_callback(), onview: props.onview.clone() } />
                </div>
                if shown.len() > *limit {
                    <p class="ta-centre__more">
                        { super::more_words(shown.len() - *limit, n_failed(&shown[*limit..])) }
                        { button(Look::Small, None, t(Text::ShowMoreItems(PAGE.min(shown.len() - *limit) as u64)), more) }
                    </p>
                }
                if props.n_failed_not_held > 0 {
                    <p class="ta-muted">{ t(Text::NotHeldFailures(props.n_failed_not_held as u64)) }{ " " }
                        <a class="ta-link" href={Route::Runs.path()}>{ t(Text::SeeRuns) }</a></p>
                }
                if shown.is_empty() {
                    { empty(props, *filter) }
                }
            </div>
            if let Some(run) = swept.0.first() {
                <UndoBar ..UndoProps { run: run.clone(), title: t(Text::NCompleted(swept.0.len() as u64)), by_keyboard: swept.1,
                    onundo, onover } />
            } else if n_completed > 0 {
                <div class="ta-centre__foot">
                    { button(Look::Ghost, None, t(Text::DismissCompleted(n_completed as u64)), dismiss_completed) }
                </div>
            }
        </div>
    }
}

fn tab(
    props: &DrawerProps,
    choice: Filter,
    chosen: Filter,
    set: crate::hooks::UseStateSetter<Filter>,
) -> Html {
    let n = props.cards.iter().filter(|card| choice.takes(card)).count();
    parts::tab(
        choice.word(),
        choice == chosen,
        Some(n as u64),
        choice == Filter::Failed,
        Callback::from(move |_| set.set(choice)),
    )
}

fn empty(props: &DrawerProps, filter: Filter) -> Html {
    if filter != Filter::All {
        return parts::empty(Empty {
            icon: None,
            tone: None,
            level: "h3",
            title: t(Text::NoCardsOfKind),
            body: t(Text::NoCardsOfKindBody),
            acts: html! {},
        });
    }
    parts::empty(Empty {
        icon: Some(Icon::Bell),
        tone: None,
        level: "h3",
        title: t(Text::NoCards),
        body: t(Text::NoCardsBody),
        acts: html! {
            <a class="ta-button" data-size="sm" href={props.policies.path()} onclick={props.onask.reform(|_: yew::MouseEvent| Ask::Close)}>
                { t(Text::GoToPolicies) }
            </a>
        },
    })
}
