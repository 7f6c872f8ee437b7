//! From a parsed frame to the wire's type: the `event:` names which, the data is JSON.

use contract::frame::{self, Bye, Hello, MarksChanged, Progress, Pulse, Reset, Seal};
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

/// Reads a frame. `None` for an event that this version does not know: a later server may send more.
pub fn decode(frame: &Frame) -> Option<StreamEvent> {
    let data = frame.data.as_str();
    let event = match frame.event.as_str() {
        frame::name::HELLO => read(data).map(StreamEvent::Hello),
        frame::name::RUN => read(data).map(StreamEvent::Run),
        frame::name::PROGRESS => read(data).map(StreamEvent::Progress),
        frame::name::SEAL => read(data).map(StreamEvent::Seal),
        frame::name::MARKS => read(data).map(StreamEvent::Marks),
        frame::name::PULSE => read(data).map(StreamEvent::Pulse),
        frame::name::RESET => read(data).map(StreamEvent::Reset),
        frame::name::BYE => read(data).map(StreamEvent::Bye),
        _ => return None,
    };
    Some(event.unwrap_or_else(|| StreamEvent::Unreadable {
        event: frame.event.clone(),
    }))
}
