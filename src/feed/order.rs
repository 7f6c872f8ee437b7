//! In which order cards are shown: failures that nobody looks after, then stalled, then active, then ended ones, newest first.
//!
//! The order is for the eye: it may use times. Which of two states is newer is never decided here.

use std::cmp::Reverse;
use std::rc::Rc;

use contract::ids::RunKey;
use contract::run::Run;
use contract::timestamp::Timestamp;

use crate::feed::Card;

/// The groups, in the order on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Failed or partial, and not acknowledged.
    Unattended,
    /// Active, but nothing moves.
    Stalled,
    /// Queued or running.
    Active,
    /// Everything else: ended, acknowledged, or in a status that this version does not know.
    Ended,
}

impl Rank {
    /// The group of a run.
    pub fn of(run: &Run) -> Rank {
        if run.status.is_failure() && run.acknowledged.is_none() {
            Rank::Unattended
        } else if run.status.is_active() && run.stalled_since.is_some() {
            Rank::Stalled
        } else if run.status.is_active() {
            Rank::Active
        } else {
            Rank::Ended
        }
    }
}

/// Where a card stands. Within a group: newest first, by a time that progress does not change, so that a card keeps its place
/// while it works.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(Rank, Reverse<Timestamp>, Rc<RunKey>);

impl Place {
    pub(super) fn rank(&self) -> Rank {
        self.0
    }
}

/// `key` is the card's own, shared with whoever keeps the card by it.
pub fn place(card: &Card, key: &Rc<RunKey>) -> Place {
    let run = &card.run;
    let rank = Rank::of(run);
    let time = match rank {
        Rank::Unattended | Rank::Ended => run.ended_at.unwrap_or(run.at),
        Rank::Stalled | Rank::Active => run.queued_at,
    };
    Place(rank, Reverse(time), Rc::clone(key))
}
