//! What a page shows when a call failed: what happened, what is safe, what happens next, one button; and the ways on from a
//! page that is not there.

use yew::{AttrValue, Callback, Children, Html, Properties, component, html};

use crate::api::ApiError;
use crate::i18n::{Text, t};
use crate::icons::{Glyph, Icon};
use crate::route::{Link, Route};

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

/// See [`CouldNotLoad`].
#[derive(Clone, PartialEq, Properties)]
pub struct CouldNotLoadProps {
    /// "The runs could not be loaded".
    pub title: AttrValue,
    /// Why.
    pub error: ApiError,
    /// Asks again.
    pub again: Callback<()>,
}

/// In place of what could not be loaded.
#[component]
pub fn CouldNotLoad(props: &CouldNotLoadProps) -> Html {
    html! {
        <div class="ta-empty" role="alert">
            <Glyph icon={Icon::Failed} size="lg" tone="danger" />
            <h2>{ props.title.clone() }</h2>
            <p class="ta-muted">{ words(&props.error) }</p>
            <button class="ta-button" data-size="sm" type="button" onclick={props.again.reform(|_| ())}>
                <Glyph icon={Icon::Retry} />{ t(Text::TryNow) }
            </button>
        </div>
    }
}

/// See [`DeadEnd`].
#[derive(Clone, PartialEq, Properties)]
pub struct DeadEndProps {
    /// Its icon.
    #[prop_or(Icon::Lock)]
    pub icon: Icon,
    /// What it is.
    pub title: AttrValue,
    /// What may have happened.
    pub body: AttrValue,
    /// The ways on.
    #[prop_or_default]
    pub children: Children,
}

/// A page that is not there, or not for this person.
#[component]
pub fn DeadEnd(props: &DeadEndProps) -> Html {
    html! {
        <div class="ta-empty">
            <Glyph icon={props.icon} size="lg" />
            <h1>{ props.title.clone() }</h1>
            <p class="ta-muted">{ props.body.clone() }</p>
            <div class="ta-empty__acts">{ for props.children.iter() }</div>
        </div>
    }
}

/// The ways on from a dead end.
#[component]
pub fn WaysOn() -> Html {
    html! {
        <>
            <Link class="ta-button" to={Route::Runs}>{ t(Text::AllRuns) }</Link>
            <Link class="ta-button" to={Route::Home}>{ t(Text::StartPageLink) }</Link>
        </>
    }
}
