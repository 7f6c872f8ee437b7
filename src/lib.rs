//! The browser app: what the stream tells, as cards and pages. In the order of the data:
//!
//! [`stream`] (bytes → frames) → [`feed`] ((state, event) → state, pure) → [`live`] (one picture, drawn once a frame) →
//! [`app`] (the page of the [`route`], with [`shell`] around it) → [`cards`], [`runs`], [`policies`], [`tenants`], [`door`].
//!
//! [`api`] holds every HTTP call; a page asks through [`fetched`], and nothing below a page asks at all. Every word comes from
//! [`i18n`]. `gallery`, with the feature of that name and never in what is shipped, shows every component in each state.

pub mod api;
pub mod clock;
mod dom;
pub mod fetch;
pub mod json;
pub mod sorted;
pub mod stream;

pub mod feed;
pub mod live;
pub mod session;

pub mod app;
pub mod beat;
pub mod panic;
mod provoke;
pub mod route;

pub mod ages;
pub mod errors;
pub mod fetched;
pub mod hooks;
pub mod i18n;
pub mod icons;
pub mod kept;
pub mod parts;
pub mod theme;

pub mod cards;
pub mod desktop;
pub mod door;
pub mod policies;
pub mod runs;
pub mod shell;
pub mod tenants;

#[cfg(feature = "gallery")]
pub mod gallery;

pub use app::start;
