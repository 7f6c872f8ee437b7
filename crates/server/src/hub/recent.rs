//! The newest events as frames, for readers that come back after a moment: after a restart thousands do at once, and none of them has to
//! wait for the database.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use contract::ids::TenantId;

/// A minute of a busy server; 1 MB.
pub(super) const KEPT: usize = 1_024;

#[derive(Default)]
pub(super) struct Recent {
    /// By position, ascending. Those of one tenant may be few: it is one log.
    frames: VecDeque<(u64, TenantId, Bytes)>,
    /// Every event behind this is in `frames`.
    begins_after: u64,
}

impl Recent {
    /// Nothing up to this position will be here.
    pub(super) fn begin(&mut self, after: u64) {
        self.begins_after = after;
    }

    /// The next event of the log.
    pub(super) fn push(&mut self, position: u64, tenant_id: TenantId, frame: Bytes) {
        self.frames.push_back((position, tenant_id, frame));
        if self.frames.len() > KEPT
            && let Some((position, _, _)) = self.frames.pop_front()
        {
            self.begins_after = position;
        }
    }

    /// What a reader of these tenants missed; `None` where some of it is not here any more.
    pub(super) fn after(&self, position: u64, scope: &Arc<[TenantId]>) -> Option<Bytes> {
        if position < self.begins_after {
            return None;
        }
        let first = self.frames.partition_point(|(at, _, _)| *at <= position);
        let mut missed = BytesMut::new();
        for (_, tenant_id, frame) in self.frames.range(first..) {
            if scope.contains(tenant_id) {
                missed.extend_from_slice(frame);
            }
        }
        Some(missed.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_missed_is_there_or_it_is_known_that_some_of_it_is_not() {
        let (one, other) = (TenantId(1), TenantId(2));
        let mut recent = Recent::default();
        recent.begin(10);
        for position in 11..=14 {
            let tenant_id = if position % 2 == 0 { other } else { one };
            recent.push(position, tenant_id, Bytes::from(position.to_string()));
        }
        let of_one: Arc<[TenantId]> = Arc::new([one]);
        let of_both: Arc<[TenantId]> = Arc::new([one, other]);
        assert_eq!(recent.after(9, &of_one), None);
        assert_eq!(recent.after(10, &of_one).unwrap(), "1113");
        assert_eq!(recent.after(11, &of_both).unwrap(), "121314");
        assert_eq!(recent.after(14, &of_one).unwrap(), "");
        assert_eq!(recent.after(99, &of_one).unwrap(), "");
        for position in 15..15 + KEPT as u64 {
            recent.push(position, one, Bytes::from_static(b"."));
        }
        assert_eq!(recent.after(13, &of_one), None);
        assert_eq!(recent.after(14, &of_one).unwrap().len(), KEPT);
    }
}
