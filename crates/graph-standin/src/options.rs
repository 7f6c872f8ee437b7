//! How a stand-in is started.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;

use crate::seed::Seed;
use crate::throttle::Throttle;

/// The default is for tests: a free port, the small seed, no latency, no limits, the control port on.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What the tenants hold at the start and after a reset.
    pub seed: Seed,
    /// The secret of the seed's apps.
    pub client_secret: String,
    /// How long each call of Graph takes, in milliseconds; drawn the same way in each run. `None`: no time.
    pub latency_ms: Option<RangeInclusive<u64>>,
    /// The limits of calls in a window. `None`: no limits.
    pub throttle: Option<Throttle>,
    /// The lifetime of a token in seconds.
    pub token_lifetime_s: u64,
    /// Whether the routes under `/_control` are there.
    pub control: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: Seed::Small,
            client_secret: "p~Q8+small_secret.of-the.standin".to_owned(),
            latency_ms: None,
            throttle: None,
            token_lifetime_s: 3_599,
            control: true,
        }
    }
}
