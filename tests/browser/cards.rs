//! A card says its state by icon, word and edge; its bar is drawn under the Content-Security-Policy; text is text.

use std::rc::Rc;

use contract::run::{Counts, Run, RunError, RunStatus, Waiting};
use contract::timestamp::Timestamp;
use tenant_atlas::cards::bar::{Bar, CountsProps};
use tenant_atlas::cards::card::Card;
use tenant_atlas::feed::Card as CardData;
use tenant_atlas::live::{Live, LiveContext};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::{Callback, Html, Properties, component, html};

use crate::stand::{ME, card, draw, run};

#[derive(Clone, PartialEq, Properties)]
struct OneProps {
    card: Rc<CardData>,
}

#[component]
fn One(props: &OneProps) -> Html {
    html! {
        <LiveContext context={Live::begin()}>
            <Card card={Rc::clone(&props.card)} me={Some(ME)} ondismiss={Callback::noop()} />
        </LiveContext>
    }
}

async fn check(change: impl FnOnce(&mut contract::run::Run), state: &str, icon: &str, title: &str) {
    let mut run = run(1, RunStatus::Running);
    change(&mut run);
    let drawn = draw::<One>(OneProps { card: card(run) }).await;
    let article = drawn.find("article");
    // The edge is chosen by this attribute alone.
    assert_eq!(article.get_attribute("data-state").as_deref(), Some(state));
    let used = drawn.find(".ta-icon[data-role='card'] use");
    assert_eq!(used.get_attribute("href"), Some(format!("#ta-i-{icon}")));
    assert_eq!(
        drawn.find(".ta-card__title").text_content().as_deref(),
        Some(title)
    );
}

#[wasm_bindgen_test]
async fn every_state_has_an_icon_a_word_and_an_edge_of_its_own() {
    check(
        |run| run.status = RunStatus::Queued,
        "queued",
        "queued",
        "Run queued",
    )
    .await;
    check(|_| {}, "running", "running", "Run started").await;
    check(
        |run| {
            run.waiting = Some(Waiting {
                reason: "throttled".to_owned(),
                until: None,
            });
        },
        "throttled",
        "throttled",
        "Run started",
    )
    .await;
    check(
        |run| run.stalled_since = Some(Timestamp(1)),
        "stalled",
        "stalled",
        "Run started",
    )
    .await;
    let ended = [
        (RunStatus::Completed, "completed", "Run completed"),
        (RunStatus::Partial, "partial", "Run completed (partial)"),
        (RunStatus::Failed, "failed", "Run failed"),
        (RunStatus::Cancelled, "cancelled", "Run cancelled"),
    ];
    for (status, name, title) in ended {
        check(|run| run.status = status, name, name, title).await;
    }
    check(
        |run| run.status = RunStatus::Other("archived".to_owned()),
        "updated",
        "updated",
        "Run updated",
    )
    .await;
}

#[wasm_bindgen_test]
async fn a_card_says_whose_it_is_and_leads_to_its_run_by_a_real_link() {
    let drawn = draw::<One>(OneProps {
        card: card(run(42, RunStatus::Running)),
    })
    .await;
    let text = drawn
        .find(".ta-card__lead")
        .text_content()
        .unwrap_or_default();
    for part in [
        "A bulk operation run changed status to: running.",
        "Capture all policies",
        "Contoso (demo)",
        "started by you",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let link = drawn.find("a.ta-button");
    assert_eq!(
        link.get_attribute("href").as_deref(),
        Some("/t/5/bulk-operation-runs/42")
    );
}

#[wasm_bindgen_test]
async fn hostile_names_and_messages_are_text() {
    let hostile = "<img src=x onerror=alert(1)><b>bold</b>";
    let mut failed = run(1, RunStatus::Failed);
    failed.target = hostile.to_owned();
    failed.operation = hostile.to_owned();
    failed.error = Some(RunError {
        code: hostile.to_owned(),
        message: hostile.to_owned(),
        retryable: false,
        request_id: None,
    });
    let drawn = draw::<One>(OneProps { card: card(failed) }).await;
    assert!(drawn.look("img").is_none());
    let what = drawn.find(".ta-card__what");
    assert!(what.query_selector("b").is_ok_and(|found| found.is_none()));
    assert!(
        what.text_content()
            .is_some_and(|text| text.contains(hostile))
    );
}

#[wasm_bindgen_test]
async fn a_run_of_a_portal_leads_to_its_page_and_one_of_an_unknown_type_nowhere() {
    let mut announced = run(7, RunStatus::Other("archived".to_owned()));
    announced.run_type = "device_sync".to_owned();
    announced.source = "portal".to_owned();
    let ours = Run {
        source: String::new(),
        ..announced.clone()
    };
    let drawn = draw::<One>(OneProps {
        card: card(announced),
    })
    .await;
    let link = drawn.find("a").get_attribute("href");
    assert_eq!(
        link.as_deref(),
        Some("/t/5/runs/device_sync/7?source=portal")
    );
    let drawn = draw::<One>(OneProps { card: card(ours) }).await;
    assert!(drawn.look("a").is_none());
}

#[wasm_bindgen_test]
async fn the_shares_of_the_bar_are_properties_and_no_attribute_of_the_markup() {
    let counts = Counts {
        total: Some(240),
        processed: Some(131),
        succeeded: Some(126),
        failed: Some(3),
        skipped: Some(2),
    };
    let drawn = draw::<Bar>(CountsProps {
        counts,
        size: None,
        with_remaining: false,
    })
    .await;
    let bar = drawn.find(".ta-bar");
    assert_eq!(
        bar.get_attribute("aria-label").as_deref(),
        Some("126 succeeded, 3 failed, 2 skipped, 109 remaining, of 240")
    );
    let share = |part: &str| {
        let segment: HtmlElement = drawn
            .find(&format!("[data-part={part}]"))
            .dyn_into()
            .expect("a segment is an HTML element");
        segment
            .style()
            .get_property_value("--n")
            .expect("--n is a property's name")
    };
    assert_eq!(share("succeeded"), "126");
    assert_eq!(share("failed"), "3");
    assert_eq!(share("skipped"), "2");
    assert_eq!(share("remaining"), "109");
}
