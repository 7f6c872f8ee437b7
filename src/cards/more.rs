//! What else can be done with a card, in a menu behind its dots.

use std::rc::Rc;

use contract::ids::RunKey;
use contract::preferences::{MAX_OPERATION_CHARS, Rule, Tell};
use yew::{AttrValue, Callback, Html, MouseEvent, html};

use crate::feed::Card;
use crate::i18n::{Text, t};
use crate::icons::{Icon, glyph};
use crate::live::{Action, Live};
use crate::route::Route;
use crate::runs::words;
use crate::shell::menu::{Menu, MenuProps};

/// The button and its menu. `copy` copies a text, and says by `is_copied` that it has.
pub fn more(
    card: &Rc<Card>,
    onview: &Callback<RunKey>,
    live: &Live,
    (is_copied, copy): (bool, Callback<AttrValue>),
) -> Html {
    let run = &card.run;
    let what = words::what(run);
    let label = t(Text::MoreOf {
        what: &what,
        tenant: &card.tenant_name,
    });
    let (card, onview, live) = (Rc::clone(card), onview.clone(), live.clone());
    let button = html! {
        <>
            { glyph(if is_copied { Icon::Check } else { Icon::More }) }
            <span class="ta-visually-hidden" role="status">if is_copied { { t(Text::Copied) } }</span>
        </>
    };
    html! {
        <Menu ..MenuProps { class: "ta-icon-button", label, button, names_itself: false, account: false, align: None,
            items: Callback::from(move |()| items(&card, &onview, &live, &copy)) } />
    }
}

/// Made when the menu opens: a card is drawn many times before that.
fn items(
    card: &Rc<Card>,
    onview: &Callback<RunKey>,
    live: &Live,
    copy: &Callback<AttrValue>,
) -> Html {
    let run = &card.run;
    let link = Route::of_run(run).map(|to| {
        let onclick = copy.reform(move |_| address(&to));
        item(Icon::Copy, t(Text::CopyLink), onclick)
    });
    let can_mute = (1..=MAX_OPERATION_CHARS).contains(&run.operation.chars().count());
    let mute = can_mute.then(|| {
        let (run, live) = (Rc::clone(run), live.clone());
        let words = t(Text::Mute(&words::what(&run)));
        let onclick = Callback::from(move |_| {
            // One for this tenant alone would win over the one for all of them.
            let stays = |rule: &Rule| {
                rule.operation.as_ref() != Some(&run.operation)
                    || rule.tenant_id.is_some_and(|id| id != run.tenant_id)
            };
            let mut rules = live.picture().feed.rules().to_vec();
            rules.retain(stays);
            rules.push(Rule {
                tenant_id: None,
                operation: Some(run.operation.clone()),
                tell: Tell::None,
            });
            live.send(Action::Prefer(rules));
        });
        item(Icon::Pause, words, onclick)
    });
    let read = card.unread.then(|| {
        let key = card.key.clone();
        let onclick = onview.reform(move |_| key.clone());
        item(Icon::Check, t(Text::MarkAsRead), onclick)
    });
    html! { <>{ link }{ mute }{ read }</> }
}

fn item(icon: Icon, words: AttrValue, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <button class="ta-menu__item" role="menuitem" tabindex="-1" type="button" {onclick}>{ glyph(icon) }<span>{ words }</span></button>
    }
}

/// Of a page, for another browser.
fn address(to: &Route) -> AttrValue {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok());
    (origin.unwrap_or_default() + &to.path()).into()
}
