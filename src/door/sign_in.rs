//! Signing in with name and password.

use yew::{Callback, Html, html};

use crate::door::credentials::{Credentials, CredentialsProps, Purpose};
use crate::door::{PanelProps, panel};
use crate::i18n::{Text, t};

/// The page.
pub fn sign_in(onsigned_in: Callback<()>) -> Html {
    let form = CredentialsProps {
        purpose: Purpose::SignIn,
        onsigned_in,
    };
    panel(&PanelProps {
        title: t(Text::SignInTitle),
        body: t(Text::SignInBody),
        children: html! { <Credentials key="sign-in" ..form /> },
    })
}
