//! Sentences that the app owes its person: what was refused, what was joined. They stay until they are read.

use contract::api::TenantRef;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use crate::feed::{Feed, Notice, NoticeKind};
use crate::i18n::{Text, t};
use crate::icons::{Glyph, Icon};
use crate::live::{Action, use_live};
use crate::route::{Link, Route};
use crate::runs::words;

/// See [`Notices`].
#[derive(Clone, PartialEq, Properties)]
pub struct NoticesProps {
    /// Oldest first.
    pub notices: Vec<Said>,
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
            let what = t(Text::NoticeStartFailed {
                what: &words::operation(operation),
                tenant: &tenant,
            });
            (
                "danger",
                what,
                Some(detail(why).unwrap_or_else(|| t(Text::ErrorUnreachable))),
                None,
            )
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
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let live = use_live();
    html! {
        <div class="ta-health-line" role="status">
            { for props.notices.iter().map(|said| {
                let (live, id) = (live.clone(), said.id);
                let onread = Callback::from(move |()| live.send(Action::ReadNotice(id)));
                let icon = if said.tone == "info" { Icon::Info } else { Icon::Failed };
                html! {
                    <div class="ta-banner" data-tone={said.tone} key={said.id}>
                        <Glyph {icon} />
                        <p><b>{ said.what.clone() }</b>{ " " }{ said.body.clone() }</p>
                        if let Some(to) = said.to.clone() {
                            <Link class="ta-button" size="sm" {to} onfollow={onread.clone()}>
                                { t(Text::ViewRun) }<Glyph icon={Icon::Arrow} class="ta-icon--flip" />
                            </Link>
                        }
                        <button class="ta-icon-button" type="button" aria-label={t(Text::Close)} onclick={onread.reform(|_| ())}>
                            <Glyph icon={Icon::Cross} />
                        </button>
                    </div>
                }
            }) }
        </div>
    }
}
