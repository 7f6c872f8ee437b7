//! Using a one-time link: it is checked first, then the account gets its name and password.
//!
//! The token is the address's fragment, which is sent to no server by itself. It leaves the address once it is read, so that
//! it stays in no history and no shared screen.

use contract::api::{
    MAX_NAME_CHARS, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, Setup, SetupCheck, SetupOffer,
};
use contract::problem::code;
use web_sys::SubmitEvent;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::api::{self, ApiError};
use crate::door::sign_in::focus;
use crate::door::{FieldProps, PanelProps, alarm, error_words, field, panel};
use crate::hooks::{use_effect_with, use_node_ref, use_once, use_state};
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
use crate::live::{Action, use_live};
use crate::parts::{self, Look, button};
use crate::route::Route;

/// See [`SetupPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct SetupPageProps {
    /// Somebody is signed in now.
    pub onsigned_in: Callback<()>,
}

/// What is known of the link.
#[derive(Clone, PartialEq)]
enum Checked {
    Checking,
    Good(SetupOffer),
    Bad(ApiError),
}

/// The page.
#[component]
pub fn SetupPage(props: &SetupPageProps) -> Html {
    let token = use_once(token);
    let link = use_state(|| Checked::Checking);
    let n_checks = use_state(|| 0_u32);
    {
        let (token, link) = ((*token).clone(), link.setter());
        use_effect_with(*n_checks, move |_| {
            if let Some(token) = token {
                link.set(Checked::Checking);
                api::setup_check(&SetupCheck { token }).then(move |answer| {
                    link.set(match answer {
                        Ok(offer) => Checked::Good(offer),
                        Err(error) => Checked::Bad(error),
                    });
                });
            }
        });
    }
    let Some(token) = (*token).clone() else {
        return html! {
            { panel(&PanelProps { title: t(Text::LinkMissing), body: t(Text::LinkMissingBody), children: parts::link(Look::Plain, None, t(Text::GoToSignIn), &Route::SignIn { next: None }) }) }
        };
    };
    match &*link {
        Checked::Checking => html! {
            <main class="ta-door" id="content" aria-busy="true">
                <div class="ta-setup">{ side(true, true) }
                    <div class="ta-setup__main"><header class="ta-setup__head"><h1>{ t(Text::StepChecking) }</h1></header></div>
                </div>
            </main>
        },
        Checked::Bad(error) if error.code() == code::LINK_USED => html! {
            { panel(&PanelProps { title: t(Text::LinkUsed), body: t(Text::LinkUsedBody), children: parts::link(Look::Plain, None, t(Text::GoToSignIn), &Route::SignIn { next: None }) }) }
        },
        Checked::Bad(error) => {
            let again = Callback::from(move |_| n_checks.set(*n_checks + 1));
            html! {
                { panel(&PanelProps { title: t(Text::LinkNotChecked), body: error_words(error), children: button(Look::Plain, Some(Icon::Retry), t(Text::TryAgain), again) }) }
            }
        }
        Checked::Good(offer) => html! {
            <Account ..AccountProps { offer: offer.clone(), token, onsigned_in: props.onsigned_in.clone() } />
        },
    }
}

fn token() -> Option<String> {
    let hash = web_sys::window()?.location().hash().ok()?;
    let token = hash.trim_start_matches('#');
    (!token.is_empty()).then(|| token.to_owned())
}

fn side(is_first: bool, is_checking: bool) -> Html {
    let step = |state: &'static str, mark: Html, what: Text<'static>, body: Text<'static>| {
        html! {
            <li data-step={state} aria-current={(state == "now").then_some("step")}>
                <span class="ta-step__mark">{ mark }</span><b>{ t(what) }</b><p>{ t(body) }</p>
            </li>
        }
    };
    let (link, link_mark) = if is_checking {
        ("now", html! { { "1" } })
    } else {
        ("done", html! { { glyph(Icon::Check) } })
    };
    html! {
        <aside class="ta-setup__side">
            <p class="ta-setup__brand">{ dressed(Icon::Mark, "door", None, None, None) }<b>{ t(Text::Brand) }</b></p>
            <ol class="ta-steps">
                { step(link, link_mark, if is_checking { Text::StepChecking } else { Text::StepLink }, Text::StepLinkBody) }
                { step(if is_checking { "next" } else { "now" }, html! { { "2" } }, Text::StepAccount,
                    if is_first { Text::StepAccountBody } else { Text::StepInviteBody }) }
                { step("next", html! { { "3" } }, Text::StepCapture, Text::StepCaptureBody) }
            </ol>
        </aside>
    }
}

/// See [`Account`].
#[derive(Clone, PartialEq, Properties)]
struct AccountProps {
    offer: SetupOffer,
    token: String,
    onsigned_in: Callback<()>,
}

/// What is wrong with what was typed.
#[derive(Clone, Default, PartialEq)]
struct Wrong {
    name: Option<AttrValue>,
    password: Option<AttrValue>,
}

/// Checks what was typed, before the server does.
fn check(name: &str, password: &str) -> Wrong {
    let n_name = name.trim_ascii().chars().count();
    let n_password = password.chars().count();
    Wrong {
        name: match n_name {
            0 => Some(t(Text::ChooseName)),
            n if n > MAX_NAME_CHARS => Some(t(Text::NameTooLong {
                n: n as u64,
                m: MAX_NAME_CHARS as u64,
            })),
            _ => None,
        },
        password: match n_password {
            n if n < MIN_PASSWORD_CHARS => Some(t(Text::PasswordTooShort {
                n: n as u64,
                m: MIN_PASSWORD_CHARS as u64,
            })),
            _ if password.len() > MAX_PASSWORD_BYTES => Some(t(Text::PasswordTooLong)),
            _ => None,
        },
    }
}

#[component]
fn Account(props: &AccountProps) -> Html {
    let live = use_live();
    let fixed = props.offer.name.clone();
    let is_fixed = fixed.is_some();
    let name = use_state(|| fixed.unwrap_or_default());
    let password = use_state(String::new);
    let wrong = use_state(Wrong::default);
    let error = use_state(|| None::<ApiError>);
    let is_busy = use_state(|| false);
    let (name_node, password_node) = (use_node_ref(), use_node_ref());
    {
        let first = if is_fixed {
            password_node.clone()
        } else {
            name_node.clone()
        };
        use_effect_with((), move |()| focus(&first));
    }
    let onsubmit = {
        let (name, password, wrong, error, is_busy) = (
            name.clone(),
            password.clone(),
            wrong.setter(),
            error.setter(),
            is_busy.clone(),
        );
        let (name_node, password_node) = (name_node.clone(), password_node.clone());
        let (token, onsigned_in) = (props.token.clone(), props.onsigned_in.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *is_busy {
                return;
            }
            error.set(None);
            let now = check(&name, &password);
            wrong.set(now.clone());
            if now.name.is_some() && !is_fixed {
                focus(&name_node);
                return;
            }
            if now.password.is_some() {
                focus(&password_node);
                return;
            }
            let body = Setup {
                token: token.clone(),
                name: name.trim_ascii().to_owned(),
                password: (*password).clone(),
            };
            let (live, error, wrong, is_busy, onsigned_in) = (
                live.clone(),
                error.clone(),
                wrong.clone(),
                is_busy.setter(),
                onsigned_in.clone(),
            );
            let name_node = name_node.clone();
            is_busy.set(true);
            api::setup(&body).then(move |answer| {
                is_busy.set(false);
                match answer {
                    Ok(me) => {
                        live.send(Action::SignedIn(me));
                        onsigned_in.emit(());
                    }
                    Err(refused) if refused.code() == code::CONFLICT => {
                        wrong.set(Wrong {
                            name: Some(crate::errors::words(&refused)),
                            password: None,
                        });
                        focus(&name_node);
                    }
                    Err(refused) => error.set(Some(refused)),
                }
            });
        })
    };
    let (title, body) = match &props.offer.name {
        None => (t(Text::SetupTitle), t(Text::SetupBody)),
        Some(name) => (t(Text::InviteTitle), t(Text::InviteBody(name))),
    };
    let button = match (*is_busy, is_fixed) {
        (true, _) => Text::Creating,
        (false, true) => Text::SetPassword,
        (false, false) => Text::CreateAccount,
    };
    let is_used = error
        .as_ref()
        .is_some_and(|error| error.code() == code::LINK_USED);
    let tenants = &props.offer.tenants;
    html! {
        <main class="ta-door" id="content">
            <div class="ta-setup">
                { side(!is_fixed, false) }
                <div class="ta-setup__main">
                    <header class="ta-setup__head"><h1>{ title }</h1><p class="ta-muted">{ body }</p></header>
                    <form class="ta-form" {onsubmit} novalidate={true}>
                        if let Some(error) = &*error {
                            { alarm(if is_used { t(Text::LinkUsed) } else { error_words(error) }) }
                        }
                        <fieldset class="ta-form__group">
                            <legend>{ t(Text::YourAccountLegend) }</legend>
                            <div class="ta-form__two">
                                { field(&FieldProps { id: "up-name".into(), label: t(Text::Name), kind: "text".into(), autocomplete: "username".into(), value: name, error: wrong.name.clone().filter(|_| !is_fixed), help: (!is_fixed).then(|| t(Text::NameHelp)), is_invalid: false, is_fixed, node: name_node }) }
                                { field(&FieldProps { id: "up-password".into(), label: t(Text::Password), kind: "password".into(), autocomplete: "new-password".into(), value: password, error: wrong.password.clone(), help: wrong.password.is_none().then(|| t(Text::PasswordHelp(MIN_PASSWORD_CHARS as u64))), is_invalid: false, is_fixed: false, node: password_node }) }
                            </div>
                        </fieldset>
                        if !tenants.is_empty() {
                            <fieldset class="ta-form__group">
                                <legend>{ t(Text::TenantsYouSee(tenants.len() as u64)) }</legend>
                                <ul class="ta-form__list">
                                    { for tenants.iter().map(|tenant| html! {
                                        <li>{ glyph(Icon::Tenant) }<bdi>{ tenant }</bdi></li>
                                    }) }
                                </ul>
                            </fieldset>
                        }
                        <div class="ta-form__acts">
                            <span />
                            <button class="ta-button" data-kind="ink" type="submit" aria-busy={is_busy.then_some("true")}>
                                { t(button) }{ dressed(Icon::Arrow, "flip", None, None, None) }
                            </button>
                        </div>
                    </form>
                </div>
            </div>
        </main>
    }
}
