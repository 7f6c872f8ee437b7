//! What a page shows when a call failed: what happened, what is safe, what happens next, one button; and the ways on from a
//! page that is not there.

use yew::{AttrValue, Callback, Html, html};

use crate::api::ApiError;
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
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
    html! {
        <div class="ta-empty" role="alert">
            { dressed(Icon::Failed, "", None, Some("lg"), Some("danger")) }
            <h2>{ props.title.clone() }</h2>
            <p class="ta-muted">{ words(&props.error) }</p>
            <button class="ta-button" data-size="sm" type="button" onclick={props.again.reform(|_| ())}>
                { glyph(Icon::Retry) }{ t(Text::TryNow) }
            </button>
        </div>
    }
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
    html! {
        <div class="ta-empty">
            { dressed(props.icon, "", None, Some("lg"), None) }
            <h1>{ props.title.clone() }</h1>
            <p class="ta-muted">{ props.body.clone() }</p>
            <div class="ta-empty__acts">{ props.children.clone() }</div>
        </div>
    }
}

/// The ways on from a dead end.
pub fn ways_on() -> Html {
    html! {
        <>
            <a class="ta-button" href={Route::Runs.path()}>{ t(Text::AllRuns) }</a>
            <a class="ta-button" href={Route::Home.path()}>{ t(Text::StartPageLink) }</a>
        </>
    }
}
