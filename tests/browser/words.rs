//! Sentences with counts, whose digits are the browser's.

use tenant_atlas::i18n::{Text, speak, t};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn a_plural_follows_what_is_counted() {
    speak(include_str!("../../languages/en.properties"));
    let said = |text: Text<'_>| t(text).to_string();
    assert_eq!(said(Text::NPolicies(1)), "1 policy");
    assert_eq!(said(Text::NPolicies(1_200)), "1,200 policies");
    let of = |m| said(Text::NPoliciesShownOf { n: 1, m });
    assert_eq!(
        (of(1), of(7)),
        ("1 of 1 policy".into(), "1 of 7 policies".into())
    );
    let new = said(Text::NewRunsFailed { n: 1, m: 2 });
    assert_eq!(new, "1 new run, 2 failed");
    let see = |n| said(Text::TenantsYouSee(n));
    assert_eq!(see(1), "The tenant that you will see");
    assert_eq!(see(2), "The tenants that you will see");
}
