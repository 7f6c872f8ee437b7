//! The cards that the server alone has: what was dismissed, and what is too old to be held. Exactly counted, a page at a time.

use std::rc::Rc;

use contract::api::NotificationRows;
use contract::ids::{PersonId, RunKey};
use yew::{Callback, Html, Properties, component, html, use_mut_ref};

use crate::ages::Age;
use crate::api;
use crate::cards::filter::{Filter, Tab};
use crate::cards::list::{CardList, CardListProps};
use crate::feed::Card;
use crate::fetched::use_fetched;
use crate::hooks::use_state_eq;
use crate::i18n::{Text, t};
use crate::icons::Icon;
use crate::live::use_feed;
use crate::parts::{self, Empty, Look, button};

/// What was dismissed is asked for again at most this often.
const DISMISSED_EVERY_MS: u32 = 3_000;
/// What is too old to be held, which may be many pages.
const OLDER_EVERY_MS: u32 = 10_000;
/// The rows of a page.
const PAGE: usize = 100;

/// See [`Older`].
#[derive(Clone, PartialEq, Properties)]
pub struct OlderProps {
    /// What is looked for.
    pub filter: Filter,
    /// So many of them are held, and stand above.
    pub n_held: usize,
    /// What stands there where there is none at all.
    pub empty: Html,
    /// Who reads.
    pub me: Option<PersonId>,
    /// Whether what is shown may be old.
    pub age: Age,
    /// The reader went to a run.
    pub onview: Callback<RunKey>,
}

/// Those cards.
#[component]
pub fn Older(props: &OlderProps) -> Html {
    let feed = use_feed();
    let n_pages = use_state_eq(|| 1);
    let filter = props.filter.clone();
    let is_history = filter.tab == Tab::Dismissed;
    // The first pages hold what stands above. Who asks for more asks for what does not.
    let n_above = match *n_pages {
        1 => 0,
        _ => props.n_held / PAGE,
    };
    let fetched = use_fetched::<NotificationRows, _>(
        (None, feed.notifications_version()),
        *n_pages + n_above,
        if is_history {
            DISMISSED_EVERY_MS
        } else {
            OLDER_EVERY_MS
        },
        move |after| api::notifications(&filter, after),
    );
    // Made once for each reading: a card is drawn again when it is another one.
    let made = use_mut_ref(|| (u32::MAX, Vec::<Rc<Card>>::new()));
    if made.borrow().0 != fetched.n_readings {
        let rows = fetched.pages.iter().flat_map(|page| &page.rows);
        let cards = rows.map(|row| {
            let run = Rc::new(row.run.clone());
            Rc::new(feed.card_of(run, row.mark.as_ref()))
        });
        made.replace((fetched.n_readings, cards.collect()));
    }
    // What the feed has is newer than the page, and what is on screen of it stands above.
    let stands_here = |card: &Rc<Card>| match feed.card(&card.key) {
        Some(held) => (is_history && held.dismissed).then(|| Rc::clone(held)),
        None => (feed.is_off_screen(card) == is_history).then(|| Rc::clone(card)),
    };
    let cards: Rc<Vec<_>> = Rc::new(made.borrow().1.iter().filter_map(stands_here).collect());
    let total = fetched.value().map_or(0, |page| page.total);
    let n_older = total.saturating_sub(props.n_held as u64);
    let more = {
        let n_pages = n_pages.clone();
        Callback::from(move |_| n_pages.set(*n_pages + 1))
    };
    html! {
        <>
            if fetched.error.is_some() {
                { parts::empty(Empty { icon: Some(Icon::Failed), tone: Some("danger"), level: "h3", title: t(Text::OlderFailed),
                    body: t(Text::OlderFailedBody), acts: button(Look::Small, Some(Icon::Retry), t(Text::TryNow), fetched.again.reform(|_| ())) }) }
            }
            if n_older > 0 {
                <h3 class="ta-centre__older">{ t(if is_history { Text::NDismissed(n_older) } else { Text::NOlder(n_older) }) }</h3>
            }
            <CardList ..CardListProps { class: "ta-centre__section", cards, limit: usize::MAX, filter: props.filter.clone(), is_held: false, is_history: true, me: props.me, age: props.age,
                onwaiting: Callback::noop(), onview: props.onview.clone() } />
            if n_older > 0 && fetched.has_more() {
                <p class="ta-centre__more">{ button(Look::Small, None, t(Text::ShowOlder), more) }</p>
            }
            if n_older == 0 && props.n_held == 0 && fetched.value().is_some() {
                { props.empty.clone() }
            }
        </>
    }
}
