//! Names and what they stand for.

use yew::{Html, html};

use crate::i18n::{Text, t};

/// A list of facts. One that is not known is left out by whoever asks.
pub fn facts(size: Option<&'static str>, rows: Vec<(Text<'_>, Html)>) -> Html {
    html! {
        <dl class="ta-facts" data-size={size}>
            { for rows.into_iter().map(|(name, value)| html! { <><dt>{ t(name) }</dt><dd>{ value }</dd></> }) }
        </dl>
    }
}
