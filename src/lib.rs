//! The browser app.

pub mod api;
pub mod app;
pub mod beat;
pub mod clock;
pub mod feed;
pub mod live;
pub mod panic;
mod provoke;
pub mod session;
pub mod stream;

pub use app::start;
