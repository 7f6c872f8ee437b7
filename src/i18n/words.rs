//! The words of the reader's language: a file in `languages/`, which `index.html` holds.
//!
//! Not in the program, which every reader loads, whatever they read: it is a thirtieth of it.

use std::cell::RefCell;

use crate::i18n::Text;

thread_local! {
    /// In the order of [`Text::NAMES`].
    static WORDS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Takes a language's file; called once, before the first drawing, since words that are shown stay where they are.
///
/// A line `Name=words` for each text, in the order of [`Text`]; empty lines and those with `#` in front are for people. What follows
/// after the last text is for scripts.
pub fn speak(file: &str) {
    let file: &'static str = Box::leak(file.into());
    let lines = file.split('\n').filter(|line| !line.starts_with('#'));
    let words = lines.filter_map(|line| Some(line.split_once('=')?.1));
    WORDS.set(words.collect());
}

/// The sentence, with places for its values.
pub(super) fn words(text: &Text<'_>) -> &'static str {
    // Tests on the host have no page.
    #[cfg(not(target_arch = "wasm32"))]
    if WORDS.with_borrow(Vec::is_empty) {
        speak(ENGLISH);
    }
    WORDS.with_borrow(|words| words.get(text.place()).copied().unwrap_or_default())
}

#[cfg(not(target_arch = "wasm32"))]
const ENGLISH: &str = include_str!("../../languages/en.properties");

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::ENGLISH;
    use crate::i18n::{Text, t};

    #[test]
    fn the_file_has_a_line_for_each_text_in_its_order() {
        let lines = ENGLISH.split('\n').filter(|line| !line.starts_with('#'));
        let names: Vec<_> = lines
            .filter_map(|line| Some(line.split_once('=')?.0))
            .collect();
        assert_eq!(names[..Text::NAMES.len()], *Text::NAMES);
    }

    #[test]
    fn a_text_says_its_line() {
        assert_eq!(t(Text::Brand), "tenant-atlas");
        assert_eq!(t(Text::SignedInAs("ann")), "Signed in as ann");
    }

    /// The file stands in the page as it is.
    #[test]
    fn no_word_is_markup() {
        assert!(!ENGLISH.contains(['<', '&']));
    }
}
