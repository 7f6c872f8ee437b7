//! A list of cards that stands still while its reader is on it: new ones wait and are counted, and a dismissed one leaves
//! an undo bar in its place. The stack and the drawer are such lists.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use yew::{AttrValue, Callback, Html, Properties, component, html, use_mut_ref};

use crate::ages::Age;
use crate::cards::card::{Card, CardProps, Dismissal};
use crate::cards::undo::{UndoBar, UndoProps};
use crate::feed::Card as CardData;
use crate::hooks::{use_effect_with, use_once, use_state};
use crate::live::{Action, RunSeq, use_live};
use crate::runs::state::State;
use crate::runs::words::name;
use crate::sorted::{SortedMap, sort_by_key};

/// See [`CardList`].
#[derive(Clone, PartialEq, Properties)]
pub struct CardListProps {
    /// In the order to show, failures first; the first `limit` of them are shown.
    pub cards: Rc<Vec<Rc<CardData>>>,
    /// At most this many.
    #[prop_or(usize::MAX)]
    pub limit: usize,
    /// The reader is on the list: nothing is re-ordered, and what comes waits.
    pub is_held: bool,
    /// Who reads.
    #[prop_or_default]
    pub me: Option<PersonId>,
    /// Whether what is shown may be old.
    #[prop_or_default]
    pub age: Age,
    /// How many wait, and how many of them failed.
    #[prop_or_default]
    pub onwaiting: Callback<(usize, usize)>,
    /// The reader went to a run.
    #[prop_or_default]
    pub onview: Callback<RunKey>,
}

/// A dismissed card that can come back.
#[derive(Clone, PartialEq)]
struct Undo {
    run: RunKey,
    title: AttrValue,
    idx: usize,
    by_keyboard: bool,
}

/// What stands in a place.
enum Slot {
    Card(Rc<CardData>),
    Undo(Undo),
}

/// Which cards to show, given which are on screen: while held, those that are there stay in their places.
pub fn choose(
    cards: &[Rc<CardData>],
    before: &[RunKey],
    limit: usize,
    is_held: bool,
) -> Vec<Rc<CardData>> {
    if !is_held || before.is_empty() {
        return cards.iter().take(limit).cloned().collect();
    }
    before
        .iter()
        .filter_map(|key| cards.iter().find(|card| card.key == *key))
        .cloned()
        .collect()
}

/// Of the cards that would be shown, those that wait: how many, and how many of them failed.
pub fn waiting(cards: &[Rc<CardData>], shown: &[Rc<CardData>], limit: usize) -> (usize, usize) {
    let shown: SortedMap<&RunKey, ()> = shown.iter().map(|card| (&card.key, ())).collect();
    let waiting: Vec<_> = cards
        .iter()
        .take(limit)
        .filter(|card| !shown.contains_key(&&card.key))
        .collect();
    let n_failed = waiting
        .iter()
        .filter(|card| card.run.status.is_failure())
        .count();
    (waiting.len(), n_failed)
}

/// The list.
#[component]
pub fn CardList(props: &CardListProps) -> Html {
    let live = use_live();
    let before = use_mut_ref(Vec::<RunKey>::new);
    let last_limit = use_mut_ref(|| props.limit);
    let known = use_mut_ref(|| None::<SortedMap<RunKey, ()>>);
    let undos = use_state(Vec::<Undo>::new);
    // The card that an undo brought back, until something else happens.
    let came_back = use_state(|| None::<RunKey>);

    // Who asks for more gets more, also from a list that they are on.
    if last_limit.replace(props.limit) != props.limit {
        before.borrow_mut().clear();
    }
    let shown = choose(&props.cards, &before.borrow(), props.limit, props.is_held);
    let wait = waiting(&props.cards, &shown, props.limit);
    {
        let onwaiting = props.onwaiting.clone();
        use_effect_with(wait, move |wait| onwaiting.emit(*wait));
    }
    let ondismiss = {
        let (live, undos, before) = (live.clone(), undos.clone(), Rc::clone(&before));
        let cards = Rc::clone(&props.cards);
        Callback::from(move |dismissal: Dismissal| {
            let Dismissal {
                run: key,
                by_keyboard,
            } = dismissal;
            let Some(card) = cards.iter().find(|card| card.key == key) else {
                return;
            };
            let idx = before
                .borrow()
                .iter()
                .position(|shown| *shown == key)
                .unwrap_or(0);
            let undo = Undo {
                run: key.clone(),
                title: State::of(&card.run).title(),
                idx,
                by_keyboard,
            };
            let mut now: Vec<Undo> = undos
                .iter()
                .filter(|undo| undo.run != key)
                .cloned()
                .collect();
            now.push(undo);
            undos.set(now);
            live.send(Action::Dismiss(RunSeq {
                run: key,
                seq: card.run.tenant_seq,
            }));
        })
    };
    let onundo = {
        let (live, undos, came_back) = (live.clone(), undos.clone(), came_back.setter());
        Callback::from(move |key: RunKey| {
            undos.set(
                undos
                    .iter()
                    .filter(|undo| undo.run != key)
                    .cloned()
                    .collect(),
            );
            came_back.set(Some(key.clone()));
            live.send(Action::Undo(vec![key]));
        })
    };
    let onover = {
        let undos = undos.clone();
        Callback::from(move |key: RunKey| {
            undos.set(
                undos
                    .iter()
                    .filter(|undo| undo.run != key)
                    .cloned()
                    .collect(),
            )
        })
    };
    // One callback for all drawings, so that a card is not drawn again for a new one; it calls the latest.
    let latest = use_mut_ref(Callback::noop);
    *latest.borrow_mut() = ondismiss;
    let ondismiss = use_once(move || {
        Callback::from(move |dismissal: Dismissal| {
            let latest = latest.borrow().clone();
            latest.emit(dismissal);
        })
    });
    let ondismiss = Callback::clone(&ondismiss);

    let is_back = |undo: &&Undo| !shown.iter().any(|card| card.key == undo.run);
    let mut slots: Vec<Slot> = shown.iter().cloned().map(Slot::Card).collect();
    let mut open: Vec<&Undo> = undos.iter().filter(is_back).collect();
    sort_by_key(&mut open, |undo| undo.idx);
    for undo in open {
        slots.insert(undo.idx.min(slots.len()), Slot::Undo(undo.clone()));
    }
    let was_known = known.borrow().clone();
    // An undo bar keeps its card's place: the card comes back to it also while its reader is on the list.
    let places = slots.iter().map(|slot| match slot {
        Slot::Card(card) => card.key.clone(),
        Slot::Undo(undo) => undo.run.clone(),
    });
    *before.borrow_mut() = places.collect();
    // What was there when the list came does not fade in.
    for card in props.cards.iter() {
        let mut known = known.borrow_mut();
        known.get_or_insert_default().insert(card.key.clone(), ());
    }

    html! {
        { for slots.into_iter().map(|slot| match slot {
            Slot::Card(card) => {
                let is_new = was_known.as_ref().is_some_and(|known| !known.contains_key(&card.key));
                let takes_focus = came_back.as_ref() == Some(&card.key);
                html! {
                    <div class="ta-stack__item" key={name(&card.key)} role="listitem">
                        <Card ..CardProps { card, me: props.me, age: props.age, is_new, takes_focus, ondismiss: ondismiss.clone(),
                            onview: props.onview.clone() } />
                    </div>
                }
            }
            Slot::Undo(undo) => html! {
                <div class="ta-stack__item" key={format!("undo {}", name(&undo.run))} role="listitem">
                    <UndoBar ..UndoProps { run: undo.run, title: undo.title, by_keyboard: undo.by_keyboard, onundo: onundo.clone(),
                        onover: onover.clone() } />
                </div>
            },
        }) }
    }
}
