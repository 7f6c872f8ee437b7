//! The cards of the feed: by run, and those on screen in their order, so that drawing a frame sorts nothing.

use std::rc::Rc;

use contract::ids::RunKey;

use crate::feed::Card;
use crate::feed::order::{Place, Rank, place};
use crate::sorted::SortedMap;

/// All cards. `shown` holds those of `by_run` that are not dismissed, each at its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Deck {
    by_run: SortedMap<Rc<RunKey>, Rc<Card>>,
    /// Both of `Rc`s, so that the code of a map is there once.
    shown: SortedMap<Rc<Place>, Rc<Card>>,
}

impl Deck {
    pub(super) fn get(&self, key: &RunKey) -> Option<&Rc<Card>> {
        self.by_run.get(key)
    }

    /// Tells whether it is another card than before.
    pub(super) fn put(&mut self, card: Card) -> bool {
        if self
            .by_run
            .get(&card.key)
            .is_some_and(|known| **known == card)
        {
            return false;
        }
        let key = Rc::new(card.key.clone());
        let card = Rc::new(card);
        if let Some(before) = self.by_run.insert(Rc::clone(&key), Rc::clone(&card)) {
            self.shown.remove(&place(&before, &key));
        }
        if !card.dismissed {
            self.shown.insert(Rc::new(place(&card, &key)), card);
        }
        true
    }

    /// Tells whether it was there.
    pub(super) fn remove(&mut self, key: &RunKey) -> bool {
        let Some((key, card)) = self.by_run.remove(key) else {
            return false;
        };
        self.shown.remove(&place(&card, &key));
        true
    }

    pub(super) fn retain(&mut self, mut keeps: impl FnMut(&RunKey) -> bool) {
        self.by_run.retain(|key, _| keeps(key));
        self.shown.retain(|_, card| keeps(&card.key));
    }

    /// In the order on screen.
    pub(super) fn shown(&self) -> impl ExactSizeIterator<Item = &Rc<Card>> {
        self.shown.values()
    }

    /// Failures that are neither acknowledged nor dismissed: the first ones on screen.
    pub(super) fn n_unattended(&self) -> usize {
        self.shown
            .keys()
            .take_while(|place| place.rank() == Rank::Unattended)
            .count()
    }
}
