//! Fills a sentence in: numbers as the reader writes them, and texts as they are.

use yew::AttrValue;

use crate::i18n::format::number;

/// What belongs in a sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// Nothing (more).
    No,
    /// A count.
    Number(u64),
    /// A number that names something, and is not grouped.
    Id(i64),
    /// Words or a name.
    Words(&'a str),
}

/// Puts the values in the places of `{}`, in their order; of two forms the one for `n_counted`.
pub(super) fn fill(words: &'static str, values: &[Value<'_>], n_counted: u64) -> AttrValue {
    if values.first().is_none_or(|value| *value == Value::No) {
        return AttrValue::Static(words);
    }
    let words = match words.split_once('|') {
        Some((one, _)) if n_counted == 1 => one,
        Some((_, other)) => other,
        None => words,
    };
    let mut filled = String::new();
    let mut values = values.iter();
    // By one character: a search for two is 3 KB of code.
    for (idx, part) in words.split('{').enumerate() {
        let part = part.strip_prefix('}').unwrap_or(part);
        if idx > 0 {
            match values.next() {
                Some(Value::Number(n)) => filled.push_str(&number(*n)),
                Some(Value::Id(id)) => filled.push_str(&id.to_string()),
                Some(Value::Words(text)) => filled.push_str(text),
                Some(Value::No) | None => {}
            }
        }
        filled.push_str(part);
    }
    filled.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_their_places_in_order_and_braces_in_a_name_are_text() {
        let filled = fill(
            "{}: {}, {}",
            &[Value::Words("a {} b"), Value::Id(4182), Value::Words("c")],
            0,
        );
        assert_eq!(&*filled, "a {} b: 4182, c");
    }

    #[test]
    fn the_form_follows_what_is_counted() {
        let words = |n_counted| fill("{} goes|{} go", &[Value::Words("it")], n_counted);
        assert_eq!(&*words(1), "it goes");
        assert_eq!(&*words(0), "it go");
        assert_eq!(&*words(2), "it go");
    }

    #[test]
    fn a_sentence_without_values_is_not_copied() {
        assert!(matches!(
            fill("Undo", &[Value::No; 3], 0),
            AttrValue::Static("Undo")
        ));
    }
}
