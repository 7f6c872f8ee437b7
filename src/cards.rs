//! The stack: up to five cards at the lower corner of every page, failures first, and how many more there are.
//!
//! It lies over the page and never shifts it. `side.js` keeps it beside the control that has the focus.

pub mod announce;
pub mod bar;
pub mod bell;
pub mod card;
pub mod centre;
pub mod drawer;
pub mod filter;
pub mod frame;
pub mod group;
pub mod list;
pub mod more;
pub mod older;
pub mod order;
pub mod page;
pub mod place;
pub mod preferences;
pub mod undo;
pub mod widget;
pub mod window;

use std::rc::Rc;

use contract::ids::{PersonId, RunKey};
use gloo_events::EventListener;
use yew::{Callback, Html, Properties, component, html};

use crate::ages::Age;
use crate::cards::filter::{Filter, Tab};
use crate::cards::list::{CardList, CardListProps};
use crate::feed::Card;
use crate::hooks::{use_effect_with, use_node_ref, use_state_eq};
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};
use crate::parts::{Look, button};
use crate::shell::hold::use_hold;

/// More cards than this are behind "N more".
pub const STACK_LIMIT: usize = 5;
/// A narrow page has room for one, and the way to the others.
const NARROW_PX: f64 = 760.0;

/// See [`Stack`].
#[derive(Clone, PartialEq, Properties)]
pub struct StackProps {
    /// All cards on screen, in their order.
    pub cards: Rc<Vec<Rc<Card>>>,
    /// Failures known by name alone.
    #[prop_or_default]
    pub n_failed_not_held: usize,
    /// Who reads.
    #[prop_or_default]
    pub me: Option<PersonId>,
    /// Whether what is shown may be old.
    #[prop_or_default]
    pub age: Age,
    /// Shows all, or folds the stack into the bell.
    pub onask: Callback<Ask>,
    /// The reader went to a run.
    #[prop_or_default]
    pub onview: Callback<RunKey>,
}

/// What a reader asks of the cards, wherever they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The bell: opens the drawer, or closes it.
    Toggle,
    /// Opens the drawer with these cards.
    Open(Tab),
    /// Closes the drawer.
    Close,
    /// Folds the stack into the bell.
    Fold,
}

/// The stack.
#[component]
pub fn Stack(props: &StackProps) -> Html {
    let node = use_node_ref();
    let is_held = use_hold(&node);
    let waiting = use_state_eq(|| (0, 0));
    let limit = use_state_eq(limit);

    {
        let set_limit = limit.setter();
        use_effect_with((), move |()| {
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "resize", move |_| set_limit.set(self::limit()))
            });
            move || drop(listener)
        });
    }
    let (n_behind, n_behind_failed) = group::behind(&props.cards, *limit);
    let n_more = n_behind + props.n_failed_not_held;
    let n_more_failed = n_behind_failed + props.n_failed_not_held;
    let is_empty = props.cards.is_empty() && n_more == 0;
    html! {
        <section class="ta-stack" aria-labelledby="stack-title" data-empty={is_empty.then_some("")}
            tabindex="-1" ref={node}>
            <h2 class="ta-visually-hidden" id="stack-title">{ t(Text::Cards) }</h2>
            <CardList ..CardListProps { class: "ta-stack__list", is_history: false, cards: Rc::clone(&props.cards), limit: *limit, filter: Filter::default(), is_held, me: props.me, age: props.age,
                onwaiting: waiting.setter_callback(), onview: props.onview.clone() } />
            if !is_empty {
                <div class="ta-stack__bar">
                    <p class="ta-stack__more">{ more_words(n_more, n_more_failed) }{ waiting_words(*waiting) }</p>
                    { button(Look::Ghost, None, t(Text::OpenAll), props.onask.reform(|_| Ask::Open(Tab::All))) }
                    <button class="ta-button" data-kind="ghost" data-size="sm" type="button" aria-label={t(Text::FoldCards)}
                        title={t(Text::FoldCards)} onclick={props.onask.reform(|_| Ask::Fold)}>
                        { glyph(Icon::Down) }{ t(Text::FoldWord) }
                    </button>
                </div>
            }
        </section>
    }
}

/// Of the cards, how many failed.
fn n_failed(cards: &[Rc<Card>]) -> usize {
    let is_failure = |card: &&Rc<Card>| card.run.status.is_failure();
    cards.iter().filter(is_failure).count()
}

/// How many cards more there are, and how many of them failed.
fn more_words(n: usize, m: usize) -> Html {
    let (n, m) = (n as u64, m as u64);
    let words = match (n, m) {
        (0, _) => return html! {},
        (_, 0) => t(Text::MoreCards(n)),
        _ => t(Text::MoreCardsFailed { n, m }),
    };
    html! { <span class="ta-stack__count">{ words }</span> }
}

/// How many changes a list on hold keeps back, and how many of them failed.
fn waiting_words((n, m): (usize, usize)) -> Html {
    let (n, m) = (n as u64, m as u64);
    let words = match (n, m) {
        (0, _) => return html! {},
        (_, 0) => t(Text::CardsWait(n)),
        _ => t(Text::CardsWaitFailed { n, m }),
    };
    html! { <span class="ta-stack__hold">{ words }</span> }
}

fn limit() -> usize {
    let width = web_sys::window()
        .and_then(|window| window.inner_width().ok())
        .and_then(|width| width.as_f64());
    if width.is_some_and(|width| width <= NARROW_PX) {
        1
    } else {
        STACK_LIMIT
    }
}
