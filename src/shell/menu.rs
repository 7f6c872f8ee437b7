//! A menu that opens from a button. Arrows, Home and End move in it; Escape, Tab and a click elsewhere close it, and the
//! button takes the focus back.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, Node};
use yew::{AttrValue, Callback, Html, NodeRef, Properties, component, html};

use crate::hooks::{use_effect_with, use_node_ref, use_state_eq};

/// See [`Menu`].
#[derive(Clone, PartialEq, Properties)]
pub struct MenuProps {
    /// The name of the button, where its content does not say enough, and of the menu.
    pub label: AttrValue,
    /// What the button shows.
    pub button: Html,
    /// How the button looks.
    pub class: &'static str,
    /// The button's content is its name already.
    #[prop_or_default]
    pub names_itself: bool,
    /// The button is that of the account, which a portal hides.
    #[prop_or_default]
    pub account: bool,
    /// `end`: the menu's end stands under the button's.
    #[prop_or_default]
    pub align: Option<&'static str>,
    /// Elements with the role `menuitem` or `menuitemradio`.
    pub items: Html,
}

/// The button and its menu.
#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let is_open = use_state_eq(|| false);
    let place = use_node_ref();
    let menu = use_node_ref();
    let button = use_node_ref();
    {
        let (set, place, menu) = (is_open.setter(), place.clone(), menu.clone());
        use_effect_with(*is_open, move |is_open| {
            let listener = is_open.then(|| {
                focus(&items(&menu), |_, _| 0, true);
                let document = crate::dom::document();
                document.map(|document| {
                    EventListener::new(&document, "pointerdown", move |event| {
                        let target = event
                            .target()
                            .and_then(|target| target.dyn_into::<Node>().ok());
                        let is_inside = place
                            .cast::<Element>()
                            .is_some_and(|place| place.contains(target.as_ref()));
                        if !is_inside {
                            set.set(false);
                        }
                    })
                })
            });
            move || drop(listener)
        });
    }
    let close = {
        let (set, button) = (is_open.setter(), button.clone());
        Callback::from(move |()| {
            set.set(false);
            crate::dom::focus(&button);
        })
    };
    let onkeydown = {
        let (is_open, menu, close) = (is_open.clone(), menu.clone(), close.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            if !*is_open {
                if key == "ArrowDown" {
                    event.prevent_default();
                    is_open.set(true);
                }
                return;
            }
            let items = items(&menu);
            match key.as_str() {
                "Escape" => {
                    event.stop_propagation();
                    close.emit(());
                }
                "Tab" => is_open.set(false),
                "ArrowDown" => focus(&items, |now, n| (now + 1) % n, false),
                "ArrowUp" => focus(&items, |now, n| (now + n - 1) % n, false),
                "Home" => focus(&items, |_, _| 0, false),
                "End" => focus(&items, |_, n| n - 1, false),
                _ => return,
            }
            if key != "Tab" {
                event.prevent_default();
            }
        })
    };
    let toggle = {
        let is_open = is_open.clone();
        Callback::from(move |_| is_open.set(!*is_open))
    };
    html! {
        <div class="ta-menu__place" data-align={props.align} {onkeydown} ref={place}>
            <button ~className={props.class} type="button" aria-haspopup="menu" aria-expanded={is_open.to_string()}
                aria-label={(!props.names_itself).then(|| props.label.clone())} data-account={props.account.then_some("")}
                onclick={toggle} ref={button}>
                { props.button.clone() }
            </button>
            if *is_open {
                <div class="ta-menu" role="menu" aria-label={props.label.clone()} ref={menu} onclick={close.reform(|_| ())}>
                    { props.items.clone() }
                </div>
            }
        </div>
    }
}

fn items(menu: &NodeRef) -> Vec<HtmlElement> {
    let found = menu.cast::<Element>().and_then(|menu| {
        menu.query_selector_all("[role^=menuitem]:not(:disabled)")
            .ok()
    });
    found.as_ref().map(crate::dom::elements).unwrap_or_default()
}

/// Moves the focus: `next` of the index that has it and of how many there are. `checked_first`: to the chosen one, if any.
fn focus(items: &[HtmlElement], next: impl Fn(usize, usize) -> usize, checked_first: bool) {
    if items.is_empty() {
        return;
    }
    let active = crate::dom::document().and_then(|document| document.active_element());
    let now = items
        .iter()
        .position(|item| Some(AsRef::<Element>::as_ref(item)) == active.as_ref());
    let checked = items.iter().position(|item| {
        item.get_attribute("aria-checked").as_deref() == Some("true")
            || item.get_attribute("aria-current").is_some()
    });
    let idx = match (checked_first, checked, now) {
        (true, Some(checked), _) => checked,
        (_, _, Some(now)) => next(now, items.len()),
        (_, _, None) => next(0, items.len()).min(items.len() - 1),
    };
    // Fails only for an element that cannot be focused.
    let _ = items[idx].focus();
}
