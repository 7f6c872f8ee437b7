//! Puts the elements of a list in their order, and moves as few of them as there can be.
//!
//! What Yew draws keeps the order that it came in, so Yew moves nothing: when three of two hundred cards change their places it would
//! move fifty, and what is moved is laid out again. Only what comes is put in its place by Yew, in the same step as it is drawn.

use web_sys::Node;
use yew::virtual_dom::Key;
use yew::{Html, NodeRef, hook, use_mut_ref};

use crate::hooks::use_effect;
use crate::sorted::order;

/// An element of a list.
pub struct Element {
    /// Names it among those of the list, for as long as it is there.
    pub key: Key,
    /// Where it is drawn.
    pub node: NodeRef,
    /// What is drawn; it has the two.
    pub html: Html,
}

/// The elements of `list`, for its drawing. After that they stand in the order in which they are given here.
#[hook]
pub fn use_order(list: &NodeRef, elements: Vec<Element>) -> Vec<Html> {
    let drawn = use_mut_ref(Vec::<Key>::new);
    let placed = use_mut_ref(|| (Vec::<Key>::new(), Vec::<Node>::new()));
    let (list, mut elements) = (list.clone(), elements);
    let keys: Vec<Key> = elements.iter().map(|it| it.key.clone()).collect();
    let in_turn = in_turn(&places(&keys, &drawn.borrow()), keys.len());
    drawn.replace(in_turn.iter().map(|idx| keys[*idx].clone()).collect());
    let html = in_turn
        .into_iter()
        .map(|idx| std::mem::take(&mut elements[idx].html));
    let html = html.collect();
    // Where the drawing takes longer than a frame this comes a moment later.
    use_effect(move || {
        let Some(list) = list.get() else { return };
        let nodes: Vec<Node> = elements.iter().filter_map(|it| it.node.get()).collect();
        let (keys_before, nodes_before) = placed.replace((keys.clone(), nodes.clone()));
        if keys_before == keys || nodes.len() < keys.len() {
            return;
        }
        let before: Vec<Option<usize>> = places(&keys_before, &keys)
            .into_iter()
            .zip(&nodes)
            .map(|(place, node)| place.filter(|place| nodes_before.get(*place) == Some(node)))
            .collect();
        let mut next = None;
        for (node, stays) in nodes.into_iter().zip(in_order(&before)).rev() {
            if !stays && node.next_sibling() != next {
                // Fails only where `next` is no child of the list.
                let _ = list.insert_before(&node, next.as_ref());
            }
            next = Some(node);
        }
    });
    html
}

/// Of each of `sought` its index in `keys`.
fn places(keys: &[Key], sought: &[Key]) -> Vec<Option<usize>> {
    let by_key = order(keys.len(), &|a, b| keys[a].cmp(&keys[b]));
    let place = |key: &Key| {
        let found = by_key.binary_search_by(|idx| keys[*idx].cmp(key));
        found.ok().map(|found| by_key[found])
    };
    sought.iter().map(place).collect()
}

/// What was drawn stays in its turn, and what comes is drawn in front of what it is to stand in front of. `drawn`: in their turn,
/// the places that those have now which were drawn before; of `n` places.
fn in_turn(drawn: &[Option<usize>], n: usize) -> Vec<usize> {
    let mut is_drawn = vec![false; n];
    for place in drawn.iter().flatten() {
        is_drawn[*place] = true;
    }
    let mut in_turn = Vec::new();
    for place in drawn.iter().flatten().copied().chain([n]) {
        let comes = (0..place)
            .rev()
            .take_while(|before| !is_drawn[*before])
            .count();
        in_turn.extend(place - comes..place);
        in_turn.extend((place < n).then_some(place));
    }
    in_turn
}

/// Of places that something had before: those of a longest part that is in order. All others have to be moved, and the fewest that
/// way. (Patience sorting: the ends of the best parts of each length.)
fn in_order(before: &[Option<usize>]) -> Vec<bool> {
    // By length - 1: the index of the lowest end.
    let mut ends: Vec<usize> = Vec::new();
    let mut parents = vec![None; before.len()];
    for (idx, place) in before.iter().enumerate() {
        if place.is_some() {
            let length = ends.partition_point(|end| before[*end] < *place);
            parents[idx] = length.checked_sub(1).map(|shorter| ends[shorter]);
            match ends.get_mut(length) {
                Some(end) => *end = idx,
                None => ends.push(idx),
            }
        }
    }
    let mut stays = vec![false; before.len()];
    let mut next = ends.last().copied();
    while let Some(idx) = next {
        stays[idx] = true;
        next = parents[idx];
    }
    stays
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::{in_order, in_turn};

    #[test]
    fn one_that_went_far_is_moved_alone() {
        let places = [1, 2, 3, 4, 5, 0].map(Some);
        assert_eq!(in_order(&places), [true, true, true, true, true, false]);
        let places = [Some(5), None, Some(0), Some(1), Some(2)];
        assert_eq!(in_order(&places), [false, false, true, true, true]);
    }

    #[test]
    fn what_comes_is_drawn_in_front_of_what_follows_it() {
        // Of a, b, c two have changed places, x comes before b, y and z come last: x b a c y z.
        let drawn = [Some(2), Some(1), Some(3)];
        assert_eq!(in_turn(&drawn, 6), [2, 0, 1, 3, 4, 5]);
        assert_eq!(in_turn(&[], 3), [0, 1, 2]);
        assert_eq!(in_turn(&[None, Some(0)], 1), [0]);
    }

    /// By trying all parts.
    fn longest(places: &[Option<usize>]) -> usize {
        let parts = 0..1_u32 << places.len();
        let kept = |part: u32| {
            let kept = places.iter().enumerate();
            kept.filter(|(idx, _)| part >> idx & 1 == 1)
                .map(|(_, place)| *place)
                .collect::<Vec<_>>()
        };
        let is_in_order = |kept: &Vec<Option<usize>>| {
            kept.iter().all(Option::is_some) && kept.is_sorted_by(|a, b| a < b)
        };
        parts
            .map(kept)
            .filter(is_in_order)
            .map(|kept| kept.len())
            .max()
            .unwrap_or(0)
    }

    proptest! {
        #[test]
        fn what_stays_is_in_order_and_as_much_as_can(
            places in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
            is_new in prop::collection::vec(prop::bool::weighted(0.2), 8),
        ) {
            let places: Vec<_> = places.into_iter().zip(is_new).map(|(place, is_new)| (!is_new).then_some(place)).collect();
            let stays = in_order(&places);
            let kept: Vec<_> = places.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(place, _)| *place).collect();
            prop_assert!(kept.iter().all(Option::is_some));
            prop_assert!(kept.is_sorted_by(|a, b| a < b));
            prop_assert_eq!(kept.len(), longest(&places));
        }
    }
}
