//! Order, compiled once: a sort, and a map.
//!
//! The sort of `std` costs 3 KB of WebAssembly for each type that is sorted, and a `BTreeMap` 5 KB for each pair of types. The
//! largest map here is [`feed`](crate::feed)'s, which is bounded: a row that comes in front of 5,500 others moves 44 KB, which
//! is a few microseconds.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Sorts by a key, which is made once for each value. Equal ones stay in their order.
pub fn sort_by_key<T, K: Ord>(values: &mut Vec<T>, key: impl FnMut(&T) -> K) {
    let keys: Vec<K> = values.iter().map(key).collect();
    let order = order(keys.len(), &|a, b| keys[a].cmp(&keys[b]));
    put_in_order(values, order);
}

fn put_in_order<T>(values: &mut Vec<T>, order: Vec<usize>) {
    let mut taken: Vec<Option<T>> = std::mem::take(values).into_iter().map(Some).collect();
    values.extend(order.into_iter().filter_map(|idx| taken[idx].take()));
}

/// Of two values by their indices.
pub type Compare<'a> = &'a dyn Fn(usize, usize) -> Ordering;

/// The indices of `n_values` values, in order. A heap: the sorts of `std` are four times its size.
pub fn order(n_values: usize, compare: Compare<'_>) -> Vec<usize> {
    let places = (0..n_values).map(|idx| Place { idx, compare });
    let heap: BinaryHeap<Place<'_>> = places.collect();
    let in_order = heap.into_sorted_vec();
    in_order.into_iter().map(|place| place.idx).collect()
}

/// A value by its index. Of equal ones the first comes first.
struct Place<'a> {
    idx: usize,
    compare: Compare<'a>,
}

impl Ord for Place<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.compare)(self.idx, other.idx).then(self.idx.cmp(&other.idx))
    }
}

impl PartialOrd for Place<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Place<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Place<'_> {}

/// A list of keys and values, in the order of the keys, each of which is there once.
#[derive(Clone, Debug, PartialEq)]
pub struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        SortedMap(Vec::new())
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0
            .binary_search_by(|(known, _)| known.borrow().cmp(key))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|idx| &self.0[idx].1)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|idx| &mut self.0[idx].1)
    }

    /// The value of a key, made if it is not there.
    pub fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let idx = match self.find(&key) {
            Ok(idx) => idx,
            Err(idx) => {
                self.0.insert(idx, (key, V::default()));
                idx
            }
        };
        &mut self.0[idx].1
    }

    /// Whether the key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// Puts a value in its place; one with the same key gives way, and is returned.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(idx) => Some(std::mem::replace(&mut self.0[idx].1, value)),
            Err(idx) => {
                self.0.insert(idx, (key, value));
                None
            }
        }
    }

    /// Takes a row away.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        self.find(key).ok().map(|idx| self.0.remove(idx))
    }

    /// Keeps the rows that are wanted.
    pub fn retain(&mut self, mut is_wanted: impl FnMut(&K, &V) -> bool) {
        self.0.retain(|(key, value)| is_wanted(key, value));
    }

    /// Takes everything away.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Nothing is there.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &(K, V)> {
        self.0.iter()
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values, to be changed, in the order of their keys.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    /// Of the same key, the last one stays.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(rows: I) -> Self {
        let mut rows: Vec<(K, V)> = rows.into_iter().collect();
        let order = order(rows.len(), &|a, b| rows[a].0.cmp(&rows[b].0));
        put_in_order(&mut rows, order);
        let mut map = SortedMap::default();
        // Each at the end, so nothing moves.
        for (key, value) in rows {
            map.insert(key, value);
        }
        map
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_sort_is_the_stable_sort_of_std(mut values in prop::collection::vec((0_u8..9, any::<u8>()), 0..80)) {
            let mut expected = values.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by_key(&mut values, |(key, _)| *key);
            prop_assert_eq!(values, expected);
        }

        #[test]
        fn a_sorted_map_is_a_btree_map(
            begin in prop::collection::vec((0_u8..30, any::<u8>()), 0..20),
            steps in prop::collection::vec((0_u8..30, any::<Option<u8>>()), 0..60),
        ) {
            let mut map: SortedMap<u8, u8> = begin.iter().copied().collect();
            let mut expected: BTreeMap<u8, u8> = begin.into_iter().collect();
            for (key, value) in steps {
                prop_assert_eq!(map.get(&key), expected.get(&key));
                if let Some(value) = value {
                    prop_assert_eq!(map.insert(key, value), expected.insert(key, value));
                    *map.get_or_default(key / 2) |= 1;
                    *expected.entry(key / 2).or_default() |= 1;
                } else {
                    prop_assert_eq!(map.remove(&key), expected.remove_entry(&key));
                }
                prop_assert!(map.iter().map(|(key, value)| (key, value)).eq(expected.iter()));
            }
            map.retain(|key, _| key % 3 == 0);
            expected.retain(|key, _| key % 3 == 0);
            prop_assert!(map.keys().eq(expected.keys()) && map.values().eq(expected.values()));
            prop_assert_eq!(map.len(), expected.len());
        }
    }
}
