//! Draws a part of a long list only while it is near the screen: of thousands of cards a few dozen are elements.
//!
//! A part that is not drawn keeps its height, so that nothing moves when it comes and goes; one that holds the focus stays.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit,
};
use yew::{Callback, Html, Properties, component, html};

use crate::ages::Age;
use crate::cards::card::{Card, CardProps, Wish};
use crate::cards::group::group_card;
use crate::cards::list::Slot;
use crate::cards::undo::{UndoBar, UndoProps};
use crate::hooks::{UseStateSetter, use_effect_with, use_node_ref, use_state_eq};
use crate::runs::words::name;

/// So many places come and go together.
pub const PART: usize = 20;
/// A list with no more is drawn whole.
pub const ALL_DRAWN: usize = 100;
/// How near the screen a part is drawn, as a margin of CSS.
const MARGIN: &str = "900px 0px";
/// What a card takes while it has not been measured.
const CARD_PX: usize = 180;

/// What a list says to all its cards.
#[derive(Clone, PartialEq)]
pub struct Said {
    /// Who reads.
    pub me: Option<PersonId>,
    /// Whether what is shown may be old.
    pub age: Age,
    /// The card that an undo brought back takes the focus.
    pub came_back: Option<RunKey>,
    /// A button of what stands in the list was pressed.
    pub onwish: Callback<Wish>,
    /// The reader went to a run.
    pub onview: Callback<RunKey>,
}

/// See [`Window`].
#[derive(Clone, PartialEq, Properties)]
pub struct WindowProps {
    /// What stands in the places.
    pub slots: Vec<Slot>,
    /// The number of the first place, from 0.
    pub first: usize,
    /// All places of the list.
    pub n_all: usize,
    /// For each of them.
    pub said: Rc<Said>,
}

/// A part of the list.
#[component]
pub fn Window(props: &WindowProps) -> Html {
    let node = use_node_ref();
    let is_whole = props.n_all <= ALL_DRAWN;
    // The others are drawn as soon as they are known to be near.
    let is_near = use_state_eq(|| props.first == 0);
    {
        let (node, set, n) = (node.clone(), is_near.setter(), props.slots.len());
        use_effect_with(is_whole, move |is_whole| {
            let element = node.cast::<HtmlElement>().filter(|_| !is_whole);
            let watch = element.and_then(|element| Watch::over(element, n, set));
            move || drop(watch)
        });
    }
    html! {
        <div class="ta-window" role="presentation" ref={node}>
            if is_whole || *is_near {
                { for props.slots.iter().enumerate().map(|(idx, slot)| place(slot, props.first + idx + 1, props)) }
            }
        </div>
    }
}

/// One place. Where the list is not drawn whole, it says its number to those who listen.
pub fn place(slot: &Slot, number: usize, props: &WindowProps) -> Html {
    let WindowProps { n_all, said, .. } = props;
    let numbered = (*n_all > ALL_DRAWN).then(|| (number.to_string(), n_all.to_string()));
    let (number, n_all) = numbered.unzip();
    let (key, inside) = match slot {
        Slot::Card(card, is_new) => (
            name(&card.key),
            html! {
                <Card ..CardProps { card: Rc::clone(card), me: said.me, age: said.age, is_new: *is_new,
                    takes_focus: said.came_back.as_ref() == Some(&card.key), ondismiss: said.onwish.clone(),
                    onview: said.onview.clone() } />
            },
        ),
        Slot::Group(group, is_open) => (
            "group ".to_owned() + &name(&group.oldest.key),
            group_card(group, *is_open, said),
        ),
        Slot::Undo(undo) => (
            "undo ".to_owned() + &name(&undo.run),
            html! {
                <UndoBar ..UndoProps { run: undo.run.clone(), title: undo.title.clone(), by_keyboard: undo.by_keyboard,
                    onwish: said.onwish.clone() } />
            },
        ),
    };
    html! { <div class="ta-stack__item" {key} role="listitem" aria-posinset={number} aria-setsize={n_all}>{ inside }</div> }
}

/// Tells when an element comes near the screen and goes again.
struct Watch {
    observer: IntersectionObserver,
    _told: Closure<dyn FnMut(Array)>,
}

impl Watch {
    fn over(element: HtmlElement, n: usize, set: UseStateSetter<bool>) -> Option<Watch> {
        let style = element.style();
        let keep = move |px: usize| {
            let height = px.to_string() + "px";
            let _ = style.set_property("min-block-size", &height);
        };
        if !*set.latest() {
            keep(n * CARD_PX);
        }
        let watched = element.clone();
        let told = Closure::new(move |entries: Array| {
            let last: IntersectionObserverEntry = entries.at(-1).unchecked_into();
            if last.is_intersecting() {
                keep(0);
            } else if *set.latest() {
                if element.matches(":focus-within").unwrap_or(false) {
                    return;
                }
                keep(element.offset_height() as usize);
            } else {
                keep(n * CARD_PX);
            }
            set.set(last.is_intersecting());
        });
        let init = IntersectionObserverInit::new();
        init.set_root_margin(MARGIN);
        let scrolls: Option<Element> = watched.closest("[data-scrolls]").ok().flatten();
        init.set_root(scrolls.as_ref());
        let observer =
            IntersectionObserver::new_with_options(told.as_ref().unchecked_ref(), &init).ok()?;
        observer.observe(&watched);
        Some(Watch {
            observer,
            _told: told,
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
