//! A list of cards that stands still while its reader is on it: new ones wait and are counted, and a dismissed one leaves
//! an undo bar in its place. The stack and the centre are such lists.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use contract::timestamp::Timestamp;
use yew::{AttrValue, Callback, Html, Properties, component, hook, html, use_mut_ref};

use crate::ages::Age;
use crate::cards::card::Dismissal;
use crate::cards::window::{ALL_DRAWN, PART, Said, Window, WindowProps, place};
use crate::feed::Card as CardData;
use crate::hooks::{use_effect_with, use_once, use_state};
use crate::live::{Action, RunSeq, use_live};
use crate::runs::state::State;
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
pub struct Undo {
    /// As it was.
    pub card: Rc<CardData>,
    /// What it said.
    pub title: AttrValue,
    /// Its place.
    pub idx: usize,
    /// Dismissed with the keyboard.
    pub by_keyboard: bool,
}

/// What stands in a place.
#[derive(Clone, PartialEq)]
pub enum Slot {
    /// A card, and whether it has just come.
    Card(Rc<CardData>, bool),
    /// What a card left.
    Undo(Undo),
}

/// Which cards to show, given which are on screen: while held, those that are there stay in their places.
pub fn choose(
    cards: &[Rc<CardData>],
    before: &[Rc<CardData>],
    limit: usize,
    is_held: bool,
) -> Vec<Rc<CardData>> {
    if !is_held || before.is_empty() {
        return cards.iter().take(limit).cloned().collect();
    }
    let cards = by_run(cards);
    let stays = |card: &Rc<CardData>| cards.get(&&card.key).copied().cloned();
    before.iter().filter_map(stays).collect()
}

/// Of the cards that would be shown, those that wait: how many, and how many of them failed.
pub fn waiting(cards: &[Rc<CardData>], shown: &[Rc<CardData>], limit: usize) -> (usize, usize) {
    let shown = by_run(shown);
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

fn by_run(cards: &[Rc<CardData>]) -> SortedMap<&RunKey, &Rc<CardData>> {
    cards.iter().map(|card| (&card.key, card)).collect()
}

/// The list.
#[component]
pub fn CardList(props: &CardListProps) -> Html {
    let live = use_live();
    // What stood in each place; an undo bar keeps its card's, which comes back to it also while its reader is on the list.
    let before = use_mut_ref(Vec::<Rc<CardData>>::new);
    let last_limit = use_mut_ref(|| props.limit);
    let undos = use_state(Vec::<Undo>::new);
    // The card that an undo brought back, until something else happens.
    let came_back = use_state(|| None::<RunKey>);
    // What was there when the list came does not fade in.
    let begun = {
        let live = live.clone();
        use_once(move || live.now())
    };

    // Who asks for more gets more, also from a list that they are on.
    if last_limit.replace(props.limit) != props.limit {
        before.borrow_mut().clear();
    }
    let shown = choose(&props.cards, &before.borrow(), props.limit, props.is_held);
    let wait = if props.is_held {
        waiting(&props.cards, &shown, props.limit)
    } else {
        (0, 0)
    };
    {
        let onwaiting = props.onwaiting.clone();
        use_effect_with(wait, move |wait| onwaiting.emit(*wait));
    }
    let without = {
        let undos = undos.clone();
        move |key: &RunKey| {
            let others = undos.iter().filter(|undo| undo.card.key != *key);
            others.cloned().collect::<Vec<Undo>>()
        }
    };
    let ondismiss = {
        let (live, undos, before, without) = (
            live.clone(),
            undos.setter(),
            Rc::clone(&before),
            without.clone(),
        );
        let cards = Rc::clone(&props.cards);
        Callback::from(move |Dismissal { run, by_keyboard }: Dismissal| {
            let Some(card) = cards.iter().find(|card| card.key == run) else {
                return;
            };
            if card.dismissed {
                live.send(Action::Undo(vec![run]));
                return;
            }
            let places = before.borrow();
            let mut now = without(&run);
            now.push(Undo {
                card: Rc::clone(card),
                title: State::of(&card.run).title(),
                idx: places
                    .iter()
                    .position(|place| place.key == run)
                    .unwrap_or(0),
                by_keyboard,
            });
            undos.set(now);
            let seq = card.run.tenant_seq;
            live.send(Action::Dismiss(RunSeq { run, seq }));
        })
    };
    let onundo = {
        let (live, undos, came_back) = (live.clone(), undos.setter(), came_back.setter());
        let without = without.clone();
        Callback::from(move |key: RunKey| {
            undos.set(without(&key));
            came_back.set(Some(key.clone()));
            live.send(Action::Undo(vec![key]));
        })
    };
    let onover = {
        let undos = undos.setter();
        Callback::from(move |key: RunKey| undos.set(without(&key)))
    };
    // One callback each for all drawings, so that a card is not drawn again for a new one; it calls the latest.
    let said = Rc::new(Said {
        me: props.me,
        age: props.age,
        came_back: (*came_back).clone(),
        ondismiss: use_latest(ondismiss),
        onundo: use_latest(onundo),
        onover: use_latest(onover),
        onview: props.onview.clone(),
    });

    let is_back = |undo: &&Undo| !shown.iter().any(|card| card.key == undo.card.key);
    let mut open: Vec<&Undo> = undos.iter().filter(is_back).collect();
    sort_by_key(&mut open, |undo| undo.idx);
    let fades = |card: &Rc<CardData>| is_new(card, *begun, &before.borrow());
    let mut slots: Vec<Slot> = shown
        .iter()
        .map(|card| Slot::Card(Rc::clone(card), shown.len() <= ALL_DRAWN && fades(card)))
        .collect();
    for undo in open {
        slots.insert(undo.idx.min(slots.len()), Slot::Undo(undo.clone()));
    }
    let places = slots.iter().map(|slot| match slot {
        Slot::Card(card, _) | Slot::Undo(Undo { card, .. }) => Rc::clone(card),
    });
    *before.borrow_mut() = places.collect();

    let n_all = slots.len();
    let part = |(idx, slots): (usize, &[Slot])| WindowProps {
        slots: slots.to_vec(),
        first: idx * PART,
        n_all,
        said: Rc::clone(&said),
    };
    if n_all <= ALL_DRAWN {
        let whole = part((0, &slots));
        return html! { { for slots.iter().map(|slot| place(slot, 0, &whole)) } };
    }
    html! {
        { for slots.chunks(PART).enumerate().map(part).map(|part| {
            let key = part.first;
            html! { <Window {key} ..part /> }
        }) }
    }
}

/// Came since the list did, and did not stand in it already.
fn is_new(card: &CardData, begun: Option<Timestamp>, before: &[Rc<CardData>]) -> bool {
    begun.is_some_and(|begun| card.run.at >= begun)
        && before.iter().all(|known| known.key != card.key)
}

/// A callback that stays the same, and calls the latest one.
#[hook]
fn use_latest<T: 'static>(callback: Callback<T>) -> Callback<T> {
    let latest = use_mut_ref(Callback::noop);
    *latest.borrow_mut() = callback;
    let stable = use_once(move || {
        Callback::from(move |value: T| {
            let latest = latest.borrow().clone();
            latest.emit(value);
        })
    });
    Callback::clone(&stable)
}
