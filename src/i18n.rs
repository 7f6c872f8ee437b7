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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plural_follows_what_is_counted() {
        let said = |text: Text<'_>| t(text).to_string();
        assert_eq!(said(Text::NPolicies(1)), "1 policy");
        assert_eq!(said(Text::NPolicies(0)), "0 policies");
        assert_eq!(
            said(Text::NPoliciesShownOf { n: 1, m: 7 }),
            "1 of 7 policies"
        );
        assert_eq!(said(Text::NPoliciesShownOf { n: 1, m: 1 }), "1 of 1 policy");
        assert_eq!(
            said(Text::NewRunsFailed { n: 1, m: 2 }),
            "1 new run, 2 failed"
        );
        assert_eq!(
            said(Text::TenantsYouSee(2)),
            "The tenants that you will see"
        );
        assert_eq!(said(Text::TenantsYouSee(1)), "The tenant that you will see");
    }
}
