//! Who am I? Asked once when the page begins, and again when a lost session may be back. The answer opens the stream.

use contract::api::Me;
use contract::ids::PersonId;
use contract::timestamp::Timestamp;
use gloo_timers::callback::Timeout;

use crate::api::{self, ApiError};
use crate::clock::local_ms;
use crate::feed::{Event, Link};
use crate::live::Live;
use crate::session::SessionEvent;

/// The wait before the server is asked again who is signed in. Short, since nothing is on screen yet.
const RETRY_MS: u32 = 2_000;

impl Live {
    pub(super) fn ask_who_i_am(&self) {
        self.0.retry.take();
        let live = self.clone();
        api::me().then(move |answer| match answer {
            Ok(me) => live.signed_in(&me),
            Err(error) if error.is_signed_out() => live.session_event(SessionEvent::Lost),
            Err(ApiError::Answered { status, .. }) if status < 500 && status != 429 => {
                live.apply(Event::Connection(Link::Refused { status }));
            }
            Err(_) => live.ask_again(),
        });
    }

    fn ask_again(&self) {
        self.apply(Event::Connection(Link::Reconnecting {
            last_byte_ms: local_ms(),
            next_try_ms: Some(local_ms() + f64::from(RETRY_MS)),
        }));
        let weak = std::rc::Rc::downgrade(&self.0);
        let retry = Timeout::new(RETRY_MS, move || {
            if let Some(inner) = weak.upgrade() {
                Live(inner).ask_who_i_am();
            }
        });
        *self.0.retry.borrow_mut() = Some(retry);
    }

    pub(super) fn signed_in(&self, me: &Me) {
        if !self.signed_in_as(me)
            && let Some(stream) = self.0.stream.borrow().as_ref()
        {
            stream.signed_in();
        }
    }

    /// Opens the stream of this person and session, unless it is open; tells whether it was not.
    pub(super) fn signed_in_as(&self, me: &Me) -> bool {
        let before = self.0.session.borrow().person().map(|person| person.id);
        let is_open = before == Some(me.person.id)
            && self
                .0
                .stream
                .borrow()
                .as_ref()
                .is_some_and(|stream| stream.is_of(me));
        self.session_event(SessionEvent::Me(me.clone()));
        if !is_open {
            self.recall(me.person.id);
            self.open_stream(me);
        }
        !is_open
    }

    /// Tells the feed when this person was last here, in this browser.
    fn recall(&self, person: PersonId) {
        let kept = crate::kept::read(&here_of(person));
        let parts = kept.as_ref().and_then(|kept| kept.split_once(' '));
        if let Some((at, n_ended)) = parts
            && let (Ok(at), Ok(n_ended)) = (at.parse(), n_ended.parse())
        {
            let at = Timestamp(at);
            self.apply(Event::WasHere { at, n_ended });
        }
    }

    /// Keeps that the person is here, for the page after this one.
    pub(super) fn keep_here(&self) {
        let feed = self.picture().feed;
        if let (Some(person), Some((at, n_ended))) = (feed.person(), feed.here()) {
            let here = at.0.to_string() + " " + &n_ended.to_string();
            crate::kept::write(&here_of(person.id), Some(&here));
        }
    }
}

fn here_of(person: PersonId) -> String {
    "tenant-atlas:here-".to_owned() + &person.to_string()
}
