//! The shapes that pages share: buttons, tabs, search fields, heads and cells of tables, chips, banners, empty states.
//!
//! Functions and no components: they remember nothing. Each stands once in the app's code, and so do its classes, which are those
//! of `styles/`.

mod act;
mod empty;
mod facts;
mod say;
mod table;
mod view;

pub use act::{Look, button, link};
pub use empty::{Empty, empty};
pub use facts::facts;
pub use say::{banner, chip, note};
pub use table::{Column, ColumnKind, bones, cell, head};
pub use view::{choice, search, tab};
