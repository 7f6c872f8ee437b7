//! How often somebody may try to sign in: a bucket for each name and each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A person who mistypes is not stopped; somebody who guesses is.
const NAME: Rate = Rate {
    burst: 10.0,
    refill: Duration::from_secs(10),
};
/// Many people may share an address.
const ADDRESS: Rate = Rate {
    burst: 30.0,
    refill: Duration::from_secs(2),
};
/// Buckets that are full again are forgotten once there are more than this.
const MOST_BUCKETS: usize = 10_000;

#[derive(Clone, Copy)]
struct Rate {
    burst: f64,
    /// One more try after this.
    refill: Duration,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Name(String),
    Address(IpAddr),
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// Counts tries. A try that succeeds is given back.
#[derive(Default)]
pub struct Limiter {
    /// Written by each try; nobody waits while it is locked.
    buckets: Mutex<HashMap<Key, Bucket>>,
}

impl Limiter {
    /// Takes a try of this name from this address, or says how long to wait for the next.
    pub fn take(&self, name: Option<&str>, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.lock();
        if buckets.len() > MOST_BUCKETS {
            buckets.retain(|key, bucket| level(bucket, rate(key), now) < rate(key).burst);
        }
        let keys = keys(name, address);
        let wait = keys
            .iter()
            .filter_map(|key| {
                let level = buckets
                    .get(key)
                    .map_or(rate(key).burst, |bucket| level(bucket, rate(key), now));
                (level < 1.0).then(|| rate(key).refill.mul_f64(1.0 - level))
            })
            .max();
        if let Some(wait) = wait {
            return Err(wait);
        }
        for key in keys {
            let rate = rate(&key);
            let bucket = buckets.entry(key).or_insert(Bucket {
                tokens: rate.burst,
                at: now,
            });
            bucket.tokens = level(bucket, rate, now) - 1.0;
            bucket.at = now;
        }
        Ok(())
    }

    /// Gives a try back: it was the right password.
    pub fn give_back(&self, name: Option<&str>, address: IpAddr) {
        let mut buckets = self.lock();
        for key in keys(name, address) {
            let burst = rate(&key).burst;
            if let Some(bucket) = buckets.get_mut(&key) {
                bucket.tokens = (bucket.tokens + 1.0).min(burst);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Bucket>> {
        self.buckets
            .lock()
            .expect("no code panics while it holds the buckets")
    }
}

fn keys(name: Option<&str>, address: IpAddr) -> Vec<Key> {
    // A v6 customer has a whole /64 to try from.
    let address = match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        },
        v4 @ IpAddr::V4(_) => v4,
    };
    // As the store knows people: a blank or a capital more is no other name to try.
    let name = name.map(|name| Key::Name(name.trim().to_lowercase()));
    name.into_iter().chain([Key::Address(address)]).collect()
}

fn rate(key: &Key) -> Rate {
    match key {
        Key::Name(_) => NAME,
        Key::Address(_) => ADDRESS,
    }
}

fn level(bucket: &Bucket, rate: Rate, now: Instant) -> f64 {
    let since = now.saturating_duration_since(bucket.at).as_secs_f64();
    (bucket.tokens + since / rate.refill.as_secs_f64()).min(rate.burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_name_is_held_after_ten_tries_and_may_try_again_after_ten_seconds() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        for _try in 0..10 {
            assert_eq!(limiter.take(Some("ann"), HOME, now), Ok(()));
        }
        let wait = limiter.take(Some("Ann"), HOME, now).unwrap_err();
        assert_eq!(wait, Duration::from_secs(10));
        assert_eq!(limiter.take(Some("bob"), HOME, now), Ok(()));
        assert_eq!(limiter.take(Some("ann"), HOME, now + wait), Ok(()));
        assert!(limiter.take(Some("ann"), HOME, now + wait).is_err());
    }

    #[test]
    fn an_address_is_held_after_thirty_names() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        for n in 0..30 {
            assert_eq!(limiter.take(Some(&n.to_string()), HOME, now), Ok(()));
        }
        assert!(limiter.take(Some("another"), HOME, now).is_err());
        assert!(
            limiter
                .take(Some("another"), IpAddr::from([10, 0, 0, 1]), now)
                .is_ok()
        );
    }

    #[test]
    fn the_right_password_costs_nothing() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        for _try in 0..100 {
            assert_eq!(limiter.take(Some("ann"), HOME, now), Ok(()));
            limiter.give_back(Some("ann"), HOME);
        }
    }
}
