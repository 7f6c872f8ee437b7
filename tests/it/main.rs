//! What the app decides without a browser: parsing, connecting, and the feed.
#![cfg(not(target_arch = "wasm32"))]

mod cards_group;
mod connection;
mod driver;
mod feed_away;
mod feed_bounds;
mod feed_laws;
mod feed_marks;
mod feed_preferences;
mod feed_scenarios;
mod feed_seal;
mod host;
mod network;
mod parse_laws;
#[cfg(feature = "gallery")]
mod recorded_logs;
mod server;
mod sse_vectors;
mod stream_laws;
mod tabs;
mod world;
