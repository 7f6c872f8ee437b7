//! The browser app.

pub mod app;
pub mod beat;
pub mod panic;
mod provoke;

pub use app::start;
