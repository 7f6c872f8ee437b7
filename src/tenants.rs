//! `/`: leads on to what the reader most likely wants: the policies of their one tenant, or the runs of all of theirs.

use contract::api::TenantRef;
use std::rc::Rc;
use yew::{Html, Properties, component, html};

use crate::errors::{DeadEndProps, dead_end};
use crate::hooks::use_effect_with;
use crate::i18n::{Text, t};
use crate::icons::Icon;
use crate::route::{Go, Route};

/// See [`Home`].
#[derive(Clone, PartialEq, Properties)]
pub struct HomeProps {
    /// The reader's tenants, by name.
    pub tenants: Rc<Vec<TenantRef>>,
    /// Leads on.
    pub go: Go,
}

/// Where `/` leads; `None` without a tenant.
pub fn first_page(tenants: &[TenantRef]) -> Option<Route> {
    match tenants {
        [] => None,
        [only] => Some(Route::policies(only.id)),
        _ => Some(Route::Runs),
    }
}

/// The page: it stays only for somebody who sees no tenant.
#[component]
pub fn Home(props: &HomeProps) -> Html {
    let go = props.go.clone();
    let to = first_page(&props.tenants);
    use_effect_with(to, move |to| {
        if let Some(to) = to.clone() {
            go.instead(to);
        }
    });
    if props.tenants.is_empty() {
        return html! { { dead_end(&DeadEndProps { icon: Icon::Tenant, title: t(Text::NoTenants), body: t(Text::NoTenantsBody), children: html! {} }) } };
    }
    html! {}
}
