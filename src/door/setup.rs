//! Using a one-time link: it is checked first, then the account gets its name and password.
//!
//! The token is the address's fragment, which is sent to no server by itself. It leaves the address once it is read, so that
//! it stays in no history and no shared screen.

use contract::api::{SetupCheck, SetupOffer};
use contract::problem::code;
use yew::{Callback, Html, Properties, component, html};

use crate::api::{self, ApiError};
use crate::door::credentials::{Credentials, CredentialsProps, Purpose};
use crate::door::{PanelProps, error_words, panel};
use crate::hooks::{use_effect_with, use_once, use_state};
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
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
        Checked::Good(offer) => account(offer, token, props.onsigned_in.clone()),
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

fn account(offer: &SetupOffer, token: String, onsigned_in: Callback<()>) -> Html {
    let (title, body) = match &offer.name {
        None => (t(Text::SetupTitle), t(Text::SetupBody)),
        Some(name) => (t(Text::InviteTitle), t(Text::InviteBody(name))),
    };
    let form = CredentialsProps {
        purpose: Purpose::Link {
            token,
            offer: offer.clone(),
        },
        onsigned_in,
    };
    html! {
        <main class="ta-door" id="content">
            <div class="ta-setup">
                { side(offer.name.is_none(), false) }
                <div class="ta-setup__main">
                    <header class="ta-setup__head"><h1>{ title }</h1><p class="ta-muted">{ body }</p></header>
                    <Credentials key="link" ..form />
                </div>
            </div>
        </main>
    }
}
