//! Decides what to do when the server has ended. Pure: times and states are values.

use std::{
    os::unix::process::ExitStatusExt,
    process::ExitStatus,
    time::{Duration, Instant},
};

/// One that lived for less after it was ready counts as a quick end.
const QUICK: Duration = Duration::from_secs(10);
/// That many quick ends in a row, and it is not the world but the server.
const N_QUICK_ENDS: u32 = 5;
/// The wait before a start after the second quick end; it doubles with each. After the first there is none.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// What happens next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Start the server again, after a wait.
    StartAgain {
        /// Zero for one that had lived well.
        after: Duration,
    },
    /// It cannot stay up.
    GiveUp,
    /// End with this code: it has told why, or was asked to end.
    EndWith(u8),
}

/// What is known of the server so far.
#[derive(Default)]
pub(super) struct Patience {
    was_ever_ready: bool,
    ready_since: Option<Instant>,
    n_quick_ends: u32,
}

impl Patience {
    /// The server answers.
    pub(super) fn ready(&mut self, now: Instant) {
        self.was_ever_ready = true;
        self.ready_since = Some(now);
    }

    /// The server has ended.
    pub(super) fn ended(&mut self, status: ExitStatus, now: Instant) -> Verdict {
        if status.success() {
            return Verdict::EndWith(0);
        }
        if !self.was_ever_ready {
            return Verdict::EndWith(exit_code(status));
        }
        let lived_well = self
            .ready_since
            .take()
            .is_some_and(|since| now.duration_since(since) >= QUICK);
        self.n_quick_ends = if lived_well { 0 } else { self.n_quick_ends + 1 };
        if self.n_quick_ends >= N_QUICK_ENDS {
            return Verdict::GiveUp;
        }
        let after = match self.n_quick_ends {
            0 | 1 => Duration::ZERO,
            n => FIRST_WAIT * 2_u32.pow(n - 2),
        };
        Verdict::StartAgain { after }
    }
}

/// As a shell has it: a signal is 128 and its number.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use std::{
        os::unix::process::ExitStatusExt,
        process::ExitStatus,
        time::{Duration, Instant},
    };

    use super::{Patience, Verdict};

    fn killed() -> ExitStatus {
        ExitStatus::from_raw(9)
    }

    fn exited(code: i32) -> ExitStatus {
        ExitStatus::from_raw(code << 8)
    }

    #[test]
    fn a_server_that_was_never_ready_has_said_why_and_its_code_is_ours() {
        assert_eq!(
            Patience::default().ended(exited(3), Instant::now()),
            Verdict::EndWith(3)
        );
        assert_eq!(
            Patience::default().ended(killed(), Instant::now()),
            Verdict::EndWith(137)
        );
    }

    #[test]
    fn a_killed_server_is_started_again_at_once() {
        let mut patience = Patience::default();
        let now = Instant::now();
        patience.ready(now);
        assert_eq!(
            patience.ended(killed(), now),
            Verdict::StartAgain {
                after: Duration::ZERO
            }
        );
    }

    #[test]
    fn a_server_that_was_asked_to_end_is_not_started_again() {
        let mut patience = Patience::default();
        patience.ready(Instant::now());
        assert_eq!(
            patience.ended(exited(0), Instant::now()),
            Verdict::EndWith(0)
        );
    }

    #[test]
    fn a_server_that_cannot_stay_up_is_given_up_after_five_quick_ends() {
        let mut patience = Patience::default();
        let now = Instant::now();
        let mut waits = Vec::new();
        let verdict = loop {
            patience.ready(now);
            match patience.ended(killed(), now) {
                Verdict::StartAgain { after } => waits.push(after.as_millis()),
                other => break other,
            }
        };
        assert_eq!(waits, [0, 250, 500, 1_000]);
        assert_eq!(verdict, Verdict::GiveUp);
    }

    #[test]
    fn a_long_life_earns_new_patience() {
        let mut patience = Patience::default();
        let mut now = Instant::now();
        for _ in 0..20 {
            patience.ready(now);
            now += Duration::from_secs(11);
            assert_eq!(
                patience.ended(killed(), now),
                Verdict::StartAgain {
                    after: Duration::ZERO
                }
            );
        }
    }
}
