//! Every vector of `tests/data/sse-vectors.json`: as given, in one piece, byte by byte, and cut at random.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde::Deserialize;
use tenant_atlas::stream::parse::{Frame, MAX_BYTES, Parser, TooLong};

#[derive(Deserialize)]
struct Vector {
    name: String,
    encoding: String,
    chunks: Vec<Text>,
    expected: Vec<Expected>,
    expected_retry_ms: Option<u64>,
    final_last_event_id: String,
}

#[derive(Deserialize)]
struct Expected {
    event: String,
    data: Text,
    last_event_id: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Repeated { repeat: String, times: usize },
}

impl Text {
    fn text(&self) -> String {
        match self {
            Text::Plain(text) => text.clone(),
            Text::Repeated { repeat, times } => repeat.repeat(*times),
        }
    }
}

impl Vector {
    fn chunks(&self) -> Vec<Vec<u8>> {
        let decode = |text: String| match self.encoding.as_str() {
            "base64" => STANDARD.decode(text).expect("the vectors are base64"),
            _ => text.into_bytes(),
        };
        self.chunks
            .iter()
            .map(|chunk| decode(chunk.text()))
            .collect()
    }

    fn frames(&self) -> Vec<Frame> {
        let frame = |expected: &Expected| Frame {
            event: expected.event.clone(),
            data: expected.data.text(),
            last_event_id: expected.last_event_id.clone(),
        };
        self.expected.iter().map(frame).collect()
    }
}

static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    let text = include_str!("../data/sse-vectors.json");
    serde_json::from_str(text).expect("the vectors are JSON of this shape")
});

#[track_caller]
fn check(vector: &Vector, how: &str, chunks: &[&[u8]]) {
    let mut parser = Parser::default();
    let mut frames = Vec::new();
    for chunk in chunks {
        parser
            .push(chunk, |frame| frames.push(frame))
            .expect("no vector is too long");
    }
    let name = &vector.name;
    assert!(frames == vector.frames(), "{name}, {how}: {frames:?}");
    assert_eq!(parser.retry_ms(), vector.expected_retry_ms, "{name}, {how}");
    let id = parser.last_event_id();
    assert_eq!(id, vector.final_last_event_id, "{name}, {how}");
}

#[test]
fn every_vector_gives_its_events_as_given() {
    assert!(VECTORS.len() > 100);
    for vector in VECTORS.iter() {
        let chunks = vector.chunks();
        check(
            vector,
            "as given",
            &chunks.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        );
    }
}

#[test]
fn every_vector_gives_its_events_in_one_piece() {
    for vector in VECTORS.iter() {
        check(vector, "in one piece", &[&vector.chunks().concat()]);
    }
}

#[test]
fn every_vector_gives_its_events_byte_by_byte() {
    for vector in VECTORS.iter() {
        check(
            vector,
            "byte by byte",
            &vector.chunks().concat().chunks(1).collect::<Vec<_>>(),
        );
    }
}

proptest! {
    #[test]
    fn every_vector_gives_its_events_for_any_cut(idx in any::<prop::sample::Index>(), sizes in prop::collection::vec(0_usize..9, 1..40)) {
        let vector = &VECTORS[idx.index(VECTORS.len())];
        let bytes = vector.chunks().concat();
        let mut rest = bytes.as_slice();
        let mut chunks = Vec::new();
        for size in sizes.iter().cycle().take(4_000) {
            let (chunk, after) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = after;
        }
        chunks.push(rest);
        check(vector, "cut at random", &chunks);
    }

    #[test]
    fn any_bytes_give_the_same_events_for_any_cut(bytes in prop::collection::vec(any::<u8>().prop_map(|byte| b"\r\n:d a\xef\xbb\xbf\xe2"[byte as usize % 10]), 0..200), cut in any::<prop::sample::Index>()) {
        let parse = |chunks: &[&[u8]]| {
            let mut parser = Parser::default();
            let mut frames = Vec::new();
            for chunk in chunks {
                parser.push(chunk, |frame| frames.push(frame)).expect("200 bytes are not too long");
            }
            (frames, parser.last_event_id().to_owned())
        };
        let (before, after) = bytes.split_at(cut.index(bytes.len() + 1));
        prop_assert_eq!(parse(&[before, after]), parse(&[&bytes]));
        prop_assert_eq!(parse(&bytes.chunks(1).collect::<Vec<_>>()), parse(&[&bytes]));
    }
}

#[test]
fn an_event_comes_out_with_the_cr_that_ends_it() {
    let mut parser = Parser::default();
    let mut n_frames = 0;
    parser
        .push(b"data:1\n\r", |_| n_frames += 1)
        .expect("short");
    assert_eq!(n_frames, 1);
}

#[test]
fn an_endless_line_and_endless_data_are_an_error_and_not_a_full_memory() {
    let chunk = vec![b'x'; 1024 * 1024];
    let lines =
        b"data:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
            .repeat(10_000);
    for endless in [chunk, lines] {
        let mut parser = Parser::default();
        let mut pushed = 0;
        let end = loop {
            match parser.push(&endless, |frame| {
                panic!("no frame is complete: {}", frame.data.len())
            }) {
                Ok(()) => pushed += endless.len(),
                Err(end) => break end,
            }
            assert!(pushed <= 2 * MAX_BYTES);
        };
        assert_eq!(end, TooLong);
        assert_eq!(parser.push(b"data:1\n\n", |_| ()), Err(TooLong));
    }
}

#[test]
fn frames_without_an_id_carry_the_one_of_the_connection_before() {
    let mut parser = Parser::resume("k3-7");
    let mut ids = Vec::new();
    parser
        .push(b"data:1\n\nid:k3-8\ndata:2\n\ndata:3\n\n", |frame| {
            ids.push(frame.last_event_id)
        })
        .expect("short");
    assert_eq!(ids, ["k3-7", "k3-8", "k3-8"]);
}
