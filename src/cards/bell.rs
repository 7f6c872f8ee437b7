//! The bell, the page's title and its favicon: that there are failures, and how many, wherever the reader is.

use std::rc::Rc;

use web_sys::{Document, Element};
use yew::{AttrValue, Callback, Html, NodeRef, Properties, component, html};

use crate::cards::Ask;
use crate::cards::card::count;
use crate::feed::Feed;
use crate::hooks::use_effect_with;
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};
use crate::live::use_live;

/// See [`bell`].
#[derive(Clone, PartialEq)]
pub struct BellProps {
    /// Cards whose latest status was not seen.
    pub n_unread: usize,
    /// Failed and partial cards that are neither acknowledged nor dismissed.
    pub n_failed: usize,
    /// The drawer is open.
    pub is_open: bool,
    /// Asks for cards.
    pub onask: Callback<Ask>,
    /// The button, which takes the focus back.
    pub node: NodeRef,
}

/// The bell. Failures are told apart by shape, word and colour.
pub fn bell(props: &BellProps) -> Html {
    html! {
        <button class="ta-bell" type="button" aria-expanded={props.is_open.to_string()} ref={props.node.clone()}
            onclick={props.onask.reform(|_| Ask::Toggle)}>
            { glyph(Icon::Bell) }
            <span class="ta-visually-hidden">{ t(Text::Notifications) }{ ": " }</span>
            <span class="ta-bell__count">
                { count(props.n_unread) }<span class="ta-visually-hidden">{ " " }{ t(Text::UnreadWord) }{ ", " }</span>
            </span>
            if props.n_failed > 0 {
                <span class="ta-badge" data-tone="danger">
                    { glyph(Icon::Cross) }{ count(props.n_failed) }
                    <span class="ta-visually-hidden">{ " " }{ t(Text::FailedWord) }</span>
                </span>
            }
        </button>
    }
}

/// See [`PageMarks`].
#[derive(Clone, PartialEq, Properties)]
pub struct PageMarksProps {
    /// The page's own title.
    pub title: AttrValue,
}

/// Draws nothing: keeps title and favicon at what the feed says, also while the tab is hidden and nothing is drawn.
#[component]
pub fn PageMarks(props: &PageMarksProps) -> Html {
    let live = use_live();
    use_effect_with((live, props.title.clone()), move |(live, title)| {
        let title = title.clone();
        let mark = move |feed: Rc<Feed>| mark_page(&title, feed.n_failed_unattended());
        mark(live.picture().feed);
        let subscription = live.on_change(Callback::from(mark));
        move || drop(subscription)
    });
    html! {}
}

/// Writes the title, "(3 failed) Runs", and turns the favicon's disc to the colour of danger while there are failures.
pub fn mark_page(title: &str, n_failed: usize) {
    let Some(document) = crate::dom::document() else {
        return;
    };
    let full = if n_failed > 0 {
        t(Text::FailedInTitle {
            n: n_failed as u64,
            title,
        })
    } else {
        format!("{title} · {}", t(Text::Brand)).into()
    };
    if document.title() != *full {
        document.set_title(&full);
    }
    mark_icon(&document, n_failed > 0);
}

/// Where the tab's own icon is kept while the other one is shown.
const OWN: &str = "data-own";
/// Beside the app; Trunk copies it under this name.
const FAILED_ICON: &str = "/favicon-failed.svg";

fn mark_icon(document: &Document, has_failures: bool) {
    let Some(link) = document.query_selector("link[rel~=icon]").ok().flatten() else {
        return;
    };
    let set = |link: &Element, name: &str, value: &str| {
        // Fails only for a name that is none.
        let _ = link.set_attribute(name, value);
    };
    match (link.get_attribute(OWN), has_failures) {
        (None, true) => {
            set(&link, OWN, &link.get_attribute("href").unwrap_or_default());
            set(&link, "href", FAILED_ICON);
        }
        (Some(own), false) => {
            set(&link, "href", &own);
            let _ = link.remove_attribute(OWN);
        }
        (None, false) | (Some(_), true) => {}
    }
}
