//! A list of cards that stands still while its reader is on it: new ones wait and are counted, and a dismissed one leaves
//! an undo bar in its place. The stack and the centre are such lists.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use contract::timestamp::Timestamp;
use yew::{AttrValue, Callback, Html, Properties, component, hook, html, use_mut_ref};

use crate::ages::Age;
use crate::cards::card::{Act, Wish};
use crate::cards::filter::Filter;
use crate::cards::group::{Entry, Group, entries, is_done};
use crate::cards::order::use_order;
use crate::cards::place::{Said, place};
use crate::cards::window::{ALL_DRAWN, use_window};
use crate::feed::Card as CardData;
use crate::hooks::{use_effect_with, use_node_ref, use_once, use_state};
use crate::i18n::{Text, t};
use crate::live::{Action, RunSeq, use_live};
use crate::runs::state::State;
use crate::sorted::{self, SortedMap};

/// See [`CardList`].
#[derive(Clone, PartialEq, Properties)]
pub struct CardListProps {
    /// How it looks.
    pub class: &'static str,
    /// In the order to show, failures first; of their entries the first `limit` are shown.
    pub cards: Rc<Vec<Rc<CardData>>>,
    /// At most this many.
    #[prop_or(usize::MAX)]
    pub limit: usize,
    /// What of all cards these are.
    #[prop_or_default]
    pub filter: Filter,
    /// The reader is on the list: nothing is re-ordered, and what comes waits.
    pub is_held: bool,
    /// They are the server's, and the feed may not have them.
    #[prop_or_default]
    pub is_history: bool,
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
    /// Which; of a group, one of them.
    pub run: RunKey,
    /// All that went.
    pub runs: Vec<RunKey>,
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
    /// A group, and whether its cards follow.
    Group(Rc<Group>, bool),
    /// What a card left.
    Undo(Undo),
}

impl Slot {
    /// Whether it is the place of this card by itself.
    fn holds(&self, key: &RunKey) -> bool {
        match self {
            Slot::Card(card, _) => card.key == *key,
            Slot::Undo(undo) => undo.run == *key,
            Slot::Group(..) => false,
        }
    }
}

/// Which entries to show, given what is on screen: while held, what is there stays in its place, and in its group.
pub fn choose(cards: &[Rc<CardData>], before: &[Slot], limit: usize, is_held: bool) -> Vec<Entry> {
    if !is_held || before.is_empty() {
        let mut entries = entries(cards);
        entries.truncate(limit);
        return entries;
    }
    let now = by_run(&mut cards.iter());
    let mut places: Vec<(Option<&Group>, Vec<Rc<CardData>>)> = Vec::new();
    for slot in before {
        if let Slot::Group(group, _) = slot {
            places.push((Some(group), Vec::new()));
        }
        let mut take = |key: &RunKey| {
            let Some(card) = now.get(&key) else {
                return;
            };
            match places.last_mut() {
                Some((Some(group), cards)) if group.takes(&card.run) => {
                    cards.push(Rc::clone(card));
                }
                _ => places.push((None, vec![Rc::clone(card)])),
            }
        };
        match slot {
            Slot::Card(card, _) => take(&card.key),
            Slot::Undo(undo) => undo.runs.iter().for_each(take),
            // The cards of an open one are the next slots.
            Slot::Group(group, is_open) if !is_open => {
                group.cards.iter().for_each(|card| take(&card.key));
            }
            Slot::Group(..) => {}
        }
    }
    let entry = |(group, mut cards): (Option<_>, Vec<_>)| match group {
        Some(_) => Group::of(cards).map(|group| Entry::Group(Rc::new(group))),
        None => cards.pop().map(Entry::Card),
    };
    places.into_iter().filter_map(entry).collect()
}

/// Of the cards that would be shown, those that wait: how many, and how many of them failed.
pub fn waiting(cards: &[Rc<CardData>], shown: &[Entry], limit: usize) -> (usize, usize) {
    let shown = by_run(&mut shown.iter().flat_map(Entry::cards));
    let (mut n, mut n_failed) = (0, 0);
    for entry in entries(cards).iter().take(limit) {
        for card in entry.cards() {
            if !shown.contains_key(&&card.key) {
                n += 1;
                n_failed += usize::from(card.run.status.is_failure());
            }
        }
    }
    (n, n_failed)
}

/// `dyn`, so that the map is compiled once.
fn by_run<'a>(
    cards: &mut dyn Iterator<Item = &'a Rc<CardData>>,
) -> SortedMap<&'a RunKey, &'a Rc<CardData>> {
    cards.map(|card| (&card.key, card)).collect()
}

/// The list.
#[component]
pub fn CardList(props: &CardListProps) -> Html {
    let live = use_live();
    let node = use_node_ref();
    // What stood in each place; an undo bar keeps its card's, which comes back to it also while its reader is on the list.
    let before = use_mut_ref(Vec::<Slot>::new);
    let last_asked = use_mut_ref(|| (props.limit, props.filter.clone()));
    let undos = use_state(Vec::<Undo>::new);
    // The card that an undo brought back, until something else happens.
    let came_back = use_state(|| None::<RunKey>);
    // What was there when the list came does not fade in.
    let begun = {
        let live = live.clone();
        use_once(move || live.now())
    };

    // Who asks for more, or for others, gets them, also from a list that they are on.
    let asked = (props.limit, props.filter.clone());
    if last_asked.replace(asked.clone()) != asked {
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
    let onwish = {
        let (live, undos, came_back) = (live.clone(), undos.setter(), came_back.setter());
        let before = Rc::clone(&before);
        Callback::from(move |Wish { run, act }: Wish| {
            let mut now = undos.latest().to_vec();
            if act == Act::Undo {
                if let Some(undo) = now.into_iter().find(|undo| undo.run == run) {
                    // The bar keeps the place until the card is there again, which is a frame later.
                    came_back.set(Some(run));
                    live.send(Action::Undo(undo.runs));
                }
                return;
            }
            let back = came_back.latest();
            now.retain(|undo| undo.run != run && (*back).as_ref() != Some(&undo.run));
            let places = before.borrow().clone();
            for (idx, slot) in places.iter().enumerate() {
                match (slot, act) {
                    (Slot::Card(card, _), Act::Dismiss { by_keyboard }) if card.key == run => {
                        if card.dismissed {
                            live.send(Action::Undo(vec![run]));
                            return;
                        }
                        // It goes again.
                        came_back.set(None);
                        now.push(Undo {
                            run: run.clone(),
                            runs: vec![run.clone()],
                            title: State::of(&card.run).title(),
                            idx,
                            by_keyboard,
                        });
                        live.send(Action::Dismiss(seq(card)));
                    }
                    (Slot::Group(group, _), Act::Turn) if group.oldest.key == run => group.turn(),
                    (Slot::Group(group, _), Act::Sweep { by_keyboard })
                        if group.oldest.key == run =>
                    {
                        let completed = group.cards.iter().filter(|card| is_done(card));
                        let seqs: Vec<RunSeq> = completed.map(seq).collect();
                        let runs: Vec<RunKey> = seqs.iter().map(|seq| seq.run.clone()).collect();
                        live.send(Action::DismissAll(seqs));
                        if let Some(last) = runs.last() {
                            now.push(Undo {
                                run: last.clone(),
                                title: t(Text::NCompleted(runs.len() as u64)),
                                // Where the group stays, below its head.
                                idx: idx + usize::from(runs.len() < group.cards.len()),
                                runs,
                                by_keyboard,
                            });
                        }
                    }
                    _ => {}
                }
            }
            // Draws the list anew in any case.
            undos.set(now);
        })
    };
    // One callback for all drawings, so that a card is not drawn again for a new one; it calls the latest.
    let said = Rc::new(Said {
        me: props.me,
        age: props.age,
        is_history: props.is_history,
        came_back: (*came_back).clone(),
        onwish: use_latest(onwish),
        onview: props.onview.clone(),
    });

    let is_gone = |undo: &&Undo| {
        let mut shown = shown.iter().flat_map(Entry::cards);
        shown.all(|card| card.key != undo.run)
    };
    let open: Vec<&Undo> = undos.iter().filter(is_gone).collect();
    let fades = |card: &Rc<CardData>| is_new(card, *begun, &before.borrow());
    let mut slots: Vec<Slot> = Vec::new();
    for entry in &shown {
        if let Entry::Group(group) = entry {
            slots.push(Slot::Group(Rc::clone(group), group.is_open()));
            if !group.is_open() {
                continue;
            }
        }
        for card in entry.cards() {
            let is_new = shown.len() <= ALL_DRAWN && fades(card);
            slots.push(Slot::Card(Rc::clone(card), is_new));
        }
    }
    for undo in sorted::order(open.len(), &|a, b| open[a].idx.cmp(&open[b].idx)) {
        let undo = open[undo];
        slots.insert(undo.idx.min(slots.len()), Slot::Undo(undo.clone()));
    }
    before.borrow_mut().clone_from(&slots);

    let (stretches, look) = use_window(&node, slots.len());
    // A list that is drawn whole needs no numbers.
    let n_all = (stretches.len() > 1).then(|| AttrValue::from(slots.len().to_string()));
    let mut elements = Vec::new();
    for stretch in &stretches {
        if stretch.is_drawn {
            for (idx, slot) in slots.iter().enumerate().take(stretch.to).skip(stretch.from) {
                elements.push(place(slot, idx + 1, n_all.clone(), &said));
            }
        } else {
            elements.push(stretch.gap());
        }
    }
    let elements = use_order(&node, elements);
    // Measured where the elements stand once they are in their order.
    use_effect_with(stretches, move |_| look());
    html! { <div ~className={props.class} role="list" ref={node}>{ elements }</div> }
}

/// What is sent of a card that goes.
pub(super) fn seq(card: &Rc<CardData>) -> RunSeq {
    RunSeq {
        run: card.key.clone(),
        seq: card.run.tenant_seq,
    }
}

/// Came since the list did, and did not stand in it already.
fn is_new(card: &CardData, begun: Option<Timestamp>, before: &[Slot]) -> bool {
    begun.is_some_and(|begun| card.run.at >= begun)
        && before.iter().all(|known| !known.holds(&card.key))
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
