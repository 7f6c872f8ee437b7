//! What a screen reader says by itself: new failures at once, other ends merged and when there is a pause.

use std::cell::RefCell;
use std::rc::Rc;

use contract::ids::{RunKey, TenantSeq};
use gloo_timers::callback::Timeout;
use yew::{AttrValue, Callback, Html, component, html};

use crate::feed::{Card, Feed};
use crate::hooks::{use_effect_with, use_state_eq};
use crate::i18n::{Text, t};
use crate::live::use_live;
use crate::runs::state::State;
use crate::runs::words;
use crate::sorted::SortedMap;

/// Ends within this are said together.
const POLITE_MS: u32 = 2_000;
/// Failures within this are said together: a burst of them is one sentence.
const ASSERTIVE_MS: u32 = 500;

/// Sorts out what is new among the cards: each status once.
#[derive(Default)]
pub struct Ear {
    heard: Option<SortedMap<RunKey, TenantSeq>>,
}

impl Ear {
    /// The cards that failed, and those that ended otherwise, since the last time. The first picture is not news.
    pub fn news(&mut self, cards: &[Rc<Card>]) -> (Vec<Rc<Card>>, Vec<Rc<Card>>) {
        let is_news = |card: &&Rc<Card>| {
            let known = self.heard.as_ref().map(|heard| heard.get(&card.key));
            known.is_some_and(|known| known.is_none_or(|seq| *seq < card.run.status_seq))
        };
        let (failed, others): (Vec<_>, Vec<_>) = cards
            .iter()
            .filter(is_news)
            .cloned()
            .partition(|card| card.run.status.is_failure());
        let ended = others
            .into_iter()
            .filter(|card| card.run.status.is_ended())
            .collect();
        self.heard = Some(
            cards
                .iter()
                .map(|card| (card.key.clone(), card.run.status_seq))
                .collect(),
        );
        (failed, ended)
    }
}

struct Voice {
    ear: Ear,
    /// Said last, assertive and polite.
    said: [AttrValue; 2],
    failed: Vec<Rc<Card>>,
    ended: Vec<Rc<Card>>,
    assertive: Option<Timeout>,
    polite: Option<Timeout>,
}

/// The two live regions.
#[component]
pub fn Announcer() -> Html {
    let live = use_live();
    let assertive = use_state_eq(AttrValue::default);
    let polite = use_state_eq(AttrValue::default);
    {
        let (say_now, say_later) = (assertive.setter(), polite.setter());
        use_effect_with(live, move |live| {
            let voice = Rc::new(RefCell::new(Voice {
                ear: Ear::default(),
                said: Default::default(),
                failed: Vec::new(),
                ended: Vec::new(),
                assertive: None,
                polite: None,
            }));
            let listen = {
                let voice = Rc::clone(&voice);
                move |feed: &Feed| {
                    if !feed.has_begun() {
                        return;
                    }
                    let mut inner = voice.borrow_mut();
                    let (failed, ended) = inner.ear.news(&feed.cards());
                    inner.failed.extend(failed);
                    inner.ended.extend(ended);
                    if !inner.failed.is_empty() && inner.assertive.is_none() {
                        let (voice, say_now) = (Rc::clone(&voice), say_now.clone());
                        inner.assertive = Some(Timeout::new(ASSERTIVE_MS, move || {
                            let mut inner = voice.borrow_mut();
                            inner.assertive = None;
                            let failed = std::mem::take(&mut inner.failed);
                            say_now.set(anew(&mut inner.said[0], failures(&failed)));
                        }));
                    }
                    if !inner.ended.is_empty() && inner.polite.is_none() {
                        let (voice, say_later) = (Rc::clone(&voice), say_later.clone());
                        inner.polite = Some(Timeout::new(POLITE_MS, move || {
                            let mut inner = voice.borrow_mut();
                            inner.polite = None;
                            let ended = std::mem::take(&mut inner.ended);
                            say_later.set(anew(&mut inner.said[1], ends(&ended)));
                        }));
                    }
                }
            };
            listen(&live.picture().feed);
            let subscription =
                live.on_draw(Callback::from(move |picture: crate::live::Picture| {
                    listen(&picture.feed)
                }));
            move || {
                drop(subscription);
                let mut voice = voice.borrow_mut();
                voice.assertive = None;
                voice.polite = None;
            }
        });
    }
    html! {
        <>
            <div class="ta-visually-hidden" role="alert">{ (*assertive).clone() }</div>
            <div class="ta-visually-hidden" role="status">{ (*polite).clone() }</div>
        </>
    }
}

/// The words, changed unheard where they are those of the last time: a region that does not change is not read out.
fn anew(said: &mut AttrValue, words: AttrValue) -> AttrValue {
    *said = if *said == words {
        format!("{words}\u{a0}").into()
    } else {
        words
    };
    said.clone()
}

fn failures(cards: &[Rc<Card>]) -> AttrValue {
    match cards {
        [card] => t(Text::SayFailed {
            what: &words::what(&card.run),
            tenant: &card.tenant_name,
            title: &State::of(&card.run).title(),
        }),
        cards => t(Text::SayManyFailed(cards.len() as u64)),
    }
}

fn ends(cards: &[Rc<Card>]) -> AttrValue {
    match cards {
        [card] => t(Text::SayEndedOne {
            what: &words::what(&card.run),
            title: &State::of(&card.run).title(),
        }),
        cards => t(Text::SayEnded(cards.len() as u64)),
    }
}
