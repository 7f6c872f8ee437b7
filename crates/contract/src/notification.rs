//! What a portal stores about a run's status: metadata → a Filament database notification, in exactly the JSON that the portal's own class writes.
//!
//! The server stores one for each recipient in the transaction that changes the status ([`Notification::for_run`]). The table of titles and
//! colours ([`title`], [`tone`], [`color`]) is what cards go by as well.

mod action;
mod php;
mod status;

use std::borrow::Cow;

use serde::Serialize;

use crate::ids::{RunId, TenantId};
use crate::metadata::{Metadata, Object};
use crate::run::{Counts, Run};

pub use action::{Action, ActionShape};
pub use status::{Tone, color, title, tone};

/// What depends on who reads the notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Stands before `/t/{tenant}/…` in each address: empty for our own pages, `/admin` or `https://portal.example/admin` for a portal's.
    pub url_prefix: String,
    /// Which line of Filament reads it.
    pub action_shape: ActionShape,
}

/// The answer to "is there a tenant with this id, and how does it stand in an address?"
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tenant {
    /// There is none, so there is nothing to view.
    Absent,
    /// By its id.
    ById,
    /// By a text of the portal's, unencoded.
    BySlug(String),
}

/// One of our own runs: `source` is empty, and its tenant exists. A portal's run may have the same numbers, and our pages do not show it.
#[derive(Clone, Copy, Debug)]
pub struct OwnRun<'a> {
    /// The tenant that the run works on.
    pub tenant_id: TenantId,
    /// `bulk_operation` or `restore`.
    pub run_type: &'a str,
    /// Unique within (tenant, run type).
    pub run_id: RunId,
    /// The status that it has now.
    pub status: &'a str,
    /// What became of its records so far.
    pub counts: Counts,
}

/// A Filament database notification: the `data` of a row of a portal's `notifications` table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    format: &'static str,
    /// A sentence of the table, see [`title`].
    pub title: &'static str,
    /// What happened. HTML to Filament, and not escaped: a run type or status from elsewhere is in it as it came.
    pub body: String,
    /// Filament's name of the colour, see [`color`].
    pub color: &'static str,
    duration: &'static str,
    /// "View run", or nothing.
    pub actions: Vec<Action>,
    icon: (),
    icon_color: (),
    status: (),
    view: (),
    view_data: ViewData,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct ViewData {
    metadata: Metadata,
}

impl Notification {
    /// Makes the notification for one of our own runs.
    pub fn for_run(run: &OwnRun<'_>, settings: &Settings) -> Self {
        Notification::from_metadata(run.metadata().into(), |_| Tenant::ById, settings)
    }

    /// Makes the notification for a run that a portal announced. It has no link: an address of this form would lead to a run of ours that
    /// happens to have the same number.
    pub fn for_announced(run: &Run, settings: &Settings) -> Self {
        let source = ("source".to_owned(), run.source.as_str().into());
        let metadata: Object = OwnRun::of(run)
            .metadata()
            .into_iter()
            .chain([source])
            .collect();
        Notification::from_metadata(metadata.into(), |_| Tenant::Absent, settings)
    }

    /// Makes the notification for metadata of any shape.
    ///
    /// `tenant` is asked at most once, and only where all else allows a link: `run_type` is `bulk_operation` or `restore`, and `tenant_id`
    /// and `run_id` are positive beyond doubt. A status that is missing or null is `queued`, such a run type `run`; others have PHP's text form.
    pub fn from_metadata(
        metadata: Metadata,
        tenant: impl FnOnce(i64) -> Tenant,
        settings: &Settings,
    ) -> Self {
        let status = metadata
            .get("status")
            .map_or(Cow::Borrowed("queued"), php::text);
        let run_type = metadata
            .get("run_type")
            .map_or(Cow::Borrowed("run"), php::text);
        let action = view_run(&metadata, &run_type, tenant, settings);
        Notification {
            format: "filament",
            title: title(&status),
            body: format!(
                "A {} run changed status to: {status}.",
                run_type.replace('_', " ")
            ),
            color: color(&status),
            duration: "persistent",
            actions: action.into_iter().collect(),
            icon: (),
            icon_color: (),
            status: (),
            view: (),
            view_data: ViewData {
                metadata: php::stored(metadata),
            },
        }
    }

    /// The metadata, in the form that it is stored in.
    pub fn metadata(&self) -> &Metadata {
        &self.view_data.metadata
    }
}

fn view_run(
    metadata: &Metadata,
    run_type: &str,
    tenant: impl FnOnce(i64) -> Tenant,
    settings: &Settings,
) -> Option<Action> {
    let page = action::page(run_type)?;
    let tenant_id = metadata.get("tenant_id").and_then(php::positive_id)?;
    let run_id = metadata.get("run_id").and_then(php::positive_id)?;
    let url = action::url(settings, tenant_id, &tenant(tenant_id), page, run_id)?;
    Some(Action::view_run(url, settings.action_shape))
}

impl<'a> OwnRun<'a> {
    /// Takes what a notification says from a run of ours.
    pub fn of(run: &'a Run) -> Self {
        OwnRun {
            tenant_id: run.tenant_id,
            run_type: &run.run_type,
            run_id: run.run_id,
            status: run.status.as_str(),
            counts: run.counts,
        }
    }

    fn metadata(&self) -> Object {
        let counts: Object = [
            ("total", self.counts.total),
            ("processed", self.counts.processed),
            ("succeeded", self.counts.succeeded),
            ("failed", self.counts.failed),
            ("skipped", self.counts.skipped),
        ]
        .into_iter()
        .filter_map(|(name, count)| Some((name, count?.into())))
        .collect();
        Object::from_iter([
            ("tenant_id", self.tenant_id.0.into()),
            ("run_type", self.run_type.into()),
            ("run_id", self.run_id.0.into()),
            ("status", self.status.into()),
            ("counts", counts.into()),
        ])
    }
}
