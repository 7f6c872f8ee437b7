//! The preferences as a panel, and the menu of a card.

use tenant_atlas::cards::preferences::Preferences;
use tenant_atlas::live::{Live, LiveContext};
use tenant_atlas::shell::shortcuts;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::{Html, component, html};

use crate::stand::{draw, until};

#[component]
fn Panel() -> Html {
    html! { <LiveContext context={Live::begin()}><Preferences /></LiveContext> }
}

#[wasm_bindgen_test]
async fn shortcuts_are_on_until_somebody_turns_them_off() {
    let drawn = draw::<Panel>(()).await;
    let selector = "[role=switch]:last-of-type";
    let switch: HtmlElement = drawn
        .find(selector)
        .dyn_into()
        .expect("a button is an HTML element");
    assert_eq!(
        switch.get_attribute("aria-checked").as_deref(),
        Some("true")
    );
    switch.click();
    until("the switch is off", || {
        drawn
            .find(selector)
            .get_attribute("aria-checked")
            .as_deref()
            == Some("false")
    })
    .await;
    assert!(!shortcuts::are_on());
    shortcuts::turn(true);
    assert!(shortcuts::are_on());
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
