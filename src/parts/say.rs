//! What is said beside the matter itself: chips, notes and banners, each with an icon beside its words.

use yew::{AttrValue, Html, html};

use crate::icons::{Icon, glyph};

/// A word about something, with a tone.
pub fn chip(
    tone: &'static str,
    size: Option<&'static str>,
    icon: Option<Icon>,
    words: AttrValue,
) -> Html {
    html! {
        <span class="ta-chip" data-tone={tone} data-size={size}>if let Some(icon) = icon { { glyph(icon) } }<bdi>{ words }</bdi></span>
    }
}

/// A sentence in a page or a form. `role`: `alert` where it comes as an answer.
pub fn note(tone: &'static str, role: Option<&'static str>, icon: Icon, words: Html) -> Html {
    html! { <div class="ta-note" data-tone={tone} {role}>{ glyph(icon) }<p>{ words }</p></div> }
}

/// A sentence over a page: what, and why or what to do. `role`: how it is told to screen readers.
pub fn banner(
    tone: &'static str,
    role: Option<&'static str>,
    icon: Icon,
    what: AttrValue,
    body: Option<AttrValue>,
    acts: Html,
) -> Html {
    html! {
        <div class="ta-banner" data-tone={tone} {role}>
            { glyph(icon) }<p><b>{ what }</b>{ " " }{ body }</p>{ acts }
        </div>
    }
}
