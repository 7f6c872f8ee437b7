//! A gate: a test waits until a call has come as far as this, does what it wants to do meanwhile, and lets the call go on.

use std::sync::Arc;

use tokio::sync::watch;

use super::Faults;

/// Where a gate stands. It only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Set,
    Reached,
    Released,
}

/// The shared part: the call waits on it, the test moves it.
pub(crate) struct Latch {
    pub(crate) id: u64,
    stage: watch::Sender<Stage>,
}

impl Latch {
    pub(super) fn new(id: u64) -> Self {
        Self {
            id,
            stage: watch::Sender::new(Stage::Set),
        }
    }

    pub(super) async fn hold(&self) {
        self.advance(Stage::Reached);
        self.wait_for(Stage::Released).await;
    }

    pub(crate) async fn reached(&self) {
        self.wait_for(Stage::Reached).await;
    }

    pub(super) fn release(&self) {
        self.advance(Stage::Released);
    }

    fn advance(&self, to: Stage) {
        self.stage.send_if_modified(|stage| {
            let is_forward = *stage < to;
            *stage = (*stage).max(to);
            is_forward
        });
    }

    async fn wait_for(&self, wanted: Stage) {
        let mut stage = self.stage.subscribe();
        let _is_there = stage
            .wait_for(|stage| *stage >= wanted)
            .await
            .expect("the sender is a field of this very latch");
    }
}

/// A test's hand on a gate. Dropping it releases the gate, so that a failed test leaves no call hanging.
pub struct Gate {
    pub(super) latch: Arc<Latch>,
    pub(super) faults: Faults,
}

impl Gate {
    /// Returns when a call stands at the gate; also where one has stood there before.
    pub async fn reached(&self) {
        self.latch.reached().await;
    }

    /// Lets the held calls go on, and holds no more.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _was_still_set = self.faults.release(self.latch.id);
    }
}
