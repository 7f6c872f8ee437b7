//! The table: medians of the rounds, and each as a multiple of the floor.

use crate::rounds::{Round, Rounds, Size, Steady};

type Column = (&'static str, fn(&Round) -> f64);

const COLUMNS: &[Column] = &[
    ("memory a stream, KB", |round| round.bytes_each / 1e3),
    ("40 tenants: p50, ms", |round| round.spread.p50_ms),
    ("40 tenants: p99, ms", |round| round.spread.p99_ms),
    ("40 tenants: max, ms", |round| round.spread.max_ms),
    ("40 tenants: CPU a delivery, us", |round| {
        round.spread.cpu_us
    }),
    ("  of that without its event, us", |round| {
        delivery_alone(round, &round.spread)
    }),
    ("one tenant: p50, ms", |round| round.one.p50_ms),
    ("one tenant: p99, ms", |round| round.one.p99_ms),
    ("one tenant: max, ms", |round| round.one.max_ms),
    ("one tenant: CPU a delivery, us", |round| round.one.cpu_us),
    ("  of that without its event, us", |round| {
        delivery_alone(round, &round.one)
    }),
    ("CPU of an event nobody reads, us", |round| round.event_us),
    ("burst, thousand deliveries/s", |round| round.burst / 1e3),
    ("burst: CPU a delivery, us", |round| round.burst_cpu_us),
    ("lost", |round| {
        round.spread.lost + round.one.lost + round.burst_lost
    }),
    ("restart: all live after, ms", |round| round.back_ms),
];

/// Each delivery has its share of the event, which is taken in for all its readers once.
fn delivery_alone(round: &Round, steady: &Steady) -> f64 {
    steady.cpu_us - round.event_us / steady.readers
}

/// Rows are what is measured, columns the servers.
pub(crate) fn table(size: &Size, rounds: &Rounds) -> String {
    let mut text = format!(
        "{} streams, {} rounds (medians); × is a multiple of the floor\n{:<34}",
        size.n_streams, size.n_rounds, ""
    );
    for (name, _) in rounds {
        text += &format!("{name:>22}");
    }
    for (title, value) in COLUMNS {
        text += &format!("\n{title:<34}");
        let medians: Vec<f64> = rounds
            .iter()
            .map(|(_, rounds)| median(rounds.iter().map(value).collect()))
            .collect();
        for median in &medians {
            let ratio = median / medians[0];
            let shown = if ratio.is_finite() {
                format!("{median:.2} ({ratio:.2} ×)")
            } else {
                format!("{median:.2}")
            };
            text += &format!("{shown:>22}");
        }
    }
    text
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
