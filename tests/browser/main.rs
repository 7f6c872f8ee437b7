//! Tests in a real browser: `cargo xtask test`, or `cargo test --target wasm32-unknown-unknown --test browser` with the
//! tools on PATH.
#![cfg(target_arch = "wasm32")]

mod bell;
mod cards;
mod group;
mod order;
mod preferences;
mod stack;
mod stand;
mod watch;
mod words;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
