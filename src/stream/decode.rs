//! From a parsed frame to the wire's type: the `event:` names which, the data is JSON.

use contract::frame::{Bye, Hello, MarksChanged, Progress, Pulse, Reset, Seal, name};
use contract::run::Run;

use crate::json::read;
use crate::stream::parse::Frame;

/// A frame of the stream, read.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamEvent {
    /// First on every connection.
    Hello(Box<Hello>),
    /// The next event of a tenant's history.
    Run(Box<Run>),
    /// Counts of an active run.
    Progress(Progress),
    /// A proof over a tenant's failed runs.
    Seal(Seal),
    /// My marks changed elsewhere.
    Marks(MarksChanged),
    /// The connection lives.
    Pulse(Pulse),
    /// Take the snapshot.
    Reset(Reset),
    /// The server goes away.
    Bye(Bye),
    /// A frame of a known name whose data this version cannot read.
    Unreadable {
        /// The frame's `event:`.
        event: String,
    },
}

/// The kinds of frames, by their names on the wire.
pub const KINDS: [&str; 8] = [
    name::HELLO,
    name::RUN,
    name::PROGRESS,
    name::SEAL,
    name::MARKS,
    name::PULSE,
    name::RESET,
    name::BYE,
];

impl StreamEvent {
    /// Its place in [`KINDS`].
    pub fn kind(&self) -> Option<usize> {
        Some(match self {
            StreamEvent::Hello(_) => 0,
            StreamEvent::Run(_) => 1,
            StreamEvent::Progress(_) => 2,
            StreamEvent::Seal(_) => 3,
            StreamEvent::Marks(_) => 4,
            StreamEvent::Pulse(_) => 5,
            StreamEvent::Reset(_) => 6,
            StreamEvent::Bye(_) => 7,
            StreamEvent::Unreadable { .. } => return None,
        })
    }
}

/// Reads a frame. `None` for an event that this version does not know: a later server may send more.
pub fn decode(frame: &Frame) -> Option<StreamEvent> {
    let data = frame.data.as_str();
    let event = match frame.event.as_str() {
        name::HELLO => read(data).map(StreamEvent::Hello),
        name::RUN => read(data).map(StreamEvent::Run),
        name::PROGRESS => read(data).map(StreamEvent::Progress),
        name::SEAL => read(data).map(StreamEvent::Seal),
        name::MARKS => read(data).map(StreamEvent::Marks),
        name::PULSE => read(data).map(StreamEvent::Pulse),
        name::RESET => read(data).map(StreamEvent::Reset),
        name::BYE => read(data).map(StreamEvent::Bye),
        _ => return None,
    };
    Some(event.unwrap_or_else(|| StreamEvent::Unreadable {
        event: frame.event.clone(),
    }))
}
