//! What a page asks the server for: kept while it is asked for again, one request at a time, and not more often than said.
//!
//! The page's own hook holds it; the parts of the page are given values and fetch nothing.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, hook, use_memo};

use crate::api::ApiError;
use crate::clock::local_ms;
use crate::hooks::{UseStateSetter, use_effect_with, use_state};
use crate::live::{Action, Live, use_live};

/// After an answer that may be another one soon.
const RETRY_MS: u32 = 5_000;

/// A value of the server, as far as it is known.
pub struct Fetched<T> {
    /// The latest; kept while it is asked for again.
    pub value: Option<Rc<T>>,
    /// The latest try failed: a value, if there is one, may be old.
    pub error: Option<ApiError>,
    /// Asks at once.
    pub again: Callback<()>,
}

struct Answer<T> {
    value: Option<Rc<T>>,
    error: Option<ApiError>,
}

type Fetch<T> = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<T, ApiError>>>>>;

struct Asking<T: 'static> {
    /// The latest one, with the values of the latest drawing.
    fetch: RefCell<Option<Fetch<T>>>,
    /// The value so far.
    value: RefCell<Option<Rc<T>>>,
    set: UseStateSetter<Rc<Answer<T>>>,
    live: Live,
    every_ms: u32,
    in_flight: Cell<bool>,
    wanted: Cell<bool>,
    began_ms: Cell<f64>,
    timer: RefCell<Option<Timeout>>,
}

impl<T: 'static> Asking<T> {
    fn ask(self: &Rc<Self>) {
        self.wanted.set(true);
        self.pump();
    }

    /// Begins a request if one is wanted, none is under way and the last one is long enough ago.
    fn pump(self: &Rc<Self>) {
        if !self.wanted.get() || self.in_flight.get() || self.timer.borrow().is_some() {
            return;
        }
        let since_ms = local_ms() - self.began_ms.get();
        let wait_ms = f64::from(self.every_ms) - since_ms;
        if wait_ms > 0.0 {
            self.wait(wait_ms.ceil() as u32);
            return;
        }
        let Some(fetch) = self.fetch.borrow().clone() else {
            return;
        };
        self.wanted.set(false);
        self.in_flight.set(true);
        self.began_ms.set(local_ms());
        // Weak: an answer that comes after its page is gone belongs to nobody.
        let weak = Rc::downgrade(self);
        let answer = fetch();
        spawn_local(async move {
            let answer = answer.await;
            if let Some(asking) = weak.upgrade() {
                asking.in_flight.set(false);
                asking.take(answer);
                asking.pump();
            }
        });
    }

    fn take(self: &Rc<Self>, answer: Result<T, ApiError>) {
        let error = match answer {
            Ok(value) => {
                *self.value.borrow_mut() = Some(Rc::new(value));
                None
            }
            Err(error) => {
                let may_change = error
                    .status()
                    .is_none_or(|status| status >= 500 || status == 429);
                if may_change {
                    self.wanted.set(true);
                    self.wait(RETRY_MS);
                }
                self.live.send(Action::Failed(error.clone()));
                Some(error)
            }
        };
        let value = self.value.borrow().clone();
        self.set.set(Rc::new(Answer { value, error }));
    }

    fn wait(self: &Rc<Self>, ms: u32) {
        let weak = Rc::downgrade(self);
        let timer = Timeout::new(ms, move || {
            if let Some(asking) = weak.upgrade() {
                asking.timer.take();
                asking.pump();
            }
        });
        *self.timer.borrow_mut() = Some(timer);
    }
}

/// Asks at once, and again each time `version` is another one: at most once in `every_ms`, one at a time.
///
/// What is asked for must not change while the component lives: a page for something else is a component with another key.
#[hook]
pub fn use_fetched<T, V, F, R>(version: V, every_ms: u32, fetch: F) -> Fetched<T>
where
    T: 'static,
    V: PartialEq + 'static,
    F: Fn() -> R + 'static,
    R: Future<Output = Result<T, ApiError>> + 'static,
{
    let live = use_live();
    let answer = use_state(|| {
        Rc::new(Answer {
            value: None,
            error: None,
        })
    });
    let asking = {
        let set = answer.setter();
        use_memo((), move |()| {
            Rc::new(Asking {
                fetch: RefCell::new(None),
                value: RefCell::new(None),
                set,
                live,
                every_ms,
                in_flight: Cell::new(false),
                wanted: Cell::new(false),
                began_ms: Cell::new(f64::NEG_INFINITY),
                timer: RefCell::new(None),
            })
        })
    };
    *asking.fetch.borrow_mut() = Some(Rc::new(move || Box::pin(fetch())));
    {
        let asking = Rc::clone(&asking);
        use_effect_with(version, move |_| asking.ask());
    }
    let again = {
        let asking = Rc::clone(&asking);
        Callback::from(move |()| {
            asking.timer.take();
            asking.began_ms.set(f64::NEG_INFINITY);
            asking.ask();
        })
    };
    Fetched {
        value: answer.value.clone(),
        error: answer.error.clone(),
        again,
    }
}
