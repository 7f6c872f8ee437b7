//! Sentences that the app owes its person: what was refused, what was joined. They stay until they are read.

use contract::api::TenantRef;
use yew::{AttrValue, Callback, Html, html};

use crate::cards::filter::Tab;
use crate::feed::{Feed, Notice, NoticeKind};
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
use crate::live::{Action, Live};
use crate::route::Route;
use crate::runs::words;

/// See [`notices`].
#[derive(Clone, PartialEq)]
pub struct NoticesProps {
    /// Oldest first.
    pub notices: Vec<Said>,
    /// Hears what was read.
    pub live: Live,
}

/// A notice in words.
#[derive(Clone, PartialEq)]
pub struct Said {
    id: u64,
    tone: &'static str,
    what: AttrValue,
    body: Option<AttrValue>,
    to: Option<Route>,
}

/// Puts the feed's notices in words.
pub fn say(feed: &Feed) -> Vec<Said> {
    feed.notices()
        .iter()
        .map(|notice| said(feed, notice))
        .collect()
}

fn said(feed: &Feed, notice: &Notice) -> Said {
    let detail = |detail: &Option<String>| detail.clone().map(AttrValue::from);
    let (tone, what, body, to) = match &notice.kind {
        NoticeKind::Stayed(keys) => ("info", t(Text::NoticeStayed(keys.len() as u64)), None, None),
        NoticeKind::MarksFailed {
            n_runs,
            detail: why,
            ..
        } => (
            "warning",
            t(Text::NoticeMarksFailed(*n_runs as u64)),
            detail(why),
            None,
        ),
        NoticeKind::NotAcknowledged {
            n_runs,
            detail: why,
        } => (
            "warning",
            t(Text::NoticeNotAcknowledged(*n_runs as u64)),
            detail(why),
            None,
        ),
        NoticeKind::Muted { operation } => (
            "info",
            t(Text::NoticeMuted(&words::operation(operation))),
            Some(t(Text::NoticeMutedBody)),
            Some(Route::Notifications(Tab::Preferences.into())),
        ),
        NoticeKind::PreferFailed { detail: why } => {
            ("warning", t(Text::NoticePreferFailed), detail(why), None)
        }
        NoticeKind::StartFailed {
            tenant_id,
            operation,
            detail: why,
            ..
        } => {
            let tenant = feed
                .tenant(*tenant_id)
                .map(|tenant: &TenantRef| tenant.name.clone())
                .unwrap_or_default();
            let (what, tenant) = (&words::operation(operation), &tenant);
            match detail(why) {
                Some(why) => (
                    "danger",
                    t(Text::NoticeStartFailed { what, tenant }),
                    Some(why),
                    None,
                ),
                // The answer was lost, and perhaps nothing else.
                None => (
                    "warning",
                    t(Text::NoticeStartUnknown { what, tenant }),
                    Some(t(Text::NoticeStartUnknownBody)),
                    None,
                ),
            }
        }
        NoticeKind::Reused(key) => {
            let run = feed.run(key);
            let what = run.map_or_else(AttrValue::default, |run| words::what(run));
            let to = run.and_then(|run| Route::of_run(run));
            (
                "info",
                t(Text::NoticeReused),
                Some(t(Text::NoticeReusedBody(&what))),
                to,
            )
        }
        NoticeKind::SignOutFailed { detail: why, .. } => {
            ("warning", t(Text::NoticeSignOutFailed), detail(why), None)
        }
        NoticeKind::Unreadable { .. } => ("info", t(Text::NoticeUnreadable), None, None),
    };
    Said {
        id: notice.id,
        tone,
        what,
        body,
        to,
    }
}

/// The notices.
pub fn notices(props: &NoticesProps) -> Html {
    let live = &props.live;
    html! {
        <div class="ta-health-line" role="status">
            { for props.notices.iter().map(|said| {
                let (live, id) = (live.clone(), said.id);
                let onread = Callback::from(move |()| live.send(Action::ReadNotice(id)));
                let icon = if said.tone == "info" { Icon::Info } else { Icon::Failed };
                html! {
                    <div class="ta-banner" data-tone={said.tone} key={said.id}>
                        { glyph(icon) }
                        <p><b>{ said.what.clone() }</b>{ " " }{ said.body.clone() }</p>
                        if let Some(to) = said.to.clone() {
                            <a class="ta-button" data-size="sm" href={to.path()} onclick={onread.reform(|_: yew::MouseEvent| ())}>
                                { t(if matches!(to, Route::Notifications(_)) { Text::Preferences } else { Text::ViewRun }) }{ dressed(Icon::Arrow, "flip", None, None, None) }
                            </a>
                        }
                        <button class="ta-icon-button" type="button" aria-label={t(Text::Close)} onclick={onread.reform(|_| ())}>
                            { glyph(Icon::Cross) }
                        </button>
                    </div>
                }
            }) }
        </div>
    }
}
