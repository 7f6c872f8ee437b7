//! The digest by which a browser proves that it knows every failed run of a tenant.
//!
//! One 64-bit hash for each (run, seq), folded by XOR: adding and removing one is O(1) on both sides, in any order.
//!
//! `seq` is the run's `tenant_seq`: that of its latest `run` event, whatever that was about. Every way on which a browser hears of a failed run
//! carries it: frames, rows and the snapshot's `failed` names. `status_seq` would stay the same over an acknowledgement or a stall mark, but
//! the names do not carry it, and a reader that missed such an event would pass for whole. A `progress` frame changes `rev` alone, so it
//! leaves the digest as it is.
//!
//! Compare at equal heads: a reader whose history goes beyond the seal's `head` waits for the next one.

use crate::ids::{RunKey, TenantSeq};

/// The fold of no failed runs.
pub const EMPTY: u64 = 0;

/// Adds the failed run to the fold, or takes it out again.
pub fn toggle(digest: u64, run: &RunKey, seq: TenantSeq) -> u64 {
    digest ^ hash(run, seq)
}

/// FNV-1a over the parts, each ended by a byte that no text can hold, then mixed (the finaliser of `splitmix64`):
/// FNV alone leaves neighbouring ids too alike to be folded by XOR.
fn hash(run: &RunKey, seq: TenantSeq) -> u64 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    let mut feed = |bytes: &[u8]| {
        for byte in bytes.iter().chain(&[0xff]) {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    feed(&run.tenant_id.0.to_le_bytes());
    feed(run.source.as_bytes());
    feed(run.run_type.as_bytes());
    feed(&run.run_id.0.to_le_bytes());
    feed(&seq.0.to_le_bytes());
    let mut mixed = state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{RunId, TenantId};

    fn key(run_id: i64) -> RunKey {
        RunKey {
            tenant_id: TenantId(5),
            source: String::new(),
            run_type: "restore".into(),
            run_id: RunId(run_id),
        }
    }

    #[test]
    fn the_order_of_failures_does_not_matter_and_taking_one_out_undoes_it() {
        let (a, b) = ((key(1), TenantSeq(10)), (key(2), TenantSeq(11)));
        let one = toggle(toggle(EMPTY, &a.0, a.1), &b.0, b.1);
        let other = toggle(toggle(EMPTY, &b.0, b.1), &a.0, a.1);
        assert_eq!(one, other);
        assert_eq!(toggle(one, &b.0, b.1), toggle(EMPTY, &a.0, a.1));
    }

    #[test]
    fn no_two_of_many_neighbours_are_alike() {
        let mut seen = std::collections::BTreeSet::new();
        for run_id in 1..200 {
            for seq in 1..200 {
                assert!(seen.insert(toggle(EMPTY, &key(run_id), TenantSeq(seq))));
            }
        }
    }
}
