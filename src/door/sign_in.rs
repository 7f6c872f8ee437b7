//! Signing in with name and password.

use contract::api::SignIn;
use contract::problem::code;
use web_sys::{HtmlElement, SubmitEvent};
use yew::{Callback, Html, NodeRef, Properties, component, html};

use crate::api::{self, ApiError};
use crate::door::{FieldProps, PanelProps, alarm, error_words, field, panel};
use crate::hooks::{use_effect_with, use_node_ref, use_state};
use crate::i18n::{Text, t};
use crate::live::{Action, use_live};

/// See [`SignInPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct SignInPageProps {
    /// Somebody is signed in now.
    pub onsigned_in: Callback<()>,
}

/// What the last try said.
#[derive(Clone, Default, PartialEq)]
struct Said {
    is_name_missing: bool,
    is_password_missing: bool,
    error: Option<ApiError>,
}

/// The page.
#[component]
pub fn SignInPage(props: &SignInPageProps) -> Html {
    let live = use_live();
    let name = use_state(String::new);
    let password = use_state(String::new);
    let said = use_state(Said::default);
    let is_busy = use_state(|| false);
    let (name_node, password_node) = (use_node_ref(), use_node_ref());
    {
        let name_node = name_node.clone();
        use_effect_with((), move |()| focus(&name_node));
    }
    let onsubmit = {
        let (name, password, said, is_busy) = (
            name.clone(),
            password.clone(),
            said.setter(),
            is_busy.clone(),
        );
        let (name_node, password_node, onsigned_in) = (
            name_node.clone(),
            password_node.clone(),
            props.onsigned_in.clone(),
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *is_busy {
                return;
            }
            let (is_name_missing, is_password_missing) =
                (name.trim_ascii().is_empty(), password.is_empty());
            if is_name_missing || is_password_missing {
                focus(if is_name_missing {
                    &name_node
                } else {
                    &password_node
                });
                said.set(Said {
                    is_name_missing,
                    is_password_missing,
                    error: None,
                });
                return;
            }
            let body = SignIn {
                name: name.trim_ascii().to_owned(),
                password: (*password).clone(),
            };
            let (live, said, is_busy, password) = (
                live.clone(),
                said.clone(),
                is_busy.setter(),
                password.setter(),
            );
            let (password_node, onsigned_in) = (password_node.clone(), onsigned_in.clone());
            is_busy.set(true);
            // What was said of the try before is not said of this one.
            said.set(Said::default());
            api::sign_in(&body).then(move |answer| {
                is_busy.set(false);
                match answer {
                    Ok(me) => {
                        live.send(Action::SignedIn(me));
                        onsigned_in.emit(());
                    }
                    Err(error) => {
                        if error.code() == code::BAD_CREDENTIALS {
                            password.set(String::new());
                            focus(&password_node);
                        }
                        said.set(Said {
                            error: Some(error),
                            ..Said::default()
                        });
                    }
                }
            });
        })
    };
    let is_wrong = said
        .error
        .as_ref()
        .is_some_and(|error| error.code() == code::BAD_CREDENTIALS);
    html! {
        { panel(&PanelProps { title: t(Text::SignInTitle), body: t(Text::SignInBody), children: html! { <>
            <form class="ta-form" {onsubmit} novalidate={true}>
                if let Some(error) = &said.error { { alarm(error_words(error)) } }
                { field(&FieldProps { id: "in-name".into(), label: t(Text::Name), kind: "text".into(), autocomplete: "username".into(), value: name, error: said.is_name_missing.then(|| t(Text::EnterName)), help: None, is_invalid: is_wrong, is_fixed: false, node: name_node }) }
                { field(&FieldProps { id: "in-password".into(), label: t(Text::Password), kind: "password".into(), autocomplete: "current-password".into(), value: password, error: said.is_password_missing.then(|| t(Text::EnterPassword)), help: None, is_invalid: is_wrong, is_fixed: false, node: password_node }) }
                <button class="ta-button" data-kind="ink" type="submit" data-wide="" aria-busy={is_busy.then_some("true")}>
                    { t(if *is_busy { Text::SigningIn } else { Text::SignIn }) }
                </button>
            </form>
        </> } }) }
    }
}

pub(super) fn focus(node: &NodeRef) {
    if let Some(field) = node.cast::<HtmlElement>() {
        // Fails only for an element that cannot be focused.
        let _ = field.focus();
    }
}
