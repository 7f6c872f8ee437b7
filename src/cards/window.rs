//! Draws of a long list what is near the screen: of thousands of cards a few dozen are elements, and a gap stands for the others.
//!
//! What is near the focus is drawn as well, so that Tab goes on to the next card wherever the list was scrolled to.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use web_sys::{DomRect, Element, EventTarget};
use yew::virtual_dom::Key;
use yew::{NodeRef, hook, html};

use crate::cards::order::Element as Drawn;
use crate::dom::document;
use crate::hooks::{use_effect_with, use_once, use_state_eq};

/// So many places come and go together.
pub const PART: usize = 20;
/// A list with no more is drawn whole.
pub const ALL_DRAWN: usize = 100;
/// How near the screen, or the focus, a part is drawn, in CSS pixels: further than a card is high.
const MARGIN_PX: f64 = 900.0;

/// Places that follow each other, and are all drawn or all left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// The number of the first place, from 0.
    pub from: usize,
    /// Of the first one behind them.
    pub to: usize,
    /// They are elements.
    pub is_drawn: bool,
    /// What they take while they are not, in CSS pixels.
    height: f64,
}

impl Stretch {
    /// What stands there for those that are left out. No `<div>`: a style needs a call, an attribute of SVG does not.
    pub fn gap(&self) -> Drawn {
        let (key, node) = (Key::from(self.from), NodeRef::default());
        let height = (self.height as u64).to_string();
        let html = html! { <svg class="ta-gap" key={key.clone()} width="1" {height} aria-hidden="true" ref={node.clone()} /> };
        Drawn { key, node, html }
    }
}

/// What is known of the list's parts, of [`PART`] places each.
#[derive(Default)]
struct Parts {
    /// What each took when it was drawn last; 0 for one that never was.
    heights: Vec<f64>,
    /// Of one that never was. It stays what it is, since all that follow would move with it.
    usual_height: f64,
    /// As the list was drawn last.
    stretches: Vec<Stretch>,
}

impl Parts {
    /// Parts that are alike, together.
    fn lay_out(&mut self, n_places: usize, is_drawn: &[bool]) {
        self.heights.resize(n_places.div_ceil(PART), 0.0);
        self.stretches.clear();
        for (part, height) in self.heights.iter().enumerate() {
            let from = part * PART;
            let next = Stretch {
                from,
                to: n_places.min(from + PART),
                is_drawn: n_places <= ALL_DRAWN || is_drawn.get(part) == Some(&true),
                height: if *height > 0.0 {
                    *height
                } else {
                    self.usual_height
                },
            };
            match self.stretches.last_mut() {
                Some(last) if last.is_drawn == next.is_drawn => {
                    last.to = next.to;
                    last.height += next.height;
                }
                _ => self.stretches.push(next),
            }
        }
    }

    /// Measures the parts of the list as it stands. Gives for each whether it should be drawn.
    fn look(&mut self, list: &Element) -> Vec<bool> {
        let near = near(list);
        let is_near = |top: f64, bottom: f64| {
            let mut near = near.iter();
            near.any(|(from, to)| bottom >= from - MARGIN_PX && top <= to + MARGIN_PX)
        };
        let elements = list.children();
        let place = |idx: usize| {
            elements
                .item(idx as u32)
                .map(|it| it.get_bounding_client_rect())
        };
        let mut is_drawn = Vec::new();
        let mut idx = 0;
        for stretch in &self.stretches {
            let mut from = stretch.from;
            let mut top = place(idx).map_or(0.0, |gap| gap.top());
            while from < stretch.to {
                let (part, n) = (from / PART, PART.min(stretch.to - from));
                if stretch.is_drawn {
                    let bottom = place(idx + n - 1).map_or(top, |last| last.bottom());
                    let next = place(idx + n).map_or(bottom, |next| next.top());
                    self.heights[part] = next - top;
                    if self.usual_height == 0.0 && n == PART {
                        self.usual_height = next - top;
                    }
                    idx += n;
                }
                let height = match self.heights[part] {
                    0.0 => self.usual_height,
                    known => known,
                };
                is_drawn.push(is_near(top, top + height));
                top += height;
                from += n;
            }
            idx += usize::from(!stretch.is_drawn);
        }
        is_drawn
    }
}

/// Where the list is seen, and where the focus is in it: from top to bottom, in CSS pixels of the page's view.
fn near(list: &Element) -> Vec<(f64, f64)> {
    let span = |rect: DomRect| (rect.top(), rect.bottom());
    let scrolls = list.closest("[data-scrolls]").ok().flatten();
    let seen = match scrolls {
        // Not its own rectangle's bottom: a view that slides in is not where it will be.
        Some(scrolls) => {
            let top = scrolls.get_bounding_client_rect().top();
            (top, top + f64::from(scrolls.client_height()))
        }
        None => {
            let height = web_sys::window().and_then(|window| window.inner_height().ok());
            (
                0.0,
                height.and_then(|height| height.as_f64()).unwrap_or(0.0),
            )
        }
    };
    let focused = document()
        .and_then(|document| document.active_element())
        .filter(|focused| list.contains(Some(focused)))
        .map(|focused| span(focused.get_bounding_client_rect()));
    std::iter::once(seen).chain(focused).collect()
}

/// Which of the list's places are drawn, and what looks whether it should be others; if so, the component is drawn anew. To be called
/// once the list is on the page as it says: its elements are a drawn place each and [`Stretch::gap`]s, and nothing else.
#[hook]
pub fn use_window(list: &NodeRef, n_places: usize) -> (Vec<Stretch>, Rc<dyn Fn()>) {
    let is_drawn = use_state_eq(|| vec![true]);
    let parts = use_once(RefCell::<Parts>::default);
    parts.borrow_mut().lay_out(n_places, &is_drawn);
    let stretches = parts.borrow().stretches.clone();
    let look = {
        let (list, set) = (list.clone(), is_drawn.setter());
        Rc::new(move || {
            let mut parts = parts.borrow_mut();
            let is_whole = parts
                .stretches
                .last()
                .is_none_or(|last| last.to <= ALL_DRAWN);
            if let Some(list) = list.cast::<Element>().filter(|_| !is_whole) {
                set.set(parts.look(&list));
            }
        })
    };
    let again = Rc::clone(&look);
    let list = list.clone();
    use_effect_with((), move |()| {
        let listen = |target: EventTarget, name: &'static str| {
            let look = Rc::clone(&again);
            let passive = EventListenerOptions {
                passive: true,
                ..EventListenerOptions::run_in_capture_phase()
            };
            EventListener::new_with_options(&target, name, passive, move |_| look())
        };
        let window = web_sys::window().map(|window| listen(window.into(), "resize"));
        let document = document().map(|document| listen(document.into(), "scroll"));
        let list = list.get().map(|list| listen(list.into(), "focusin"));
        move || drop((window, document, list))
    });
    (stretches, look)
}
