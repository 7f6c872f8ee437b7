//! The root of the app: makes the live picture once, and draws the page of the address, or the way in.

use yew::{Callback, Html, component, html};

use crate::beat::Beat;
use crate::cards::bell::{PageMarks, PageMarksProps};
use crate::door::setup::{SetupPage, SetupPageProps};
use crate::door::sign_in::sign_in;
use crate::hooks::use_effect_with;
use crate::i18n::{self, Text, t};
use crate::live::{LiveContext, use_new_live, use_session};
use crate::route::{Route, use_address};
use crate::session::Session;
use crate::shell::{Shell, ShellProps};
use crate::theme::Theme;

/// The whole page.
#[component]
pub fn App() -> Html {
    use_effect_with((), |()| Theme::kept().show());
    let live = use_new_live();
    html! {
        <LiveContext context={live}>
            <Beat />
            <Root />
        </LiveContext>
    }
}

#[component]
fn Root() -> Html {
    let (route, go) = use_address();
    let session = use_session();
    let is_signed_in = session.me().is_some();
    let nobody = matches!(&*session, Session::SignedOut { was: None });
    // Nobody is signed in: to the door, and back afterwards. Somebody is, and stands at the door: through it.
    {
        let go = go.clone();
        use_effect_with(
            (route.clone(), is_signed_in, nobody),
            move |(route, is_signed_in, nobody)| match route {
                Route::SignIn { next } if *is_signed_in => {
                    go.instead(after_sign_in(next.as_deref()))
                }
                Route::SignIn { .. } | Route::Setup => {}
                route if *nobody => {
                    let next = (*route != Route::Home).then(here);
                    go.instead(Route::SignIn { next });
                }
                _ => {}
            },
        );
    }
    let onsigned_in = {
        let route = route.clone();
        let go = go.clone();
        Callback::from(move |()| {
            let next = if let Route::SignIn { next } = &route {
                next.as_deref()
            } else {
                None
            };
            go.instead(after_sign_in(next));
        })
    };
    match &route {
        Route::SignIn { .. } => html! {
            <><PageMarks ..PageMarksProps { title: t(Text::SignIn) } />{ sign_in(onsigned_in) }</>
        },
        Route::Setup => html! {
            <><PageMarks ..PageMarksProps { title: t(Text::SetupTitle) } /><SetupPage ..SetupPageProps { onsigned_in } /></>
        },
        _ if nobody => html! {},
        _ => html! { <Shell ..ShellProps { route: route.clone(), go } /> },
    }
}

fn after_sign_in(next: Option<&str>) -> Route {
    let (path, search) = match next.map(|next| next.split_once('?').unwrap_or((next, ""))) {
        None => return Route::Home,
        Some((path, "")) => (path, String::new()),
        Some((path, query)) => (path, format!("?{query}")),
    };
    match Route::parse(path, &search) {
        Route::SignIn { .. } | Route::Setup => Route::Home,
        route => route,
    }
}

/// The address that the reader asked for, as they gave it: also one that is no page.
fn here() -> String {
    let location = web_sys::window().map(|window| window.location());
    location
        .map(|location| {
            location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
        })
        .unwrap_or_default()
}

/// Draws the app in place of the bones in `#app`, in the words that stand in `#words`.
///
/// # Panics
/// Without an element `#app` in the page: there is nowhere to draw. Without `#words`: there is nothing to say.
pub fn start() {
    let find = |selector| crate::dom::document()?.query_selector(selector).ok()?;
    let words = find("#words").expect("index.html has an element with the id `words`");
    i18n::speak(&words.text_content().unwrap_or_default());
    // Who comes last takes them away: nobody else needs them, and a search in the page would find them. On a slow network that is
    // device.js, which reads them too.
    if words.has_attribute("data-read") {
        words.remove();
    }
    let root = find("#app").expect("index.html has an element with the id `app`");
    #[cfg(feature = "gallery")]
    if crate::gallery::is_here() {
        yew::Renderer::<crate::gallery::Gallery>::with_root(root).render();
        return;
    }
    yew::Renderer::<App>::with_root(root).render();
}
