//! Every word on screen: a typed key for each sentence, and one file for each language. English is the only one so far.
//!
//! A language is a file of words, in `languages/`; it owns its plurals. Numbers, dates and times are the browser's
//! ([`format`]), so a language file holds no rule for them.

mod fill;
pub mod format;
mod text;
mod values;
mod words;

use yew::AttrValue;

pub use text::Text;
pub use words::speak;

/// The words of a text in the reader's language.
pub fn t(text: Text<'_>) -> AttrValue {
    fill::fill(words::words(&text), &text.values(), text.counted())
}
