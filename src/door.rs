//! The way in: signing in, and using a one-time link. What somebody types here is sent and never kept.

pub mod credentials;
pub mod setup;
pub mod sign_in;

use web_sys::{HtmlInputElement, InputEvent};
use yew::{AttrValue, Callback, Html, NodeRef, TargetCast, html};

use crate::hooks::UseStateHandle;
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed};
use crate::parts::note;

/// See [`field`].
#[derive(Clone, PartialEq)]
pub struct FieldProps {
    /// Its id in the document.
    pub id: AttrValue,
    /// What belongs in it.
    pub label: AttrValue,
    /// `text` or `password`.
    pub kind: &'static str,
    /// What the browser may fill in.
    pub autocomplete: &'static str,
    /// What is in it.
    pub value: UseStateHandle<String>,
    /// What is wrong with it.
    pub error: Option<AttrValue>,
    /// What is asked for.
    pub help: Option<AttrValue>,
    /// Is wrong together with others, which is said elsewhere.
    pub is_invalid: bool,
    /// Cannot be changed.
    pub is_fixed: bool,
    /// To put the focus in it.
    pub node: NodeRef,
}

/// A field with its label, its help and its error under it.
pub fn field(props: &FieldProps) -> Html {
    let oninput = {
        let value = props.value.setter();
        Callback::from(move |event: InputEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            value.set(field.value());
        })
    };
    let (help_id, error_id) = (format!("{}-help", props.id), format!("{}-error", props.id));
    let described: Vec<&str> = [
        props.error.is_some().then_some(error_id.as_str()),
        props.help.is_some().then_some(help_id.as_str()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let is_invalid = props.is_invalid || props.error.is_some();
    html! {
        <div class="ta-field">
            <label for={props.id.clone()}>{ props.label.clone() }</label>
            <input class="ta-input" id={props.id.clone()} type={props.kind} autocomplete={props.autocomplete}
                value={(*props.value).clone()} {oninput} ref={props.node.clone()} readonly={props.is_fixed}
                autocapitalize="none" spellcheck="false" aria-invalid={is_invalid.then_some("true")}
                aria-describedby={(!described.is_empty()).then(|| described.join(" "))} />
            if let Some(error) = &props.error {
                <p class="ta-field__error" id={error_id}>{ dressed(Icon::Cross, "", None, Some("sm"), None) }{ error }</p>
            }
            if let Some(help) = &props.help {
                <p class="ta-field__help" id={help_id}>{ help }</p>
            }
        </div>
    }
}

/// See [`panel`].
#[derive(Clone, PartialEq)]
pub struct PanelProps {
    /// The page's title.
    pub title: AttrValue,
    /// Under it.
    pub body: AttrValue,
    /// What follows.
    pub children: Html,
}

/// The narrow panel in the middle of the page.
pub fn panel(props: &PanelProps) -> Html {
    html! {
        <main class="ta-door" id="content">
            <div class="ta-door__panel">
                <header class="ta-door__head">
                    { dressed(Icon::Mark, "door", None, None, None) }
                    <h1>{ props.title.clone() }</h1>
                    <p class="ta-muted">{ props.body.clone() }</p>
                </header>
                { props.children.clone() }
            </div>
        </main>
    }
}

/// What went wrong, above a form.
pub(crate) fn alarm(what: AttrValue) -> Html {
    note(
        "danger",
        Some("alert"),
        Icon::Failed,
        html! { <b>{ what }</b> },
    )
}

/// The words of an error of a form that is about no field.
pub(crate) fn error_words(error: &crate::api::ApiError) -> AttrValue {
    use contract::problem::code;
    match (error.code(), error) {
        (code::BAD_CREDENTIALS, _) => t(Text::WrongCredentials),
        (
            code::TOO_MANY,
            crate::api::ApiError::Answered {
                retry_after_ms: Some(ms),
                ..
            },
        ) => t(Text::ErrorTooMany(ms.div_ceil(1_000))),
        _ => crate::errors::words(error),
    }
}
