//! The centre in a drawer, over whatever page the reader is on.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::{Callback, Html, Properties, component, html};

use crate::ages::Age;
use crate::cards::Ask;
use crate::cards::centre::{Centre, CentreProps};
use crate::cards::filter::{Filter, Tab};
use crate::feed::Card;
use crate::hooks::{use_effect_with, use_node_ref, use_state_eq};
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};
use crate::route::Route;

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
    pub tab: Tab,
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
    let filter = use_state_eq(|| Filter::from(props.tab));
    let close = use_node_ref();
    {
        let close = close.clone();
        use_effect_with((), move |()| {
            crate::dom::focus(&close);
        });
    }
    // On the document: where what had the focus is gone, a key is pressed on the page.
    use_effect_with(props.onask.clone(), |onask| {
        let onask = onask.clone();
        let listener = crate::dom::document().map(|document| {
            EventListener::new(&document, "keydown", move |event| {
                let key = event.dyn_ref::<KeyboardEvent>().map(|event| event.key());
                // It closes what lies over the drawer first.
                if key.as_deref() == Some("Escape") && crate::dom::all("dialog[open]").is_empty() {
                    onask.emit(Ask::Close);
                }
            })
        });
        move || drop(listener)
    });
    html! {
        <div class="ta-centre" role="dialog" aria-labelledby="centre-title">
            <div class="ta-centre__head">
                <h2 id="centre-title">{ t(Text::Notifications) }</h2>
                <span class="ta-centre__acts">
                    { to(Icon::Search, Text::Search, Filter::clone(&filter)) }
                    { to(Icon::History, Text::DismissedTab, Tab::Dismissed.into()) }
                    { to(Icon::Settings, Text::Preferences, Tab::Preferences.into()) }
                    <button class="ta-icon-button" type="button" aria-label={t(Text::CloseNotifications)}
                        onclick={props.onask.reform(|_| Ask::Close)} ref={close}>
                        { glyph(Icon::Cross) }
                    </button>
                </span>
            </div>
            <Centre ..CentreProps { cards: Rc::clone(&props.cards), n_failed_not_held: props.n_failed_not_held, filter: Filter::clone(&filter),
                onfilter: filter.setter_callback(), is_page: false, has_server: false, me: props.me, age: props.age, policies: props.policies.clone(),
                onview: props.onview.clone() } />
        </div>
    }
}

/// The way to the page, which has room for it.
fn to(icon: Icon, word: Text<'_>, filter: Filter) -> Html {
    let word = t(word);
    html! {
        <a class="ta-icon-button" href={Route::Notifications(filter).path()} aria-label={word.clone()} title={word}>{ glyph(icon) }</a>
    }
}
