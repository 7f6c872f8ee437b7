//! The elements of a list stand in the order that it was given, whatever came, went and moved.

use std::cell::RefCell;
use std::rc::Rc;

use tenant_atlas::cards::order::{Element, use_order};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::virtual_dom::Key;
use yew::{Html, NodeRef, Properties, UseStateSetter, component, html, use_node_ref, use_state};

use crate::stand::draw;

type Hand = Rc<RefCell<Option<UseStateSetter<Vec<u32>>>>>;

#[derive(Clone, Properties)]
struct NumbersProps {
    hand: Hand,
}

impl PartialEq for NumbersProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.hand, &other.hand)
    }
}

#[component]
fn Numbers(props: &NumbersProps) -> Html {
    let numbers = use_state(Vec::new);
    *props.hand.borrow_mut() = Some(numbers.setter());
    let list = use_node_ref();
    let element = |number: &u32| {
        let (key, node) = (Key::from(u64::from(*number)), NodeRef::default());
        let html = html! { <li key={key.clone()} ref={node.clone()}>{ *number }</li> };
        Element { key, node, html }
    };
    let elements = use_order(&list, numbers.iter().map(element).collect());
    html! { <ul ref={list}>{ elements }</ul> }
}

/// xorshift: the same in each run.
struct Chance(u32);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % n
    }
}

#[wasm_bindgen_test]
async fn whatever_comes_goes_and_moves_the_elements_stand_as_they_were_given() {
    let hand = Hand::default();
    let drawn = draw::<Numbers>(NumbersProps {
        hand: Rc::clone(&hand),
    })
    .await;
    let mut chance = Chance(7);
    let mut numbers: Vec<u32> = Vec::new();
    for round in 0..300 {
        for _ in 0..chance.below(4) {
            let place = chance.below(numbers.len() + 1);
            numbers.insert(place, round * 10 + numbers.len() as u32 % 10);
        }
        for _ in 0..chance.below(3).min(numbers.len()) {
            numbers.remove(chance.below(numbers.len()));
        }
        for _ in 0..chance.below(4).min(numbers.len()) {
            let taken = numbers.remove(chance.below(numbers.len()));
            numbers.insert(chance.below(numbers.len() + 1), taken);
        }
        let mut seen = Vec::new();
        numbers.retain(|number| {
            !seen.contains(number) && {
                seen.push(*number);
                true
            }
        });
        let set = hand.borrow().clone().expect("the list is drawn");
        set.set(numbers.clone());
        yew::scheduler::flush().await;
        let words: Vec<String> = numbers.iter().map(u32::to_string).collect();
        assert_eq!(
            drawn.find("ul").text_content().unwrap_or_default(),
            words.concat(),
            "round {round}"
        );
    }
    assert!(numbers.len() > 20, "{} are left", numbers.len());
}
