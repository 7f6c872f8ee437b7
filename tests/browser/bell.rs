//! Title and favicon carry the failures.

use tenant_atlas::cards::bell::mark_page;
use tenant_atlas::i18n::speak;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stand::document;

#[wasm_bindgen_test]
fn the_title_and_the_favicon_follow_the_failures_and_come_back() {
    speak(include_str!("../../languages/en.properties"));
    let link = document()
        .create_element("link")
        .expect("link is an element's name");
    link.set_attribute("rel", "icon")
        .expect("rel is an attribute's name");
    link.set_attribute("href", "/favicon-abc.svg")
        .expect("href is an attribute's name");
    document()
        .head()
        .expect("a page has a head")
        .append_child(&link)
        .expect("a head takes children");
    let icon = || link.get_attribute("href").unwrap_or_default();
    let title_before = document().title();

    mark_page("Runs", 3);
    assert_eq!(document().title(), "(3 failed) Runs");
    assert_eq!(icon(), "/favicon-failed.svg");

    mark_page("Policies", 4);
    assert_eq!(document().title(), "(4 failed) Policies");
    assert_eq!(icon(), "/favicon-failed.svg");

    mark_page("Policies", 0);
    assert_eq!(document().title(), "Policies · tenant-atlas");
    assert_eq!(icon(), "/favicon-abc.svg");

    link.remove();
    document().set_title(&title_before);
}
