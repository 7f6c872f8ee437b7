//! A place in a list of cards: a card, a group, or what a dismissed card left.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use yew::virtual_dom::Key;
use yew::{AttrValue, Callback, NodeRef, html};

use crate::ages::Age;
use crate::cards::card::{Card, CardProps, Wish};
use crate::cards::group::group_card;
use crate::cards::list::Slot;
use crate::cards::order::Element;
use crate::cards::undo::{UndoBar, UndoProps};
use crate::runs::words::name;

/// What a list says to all its cards.
#[derive(Clone, PartialEq)]
pub struct Said {
    /// Who reads.
    pub me: Option<PersonId>,
    /// Whether what is shown may be old.
    pub age: Age,
    /// The feed may not have the cards.
    pub is_history: bool,
    /// The card that an undo brought back takes the focus.
    pub came_back: Option<RunKey>,
    /// A button of what stands in the list was pressed.
    pub onwish: Callback<Wish>,
    /// The reader went to a run.
    pub onview: Callback<RunKey>,
}

/// One place. Where not all of the list's `n_all` are drawn, it says its number to those who listen.
pub fn place(slot: &Slot, number: usize, n_all: Option<AttrValue>, said: &Said) -> Element {
    let number = n_all.is_some().then(|| number.to_string());
    let (key, node) = (key(slot), NodeRef::default());
    let inside = match slot {
        Slot::Card(card, is_new) => html! {
            <Card ..CardProps { card: Rc::clone(card), follows: !said.is_history, me: said.me, age: said.age, is_new: *is_new,
                takes_focus: said.came_back.as_ref() == Some(&card.key), ondismiss: said.onwish.clone(),
                onview: said.onview.clone() } />
        },
        Slot::Group(group, is_open) => group_card(group, *is_open, said),
        Slot::Undo(undo) => html! {
            <UndoBar ..UndoProps { run: undo.run.clone(), title: undo.title.clone(), by_keyboard: undo.by_keyboard,
                onwish: said.onwish.clone() } />
        },
    };
    let html = html! {
        <div class="ta-stack__item" key={key.clone()} role="listitem" aria-posinset={number} aria-setsize={n_all} ref={node.clone()}>
            { inside }
        </div>
    };
    Element { key, node, html }
}

/// The name of a place among those of its list.
fn key(slot: &Slot) -> Key {
    match slot {
        Slot::Card(card, _) => name(&card.key),
        Slot::Group(group, _) => "group ".to_owned() + &name(&group.oldest.key),
        Slot::Undo(undo) => "undo ".to_owned() + &name(&undo.run),
    }
    .into()
}
