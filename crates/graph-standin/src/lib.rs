//! A strict, stateful stand-in for Microsoft Graph and its login host, with fault switches.
//!
//! The product must not be able to tell it from the real thing: only the two base addresses differ. It serves both roles on
//! one port, over real HTTP, from state in memory that a [`seed`] makes the same each time.
//!
//! A call goes through the files in this order:
//!
//! 1. `listen`: connections, counted; a fault can close one without an answer
//! 2. `serve`: the steps of one call
//! 3. [`recorder`]: what was called, for tests that count
//! 4. [`faults`]: gates that hold a call, and rules that spoil it
//! 5. `token`, `throttle`: may this call be answered at all
//! 6. `path`, `query`, `routes`: which object and which option
//! 7. [`state`]: the tenants and their policies
//! 8. `paging`, `answer`: how Graph says it
//! 9. `spoil`: what a fault does to an answer
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use graph_standin::{Options, Standin, faults::Match};
//!
//! let standin = Standin::start(Options::default()).await?;
//! let gate = standin.faults().gate(Match::path("/settings$").nth(2));
//! // … the product reads from `standin.base_url()` …
//! gate.reached().await;
//! gate.release();
//! # Ok(()) }
//! ```

mod answer;
mod control;
pub mod faults;
mod listen;
pub mod options;
mod paging;
mod path;
mod query;
pub mod recorder;
mod routes;
pub mod seed;
mod serve;
mod spoil;
pub mod state;
mod throttle;
mod token;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

pub use options::Options;
pub use seed::Seed;
pub use throttle::{RetryAfterForm, Throttle};

use faults::Faults;
use recorder::Journal;
use serve::World;
use state::State;

/// A running stand-in. It stops, and its connections end, when this is dropped.
pub struct Standin {
    address: SocketAddr,
    world: Arc<World>,
    _listener: listen::Listener,
}

impl Standin {
    /// Listens, and answers from now on.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Self> {
        let socket = tokio::net::TcpListener::bind(options.listen).await?;
        let address = socket.local_addr()?;
        let world = Arc::new(World::new(options));
        let listener = listen::Listener::spawn(socket, Arc::clone(&world));
        Ok(Self {
            address,
            world,
            _listener: listener,
        })
    }

    /// Both bases, the login host's and Graph's: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The switches: rules and gates.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.world.faults
    }

    /// Every call so far.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.world.journal
    }

    /// The tenants and their policies, to look at and to change behind the product's back.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.world.state
    }
}
