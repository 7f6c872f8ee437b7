//! Who wants to be told: a list of callbacks, each ended by the drop of its [`Subscription`].

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use yew::Callback;

/// Each with the number that its subscription knows.
type Numbered<T> = Vec<(u64, Callback<T>)>;

/// The callbacks, told in the order in which they came.
pub(super) struct Listeners<T: 'static> {
    callbacks: Rc<RefCell<Numbered<T>>>,
    next: Cell<u64>,
}

impl<T: 'static> Default for Listeners<T> {
    fn default() -> Self {
        Listeners {
            callbacks: Rc::default(),
            next: Cell::new(0),
        }
    }
}

impl<T: Clone + 'static> Listeners<T> {
    pub(super) fn add(&self, callback: Callback<T>) -> Subscription {
        let id = self.next.get();
        self.next.set(id + 1);
        self.callbacks.borrow_mut().push((id, callback));
        let callbacks = Rc::downgrade(&self.callbacks);
        Subscription {
            end: Some(Box::new(move || {
                if let Some(callbacks) = callbacks.upgrade() {
                    callbacks.borrow_mut().retain(|(other, _)| *other != id);
                }
            })),
        }
    }

    /// Tells everybody. Whoever comes or goes meanwhile is told the next time.
    pub(super) fn tell(&self, value: &T) {
        let now = self.callbacks.borrow().clone();
        for (_, callback) in now {
            callback.emit(value.clone());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.callbacks.borrow().is_empty()
    }
}

/// Being told, for as long as this lives.
pub struct Subscription {
    end: Option<Box<dyn FnOnce()>>,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}
