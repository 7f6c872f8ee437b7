//! The list of cards stands still under its reader, and a dismissed card can come back to its place.

use std::cell::RefCell;
use std::rc::Rc;

use contract::run::RunStatus;
use tenant_atlas::cards::group::Entry;
use tenant_atlas::cards::list::{CardList, Slot, choose, waiting};
use tenant_atlas::feed::Card as CardData;
use tenant_atlas::live::{Live, LiveContext};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::{Callback, Html, Properties, UseStateSetter, component, html, use_memo, use_state};

use crate::stand::{Drawn, ME, card, document, draw, run, until};

pub(crate) type Cards = Vec<Rc<CardData>>;
/// The cards, and whether the reader is on the list.
type Given = (Cards, bool);

/// Lets a test change what the list is given, as the feed does.
#[derive(Clone, Default)]
pub(crate) struct Hand(Rc<RefCell<Option<UseStateSetter<Given>>>>);

impl PartialEq for Hand {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Hand {
    pub(crate) async fn give(&self, cards: Cards, is_held: bool) {
        let set = self.0.borrow().clone().expect("the list is drawn");
        set.set((cards, is_held));
        yew::scheduler::flush().await;
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct ListProps {
    first: Cards,
    hand: Hand,
}

#[component]
pub(crate) fn List(props: &ListProps) -> Html {
    let live = use_memo((), |()| Live::begin());
    let given = use_state(|| (props.first.clone(), false));
    *props.hand.0.borrow_mut() = Some(given.setter());
    html! {
        <LiveContext context={(*live).clone()}>
            <section class="ta-stack"><CardList class="ta-stack__list" cards={Rc::new(given.0.clone())} limit={5} is_held={given.1} me={Some(ME)}
                onwaiting={Callback::noop()} /></section>
        </LiveContext>
    }
}

pub(crate) async fn list(first: Cards) -> (Drawn<List>, Hand) {
    let hand = Hand::default();
    let drawn = draw::<List>(ListProps {
        first,
        hand: hand.clone(),
    })
    .await;
    (drawn, hand)
}

pub(crate) fn order(drawn: &Drawn<List>) -> Vec<String> {
    let found = drawn
        .place
        .query_selector_all("article")
        .expect("article is a selector");
    (0..found.length())
        .filter_map(|idx| found.item(idx)?.dyn_into::<HtmlElement>().ok())
        .filter_map(|article| article.get_attribute("data-run"))
        .collect()
}

pub(crate) fn click(drawn: &Drawn<List>, selector: &str) {
    let button: HtmlElement = drawn
        .find(selector)
        .dyn_into()
        .expect("a button is an HTML element");
    button.click();
}

fn focus(drawn: &Drawn<List>, selector: &str) {
    let element: HtmlElement = drawn
        .find(selector)
        .dyn_into()
        .expect("a button is an HTML element");
    element.focus().expect("a button takes the focus");
}

/// The element that has the focus.
fn focused() -> Option<web_sys::Element> {
    document().active_element()
}

/// A press of the pointer, which has a click count.
fn press(drawn: &Drawn<List>, selector: &str) {
    let init = web_sys::MouseEventInit::new();
    init.set_bubbles(true);
    init.set_detail(1);
    let press = web_sys::MouseEvent::new_with_mouse_event_init_dict("click", &init)
        .expect("click is an event's name");
    drawn
        .find(selector)
        .dispatch_event(&press)
        .expect("the event is not under way");
}

#[wasm_bindgen_test]
async fn an_undone_dismissal_brings_the_card_back_to_its_place_with_the_focus() {
    let cards: Cards = (1..=3)
        .map(|id| card(run(id, RunStatus::Completed)))
        .collect();
    let (drawn, hand) = list(cards.clone()).await;

    focus(&drawn, "[data-run='bulk_operation/2'] [data-act=dismiss]");
    click(&drawn, "[data-run='bulk_operation/2'] [data-act=dismiss]");
    hand.give(vec![Rc::clone(&cards[0]), Rc::clone(&cards[2])], false)
        .await;
    assert_eq!(order(&drawn), ["bulk_operation/1", "bulk_operation/3"]);
    let bar = drawn.find(".ta-undo");
    assert!(
        bar.text_content()
            .is_some_and(|text| text.starts_with("Run completed dismissed"))
    );
    let place = bar
        .closest("[role=listitem]")
        .ok()
        .flatten()
        .and_then(|item| item.previous_element_sibling())
        .and_then(|before| before.query_selector("article").ok().flatten())
        .and_then(|article| article.get_attribute("data-run"));
    assert_eq!(place.as_deref(), Some("bulk_operation/1"));
    click(&drawn, ".ta-undo__button");
    hand.give(cards, false).await;
    assert_eq!(
        order(&drawn),
        ["bulk_operation/1", "bulk_operation/2", "bulk_operation/3"]
    );
    assert_eq!(drawn.count(".ta-undo"), 0);
    until("the card has the focus", || {
        drawn
            .find("[data-run='bulk_operation/2']")
            .matches(":focus-within")
            .unwrap_or(false)
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_dismissal_by_pointer_leads_to_the_undo() {
    let cards: Cards = (1..=2)
        .map(|id| card(run(id, RunStatus::Completed)))
        .collect();
    let (drawn, hand) = list(cards.clone()).await;
    press(&drawn, "[data-run='bulk_operation/2'] [data-act=dismiss]");
    hand.give(vec![Rc::clone(&cards[0])], false).await;
    until("the undo has the focus", || {
        focused().is_some_and(|element| element.class_name() == "ta-undo__button")
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_undone_dismissal_comes_back_under_the_pointer_that_asked_for_it() {
    let cards: Cards = (1..=3)
        .map(|id| card(run(id, RunStatus::Completed)))
        .collect();
    let (drawn, hand) = list(cards.clone()).await;
    hand.give(cards.clone(), true).await;

    click(&drawn, "[data-run='bulk_operation/2'] [data-act=dismiss]");
    hand.give(vec![Rc::clone(&cards[0]), Rc::clone(&cards[2])], true)
        .await;
    assert_eq!(drawn.count(".ta-undo"), 1);

    click(&drawn, ".ta-undo__button");
    hand.give(cards, true).await;
    assert_eq!(
        order(&drawn),
        ["bulk_operation/1", "bulk_operation/2", "bulk_operation/3"]
    );
}

#[wasm_bindgen_test]
async fn nothing_is_re_ordered_while_the_reader_is_on_the_list() {
    let before: Cards = (1..=5)
        .map(|id| card(run(id, RunStatus::Running)))
        .collect();
    let (drawn, hand) = list(before.clone()).await;
    let places = order(&drawn);

    let mut after = vec![card(run(9, RunStatus::Failed))];
    after.extend(before.iter().cloned());
    hand.give(after.clone(), true).await;
    assert_eq!(order(&drawn), places);

    hand.give(after, false).await;
    assert_eq!(order(&drawn)[0], "bulk_operation/9");
    assert_eq!(drawn.count("article"), 5);
}

#[wasm_bindgen_test]
fn what_waits_is_counted_and_its_failures_are_told_apart() {
    let before: Cards = (1..=5)
        .map(|id| card(run(id, RunStatus::Running)))
        .collect();
    let mut after = vec![
        card(run(8, RunStatus::Failed)),
        card(run(9, RunStatus::Running)),
    ];
    after.extend(before.iter().cloned());
    let slot = |card: &Rc<CardData>| Slot::Card(Rc::clone(card), false);
    let on_screen: Vec<Slot> = before.iter().map(slot).collect();
    let shown = choose(&after, &on_screen, 5, true);
    let stays: Vec<Entry> = before.into_iter().map(Entry::Card).collect();
    assert_eq!(shown, stays);
    assert_eq!(waiting(&after, &shown, 5), (2, 1));
}

#[wasm_bindgen_test]
async fn the_undo_bar_goes_by_itself_after_eight_seconds() {
    let cards: Cards = vec![card(run(1, RunStatus::Completed))];
    let (drawn, hand) = list(cards).await;
    press(&drawn, "[data-run] [data-act=dismiss]");
    hand.give(Vec::new(), false).await;
    assert_eq!(drawn.count(".ta-undo"), 1);
    until("the bar is gone", || drawn.count(".ta-undo") == 0).await;
}
