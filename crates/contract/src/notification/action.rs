//! The button "View run", as `Filament\Actions\Action::toArray()` writes it, and the address it leads to.

use serde::Serialize;

use super::{Settings, Tenant};
use crate::run::{BULK_OPERATION, RESTORE};

/// Which line of Filament reads the action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActionShape {
    /// Without `alpineClickHandler`.
    #[default]
    V4,
    /// With `alpineClickHandler`, which is always null (filamentphp/filament pull 19199).
    V5,
}

type Null = ();
type EmptyList = [(); 0];

/// An action of a notification. The fields that never change are here since Filament reads each of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    alpine_click_handler: Option<Null>,
    color: Null,
    event: Null,
    event_data: EmptyList,
    dispatch_direction: bool,
    dispatch_to_component: Null,
    extra_attributes: EmptyList,
    icon: Null,
    icon_position: &'static str,
    icon_size: Null,
    is_outlined: bool,
    is_disabled: bool,
    label: &'static str,
    should_close: bool,
    should_mark_as_read: bool,
    should_mark_as_unread: bool,
    should_open_url_in_new_tab: bool,
    should_post_to_url: bool,
    size: Null,
    tooltip: Null,
    /// Where the button leads.
    pub url: String,
    view: &'static str,
}

impl Action {
    pub(super) fn view_run(url: String, shape: ActionShape) -> Self {
        Action {
            name: "view_run",
            alpine_click_handler: match shape {
                ActionShape::V4 => None,
                ActionShape::V5 => Some(()),
            },
            color: (),
            event: (),
            event_data: [],
            dispatch_direction: false,
            dispatch_to_component: (),
            extra_attributes: [],
            icon: (),
            icon_position: "before",
            icon_size: (),
            is_outlined: false,
            is_disabled: false,
            label: "View run",
            should_close: false,
            should_mark_as_read: false,
            should_mark_as_unread: false,
            should_open_url_in_new_tab: false,
            should_post_to_url: false,
            size: (),
            tooltip: (),
            url,
            view: "filament::components.button.index",
        }
    }
}

/// The part of a run's address that says its type; none for a type without pages of its own.
pub(super) fn page(run_type: &str) -> Option<&'static str> {
    match run_type {
        BULK_OPERATION => Some("bulk-operation-runs"),
        RESTORE => Some("restore-runs"),
        _ => None,
    }
}

/// `{prefix}/t/{tenant}/{page}/{run_id}`; none where the tenant is not there, or has a slug that no path can hold.
pub(super) fn url(
    settings: &Settings,
    tenant_id: i64,
    tenant: &Tenant,
    page: &str,
    run_id: i64,
) -> Option<String> {
    let tenant = match tenant {
        Tenant::Absent => return None,
        Tenant::ById => tenant_id.to_string(),
        Tenant::BySlug(slug) => path_segment(slug)?,
    };
    let prefix = settings.url_prefix.trim_end_matches('/');
    Some(format!("{prefix}/t/{tenant}/{page}/{run_id}"))
}

/// Percent-encodes all but RFC 3986's unreserved characters. A browser would take `.` and `..` for steps, encoded or not.
fn path_segment(slug: &str) -> Option<String> {
    if matches!(slug, "" | "." | "..") {
        return None;
    }
    let mut segment = String::with_capacity(slug.len());
    for byte in slug.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(segment)
}
