//! Yew's hooks for state and effects under their own names, compiled once instead of once for each type and each call.
//!
//! The types are at the edge, in a few lines each; what does the work holds an [`Any`]. That saves 7 KB of WebAssembly at brotli 11.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;

use yew::functional::UseForceUpdateHandle;
use yew::{Callback, NodeRef, hook, use_force_update, use_mut_ref};

type Value = Rc<dyn Any>;
type Same = fn(&dyn Any, &dyn Any) -> bool;

/// The value of a state, and the component that shows it.
struct Slot {
    value: RefCell<Option<Value>>,
    update: UseForceUpdateHandle,
    /// A value that is the same as the one before is not drawn again.
    same: Cell<Option<Same>>,
}

impl Slot {
    fn put(&self, value: Value) {
        let is_same = self
            .same
            .get()
            .zip(self.value.borrow().as_ref())
            .is_some_and(|(same, before)| same(&**before, &*value));
        if !is_same {
            drop(self.value.replace(Some(value)));
            self.update.force_update();
        }
    }
}

#[hook]
fn use_slot() -> Rc<Slot> {
    let update = use_force_update();
    let slot = use_mut_ref(|| None::<Rc<Slot>>);
    let mut slot = slot.borrow_mut();
    let slot = slot.get_or_insert_with(|| {
        Rc::new(Slot {
            value: RefCell::default(),
            update,
            same: Cell::new(None),
        })
    });
    Rc::clone(slot)
}

fn same<T: PartialEq + 'static>(a: &dyn Any, b: &dyn Any) -> bool {
    a.downcast_ref::<T>() == b.downcast_ref::<T>()
}

/// A value that is made once, for the whole life of the component.
#[hook]
pub fn use_once<T: 'static, F: FnOnce() -> T>(make: F) -> Rc<T> {
    UseStateHandle::of(use_slot(), make).value
}

/// As `yew::use_node_ref`.
#[hook]
pub fn use_node_ref() -> NodeRef {
    NodeRef::clone(&use_once(NodeRef::default))
}

/// As `yew::use_state`: every value that is set is drawn.
#[hook]
pub fn use_state<T: 'static, F: FnOnce() -> T>(begin: F) -> UseStateHandle<T> {
    let slot = use_slot();
    UseStateHandle::of(slot, begin)
}

/// As `yew::use_state_eq`: a value that is equal to the one before is not drawn again.
#[hook]
pub fn use_state_eq<T: PartialEq + 'static, F: FnOnce() -> T>(begin: F) -> UseStateHandle<T> {
    let slot = use_slot();
    slot.same.set(Some(same::<T>));
    UseStateHandle::of(slot, begin)
}

/// A state as it is drawn.
pub struct UseStateHandle<T> {
    value: Rc<T>,
    slot: Rc<Slot>,
}

impl<T: 'static> UseStateHandle<T> {
    fn of(slot: Rc<Slot>, begin: impl FnOnce() -> T) -> UseStateHandle<T> {
        let known = slot.value.borrow().clone();
        let value = known.unwrap_or_else(|| {
            let value: Value = Rc::new(begin());
            *slot.value.borrow_mut() = Some(Rc::clone(&value));
            value
        });
        let value = value
            .downcast()
            .unwrap_or_else(|_| unreachable!("a slot holds values of one type"));
        UseStateHandle { value, slot }
    }

    /// Sets the next value.
    pub fn set(&self, value: T) {
        self.slot.put(Rc::new(value));
    }

    /// [`UseStateHandle::setter`] as a callback.
    pub fn setter_callback(&self) -> Callback<T> {
        let setter = self.setter();
        Callback::from(move |value| setter.set(value))
    }

    /// What sets the next value; the same one for the whole life of the component.
    pub fn setter(&self) -> UseStateSetter<T> {
        UseStateSetter {
            slot: Rc::clone(&self.slot),
            holds: PhantomData,
        }
    }
}

impl<T> Deref for UseStateHandle<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Clone for UseStateHandle<T> {
    fn clone(&self) -> Self {
        UseStateHandle {
            value: Rc::clone(&self.value),
            slot: Rc::clone(&self.slot),
        }
    }
}

impl<T: PartialEq> PartialEq for UseStateHandle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: fmt::Debug> fmt::Debug for UseStateHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// Sets a state.
pub struct UseStateSetter<T> {
    slot: Rc<Slot>,
    holds: PhantomData<T>,
}

impl<T: 'static> UseStateSetter<T> {
    /// Sets the next value.
    pub fn set(&self, value: T) {
        self.slot.put(Rc::new(value));
    }

    /// The value that was set last, drawn or not.
    pub fn latest(&self) -> Rc<T> {
        let value = self.slot.value.borrow().clone();
        value
            .and_then(|value| value.downcast().ok())
            .unwrap_or_else(|| unreachable!("a setter comes from a slot that holds a value"))
    }
}

impl<T> Clone for UseStateSetter<T> {
    fn clone(&self) -> Self {
        UseStateSetter {
            slot: Rc::clone(&self.slot),
            holds: PhantomData,
        }
    }
}

impl<T> PartialEq for UseStateSetter<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.slot, &other.slot)
    }
}

impl<T> fmt::Debug for UseStateSetter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UseStateSetter").finish_non_exhaustive()
    }
}

type Effect = Box<dyn FnOnce() -> Option<Box<dyn FnOnce()>>>;

/// What undoes an effect: nothing, or a closure.
pub trait TearDown: 'static {
    /// The closure, if there is one.
    fn boxed(self) -> Option<Box<dyn FnOnce()>>;
}

impl TearDown for () {
    fn boxed(self) -> Option<Box<dyn FnOnce()>> {
        None
    }
}

impl<F: FnOnce() + 'static> TearDown for F {
    fn boxed(self) -> Option<Box<dyn FnOnce()>> {
        Some(Box::new(self))
    }
}

/// The undoing of an effect; done when the next one runs or the component is gone.
struct Undo(Option<Box<dyn FnOnce()>>);

impl Drop for Undo {
    fn drop(&mut self) {
        if let Some(undo) = self.0.take() {
            undo();
        }
    }
}

#[hook]
fn use_numbered_effect(number: u32, effect: Effect) {
    yew::use_effect_with(number, move |_| {
        let undo = Undo(effect());
        move || drop(undo)
    });
}

/// As `yew::use_effect`: runs after each drawing.
#[hook]
pub fn use_effect<F: FnOnce() + 'static>(effect: F) {
    let n_drawings = use_once(|| Cell::new(0));
    n_drawings.set(n_drawings.get() + 1);
    use_numbered_effect(
        n_drawings.get(),
        Box::new(move || {
            effect();
            None
        }),
    );
}

/// What an effect depends on, and how often that changed.
#[hook]
fn use_dependencies() -> Rc<RefCell<(Option<Value>, u32)>> {
    use_mut_ref(|| (None, 0))
}

/// As `yew::use_effect_with`: runs after the drawing in which `dependencies` are others than before.
#[hook]
pub fn use_effect_with<T, F, D>(dependencies: T, effect: F)
where
    T: PartialEq + 'static,
    F: FnOnce(&T) -> D + 'static,
    D: TearDown,
{
    let known = use_dependencies();
    let dependencies = Rc::new(dependencies);
    let number = {
        let (before, number) = &mut *known.borrow_mut();
        let is_same = before
            .as_ref()
            .is_some_and(|before| same::<T>(&**before, &*dependencies));
        if !is_same {
            *before = Some(Rc::clone(&dependencies) as Value);
            *number += 1;
        }
        *number
    };
    use_numbered_effect(number, Box::new(move || effect(&dependencies).boxed()));
}
