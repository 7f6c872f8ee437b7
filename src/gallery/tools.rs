//! How the gallery is looked at: colours, density, direction. On the page's root, where the app itself has them.

use yew::{Callback, Html, component, html};

use crate::hooks::use_state;

/// An attribute of the root and its choices; an empty one takes it away.
const CHOICES: [(&str, &str, &[&str]); 3] = [
    ("Colours", "data-theme", &["", "light", "dark"]),
    ("Density", "data-density", &["", "compact"]),
    ("Direction", "dir", &["ltr", "rtl"]),
];

/// The choices.
#[component]
pub(super) fn Tools() -> Html {
    // Draws again after a choice; what is chosen stands on the root.
    let n_choices = use_state(|| 0_u32);
    html! {
        <div class="ta-tools">
            { for CHOICES.into_iter().flat_map(|(word, attribute, choices)| choices.iter().map(move |choice| (word, attribute, *choice)))
                .map(|(word, attribute, choice)| {
                    let (set, n) = (n_choices.setter(), *n_choices + 1);
                    let onclick = Callback::from(move |_| {
                        choose(attribute, choice);
                        set.set(n);
                    });
                    let is_chosen = chosen(attribute).unwrap_or_default() == choice;
                    let name = if choice.is_empty() { "usual" } else { choice };
                    html! {
                        <button class="ta-button" data-size="sm" type="button" aria-pressed={is_chosen.to_string()} {onclick}>
                            { word }{ ": " }{ name }
                        </button>
                    }
                }) }
        </div>
    }
}

fn root() -> Option<web_sys::Element> {
    crate::dom::document()?.document_element()
}

fn chosen(attribute: &str) -> Option<String> {
    root()?.get_attribute(attribute)
}

fn choose(attribute: &str, choice: &str) {
    let Some(root) = root() else { return };
    // Setting an attribute fails only for a name that is none.
    let _ = match choice {
        "" => root.remove_attribute(attribute),
        choice => root.set_attribute(attribute, choice),
    };
}
