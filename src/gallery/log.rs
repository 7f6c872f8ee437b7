//! Recorded event logs (tests/e2e/record.mjs): a snapshot and the frames behind it, each with its time, as events of the feed. Pure, so that
//! the host tests them too.

use contract::snapshot::Snapshot;

use crate::feed::Event;
use crate::json::read;
use crate::stream::decode::{StreamEvent, decode};
use crate::stream::parse::{Frame, Parser};

/// A log by its name.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// On its button.
    pub name: &'static str,
    text: &'static str,
}

/// Every log.
pub const LOGS: [Log; 2] = [
    Log {
        name: "A capture of all policies",
        text: include_str!("../../tests/data/logs/capture.sse"),
    },
    Log {
        name: "A portal's nightly job",
        text: include_str!("../../tests/data/logs/portal.sse"),
    },
];

/// A frame of a log.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Milliseconds since the snapshot, which has 0.
    pub at_ms: f64,
    /// The frame's `event:`.
    pub name: String,
    /// What the feed is told; `None` of what only the stream acts on.
    pub event: Option<Event>,
}

impl Log {
    /// Reads it, in its order; the snapshot is first. A block is a comment with its time, and the frame as it came.
    ///
    /// # Panics
    /// With a log that is none: they are part of the program.
    pub fn read(&self) -> Vec<Recorded> {
        let blocks = self.text.split_inclusive("\n\n");
        blocks.flat_map(recorded).collect()
    }
}

fn recorded(block: &str) -> Vec<Recorded> {
    let time = block
        .lines()
        .next()
        .and_then(|line| line.strip_prefix(": "));
    let at_ms: f64 = time
        .and_then(|ms| ms.parse().ok())
        .expect("a block begins with its time");
    let mut recorded = Vec::new();
    Parser::default()
        .push(block.as_bytes(), |frame| {
            recorded.push(Recorded {
                at_ms,
                event: told(&frame, at_ms),
                name: frame.event,
            });
        })
        .expect("a recorded frame is short");
    recorded
}

/// What the feed hears of a frame, as [`live`](crate::live) tells it.
fn told(frame: &Frame, now_ms: f64) -> Option<Event> {
    if frame.event == "snapshot" {
        let snapshot: Box<Snapshot> = read(&frame.data).expect("a recorded snapshot is one");
        return Some(Event::Snapshot { snapshot, now_ms });
    }
    Some(match decode(frame)? {
        StreamEvent::Hello(hello) => Event::Hello { hello, now_ms },
        StreamEvent::Run(run) => Event::Run(run),
        StreamEvent::Progress(progress) => Event::Progress(progress),
        StreamEvent::Seal(seal) => Event::Seal { seal, now_ms },
        StreamEvent::Marks(marks) => Event::Marks(marks),
        StreamEvent::Pulse(pulse) => Event::Pulse { pulse, now_ms },
        StreamEvent::Reset(_) => Event::Reset,
        StreamEvent::Bye(_) | StreamEvent::Unreadable { .. } => return None,
    })
}
