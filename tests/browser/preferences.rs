//! The preferences as a panel.

use tenant_atlas::cards::preferences::Preferences;
use tenant_atlas::live::{Live, LiveContext};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::{Html, component, html};

use crate::stand::draw;

#[component]
fn Panel() -> Html {
    html! { <LiveContext context={Live::begin()}><Preferences /></LiveContext> }
}

#[wasm_bindgen_test]
async fn each_choice_of_who_is_told_stands_in_words() {
    let drawn = draw::<Panel>(()).await;
    let choices = drawn.find("select").text_content();
    assert_eq!(
        choices.as_deref(),
        Some("mine, watched and failureseach runonly mine and watchednone")
    );
    assert_eq!(
        drawn.count("select"),
        4,
        "everywhere, and the row that adds one"
    );
}
