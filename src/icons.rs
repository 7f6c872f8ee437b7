//! The icons of the sprite that `index.html` holds (styles/icons.svg), by name.

use yew::{AttrValue, Classes, Html, Properties, classes, component, html};

macro_rules! icons {
    ($($name:ident => $id:literal),+ $(,)?) => {
        /// An icon of the sprite.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is named after its symbol")]
        pub enum Icon {
            $($name),+
        }

        impl Icon {
            fn href(self) -> &'static str {
                match self {
                    $(Icon::$name => concat!("#ta-i-", $id)),+
                }
            }
        }
    };
}

icons! {
    Queued => "queued", Running => "running", Completed => "completed", Partial => "partial", Failed => "failed",
    Updated => "updated", Cancelled => "cancelled", Stalled => "stalled", Throttled => "throttled", Stale => "stale",
    Offline => "offline", Live => "live", Check => "check", Cross => "cross", Skipped => "skipped", Unknown => "unknown",
    Pending => "pending", Inflight => "inflight", Bell => "bell", Tenant => "tenant", Tenants => "tenants", User => "user",
    Clock => "clock", Lock => "lock", Info => "info", Capture => "capture", Retry => "retry", Undo => "undo",
    Search => "search", Copy => "copy", Acknowledged => "acknowledged", Settings => "settings", Arrow => "arrow",
    Down => "down", Next => "next", Switch => "switch", Policy => "policy", Pause => "pause", Sort => "sort", Mark => "mark",
}

/// See [`Glyph`].
#[derive(Clone, PartialEq, Properties)]
pub struct GlyphProps {
    /// Which.
    pub icon: Icon,
    /// Further classes: `ta-icon--turn`, `ta-icon--flip`, `ta-card__icon`.
    #[prop_or_default]
    pub class: Classes,
    /// `sm` or `lg`.
    #[prop_or_default]
    pub size: Option<AttrValue>,
    /// A tone, if it is not that of the text around it.
    #[prop_or_default]
    pub tone: Option<AttrValue>,
}

/// An icon. Always beside a word, so hidden from those who listen.
#[component]
pub fn Glyph(props: &GlyphProps) -> Html {
    html! {
        <svg class={classes!("ta-icon", props.class.clone())} data-size={props.size.clone()} data-tone={props.tone.clone()}
            aria-hidden="true">
            <use href={props.icon.href()} />
        </svg>
    }
}
