//! What the app tells the page around it: that it lives, and that it has stopped.

use std::{cell::RefCell, rc::Rc};

use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use tenant_atlas::{
    beat::{BEAT_EVENT, Beat},
    panic::{PANIC_EVENT, tell_page},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::CustomEvent;

/// Gathers the details of an event on `window` until it is dropped.
struct Heard {
    details: Rc<RefCell<Vec<JsValue>>>,
    _listener: EventListener,
}

fn listen(event: &'static str) -> Heard {
    let details = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&details);
    let window = web_sys::window().expect("a browser has a window");
    let listener = EventListener::new(&window, event, move |event| {
        let event = event
            .dyn_ref::<CustomEvent>()
            .expect("the app fires custom events");
        heard.borrow_mut().push(event.detail());
    });
    Heard {
        details,
        _listener: listener,
    }
}

impl Heard {
    /// Waits, with a limit, until `n` events were heard.
    async fn at_least(&self, n: usize) {
        for _ in 0..100 {
            if self.details.borrow().len() >= n {
                return;
            }
            TimeoutFuture::new(50).await;
        }
        panic!(
            "heard {} events within 5 s, not {n}",
            self.details.borrow().len()
        );
    }
}

#[wasm_bindgen_test]
async fn a_mounted_app_beats_once_a_second_and_a_removed_one_does_not() {
    let document = web_sys::window()
        .and_then(|window| window.document())
        .expect("a browser has a document");
    let root = document
        .create_element("div")
        .expect("div is an element's name");
    let heard = listen(BEAT_EVENT);

    let app = yew::Renderer::<Beat>::with_root(root).render();
    heard.at_least(2).await;

    app.destroy();
    let n_at_the_end = heard.details.borrow().len();
    // Longer than one beat: this waits for something not to happen.
    TimeoutFuture::new(1_500).await;
    assert_eq!(heard.details.borrow().len(), n_at_the_end);
}

// Real panics are in tests/e2e/acceptance/shell.spec.mjs: one here would trap, and leave the instance that all tests of
// this binary share marked as panicking for good.
#[wasm_bindgen_test]
fn a_panic_is_told_to_the_page_with_its_message_and_place() {
    let heard = listen(PANIC_EVENT);

    tell_page("panicked at src/cards.rs:7:3:\nno such run");

    let details = heard.details.borrow();
    assert_eq!(details.len(), 1);
    assert_eq!(
        details[0].as_string().as_deref(),
        Some("panicked at src/cards.rs:7:3:\nno such run")
    );
}
