//! What a card and a group have in common: the edge that says the state, the head, and the places of what they say.

use yew::{AttrValue, Html, html};

use crate::i18n::{Text, t};
use crate::runs::state::State;

/// See [`frame`].
pub struct Frame {
    /// `ta-card`, and what it is besides.
    pub class: &'static str,
    /// Said by the edge.
    pub state: State,
    /// What is shown may be old.
    pub is_old: bool,
    /// It has just come.
    pub is_new: bool,
    /// Its latest status was not seen.
    pub is_unread: bool,
    /// Names the run to tests and to a portal.
    pub run: Option<String>,
    /// The name for those who listen; else it is what `labelled_by` says.
    pub label: Option<AttrValue>,
    /// Ids of elements.
    pub labelled_by: Option<String>,
    /// Of the title.
    pub title_id: Option<String>,
    /// In front.
    pub icon: Html,
    /// What it says first.
    pub title: AttrValue,
    /// Behind the title.
    pub head: Html,
    /// What it is about.
    pub lead: Html,
    /// All else.
    pub body: Html,
    /// Buttons.
    pub foot: Html,
}

/// The card around what it says.
pub fn frame(frame: Frame) -> Html {
    let set = |is: bool| is.then_some("");
    html! {
        <article ~className={frame.class} tabindex="-1" data-state={frame.state.attribute()} data-unread={set(frame.is_unread)}
            data-stale={set(frame.is_old)} data-new={set(frame.is_new)} data-run={frame.run} aria-label={frame.label}
            aria-labelledby={frame.labelled_by}>
            { frame.icon }
            <div class="ta-card__main">
                <header class="ta-card__head">
                    <h3 class="ta-card__title" id={frame.title_id}>{ frame.title }</h3>
                    if frame.is_unread {
                        <span class="ta-unread" role="img" aria-label={t(Text::Unread)} />
                    }
                    { frame.head }
                </header>
                <div class="ta-card__lead">{ frame.lead }</div>
                { frame.body }
                <footer class="ta-card__foot">{ frame.foot }</footer>
            </div>
        </article>
    }
}
