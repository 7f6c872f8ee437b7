//! Puts the elements of a list in their order, and moves as few of them as there can be.
//!
//! Yew draws them in an order that never changes, and so moves none. When three of two hundred cards changed their places it would
//! move fifty, and what is moved is laid out again.

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
    let mut elements = elements;
    let by_key = order(elements.len(), &|a, b| {
        elements[a].key.cmp(&elements[b].key)
    });
    let drawn = by_key
        .into_iter()
        .map(|idx| std::mem::take(&mut elements[idx].html))
        .collect();
    let before = use_mut_ref(Vec::<Key>::new);
    let list = list.clone();
    use_effect(move || {
        let now: Vec<Key> = elements.iter().map(|element| element.key.clone()).collect();
        let before = before.replace(now.clone());
        let Some(list) = list.get().filter(|_| before != now) else {
            return;
        };
        let stays = in_order(&places_before(&before, &now));
        let mut next = None;
        for (element, stays) in elements.iter().zip(stays).rev() {
            let Some(node) = element.node.get() else {
                continue;
            };
            if !stays {
                // Fails only where `next` is no child of the list.
                let _ = list.insert_before(&node, next.as_ref());
            }
            next = Some(node);
        }
    });
    drawn
}

/// Where each stood before, if it did.
fn places_before(before: &[Key], now: &[Key]) -> Vec<Option<usize>> {
    let by_key = order(before.len(), &|a, b| before[a].cmp(&before[b]));
    let place = |key: &Key| {
        let found = by_key.binary_search_by(|idx| before[*idx].cmp(key));
        found.ok().map(|found| by_key[found])
    };
    now.iter().map(place).collect()
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

    use super::in_order;

    #[test]
    fn one_that_went_far_is_moved_alone() {
        let places = [1, 2, 3, 4, 5, 0].map(Some);
        assert_eq!(in_order(&places), [true, true, true, true, true, false]);
        let places = [Some(5), None, Some(0), Some(1), Some(2)];
        assert_eq!(in_order(&places), [false, false, true, true, true]);
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
