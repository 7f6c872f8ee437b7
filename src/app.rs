//! The root of the app: what is drawn into `#app`.

use yew::{Html, component, html};

use crate::beat::Beat;

/// The whole page.
#[component]
pub fn App() -> Html {
    html! {
        <>
            <Beat />
            <main>
                <h1>{ "tenant-atlas" }</h1>
            </main>
        </>
    }
}

/// Draws the app in place of the bones in `#app`.
///
/// # Panics
/// Without an element `#app` in the page: there is nowhere to draw.
pub fn start() {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"))
        .expect("index.html has an element with the id `app`");
    yew::Renderer::<App>::with_root(root).render();
}
