//! The bar on top: tenant first, then places, then health, progress, bell and account.

use std::rc::Rc;

use contract::api::TenantRef;
use contract::ids::TenantId;
use yew::{AttrValue, Callback, Html, NodeRef, Properties, component, html};

use crate::cards::Ask;
use crate::cards::bell::{BellProps, bell};
use crate::cards::widget::{Summary, WidgetProps, widget};
use crate::feed::Freshness;
use crate::hooks::use_state;
use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed, glyph};
use crate::live::{Action, use_live};
use crate::route::Route;
use crate::shell::health::health;
use crate::shell::menu::{Menu, MenuProps};
use crate::theme::Theme;

/// See [`top`].
pub struct TopProps {
    /// Where the reader is.
    pub route: Route,
    /// By name.
    pub tenants: Rc<Vec<TenantRef>>,
    /// Who reads.
    pub person: AttrValue,
    /// How the connection stands.
    pub freshness: Freshness,
    /// Of the active runs.
    pub summary: Summary,
    /// Cards not seen.
    pub n_unread: usize,
    /// Failures that nobody looks after.
    pub n_failed: usize,
    /// The drawer is open.
    pub is_open: bool,
    /// Asks for cards.
    pub onask: Callback<Ask>,
    /// The bell.
    pub bell: NodeRef,
}

/// The bar.
pub fn top(props: &TopProps) -> Html {
    let here = props.route.tenant_id();
    let first = props.tenants.first().map(|tenant| tenant.id);
    let policies = here.or(first).map(Route::policies);
    let runs = here.map_or(Route::Runs, Route::TenantRuns);
    let current = |is_here: bool| is_here.then_some("page");
    let is_runs = matches!(
        props.route,
        Route::Runs | Route::TenantRuns(_) | Route::Run(_)
    );
    let is_policies = matches!(props.route, Route::Policies { .. });
    html! {
        <header class="ta-top">
            <a class="ta-top__mark" href={Route::Home.path()} aria-label={t(Text::StartPage)}>{ glyph(Icon::Mark) }</a>
            { switcher(props, here) }
            <nav class="ta-nav" aria-label={t(Text::Main)}>
                <a class="ta-tab" href={runs.path()} aria-current={current(is_runs)}><span>{ t(Text::Runs) }</span></a>
                if let Some(policies) = policies {
                    <a class="ta-tab" href={policies.path()} aria-current={current(is_policies)}><span>{ t(Text::Policies) }</span></a>
                }
            </nav>
            <div class="ta-top__end">
                { health(props.freshness) }
                { widget(&WidgetProps { summary: props.summary, onask: props.onask.clone() }) }
                { bell(&BellProps { n_unread: props.n_unread, n_failed: props.n_failed, is_open: props.is_open, onask: props.onask.clone(), node: props.bell.clone() }) }
                <Account ..AccountProps { person: props.person.clone() } />
            </div>
        </header>
    }
}

fn switcher(props: &TopProps, here: Option<TenantId>) -> Html {
    let tenant = here.and_then(|id| props.tenants.iter().find(|tenant| tenant.id == id));
    let (icon, name) = match tenant {
        Some(tenant) => (Icon::Tenant, html! { <bdi>{ &tenant.name }</bdi> }),
        None => (Icon::Tenants, html! { { t(Text::AllTenants) } }),
    };
    let button = html! {
        <>{ glyph(icon) }<span>{ name }</span>{ dressed(Icon::Switch, "", None, Some("sm"), None) }</>
    };
    // The tenant changes and the kind of page stays.
    let there = |tenant_id: TenantId| match props.route {
        Route::Policies { .. } | Route::Home => Route::policies(tenant_id),
        _ => Route::TenantRuns(tenant_id),
    };
    let items = html! {
        <>
            { menu_link(&Route::Runs, Icon::Tenants, tenant.is_none(), html! { { t(Text::AllTenants) } }) }
            <hr />
            { for props.tenants.iter().map(|tenant| {
                let is_here = here == Some(tenant.id);
                menu_link(&there(tenant.id), Icon::Tenant, is_here, html! { <bdi>{ &tenant.name }</bdi> })
            }) }
        </>
    };
    html! {
        <Menu ..MenuProps { class: "ta-switcher", label: t(Text::ChooseTenant), button, names_itself: true, account: false, align: None,
            items: Callback::from(move |()| items.clone()) } />
    }
}

/// A link in a menu: a real one, as everywhere.
fn menu_link(to: &Route, icon: Icon, is_here: bool, words: Html) -> Html {
    html! {
        <a class="ta-menu__item" role="menuitem" tabindex="-1" href={to.path()} aria-current={is_here.then_some("true")}>
            { glyph(icon) }<span>{ words }</span>
            if is_here { <span class="ta-menu__end">{ dressed(Icon::Check, "", None, Some("sm"), None) }</span> }
        </a>
    }
}

/// See [`Account`].
#[derive(Clone, PartialEq, Properties)]
struct AccountProps {
    person: AttrValue,
}

#[component]
fn Account(props: &AccountProps) -> Html {
    let live = use_live();
    let chosen = use_state(Theme::kept);
    let sign_out = Callback::from(move |_| live.send(Action::SignOut));
    let theme = |theme: Theme| {
        let chosen_set = chosen.setter();
        let onclick = Callback::from(move |_| {
            theme.choose();
            chosen_set.set(theme);
        });
        let word = match theme {
            Theme::System => Text::ThemeSystem,
            Theme::Light => Text::ThemeLight,
            Theme::Dark => Text::ThemeDark,
        };
        let is_chosen = *chosen == theme;
        html! {
            <button class="ta-menu__item" role="menuitemradio" tabindex="-1" type="button" aria-checked={is_chosen.to_string()} {onclick}>
                <span>{ t(word) }</span>
                if is_chosen { <span class="ta-menu__end">{ dressed(Icon::Check, "", None, Some("sm"), None) }</span> }
            </button>
        }
    };
    let items = html! {
        <>
            <p class="ta-menu__head" role="presentation">{ t(Text::SignedInAs(&props.person)) }</p>
            <hr />
            <div role="group" aria-label={t(Text::Colours)}>
                <p class="ta-menu__head" aria-hidden="true">{ t(Text::Colours) }</p>
                { for Theme::ALL.into_iter().map(theme) }
            </div>
            <hr />
            <button class="ta-menu__item" role="menuitem" tabindex="-1" type="button" onclick={sign_out}>
                <span>{ t(Text::SignOut) }</span>
            </button>
        </>
    };
    html! {
        <Menu ..MenuProps { class: "ta-icon-button", label: t(Text::YourAccount), button: html! { { glyph(Icon::User) } }, names_itself: false,
            account: true, align: Some("end"), items: Callback::from(move |()| items.clone()) } />
    }
}
