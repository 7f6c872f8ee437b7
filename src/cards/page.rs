//! The centre as a page: with search and filters, which its address holds, and with everything that was dismissed.

use std::rc::Rc;

use contract::ids::{PersonId, RunKey, TenantId};
use gloo_timers::callback::Timeout;
use yew::{Callback, Html, Properties, component, html};

use crate::ages::Age;
use crate::cards::centre::{Centre, CentreProps};
use crate::cards::filter::{Filter, Tab};
use crate::feed::{Card, Feed};
use crate::hooks::{use_effect_with, use_state};
use crate::i18n::{Text, t};
use crate::live::use_feed;
use crate::parts::{choice, search};
use crate::route::{Go, Route, whole_number};
use crate::runs::words;

/// The address follows the typing after this long: browsers refuse one that changes with each letter.
const SETTLES_MS: u32 = 400;

/// See [`NotificationsPage`].
#[derive(Clone, PartialEq, Properties)]
pub struct NotificationsProps {
    /// What is looked for.
    pub filter: Filter,
    /// Leads to another.
    pub go: Go,
    /// All cards on screen, in their order.
    pub cards: Rc<Vec<Rc<Card>>>,
    /// Failures known by name alone.
    pub n_failed_not_held: usize,
    /// Who reads.
    pub me: Option<PersonId>,
    /// Whether what is shown may be old.
    pub age: Age,
    /// Where to go when there is no card.
    pub policies: Route,
    /// The reader went to a run.
    pub onview: Callback<RunKey>,
}

/// The page.
#[component]
pub fn NotificationsPage(props: &NotificationsProps) -> Html {
    let words = use_state(|| props.filter.words.clone());
    let typed = Filter {
        words: String::clone(&words),
        ..props.filter.clone()
    };
    let onfilter = {
        let (go, words) = (props.go.clone(), words.setter());
        Callback::from(move |filter: Filter| {
            if *words.latest() != filter.words {
                words.set(filter.words.clone());
            }
            go.instead(Route::Notifications(filter));
        })
    };
    {
        let (go, filter) = (props.go.clone(), props.filter.clone());
        use_effect_with(typed.clone(), move |typed| {
            let typed = typed.clone();
            let later = (typed != filter)
                .then(|| Timeout::new(SETTLES_MS, move || go.instead(Route::Notifications(typed))));
            move || drop(later)
        });
    }
    let feed = use_feed();
    let choose = |change: fn(&mut Filter, String)| {
        let typed = typed.clone();
        onfilter.reform(move |chosen: String| {
            let mut filter = typed.clone();
            change(&mut filter, chosen);
            filter
        })
    };
    html! {
        <div class="ta-centre" data-page="">
            <header class="ta-head"><h1>{ t(Text::Notifications) }</h1></header>
            if props.filter.tab != Tab::Preferences {
                <div class="ta-tools">
                    { search(t(Text::SearchCards), t(Text::SearchCards), &words) }
                    { choose_tenant(&feed, props.filter.tenant.map(|id| id.to_string()),
                        &choose(|filter, id| filter.tenant = whole_number(&id).map(TenantId))) }
                    { choose_operation(&feed, props.filter.operation.clone(),
                        &choose(|filter, operation| filter.operation = (!operation.is_empty()).then_some(operation))) }
                </div>
            }
            <Centre ..CentreProps { cards: Rc::clone(&props.cards), n_failed_not_held: props.n_failed_not_held, filter: typed.clone(),
                onfilter: onfilter.clone(), is_page: true, has_server: typed == props.filter, me: props.me, age: props.age, policies: props.policies.clone(),
                onview: props.onview.clone() } />
        </div>
    }
}

/// One of the reader's tenants, or any.
pub(super) fn choose_tenant(
    feed: &Feed,
    chosen: Option<String>,
    onchoose: &Callback<String>,
) -> Html {
    let mut all = feed
        .tenants()
        .map(|tenant| (tenant.id.to_string(), tenant.name.clone().into()));
    choice(
        Text::TenantWord,
        Text::AnyTenant,
        &mut all,
        chosen,
        onchoose,
    )
}

/// One of the operations of the held runs, or any. An address may name one that none of them has.
pub(super) fn choose_operation(
    feed: &Feed,
    chosen: Option<String>,
    onchoose: &Callback<String>,
) -> Html {
    let mut known = feed.operations();
    if let Some(chosen) = &chosen
        && !known.contains(chosen)
        && !chosen.is_empty()
    {
        known.push(chosen.clone());
    }
    let mut all = known.into_iter().map(|code| {
        let words = words::operation(&code);
        (code, words)
    });
    choice(
        Text::OperationWord,
        Text::AnyOperation,
        &mut all,
        chosen,
        onchoose,
    )
}
