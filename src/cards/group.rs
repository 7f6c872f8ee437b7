//! Many runs of one kind as one entry that opens: a bulk start of 200, a portal's nightly job. Its failures are in sight while it is
//! closed, and counted where they are too many to list.
//!
//! Which cards belong together follows from what a run never changes, so a run that moves on changes no grouping.

use std::cell::RefCell;
use std::rc::Rc;

use contract::run::{Counts, Run, RunStatus};
use contract::timestamp::Timestamp;
use web_sys::MouseEvent;
use yew::{Html, html};

use crate::ages::{ago_time, clock_time};
use crate::cards::bar::{Bar, CountsProps};
use crate::cards::card::{Act, on_click};
use crate::cards::frame::{Frame, frame};
use crate::cards::place::Said;
use crate::feed::Card;
use crate::feed::order::Rank;
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
use crate::parts;
use crate::route::Route;
use crate::runs::state::State;
use crate::runs::words;
use crate::sorted::order;

/// Fewer of a kind stay cards of their own.
pub const FEWEST: usize = 8;
/// No two runs of a group were queued further apart than this.
pub const WINDOW_MS: i64 = 10 * 60_000;
/// A closed group names so many of its failures, and counts the others.
pub const LINES: usize = 5;

/// What stands in a list by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A card.
    Card(Rc<Card>),
    /// Many of one kind.
    Group(Rc<Group>),
}

impl Entry {
    /// Its cards, in the order of the feed.
    pub fn cards(&self) -> &[Rc<Card>] {
        match self {
            Entry::Card(card) => std::slice::from_ref(card),
            Entry::Group(group) => &group.cards,
        }
    }
}

/// Runs of one kind. Equal if its cards are: all else follows from them.
#[derive(Clone, Debug)]
pub struct Group {
    /// At least one, in the order of the feed: failures first.
    pub cards: Vec<Rc<Card>>,
    /// The one that was queued first; names the group.
    pub oldest: Rc<Card>,
    /// Failed and partial ones that nobody looks after.
    pub n_failed: usize,
    /// Completed ones that are still on screen.
    pub n_completed: usize,
    /// Counts runs, not their records: all of them, and those that ended. A cancelled one is skipped.
    pub counts: Counts,
}

impl PartialEq for Group {
    fn eq(&self, other: &Self) -> bool {
        self.cards == other.cards
    }
}

impl Group {
    /// Of cards that belong together; `None` of none.
    pub fn of(cards: Vec<Rc<Card>>) -> Option<Group> {
        let oldest = cards.iter().min_by_key(|card| card.run.queued_at)?;
        let oldest = Rc::clone(oldest);
        let (mut n_failed, mut n_completed) = (0, 0);
        let (mut processed, mut succeeded, mut failed, mut skipped) = (0, 0, 0, 0);
        for card in &cards {
            let status = &card.run.status;
            n_failed += usize::from(is_unattended(card));
            n_completed += usize::from(is_done(card));
            processed += u64::from(status.is_ended());
            succeeded += u64::from(*status == RunStatus::Completed);
            failed += u64::from(status.is_failure());
            skipped += u64::from(*status == RunStatus::Cancelled);
        }
        let counts = Counts {
            total: Some(cards.len() as u64),
            processed: Some(processed),
            succeeded: Some(succeeded),
            failed: Some(failed),
            skipped: Some(skipped),
        };
        Some(Group {
            cards,
            oldest,
            n_failed,
            n_completed,
            counts,
        })
    }

    /// Whether a run is of the group's kind and time.
    pub fn takes(&self, run: &Run) -> bool {
        kind(run) == kind(&self.oldest.run) && is_near(run.queued_at, self.oldest.run.queued_at)
    }

    /// Whether its cards follow it in the list.
    pub fn is_open(&self) -> bool {
        OPENED.with_borrow(|opened| opened.iter().any(|mark| self.is_meant(mark)))
    }

    /// Opens or folds it, for as long as the page lives.
    pub fn turn(&self) {
        OPENED.with_borrow_mut(|opened| {
            let n = opened.len();
            opened.retain(|mark| !self.is_meant(mark));
            if opened.len() == n {
                opened.push((kind(&self.oldest.run), self.oldest.run.queued_at));
            }
        });
    }

    /// Its first run may have been dismissed since, so the time is compared as that of a run would be.
    fn is_meant(&self, (of_kind, queued_at): &(u64, Timestamp)) -> bool {
        let oldest = &self.oldest.run;
        *of_kind == kind(oldest) && is_near(*queued_at, oldest.queued_at)
    }
}

thread_local! {
    /// The groups that are open. A hash and a time, so that nothing of a person who signed out stays.
    static OPENED: RefCell<Vec<(u64, Timestamp)>> = const { RefCell::new(Vec::new()) };
}

fn is_near(a: Timestamp, b: Timestamp) -> bool {
    a.since(b).abs() <= WINDOW_MS
}

fn is_unattended(card: &Card) -> bool {
    Rank::of(&card.run) == Rank::Unattended
}

/// Completed, and still on screen.
pub fn is_done(card: &Card) -> bool {
    card.run.status == RunStatus::Completed && !card.dismissed
}

/// What runs of one kind have in common: operation, run type, source and starter, as FNV-1a over the parts, each ended by a byte that no
/// text can hold. A number, since all cards are sorted into their kinds with each drawing.
fn kind(run: &Run) -> u64 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    let starter = run.started_by.as_ref().map_or(0, |person| person.id.0);
    let parts = [
        run.operation.as_bytes(),
        run.run_type.as_bytes(),
        run.source.as_bytes(),
        &starter.to_le_bytes(),
    ];
    for part in parts {
        for byte in part.iter().chain(&[0xff]) {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    state
}

/// Cards in the order of the feed → what stands in the list, in the same order: a group stands where its first card would, and every card is
/// in one entry.
pub fn entries(cards: &[Rc<Card>]) -> Vec<Entry> {
    let n = cards.len();
    let kinds: Vec<u64> = cards.iter().map(|card| kind(&card.run)).collect();
    let place = |idx: usize| (kinds[idx], cards[idx].run.queued_at);
    // By kind, and then by time: those that are together follow each other.
    let by_kind = order(n, &|a, b| place(a).cmp(&place(b)));
    // The first of each card's group, by kind; of no group where it is too small.
    let mut group_of = vec![n; n];
    let mut from = 0;
    for to in 1..=n {
        let (of_kind, begun) = place(by_kind[from]);
        if let Some(next) = by_kind.get(to)
            && kinds[*next] == of_kind
            && is_near(cards[*next].run.queued_at, begun)
        {
            continue;
        }
        if to - from >= FEWEST {
            for idx in &by_kind[from..to] {
                group_of[*idx] = from;
            }
        }
        from = to;
    }
    let mut entries = Vec::new();
    // The groups that stand already.
    let mut stands = vec![n; n];
    for (idx, card) in cards.iter().enumerate() {
        let group = group_of[idx];
        if group == n {
            entries.push((Rc::clone(card), Vec::new()));
            continue;
        }
        if stands[group] == n {
            stands[group] = entries.len();
            entries.push((Rc::clone(card), Vec::new()));
        }
        entries[stands[group]].1.push(Rc::clone(card));
    }
    let entry = |(card, members)| {
        Group::of(members).map_or(Entry::Card(card), |group| Entry::Group(Rc::new(group)))
    };
    entries.into_iter().map(entry).collect()
}

/// How many cards are behind the first `limit` entries, and how many of them failed.
pub fn behind(cards: &[Rc<Card>], limit: usize) -> (usize, usize) {
    let (mut n, mut n_failed) = (0, 0);
    for entry in entries(cards).iter().skip(limit) {
        n += entry.cards().len();
        n_failed += super::n_failed(entry.cards());
    }
    (n, n_failed)
}

/// The state that the edge says: the worst one, and of an attended failure no more than that of an end.
fn worst(group: &Group) -> State {
    let severity = |card: &&Rc<Card>| match (Rank::of(&card.run), State::of(&card.run)) {
        (Rank::Unattended, State::Failed) => 0,
        (Rank::Unattended, _) => 1,
        (Rank::Stalled, _) => 2,
        (Rank::Active, State::Queued) => 5,
        (Rank::Active, State::Throttled) => 4,
        (Rank::Active, _) => 3,
        (Rank::Ended, State::Completed) => 7,
        (Rank::Ended, _) => 6,
    };
    let card = group.cards.iter().min_by_key(severity);
    State::of(&card.unwrap_or(&group.oldest).run)
}

fn n_tenants(group: &Group) -> usize {
    let mut known = Vec::new();
    for card in &group.cards {
        if !known.contains(&card.run.tenant_id) {
            known.push(card.run.tenant_id);
        }
    }
    known.len()
}

/// A group as a card.
pub fn group_card(group: &Rc<Group>, is_open: bool, said: &Said) -> Html {
    let run = &group.oldest.run;
    let (is_old, state) = (said.age.is_old(), worst(group));
    let n = group.cards.len() as u64;
    let (title, what) = (t(Text::NRuns(n)), words::what(run));
    let tenants = match n_tenants(group) {
        1 => group.oldest.tenant_name.to_string().into(),
        n => t(Text::NTenants(n as u64)),
    };
    let is_unread = group.cards.iter().any(|card| card.unread);
    let onact = |act| on_click(&group.oldest.key, &said.onwish, act);
    frame(Frame {
        class: "ta-card ta-group",
        state,
        is_old,
        is_new: false,
        is_unread,
        run: None,
        label: Some(t(Text::SayEndedOne {
            what: &what,
            title: &title,
        })),
        labelled_by: None,
        title_id: None,
        icon: dressed(Icon::Stack, "card", None, None, None),
        title,
        head: html! {
            <>
                if group.n_failed > 0 {
                    { parts::chip("danger", None, Some(Icon::Cross), t(Text::NFailed(group.n_failed as u64))) }
                } else if matches!(state, State::Stalled | State::Throttled) {
                    { parts::chip(state.tone(), None, None, state.word(&run.status)) }
                }
                if let Some(as_of) = said.age.words() {
                    { parts::chip("neutral", None, Some(Icon::Stale), as_of) }
                }
            </>
        },
        lead: html! {
            <>
                <p class="ta-card__what">{ what }{ " " }<span class="ta-muted"><bdi>{ tenants }</bdi></span></p>
                <p class="ta-card__meta">
                    <span>{ words::started_by(run, said.me) }</span>
                    { ago_time(run.queued_at, is_old) }
                </p>
            </>
        },
        body: html! {
            <>
                <div class="ta-progress">
                    <Bar ..CountsProps { counts: group.counts, size: None, with_remaining: true } />
                    <p class="ta-progress__line">
                        <span class="ta-progress__count">{ t(Text::EndedOf { done: group.counts.processed.unwrap_or(0), total: n }) }</span>
                    </p>
                </div>
                if !is_open && group.n_failed > 0 {
                    { failures(group, said) }
                }
            </>
        },
        foot: html! {
            <>
                <button class="ta-button" data-size="sm" data-act="open" type="button" aria-expanded={is_open.to_string()}
                    onclick={onact(|_| Act::Turn)}>
                    { t(if is_open { Text::FoldWord } else { Text::ShowAll(n) }) }{ glyph(Icon::Down) }
                </button>
                if group.n_completed > 0 {
                    <button class="ta-button" data-size="sm" data-kind="ghost" data-act="sweep" type="button"
                        onclick={onact(|by_keyboard| Act::Sweep { by_keyboard })}>
                        { t(Text::DismissCompleted(group.n_completed as u64)) }
                    </button>
                }
            </>
        },
    })
}

/// A line for each of the first failures, and how many more there are.
fn failures(group: &Group, said: &Said) -> Html {
    let failed = group.cards.iter().filter(|card| is_unattended(card));
    let n_more = group.n_failed.saturating_sub(LINES) as u64;
    html! {
        <ul class="ta-group__rows">
            { for failed.take(LINES).map(|card| line(card, said)) }
            if n_more > 0 {
                <li class="ta-group__more">{ t(Text::MoreFailed(n_more)) }</li>
            }
        </ul>
    }
}

fn line(card: &Card, said: &Said) -> Html {
    let run = &card.run;
    let state = State::of(run);
    let why = match &run.error {
        Some(error) => error.message.clone().into(),
        None => state.word(&run.status),
    };
    let inside = html! {
        <>
            { dressed(state.icon(), "", None, None, Some(state.tone())) }
            <span class="ta-group__name"><bdi>{ &*card.tenant_name }</bdi></span>
            <span class="ta-group__why" title={why.clone()}>{ why }</span>
            { clock_time(run.ended_at.unwrap_or(run.at)) }
        </>
    };
    let key = words::name(&card.key);
    let Some(to) = Route::of_run(run) else {
        return html! { <li {key} class="ta-group__row"><span>{ inside }</span></li> };
    };
    let onclick = {
        let run = card.key.clone();
        said.onview.reform(move |_: MouseEvent| run.clone())
    };
    html! { <li {key} class="ta-group__row"><a href={to.path()} {onclick}>{ inside }</a></li> }
}
