//! What a page shows when a call failed: what happened, what is safe, what happens next, one button; and the ways on from a
//! page that is not there.

use yew::{AttrValue, Callback, Html, html};

use crate::api::ApiError;
use crate::i18n::{Text, t};
use crate::icons::Icon;
use crate::parts::{Empty, Look, button, empty, link};
use crate::route::Route;

/// What the error says to people.
pub fn words(error: &ApiError) -> AttrValue {
    match error {
        ApiError::Answered {
            detail: Some(detail),
            ..
        } => detail.clone().into(),
        ApiError::Answered { status, .. } => t(Text::ErrorAnswered(u64::from(*status))),
        ApiError::Unreachable => t(Text::ErrorUnreachable),
    }
}

/// See [`could_not_load`].
#[derive(Clone, PartialEq)]
pub struct CouldNotLoadProps {
    /// "The runs could not be loaded".
    pub title: AttrValue,
    /// Why.
    pub error: ApiError,
    /// Asks again.
    pub again: Callback<()>,
}

/// In place of what could not be loaded.
pub fn could_not_load(props: &CouldNotLoadProps) -> Html {
    empty(Empty {
        icon: Some(Icon::Failed),
        tone: Some("danger"),
        level: "h2",
        title: props.title.clone(),
        body: words(&props.error),
        acts: button(
            Look::Small,
            Some(Icon::Retry),
            t(Text::TryNow),
            props.again.reform(|_| ()),
        ),
    })
}

/// See [`dead_end`].
#[derive(Clone, PartialEq)]
pub struct DeadEndProps {
    /// Its icon.
    pub icon: Icon,
    /// What it is.
    pub title: AttrValue,
    /// What may have happened.
    pub body: AttrValue,
    /// The ways on.
    pub children: Html,
}

/// A page that is not there, or not for this person.
pub fn dead_end(props: &DeadEndProps) -> Html {
    empty(Empty {
        icon: Some(props.icon),
        tone: None,
        level: "h1",
        title: props.title.clone(),
        body: props.body.clone(),
        acts: html! { <div class="ta-empty__acts">{ props.children.clone() }</div> },
    })
}

/// The ways on from a dead end.
pub fn ways_on() -> Html {
    html! {
        <>
            { link(Look::Plain, None, t(Text::AllRuns), &Route::Runs) }
            { link(Look::Plain, None, t(Text::StartPageLink), &Route::Home) }
        </>
    }
}
