//! What can be pressed: buttons, and links that look like them.

use yew::{AttrValue, Callback, Html, MouseEvent, html};

use crate::icons::{Icon, glyph};
use crate::route::Route;

/// How much it stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// On a page.
    Plain,
    /// The one thing to do on a page.
    Ink,
    /// In a card, a banner, a row.
    Small,
    /// The same, without an edge.
    Ghost,
}

impl Look {
    fn kind(self) -> Option<&'static str> {
        match self {
            Look::Ink => Some("ink"),
            Look::Ghost => Some("ghost"),
            Look::Plain | Look::Small => None,
        }
    }

    fn size(self) -> Option<&'static str> {
        matches!(self, Look::Small | Look::Ghost).then_some("sm")
    }
}

/// A button.
pub fn button(
    look: Look,
    icon: Option<Icon>,
    words: AttrValue,
    onclick: Callback<MouseEvent>,
) -> Html {
    html! {
        <button class="ta-button" data-kind={look.kind()} data-size={look.size()} type="button" {onclick}>
            if let Some(icon) = icon { { glyph(icon) } }{ words }
        </button>
    }
}

/// A real link, so that it can be opened in another tab.
pub fn link(look: Look, icon: Option<Icon>, words: AttrValue, to: &Route) -> Html {
    html! {
        <a class="ta-button" data-kind={look.kind()} data-size={look.size()} href={to.path()}>
            if let Some(icon) = icon { { glyph(icon) } }{ words }
        </a>
    }
}
