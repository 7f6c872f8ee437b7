//! How components read: each hook draws its component again when, and only when, what it returns has changed.

use std::rc::Rc;

use contract::timestamp::Timestamp;
use yew::prelude::{
    Callback, Children, ContextProvider, Html, Properties, component, hook, html, use_context,
    use_force_update, use_mut_ref,
};

use crate::feed::Feed;
use crate::hooks::{use_effect_with, use_once, use_state};
use crate::live::{Live, Picture};
use crate::session::Session;

/// What hands [`Live`] down the tree.
pub type LiveContext = ContextProvider<Live>;

/// What is inside of the one [`LiveProvider`].
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct LiveProviderProps {
    /// The app.
    #[prop_or_default]
    pub children: Children,
}

/// Makes the one [`Live`] of the page, and ends its connection when it is taken off the page.
#[component]
pub fn LiveProvider(props: &LiveProviderProps) -> Html {
    let live = use_once(Live::begin);
    use_effect_with(Rc::clone(&live), |live| {
        let live = Rc::clone(live);
        move || live.close()
    });
    html! { <LiveContext context={(*live).clone()}>{ props.children.clone() }</LiveContext> }
}

/// The page's [`Live`], to send actions to.
///
/// # Panics
/// Outside of a [`LiveContext`].
#[hook]
pub fn use_live() -> Live {
    use_context::<Live>().expect("the app is drawn inside of LiveProvider")
}

/// A part of the picture. The component is drawn again when that part is another one.
#[hook]
pub fn use_selected<T, F>(select: F) -> T
where
    T: Clone + PartialEq + 'static,
    F: Fn(&Picture) -> T + 'static,
{
    let live = use_live();
    let update = use_force_update();
    let value = select(&live.picture());
    // What is on screen, and how it was found: with other props a component selects another part.
    let shown = use_mut_ref(|| None);
    *shown.borrow_mut() = Some((select, value.clone()));
    use_effect_with(live, move |live| {
        let look = move |picture: Picture| {
            let differs = shown
                .borrow()
                .as_ref()
                .is_none_or(|(select, value): &(F, T)| select(&picture) != *value);
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

/// What is known of runs, cards and tenants. Drawn again once a frame at most, and only after a change.
#[hook]
pub fn use_feed() -> Rc<Feed> {
    use_selected(|picture| Same(Rc::clone(&picture.feed))).0
}

/// Who is signed in.
#[hook]
pub fn use_session() -> Rc<Session> {
    use_selected(|picture| Rc::clone(&picture.session))
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

/// Equal if it is the same one.
struct Same<T>(Rc<T>);

impl<T> Clone for Same<T> {
    fn clone(&self) -> Self {
        Same(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
