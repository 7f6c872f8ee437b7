//! A menu that opens from a button. The keyboard in it, and what closes it, is `menu.js`.

use yew::{AttrValue, Callback, Html, Properties, component, html};

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
    /// Elements with the role `menuitem` or `menuitemradio`, asked for while it is open.
    pub items: Callback<(), Html>,
}

/// The button and its menu.
#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let is_open = use_state_eq(|| false);
    let menu = use_node_ref();
    {
        let menu = menu.clone();
        // `menu.js` gives it on to an item.
        use_effect_with(*is_open, move |_| crate::dom::focus(&menu));
    }
    let toggle = {
        let is_open = is_open.clone();
        Callback::from(move |_| is_open.set(!*is_open))
    };
    html! {
        <div class="ta-menu__place" data-align={props.align}>
            <button ~className={props.class} type="button" aria-haspopup="menu" aria-expanded={is_open.to_string()}
                aria-label={(!props.names_itself).then(|| props.label.clone())} data-account={props.account.then_some("")}
                onclick={toggle.clone()}>
                { props.button.clone() }
            </button>
            if *is_open {
                <div class="ta-menu" role="menu" tabindex="-1" aria-label={props.label.clone()} ref={menu} onclick={toggle}>
                    { props.items.emit(()) }
                </div>
            }
        </div>
    }
}
