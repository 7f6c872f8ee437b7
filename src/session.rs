//! Who is signed in. A reducer: what an answer says about the session → what the app may show.

use contract::api::Me;
use contract::run::PersonRef;

/// Whether somebody is signed in.
///
/// ```text
/// Unknown ──/api/me──▶ SignedIn ──401, signed out elsewhere──▶ SignedOut { was: Some }   the page stays, and asks to sign in again
///    │                     └────────sign-out here────────────▶ SignedOut { was: None }   nothing stays
///    └────401──▶ SignedOut { was: None } ──sign-in──▶ SignedIn
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Session {
    /// Not asked yet, or the server cannot be reached.
    #[default]
    Unknown,
    /// Nobody.
    SignedOut {
        /// Whose page this was until their session ended; its content is still on screen.
        was: Option<PersonRef>,
    },
    /// Somebody.
    SignedIn(Me),
}

/// What happened to the session.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEvent {
    /// `/api/me`, a sign-in or a set-up was answered.
    Me(Me),
    /// A call was answered with 401, or the stream was told that the session has ended.
    Lost,
    /// The person signed out here.
    Left,
}

impl Session {
    /// The session after the event.
    #[must_use]
    pub fn after(&self, event: SessionEvent) -> Session {
        match event {
            SessionEvent::Me(me) => Session::SignedIn(me),
            SessionEvent::Left => Session::SignedOut { was: None },
            SessionEvent::Lost => Session::SignedOut {
                was: self.person().cloned(),
            },
        }
    }

    /// Who is signed in.
    pub fn me(&self) -> Option<&Me> {
        match self {
            Session::SignedIn(me) => Some(me),
            Session::Unknown | Session::SignedOut { .. } => None,
        }
    }

    /// Whose page this is or was.
    pub fn person(&self) -> Option<&PersonRef> {
        match self {
            Session::SignedIn(me) => Some(&me.person),
            Session::SignedOut { was } => was.as_ref(),
            Session::Unknown => None,
        }
    }

    /// Whether this person's content may stay on screen when `next` is the session: the same person, or the one it was.
    pub fn keeps_content_for(&self, next: &Session) -> bool {
        match (self.person(), next.person()) {
            (Some(before), Some(after)) => before.id == after.id,
            (None, _) => true,
            (Some(_), None) => false,
        }
    }
}
