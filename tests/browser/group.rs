//! Many runs of one kind are one entry that opens; it does not change its cards under the reader.

use std::rc::Rc;

use contract::run::{RunError, RunStatus};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stack::{Cards, click, list, order};
use crate::stand::{card, run, until};

/// Twelve captures: the first `n_failed` failed, then `n_completed` are completed, the others run.
fn twelve(operation: &str, n_failed: i64, n_completed: i64) -> Cards {
    let status = |id| match id {
        id if id <= n_failed => RunStatus::Failed,
        id if id <= n_failed + n_completed => RunStatus::Completed,
        _ => RunStatus::Running,
    };
    let one = |id| {
        let mut run = run(id, status(id));
        // Groups stay open for as long as the page lives, and all these tests are in one.
        run.operation = operation.to_owned();
        if run.status == RunStatus::Failed {
            run.error = Some(RunError {
                code: "timeout".to_owned(),
                message: format!("no answer {id}"),
                retryable: true,
                request_id: None,
            });
        }
        card(run)
    };
    (1..=12).map(one).collect()
}

#[wasm_bindgen_test]
async fn a_closed_group_names_its_failures_and_counts_those_beyond_five() {
    let (drawn, hand) = list(twelve("named", 2, 3)).await;
    assert_eq!(drawn.count("article"), 1);
    let group = drawn.find("article");
    assert_eq!(group.get_attribute("data-state").as_deref(), Some("failed"));
    let text = group.text_content().unwrap_or_default();
    for part in [
        "12 runs",
        "2 failed",
        "named",
        "started by you",
        "5 of 12 ended",
        "no answer 1",
        "Show all 12",
        "Dismiss 3 completed",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert_eq!(drawn.count(".ta-group__row a[href]"), 2);
    assert_eq!(
        drawn.find(".ta-bar").get_attribute("aria-label").as_deref(),
        Some("3 succeeded, 2 failed, 7 remaining, of 12")
    );

    hand.give(twelve("named", 9, 0), false).await;
    assert_eq!(drawn.count(".ta-group__row"), 5);
    let more = drawn.find(".ta-group__more").text_content();
    assert_eq!(more.as_deref(), Some("and 4 more failed"));
}

#[wasm_bindgen_test]
async fn an_opened_group_is_followed_by_its_cards_and_folds_again() {
    let (drawn, hand) = list(twelve("opened", 1, 0)).await;
    click(&drawn, "[data-act=open]");
    until("its cards follow", || drawn.count("article") == 13).await;
    assert_eq!(
        order(&drawn).first().map(String::as_str),
        Some("bulk_operation/1")
    );
    assert_eq!(
        drawn.count(".ta-group__row"),
        0,
        "the cards say it themselves"
    );
    let button = drawn.find("[data-act=open]");
    assert_eq!(
        button.get_attribute("aria-expanded").as_deref(),
        Some("true")
    );
    assert_eq!(button.text_content().as_deref(), Some("Fold"));

    // A change keeps it open, and another list knows it too.
    hand.give(twelve("opened", 1, 4), false).await;
    assert_eq!(drawn.count("article"), 13);
    let (other, _hand) = list(twelve("opened", 1, 4)).await;
    assert_eq!(other.count("article"), 13);
    click(&drawn, "[data-act=open]");
    until("its cards are gone", || drawn.count("article") == 1).await;
}

#[wasm_bindgen_test]
async fn a_list_on_hold_forms_no_group_and_keeps_the_one_that_it_has() {
    let cards = twelve("held", 0, 3);
    let (drawn, hand) = list(cards[..4].to_vec()).await;
    hand.give(cards.clone(), true).await;
    assert_eq!((drawn.count("article"), drawn.count(".ta-group")), (4, 0));
    hand.give(cards.clone(), false).await;
    assert_eq!((drawn.count("article"), drawn.count(".ta-group")), (1, 1));
    // Fewer than a group has when it forms; what is there counts at once.
    hand.give(cards[..4].to_vec(), true).await;
    assert_eq!(drawn.count(".ta-group"), 1);
    assert_eq!(
        drawn.find(".ta-card__title").text_content().as_deref(),
        Some("4 runs")
    );
    hand.give(cards[..4].to_vec(), false).await;
    assert_eq!((drawn.count("article"), drawn.count(".ta-group")), (4, 0));
}

#[wasm_bindgen_test]
async fn what_is_dismissed_inside_an_open_group_comes_back_to_its_place_there() {
    let cards = twelve("undone", 0, 12);
    let (drawn, hand) = list(cards.clone()).await;
    hand.give(cards.clone(), true).await;
    click(&drawn, "[data-act=open]");
    until("its cards follow", || drawn.count("article") == 13).await;
    let places = order(&drawn);
    click(&drawn, "[data-run='bulk_operation/5'] [data-act=dismiss]");
    let without: Cards = cards
        .iter()
        .filter(|card| card.run.run_id.0 != 5)
        .map(Rc::clone)
        .collect();
    hand.give(without, true).await;
    assert_eq!((drawn.count("article"), drawn.count(".ta-undo")), (12, 1));
    click(&drawn, ".ta-undo__button");
    hand.give(cards, true).await;
    assert_eq!(order(&drawn), places);
}

#[wasm_bindgen_test]
async fn the_completed_ones_go_together_and_come_back_together() {
    let cards = twelve("swept", 1, 8);
    let (drawn, hand) = list(cards.clone()).await;
    hand.give(cards.clone(), true).await;
    click(&drawn, "[data-act=sweep]");
    let left: Cards = cards
        .iter()
        .filter(|card| card.run.status != RunStatus::Completed)
        .map(Rc::clone)
        .collect();
    hand.give(left, true).await;
    assert_eq!(
        drawn.find(".ta-card__title").text_content().as_deref(),
        Some("4 runs")
    );
    let said = drawn.find(".ta-undo__text").text_content();
    assert_eq!(said.as_deref(), Some("8 completed dismissed"));
    click(&drawn, ".ta-undo__button");
    hand.give(cards, true).await;
    assert_eq!(
        drawn.find(".ta-card__title").text_content().as_deref(),
        Some("12 runs")
    );
    assert_eq!(drawn.count(".ta-undo"), 0);
}
