//! The bar on top: tenant first, then places, then health, progress, bell and account.

use std::rc::Rc;

use contract::api::TenantRef;
use contract::ids::TenantId;
use yew::{AttrValue, Callback, Html, NodeRef, Properties, component, html, use_state};

use crate::cards::bell::Bell;
use crate::cards::widget::{Summary, Widget};
use crate::feed::Freshness;
use crate::i18n::{Text, t};
use crate::icons::{Glyph, Icon};
use crate::live::{Action, use_live};
use crate::route::{Link, Route};
use crate::shell::health::Health;
use crate::shell::menu::Menu;
use crate::theme::Theme;

/// See [`Top`].
#[derive(Clone, PartialEq, Properties)]
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
    /// Opens and closes the drawer.
    pub ontoggle: Callback<()>,
    /// Opens the drawer at the active runs.
    pub onactive: Callback<()>,
    /// The bell.
    pub bell: NodeRef,
}

/// The bar.
#[component]
pub fn Top(props: &TopProps) -> Html {
    let here = props.route.tenant_id();
    let first = props.tenants.first().map(|tenant| tenant.id);
    let policies = here.or(first).map(Route::policies);
    let runs = here.map_or(Route::Runs, Route::TenantRuns);
    let current = |is_here: bool| is_here.then(|| AttrValue::from("page"));
    let is_runs = matches!(
        props.route,
        Route::Runs | Route::TenantRuns(_) | Route::Run(_)
    );
    let is_policies = matches!(props.route, Route::Policies { .. });
    html! {
        <header class="ta-top">
            <Link class="ta-top__mark" to={Route::Home} label={t(Text::StartPage)}><Glyph icon={Icon::Mark} /></Link>
            { switcher(props, here) }
            <nav class="ta-nav" aria-label={t(Text::Main)}>
                <Link class="ta-tab" to={runs} current={current(is_runs)}><span>{ t(Text::Runs) }</span></Link>
                if let Some(policies) = policies {
                    <Link class="ta-tab" to={policies} current={current(is_policies)}><span>{ t(Text::Policies) }</span></Link>
                }
            </nav>
            <div class="ta-top__end">
                <Health freshness={props.freshness} />
                <Widget summary={props.summary} onopen={props.onactive.clone()} />
                <Bell n_unread={props.n_unread} n_failed={props.n_failed} is_open={props.is_open}
                    ontoggle={props.ontoggle.clone()} node={props.bell.clone()} />
                <Account person={props.person.clone()} />
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
        <><Glyph {icon} /><span>{ name }</span><Glyph icon={Icon::Switch} size="sm" /></>
    };
    // The tenant changes and the kind of page stays.
    let there = |tenant_id: TenantId| match props.route {
        Route::Policies { .. } | Route::Home => Route::policies(tenant_id),
        _ => Route::TenantRuns(tenant_id),
    };
    html! {
        <Menu class="ta-switcher" label={t(Text::ChooseTenant)} {button} names_itself={true}>
            <MenuLink to={Route::Runs} icon={Icon::Tenants} is_here={tenant.is_none()}>{ t(Text::AllTenants) }</MenuLink>
            <hr />
            { for props.tenants.iter().map(|tenant| html! {
                <MenuLink key={tenant.id.0} to={there(tenant.id)} icon={Icon::Tenant} is_here={here == Some(tenant.id)}>
                    <bdi>{ &tenant.name }</bdi>
                </MenuLink>
            }) }
        </Menu>
    }
}

/// See [`MenuLink`].
#[derive(Clone, PartialEq, Properties)]
struct MenuLinkProps {
    to: Route,
    icon: Icon,
    is_here: bool,
    children: yew::Children,
}

/// A link in a menu: a real one, as everywhere.
#[component]
fn MenuLink(props: &MenuLinkProps) -> Html {
    let go = yew::use_context::<crate::route::Go>();
    let to = props.to.clone();
    let onclick = Callback::from(move |event: yew::MouseEvent| {
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if let Some(go) = go.as_ref().filter(|_| is_plain) {
            event.prevent_default();
            go.to(to.clone());
        }
    });
    html! {
        <a class="ta-menu__item" role="menuitem" tabindex="-1" href={props.to.path()} {onclick}
            aria-current={props.is_here.then_some("true")}>
            <Glyph icon={props.icon} /><span>{ for props.children.iter() }</span>
            if props.is_here { <span class="ta-menu__end"><Glyph icon={Icon::Check} size="sm" /></span> }
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
                if is_chosen { <span class="ta-menu__end"><Glyph icon={Icon::Check} size="sm" /></span> }
            </button>
        }
    };
    html! {
        <Menu class="ta-icon-button" label={t(Text::YourAccount)} button={html! { <Glyph icon={Icon::User} /> }} align="end" account={true}>
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
        </Menu>
    }
}
