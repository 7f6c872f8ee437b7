//! Name and password: asked for by the sign-in, and chosen with a one-time link.

use contract::api::{
    MAX_NAME_CHARS, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, Me, Setup, SetupOffer, SignIn,
};
use contract::problem::code;
use web_sys::SubmitEvent;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::api::{self, ApiError};
use crate::dom::focus;
use crate::door::{FieldProps, alarm, error_words, field};
use crate::hooks::{use_effect_with, use_node_ref, use_state};
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
use crate::live::{Action, use_live};

/// What they are for.
#[derive(Clone, PartialEq)]
pub enum Purpose {
    /// To sign in with an account that is there.
    SignIn,
    /// To use the link up, which makes an account or gives one a new password.
    Link {
        /// The link's.
        token: String,
        /// What the link is good for.
        offer: SetupOffer,
    },
}

impl Purpose {
    /// The account's name, where the link is for one.
    fn fixed_name(&self) -> Option<&str> {
        match self {
            Purpose::SignIn => None,
            Purpose::Link { offer, .. } => offer.name.as_deref(),
        }
    }

    /// What is wrong with what was typed, before the server looks at it.
    fn check(&self, name: &str, password: &str) -> Said {
        let n_name = name.chars().count();
        let n_password = password.chars().count();
        let (name, password) = match self {
            Purpose::SignIn => (
                (n_name == 0).then_some(Text::EnterName),
                (n_password == 0).then_some(Text::EnterPassword),
            ),
            Purpose::Link { .. } => (
                match n_name {
                    0 => Some(Text::ChooseName),
                    n if n > MAX_NAME_CHARS => Some(Text::NameTooLong {
                        n: n as u64,
                        m: MAX_NAME_CHARS as u64,
                    }),
                    _ => None,
                },
                match n_password {
                    n if n < MIN_PASSWORD_CHARS => Some(Text::PasswordTooShort {
                        n: n as u64,
                        m: MIN_PASSWORD_CHARS as u64,
                    }),
                    _ if password.len() > MAX_PASSWORD_BYTES => Some(Text::PasswordTooLong),
                    _ => None,
                },
            ),
        };
        Said {
            name: name.filter(|_| self.fixed_name().is_none()).map(t),
            password: password.map(t),
            error: None,
        }
    }

    fn call(&self, name: &str, password: String) -> api::Call<Me> {
        let name = name.to_owned();
        match self {
            Purpose::SignIn => api::sign_in(&SignIn { name, password }),
            Purpose::Link { token, .. } => api::setup(&Setup {
                token: token.clone(),
                name,
                password,
            }),
        }
    }
}

/// See [`Credentials`].
#[derive(Clone, PartialEq, Properties)]
pub struct CredentialsProps {
    /// What they are for.
    pub purpose: Purpose,
    /// Somebody is signed in now.
    pub onsigned_in: Callback<()>,
}

/// What the last try said.
#[derive(Clone, Default, PartialEq)]
struct Said {
    name: Option<AttrValue>,
    password: Option<AttrValue>,
    error: Option<ApiError>,
}

/// The form.
#[component]
pub fn Credentials(props: &CredentialsProps) -> Html {
    let live = use_live();
    let purpose = &props.purpose;
    let fixed = purpose.fixed_name();
    let name = use_state(|| fixed.unwrap_or_default().to_owned());
    let password = use_state(String::new);
    let said = use_state(Said::default);
    let is_busy = use_state(|| false);
    let (name_node, password_node) = (use_node_ref(), use_node_ref());
    {
        let first = if fixed.is_some() {
            password_node.clone()
        } else {
            name_node.clone()
        };
        use_effect_with((), move |()| focus(&first));
    }
    let onsubmit = {
        let (name, password, is_busy) = (name.clone(), password.clone(), is_busy.clone());
        let (said, nodes) = (said.setter(), (name_node.clone(), password_node.clone()));
        let CredentialsProps {
            purpose,
            onsigned_in,
        } = props.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *is_busy {
                return;
            }
            let typed = name.trim_ascii();
            let wrong = purpose.check(typed, &password);
            let is_wrong = wrong.name.is_some() || wrong.password.is_some();
            if is_wrong {
                focus(if wrong.name.is_some() {
                    &nodes.0
                } else {
                    &nodes.1
                });
            }
            // What was said of the try before is not said of this one.
            said.set(wrong);
            if is_wrong {
                return;
            }
            is_busy.set(true);
            let (live, said, is_busy, password_set) = (
                live.clone(),
                said.clone(),
                is_busy.setter(),
                password.setter(),
            );
            let (nodes, onsigned_in) = (nodes.clone(), onsigned_in.clone());
            purpose
                .call(typed, (*password).clone())
                .then(move |answer| {
                    is_busy.set(false);
                    let error = match answer {
                        Ok(me) => {
                            live.send(Action::SignedIn(me));
                            onsigned_in.emit(());
                            return;
                        }
                        Err(error) => error,
                    };
                    let mut now = Said::default();
                    match error.code() {
                        code::CONFLICT => {
                            now.name = Some(crate::errors::words(&error));
                            focus(&nodes.0);
                        }
                        other => {
                            if other == code::BAD_CREDENTIALS {
                                password_set.set(String::new());
                                focus(&nodes.1);
                            }
                            now.error = Some(error);
                        }
                    }
                    said.set(now);
                });
        })
    };
    let is_error = |wanted: &str| {
        said.error
            .as_ref()
            .is_some_and(|error| error.code() == wanted)
    };
    let is_invalid = is_error(code::BAD_CREDENTIALS);
    let (id, autocomplete) = match purpose {
        Purpose::SignIn => ("in", "current-password"),
        Purpose::Link { .. } => ("up", "new-password"),
    };
    let chooses = matches!(purpose, Purpose::Link { .. });
    let fields = html! {
        <>
            { field(&FieldProps { id: format!("{id}-name").into(), label: t(Text::Name), kind: "text", autocomplete: "username", value: name,
                error: said.name.clone(), help: (chooses && fixed.is_none()).then(|| t(Text::NameHelp)), is_invalid,
                is_fixed: fixed.is_some(), node: name_node }) }
            { field(&FieldProps { id: format!("{id}-password").into(), label: t(Text::Password), kind: "password", autocomplete, value: password,
                error: said.password.clone(), help: (chooses && said.password.is_none()).then(|| t(Text::PasswordHelp(MIN_PASSWORD_CHARS as u64))),
                is_invalid, is_fixed: false, node: password_node }) }
        </>
    };
    html! {
        <form class="ta-form" {onsubmit} novalidate={true}>
            if let Some(error) = &said.error {
                { alarm(if is_error(code::LINK_USED) { t(Text::LinkUsed) } else { error_words(error) }) }
            }
            if let Purpose::Link { offer, .. } = purpose {
                { of_link(fields, offer) }
            } else {
                { fields }
            }
            { submit(fixed.is_some(), chooses, *is_busy) }
        </form>
    }
}

fn of_link(fields: Html, offer: &SetupOffer) -> Html {
    let tenants = &offer.tenants;
    html! {
        <>
            <fieldset class="ta-form__group">
                <legend>{ t(Text::YourAccountLegend) }</legend>
                <div class="ta-form__two">{ fields }</div>
            </fieldset>
            if !tenants.is_empty() {
                <fieldset class="ta-form__group">
                    <legend>{ t(Text::TenantsYouSee(tenants.len() as u64)) }</legend>
                    <ul class="ta-form__list">
                        { for tenants.iter().map(|tenant| html! { <li>{ glyph(Icon::Tenant) }<bdi>{ tenant }</bdi></li> }) }
                    </ul>
                </fieldset>
            }
        </>
    }
}

fn submit(is_fixed: bool, chooses: bool, is_busy: bool) -> Html {
    let words = t(match (chooses, is_busy, is_fixed) {
        (false, false, _) => Text::SignIn,
        (false, true, _) => Text::SigningIn,
        (true, true, _) => Text::Creating,
        (true, false, true) => Text::SetPassword,
        (true, false, false) => Text::CreateAccount,
    });
    let button = html! {
        <button class="ta-button" data-kind="ink" type="submit" data-wide={(!chooses).then_some("")} aria-busy={is_busy.then_some("true")}>
            { words }
            if chooses { { dressed(Icon::Arrow, "flip", None, None, None) } }
        </button>
    };
    if !chooses {
        return button;
    }
    html! { <div class="ta-form__acts"><span />{ button }</div> }
}
