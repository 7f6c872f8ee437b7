//! Every word on screen: a typed key for each sentence, and one file for each language. English is the only one so far.
//!
//! A language is a function from [`Text`] to words; it owns its plurals. Numbers, dates and times are the browser's
//! ([`format`]), so a language file holds no rule for them.

mod english;
mod fill;
pub mod format;
mod text;
mod values;

use yew::AttrValue;

pub use text::Text;

/// The words of a text in the reader's language.
pub fn t(text: Text<'_>) -> AttrValue {
    // The one place that will choose by `<html lang>`.
    fill::fill(english::words(&text), &text.values(), text.counted())
}
