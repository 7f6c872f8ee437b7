//! What the tests stand on: runs and cards as values, a place in the page to draw in, and waiting with a limit.

use std::rc::Rc;

use contract::ids::{PersonId, Rev, RunId, TenantId, TenantSeq};
use contract::run::{BULK_OPERATION, CAPTURE_ALL, Counts, PersonRef, RUN_VERSION, Run, RunStatus};
use contract::timestamp::Timestamp;
use gloo_timers::future::TimeoutFuture;
use tenant_atlas::feed::{Card, Feed};
use tenant_atlas::i18n::speak;
use web_sys::{Document, Element};
use yew::BaseComponent;

/// The person of the tests.
pub(crate) const ME: PersonId = PersonId(3);

/// A capture of all policies, by its id and status.
pub(crate) fn run(run_id: i64, status: RunStatus) -> Run {
    Run {
        v: RUN_VERSION,
        tenant_id: TenantId(5),
        tenant_seq: TenantSeq(run_id),
        status_seq: TenantSeq(run_id),
        rev: Rev(run_id),
        source: String::new(),
        run_type: BULK_OPERATION.to_owned(),
        run_id: RunId(run_id),
        status,
        attempt: 1,
        counts: Counts::default(),
        operation: CAPTURE_ALL.to_owned(),
        target: String::new(),
        started_by: Some(PersonRef {
            id: ME,
            name: "operator".to_owned(),
        }),
        at: Timestamp(1_768_147_146_000),
        queued_at: Timestamp(1_768_147_000_000),
        started_at: None,
        ended_at: None,
        stalled_since: None,
        waiting: None,
        acknowledged: None,
        error: None,
        seen_by: Vec::new(),
        n_seen: 0,
    }
}

/// The card of a run.
pub(crate) fn card(run: Run) -> Rc<Card> {
    let mut card = Feed::default().card_of(Rc::new(run), None);
    card.tenant_name = "Contoso (demo)".into();
    Rc::new(card)
}

pub(crate) fn document() -> Document {
    web_sys::window()
        .and_then(|window| window.document())
        .expect("a browser has a document")
}

/// A place in the page with a component in it; both go with it.
pub(crate) struct Drawn<C: BaseComponent> {
    /// The place.
    pub(crate) place: Element,
    app: Option<yew::AppHandle<C>>,
}

impl<C: BaseComponent> Drop for Drawn<C> {
    fn drop(&mut self) {
        if let Some(app) = self.app.take() {
            app.destroy();
        }
        self.place.remove();
    }
}

/// Draws a component in the page and waits until it is drawn.
pub(crate) async fn draw<C>(props: C::Properties) -> Drawn<C>
where
    C: BaseComponent,
{
    speak(include_str!("../../languages/en.properties"));
    let place = document()
        .create_element("div")
        .expect("div is an element's name");
    document()
        .body()
        .expect("a page has a body")
        .append_child(&place)
        .expect("a body takes children");
    let app = yew::Renderer::<C>::with_root_and_props(place.clone(), props).render();
    yew::scheduler::flush().await;
    Drawn {
        place,
        app: Some(app),
    }
}

impl<C: BaseComponent> Drawn<C> {
    /// The first element that a selector finds.
    pub(crate) fn find(&self, selector: &str) -> Element {
        self.look(selector)
            .unwrap_or_else(|| panic!("no {selector} in {}", self.place.inner_html()))
    }

    /// The first element that a selector finds, if there is one.
    pub(crate) fn look(&self, selector: &str) -> Option<Element> {
        self.place
            .query_selector(selector)
            .expect("the test's selector is one")
    }

    /// How many elements a selector finds.
    pub(crate) fn count(&self, selector: &str) -> u32 {
        self.place
            .query_selector_all(selector)
            .expect("the test's selector is one")
            .length()
    }
}

/// Waits, with a limit, until something is so.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        TimeoutFuture::new(20).await;
    }
    panic!("not within 12 s: {what}");
}
