//! What a page asks the server for: kept while it is asked for again, one reading at a time, and not more often than said.
//!
//! The page's own hook holds it; the parts of the page are given values and fetch nothing. The types are at the edge, in
//! [`use_fetched`]; what does the work holds pages of any kind, so that it is compiled once.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use contract::api::{ItemRows, NotificationRows, PolicyRows, RunPage, RunRows};
use contract::ids::TenantSeq;
use gloo_timers::callback::Timeout;
use yew::{Callback, hook};

use crate::api::{ApiError, Call};
use crate::clock::local_ms;
use crate::hooks::{UseStateSetter, use_effect_with, use_once, use_state};
use crate::json::Read;
use crate::live::{Action, Live, use_live};

/// After an answer that may be another one soon.
const RETRY_MS: u32 = 5_000;

/// What of the feed makes another reading worth while.
pub type Version = (Option<TenantSeq>, u64);

/// An answer that may have another one behind it.
pub trait Page: Read + 'static {
    /// The `after` of the page behind this one.
    fn next(&self) -> Option<&str>;
}

impl Page for RunRows {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl Page for ItemRows {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl Page for PolicyRows {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl Page for NotificationRows {
    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl Page for RunPage {
    fn next(&self) -> Option<&str> {
        None
    }
}

/// Pages of the server, as far as they are known.
pub struct Fetched<T> {
    /// Those of the latest whole reading; kept while it is asked for again. None before the first.
    pub pages: Vec<Rc<T>>,
    /// Rises with each reading.
    pub n_readings: u32,
    /// The latest try failed: the pages, if there are any, may be old.
    pub error: Option<ApiError>,
    /// Asks at once.
    pub again: Callback<()>,
}

impl<T: Page> Fetched<T> {
    /// The answer to what has one page only.
    pub fn value(&self) -> Option<&Rc<T>> {
        self.pages.first()
    }

    /// There are pages that were not asked for.
    pub fn has_more(&self) -> bool {
        self.pages.last().is_some_and(|page| page.next().is_some())
    }
}

type AnyPage = Rc<dyn Any>;

#[derive(Clone, Default)]
struct Reading {
    pages: Rc<Vec<AnyPage>>,
    number: u32,
    error: Option<ApiError>,
}

type Ask = Rc<dyn Fn(Option<&str>) -> Call<AnyPage>>;

struct Asking {
    /// The latest one, with the values of the latest drawing.
    ask: RefCell<Option<Ask>>,
    next: fn(&dyn Any) -> Option<&str>,
    n_pages: Cell<usize>,
    latest: RefCell<Reading>,
    set: UseStateSetter<Reading>,
    live: Live,
    every_ms: u32,
    in_flight: Cell<bool>,
    wanted: Cell<bool>,
    began_ms: Cell<f64>,
    timer: RefCell<Option<Timeout>>,
}

impl Asking {
    fn begin(self: &Rc<Self>) {
        self.wanted.set(true);
        self.pump();
    }

    /// Begins a reading if one is wanted, none is under way and the last one is long enough ago.
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
        self.wanted.set(false);
        self.in_flight.set(true);
        self.began_ms.set(local_ms());
        self.read_on(Vec::new());
    }

    /// Asks for the page behind those that this reading has.
    fn read_on(self: &Rc<Self>, mut pages: Vec<AnyPage>) {
        let Some(ask) = self.ask.borrow().clone() else {
            return;
        };
        let call = ask(pages.last().and_then(|page| (self.next)(&**page)));
        // Weak: an answer that comes after its page is gone belongs to nobody.
        let weak = Rc::downgrade(self);
        call.then(move |answer| {
            let Some(asking) = weak.upgrade() else {
                return;
            };
            let error = match answer {
                Ok(page) => {
                    let is_last = (asking.next)(&*page).is_none();
                    pages.push(page);
                    if !is_last && pages.len() < asking.n_pages.get() {
                        asking.read_on(pages);
                        return;
                    }
                    asking.latest.borrow_mut().pages = Rc::new(pages);
                    None
                }
                Err(error) => Some(error),
            };
            asking.in_flight.set(false);
            asking.end(error);
            asking.pump();
        });
    }

    fn end(self: &Rc<Self>, error: Option<ApiError>) {
        if let Some(error) = &error {
            let may_change = error
                .status()
                .is_none_or(|status| status >= 500 || status == 429);
            if may_change {
                self.wanted.set(true);
                self.wait(RETRY_MS);
            }
            self.live.send(Action::Failed(error.clone()));
        }
        let reading = {
            let mut latest = self.latest.borrow_mut();
            latest.number += u32::from(error.is_none());
            latest.error = error;
            latest.clone()
        };
        self.set.set(reading);
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

fn next_of<T: Page>(page: &dyn Any) -> Option<&str> {
    page.downcast_ref::<T>().and_then(T::next)
}

/// As [`use_fetched`], for pages of any kind.
#[hook]
fn use_asking(
    version: Version,
    n_pages: usize,
    every_ms: u32,
    next: fn(&dyn Any) -> Option<&str>,
    ask: Ask,
) -> (Reading, Callback<()>) {
    let live = use_live();
    let reading = use_state(Reading::default);
    let asking = {
        let set = reading.setter();
        use_once(move || Asking {
            ask: RefCell::new(None),
            next,
            n_pages: Cell::new(n_pages),
            latest: RefCell::default(),
            set,
            live,
            every_ms,
            in_flight: Cell::new(false),
            wanted: Cell::new(false),
            began_ms: Cell::new(f64::NEG_INFINITY),
            timer: RefCell::new(None),
        })
    };
    *asking.ask.borrow_mut() = Some(ask);
    if asking.n_pages.replace(n_pages) != n_pages {
        // Who asks for more does not wait.
        asking.timer.take();
        asking.began_ms.set(f64::NEG_INFINITY);
    }
    {
        let asking = Rc::clone(&asking);
        use_effect_with((version, n_pages), move |_| asking.begin());
    }
    let again = Callback::from(move |()| {
        asking.timer.take();
        asking.began_ms.set(f64::NEG_INFINITY);
        asking.begin();
    });
    ((*reading).clone(), again)
}

/// Asks at once for `n_pages` pages, and again each time `version` is another one: at most once in `every_ms`, one reading at a
/// time. `ask` is given the `after` of the page.
///
/// What is asked for must not change while the component lives: a page for something else is a component with another key.
#[hook]
pub fn use_fetched<T, F>(version: Version, n_pages: usize, every_ms: u32, ask: F) -> Fetched<T>
where
    T: Page,
    F: Fn(Option<&str>) -> Call<T> + 'static,
{
    let (reading, again) = use_asking(
        version,
        n_pages,
        every_ms,
        next_of::<T>,
        Rc::new(move |after| ask(after).held()),
    );
    Fetched {
        pages: reading
            .pages
            .iter()
            .filter_map(|page| Rc::clone(page).downcast().ok())
            .collect(),
        n_readings: reading.number,
        error: reading.error,
        again,
    }
}
