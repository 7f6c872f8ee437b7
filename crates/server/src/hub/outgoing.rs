//! What a few changes tell the readers of tenants, in their order. It is collected while the directory is locked, and delivered when it is
//! free again.

use std::sync::Arc;

use super::directory::{Mailboxes, Touched};
use super::mailbox::Frame;

/// So many readers are written to before other tasks of this thread have a turn: a few milliseconds.
const AT_ONCE: usize = 512;

#[derive(Default)]
pub(super) struct Outgoing {
    /// Neighbours are for the readers of different tenants.
    groups: Vec<(Mailboxes, Vec<Frame>)>,
    /// Mailboxes that got something already.
    pub(super) touched: Touched,
}

impl Outgoing {
    /// For these readers, who are all that there are at this moment.
    pub(super) fn add(&mut self, mailboxes: &Mailboxes, frame: Frame) {
        match self.groups.last_mut() {
            Some((last, frames)) if Arc::ptr_eq(last, mailboxes) => frames.push(frame),
            _ => self.groups.push((Arc::clone(mailboxes), vec![frame])),
        }
    }

    /// Puts all of it into the mailboxes, for something that has to come behind it.
    pub(super) fn put(&mut self) {
        for (mailboxes, frames) in self.groups.drain(..) {
            for frame in &frames {
                for mailbox in mailboxes.values() {
                    if mailbox.push(frame) {
                        self.touched.push(Arc::clone(mailbox));
                    }
                }
            }
        }
    }

    /// Writes to all who get something.
    pub(super) async fn deliver(&mut self) {
        if let [(mailboxes, frames)] = &*self.groups {
            // Nobody is to get anything else: one visit for each.
            for (n, mailbox) in mailboxes.values().enumerate() {
                mailbox.deliver(frames);
                if n % AT_ONCE == AT_ONCE - 1 {
                    tokio::task::yield_now().await;
                }
            }
            self.groups.clear();
        } else {
            // Who reads several tenants gets all of it in one write.
            self.put();
        }
        for some in self.touched.chunks(AT_ONCE) {
            for mailbox in some {
                mailbox.flush();
            }
            if some.len() == AT_ONCE {
                tokio::task::yield_now().await;
            }
        }
        self.touched.clear();
    }
}
