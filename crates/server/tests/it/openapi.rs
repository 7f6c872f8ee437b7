//! The document is kept beside the crate, so that a change of the API shows in a diff.

use crate::place::Place;

/// Writes the file anew instead of comparing: `UPDATE_EXPECT=1 cargo test -p server openapi`.
#[tokio::test]
async fn the_document_is_the_one_that_is_kept() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let text = server::openapi::text();
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| !value.is_empty()) {
        std::fs::write(path, &text).expect("a file of this crate");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == text,
        "the API changed: look at it with UPDATE_EXPECT=1 cargo test -p server openapi"
    );
    let place = Place::small().await;
    let served = place.visitor().get("/api/openapi.json").await;
    assert_eq!(
        (served.text(), served.header("content-type")),
        (text, "application/json")
    );
}
