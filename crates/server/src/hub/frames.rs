//! Frames as bytes.

use bytes::Bytes;
use contract::frame::name;
use runs::change::LoggedEvent;
use serde::Serialize;

/// A frame without an id.
pub fn encode(event: &str, data: &impl Serialize) -> Bytes {
    let mut out = Vec::with_capacity(256);
    write(&mut out, event, data);
    out.into()
}

/// A `run` frame with its id.
pub fn encode_run(epoch: &str, event: &LoggedEvent) -> Bytes {
    let mut out = Vec::with_capacity(768);
    out.extend_from_slice(format!("id: {epoch}-{}\n", event.position).as_bytes());
    write(&mut out, name::RUN, &*event.run);
    out.into()
}

fn write(out: &mut Vec<u8>, event: &str, data: &impl Serialize) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(event.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    // JSON has no raw newline in it, so one `data:` line holds it all.
    serde_json::to_writer(&mut *out, data).expect("a frame is plain texts and numbers");
    out.extend_from_slice(b"\n\n");
}
