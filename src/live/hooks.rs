//! How components read: each hook draws its component again when, and only when, what it returns has changed.

use std::any::Any;
use std::cell::RefCell;
use std::ptr::addr_eq;
use std::rc::Rc;

use contract::timestamp::Timestamp;
use yew::prelude::{Callback, Html, Properties, component, hook, use_force_update};

use crate::feed::{Card, Feed};
use crate::hooks::{use_effect_with, use_once, use_state};
use crate::live::{Live, Picture};
use crate::session::Session;

thread_local! {
    /// The page has one, for its whole life: a context of Yew would listen, in each card, for another one that never comes.
    static LIVE: RefCell<Option<Live>> = const { RefCell::new(None) };
}

/// See [`LiveContext`].
#[derive(Clone, PartialEq, Properties)]
pub struct LiveContextProps {
    /// The page's one.
    pub context: Live,
    /// What is drawn with it.
    pub children: Html,
}

/// Hands [`Live`] to all that is drawn in it.
#[component]
pub fn LiveContext(props: &LiveContextProps) -> Html {
    LIVE.set(Some(props.context.clone()));
    props.children.clone()
}

/// Makes the one [`Live`] of the page, to be put into a [`LiveContext`], and ends its connection when it is taken off the page.
#[hook]
pub fn use_new_live() -> Live {
    let live = use_once(Live::begin);
    use_effect_with((), {
        let live = Rc::clone(&live);
        move |()| move || live.close()
    });
    Live::clone(&live)
}

/// The page's [`Live`], to send actions to.
///
/// # Panics
/// Outside of a [`LiveContext`].
#[hook]
pub fn use_live() -> Live {
    LIVE.with_borrow(Clone::clone)
        .expect("the app is drawn inside of a LiveContext")
}

type Part = Rc<dyn Any>;

/// A part of the picture, of whatever type. The component is drawn again when that part is another one.
#[hook]
fn use_part(select: fn(Picture) -> Part) -> Part {
    let live = use_live();
    let update = use_force_update();
    let value = select(live.picture());
    let shown = use_once(|| RefCell::new(None));
    *shown.borrow_mut() = Some(Rc::clone(&value));
    use_effect_with(live, move |live| {
        let look = move |picture: Picture| {
            let now = select(picture);
            let differs = shown
                .borrow()
                .as_ref()
                .is_none_or(|shown: &Part| !addr_eq(Rc::as_ptr(shown), Rc::as_ptr(&now)));
            if differs {
                update.force_update();
            }
        };
        // What changed between the first drawing and now.
        look(live.picture());
        let subscription = live.on_draw(Callback::from(look));
        move || drop(subscription)
    });
    value
}

fn typed<T: 'static>(part: Part) -> Rc<T> {
    part.downcast()
        .unwrap_or_else(|_| unreachable!("each part has one type"))
}

/// A card of the feed as it is now: drawn in the next frame after it changed, and for nothing else. Whether it stands on a list, and
/// where, that list says.
#[hook]
pub fn use_card(given: &Rc<Card>) -> Rc<Card> {
    let live = use_live();
    let update = use_force_update();
    let shown = use_once(|| RefCell::new(Rc::clone(given)));
    let feed = live.picture().feed;
    let now = Rc::clone(newer(&feed, given).unwrap_or(given));
    shown.replace(Rc::clone(&now));
    use_effect_with(live, move |live| {
        let look = move |feed: Rc<Feed>| {
            if newer(&feed, &shown.borrow()).is_some() {
                update.force_update();
            }
        };
        look(live.picture().feed);
        let subscription = live.on_frame(Callback::from(look));
        move || drop(subscription)
    });
    now
}

/// The feed's card, where it is another one that is on screen as this one is.
fn newer<'a>(feed: &'a Feed, shown: &Rc<Card>) -> Option<&'a Rc<Card>> {
    feed.card(&shown.key)
        .filter(|card| !Rc::ptr_eq(card, shown) && card.dismissed == shown.dismissed)
}

/// What is known of runs, cards and tenants. Drawn again once a frame at most, and only after a change.
#[hook]
pub fn use_feed() -> Rc<Feed> {
    typed(use_part(|picture| picture.feed))
}

/// Who is signed in.
#[hook]
pub fn use_session() -> Rc<Session> {
    typed(use_part(|picture| picture.session))
}

/// The server's time, once a second while the tab is visible; `None` before the server said anything. For ages.
#[hook]
pub fn use_now() -> Option<Timestamp> {
    let live = use_live();
    let now = use_state(|| live.now());
    {
        let now = now.setter();
        use_effect_with(live, move |live| {
            let subscription = live.on_second(Callback::from(move |second| now.set(Some(second))));
            move || drop(subscription)
        });
    }
    *now
}
