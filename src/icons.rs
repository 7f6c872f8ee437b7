//! The icons of the sprite that `index.html` holds (styles/icons.svg), by name.

use yew::{Html, html};

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
    Search => "search", Copy => "copy", Acknowledged => "acknowledged", Settings => "settings", Seen => "seen", History => "history", Arrow => "arrow",
    Down => "down", Next => "next", Switch => "switch", Policy => "policy", Pause => "pause", Sort => "sort", Mark => "mark", Stack => "stack",
    More => "more",
}

/// An icon. Always beside a word, so hidden from those who listen.
pub fn glyph(icon: Icon) -> Html {
    dressed(icon, "", None, None, None)
}

/// An icon with a role (`flip`: an arrow that turns round in right-to-left; `card`; `door`), whether it turns, a size (`sm`,
/// `lg`), and a tone where it is not that of the text around it.
///
/// A function and no component: it stands everywhere, and has nothing to remember. Attributes and no classes: yew keeps classes
/// in a set, which is a table of hashes and 1 KB more.
pub fn dressed(
    icon: Icon,
    role: &'static str,
    turn: Option<&'static str>,
    size: Option<&'static str>,
    tone: Option<&'static str>,
) -> Html {
    html! {
        <svg class="ta-icon" data-role={role} data-turn={turn} data-size={size} data-tone={tone} aria-hidden="true"><use href={icon.href()} /></svg>
    }
}
