//! What stands where there is nothing to show: why, and the ways on.

use yew::{AttrValue, Html, html};

use crate::icons::{Icon, dressed};

/// See [`empty`].
pub struct Empty {
    /// Its icon, if it stands for a whole page or list.
    pub icon: Option<Icon>,
    /// `danger` if something went wrong, which is told to screen readers at once.
    pub tone: Option<&'static str>,
    /// `h1` on a page of its own.
    pub level: &'static str,
    /// What it is.
    pub title: AttrValue,
    /// What may have happened.
    pub body: AttrValue,
    /// The ways on.
    pub acts: Html,
}

/// In place of what is not there.
pub fn empty(it: Empty) -> Html {
    html! {
        <div class="ta-empty" role={it.tone.map(|_| "alert")}>
            if let Some(icon) = it.icon { { dressed(icon, "", None, Some("lg"), it.tone) } }
            <@{it.level}>{ it.title }</@>
            <p class="ta-muted">{ it.body }</p>
            { it.acts }
        </div>
    }
}
