//! Where the stream goes on: the id of the last event that the feed took, and the form in which a request may carry it.

use contract::ids::EventId;

/// The last id. Kept with the state that it belongs to, so never in the browser's storage alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resume {
    last_event_id: String,
}

impl Resume {
    /// The snapshot replaced everything; the stream goes on from its id.
    pub fn from_snapshot(&mut self, id: &EventId) {
        self.last_event_id = id.to_string();
    }

    /// Everything up to this frame was applied. What another tab passed on may be older than the snapshot: that changes nothing.
    pub fn applied(&mut self, last_event_id: &str) {
        if last_event_id != self.last_event_id && !self.is_ahead_of(last_event_id) {
            last_event_id.clone_into(&mut self.last_event_id);
        }
    }

    fn is_ahead_of(&self, other: &str) -> bool {
        match (
            self.last_event_id.parse::<EventId>(),
            other.parse::<EventId>(),
        ) {
            (Ok(own), Ok(other)) => own.epoch == other.epoch && own.position > other.position,
            _ => false,
        }
    }

    /// Whether a position is one of another log: nothing of it belongs to what was applied.
    pub fn is_of_other_log(&self, other: &str) -> bool {
        match (
            self.last_event_id.parse::<EventId>(),
            other.parse::<EventId>(),
        ) {
            (Ok(own), Ok(other)) => own.epoch != other.epoch,
            _ => false,
        }
    }

    /// Whether another tab is further, or in another log.
    pub fn is_behind(&self, other: &str) -> bool {
        let is_id = other.parse::<EventId>().is_ok();
        is_id && other != self.last_event_id && !self.is_ahead_of(other)
    }

    /// The server does not know the id.
    pub fn forget(&mut self) {
        self.last_event_id.clear();
    }

    /// The id, empty if there is none.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// The value of `Last-Event-ID`: a header of `fetch` is Latin-1, so each byte of the UTF-8 text becomes one character.
    /// `None` if there is no id to send.
    pub fn header(&self) -> Option<String> {
        if self.last_event_id.is_empty() {
            return None;
        }
        Some(self.last_event_id.bytes().map(char::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_position_of_the_same_log_sets_nothing_back() {
        let mut resume = Resume::default();
        for (applied, expected) in [
            ("k3-7", "k3-7"),
            ("k3-5", "k3-7"),
            ("k3-11", "k3-11"),
            ("q4-2", "q4-2"),
        ] {
            resume.applied(applied);
            assert_eq!(resume.last_event_id(), expected);
        }
        for (other, is_behind) in [
            ("q4-3", true),
            ("q4-2", false),
            ("q4-1", false),
            ("k3-1", true),
            ("", false),
        ] {
            assert_eq!(resume.is_behind(other), is_behind, "{other}");
        }
    }

    #[test]
    fn an_id_beyond_latin_1_is_sent_as_its_bytes() {
        let mut resume = Resume::default();
        assert_eq!(resume.header(), None);
        resume.applied("ü☃");
        let header = resume.header().expect("an id was applied");
        let bytes: Vec<u8> = header.chars().map(|c| c as u32 as u8).collect();
        assert_eq!(bytes, "ü☃".as_bytes());
        resume.forget();
        assert_eq!(resume.header(), None);
    }
}
