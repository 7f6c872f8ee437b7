//! What holds for all bytes: any cut gives the same frames, memory is bounded, and nothing that a server or another tab sends makes
//! the app panic.

use proptest::prelude::*;
use tenant_atlas::stream::connection::Link;
use tenant_atlas::stream::decode::{KINDS, StreamEvent, decode};
use tenant_atlas::stream::driver::{Act, Driver, Host};
use tenant_atlas::stream::leader::Tab;
use tenant_atlas::stream::parse::{Frame, MAX_BYTES, Parser, TooLong};

/// Streams that look like some: lines, ends of lines, fields, characters of more than one byte and broken ones.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            &b"data: x\n"[..], b"data:\n", b"data\r\n", b"id: e-7\n", b"id:\n", b"id: a\0b\n", b"event: run\n", b"retry: 20\n", b"retry: x\n",
            b": c\n", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\xef\xbb\xbf", b"data: \xe2\x98\x83\n", b"\xe2\x98", b"\xff\n", b"no colon\n",
        ]).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn parsed<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Frame>, Option<u64>, String) {
    let mut parser = Parser::default();
    let mut frames = Vec::new();
    for part in parts {
        let pushed = parser.push(part, |frame| frames.push(frame));
        assert_eq!(pushed, Ok(()));
    }
    let id = parser.last_event_id().to_owned();
    (frames, parser.retry_ms(), id)
}

proptest! {
    #[test]
    fn any_cut_of_the_bytes_gives_the_same_frames(bytes in streams(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let whole = parsed([&bytes[..]]);
        prop_assert_eq!(&parsed(bytes.chunks(1)), &whole);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let parts = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
        prop_assert_eq!(&parsed(parts), &whole);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_is_no_panic(kind in prop::sample::select(KINDS.to_vec()), data in "\\PC{0,60}") {
        let frame = Frame { event: kind.to_owned(), data, last_event_id: String::new() };
        prop_assert!(decode(&frame).is_some());
    }

    #[test]
    fn numbers_beyond_any_run_are_no_panic(number in "-?[0-9]{1,40}", name in prop::sample::select(vec![
        "tenant_id", "tenant_seq", "status_seq", "rev", "run_id", "attempt", "total",
    ])) {
        let mut data = serde_json::json!({
            "v": 1, "tenant_id": 5, "tenant_seq": 812, "status_seq": 812, "rev": 7, "run_type": "restore", "run_id": 42, "status": "running",
            "attempt": 1, "counts": {"total": 3}, "operation": "restore.live", "target": "", "at": "2026-01-11T15:59:06.123Z",
            "queued_at": "2026-01-11T15:59:06.123Z",
        }).to_string();
        let event = |data: &str| decode(&Frame { event: "run".to_owned(), data: data.to_owned(), last_event_id: String::new() });
        prop_assert!(matches!(event(&data), Some(StreamEvent::Run(_))));
        let begin = data.find(&format!("\"{name}\":")).expect("each is in it") + name.len() + 3;
        let length = data[begin..].find([',', '}']).expect("something follows");
        data.replace_range(begin..begin + length, &number);
        prop_assert!(event(&data).is_some());
    }

    #[test]
    fn what_another_tab_says_is_no_panic(texts in prop::collection::vec("[FBJGTX]?[0-9 \\n\u{1e}a-zü]{0,20}", 0..20)) {
        let host = Deaf;
        let driver = Driver::new(true, true);
        driver.begin(&host);
        for text in texts {
            driver.hear_tab(&host, &text);
        }
    }
}

/// Hears nothing and does nothing.
struct Deaf;

impl Host for Deaf {
    fn now_ms(&self) -> f64 {
        1_000.0
    }
    fn chance(&self) -> f64 {
        0.5
    }
    fn act(&self, _: Act) {}
    fn tell(&self, _: StreamEvent) {}
    fn show(&self, _: Link, _: Tab) {}
    fn left(&self) {}
}

/// What a parser holds is said by its own account of its texts.
fn ends_by_itself(piece: &[u8]) {
    let mut parser = Parser::default();
    let piece = piece.repeat(64 * 1024 / piece.len() + 1);
    let mut n_bytes = 0;
    let mut n_frames = 0;
    let ended = loop {
        if let Err(ended) = parser.push(&piece, |_| n_frames += 1) {
            break ended;
        }
        n_bytes += piece.len();
        assert!(n_bytes <= 2 * MAX_BYTES, "more than it may hold");
    };
    assert_eq!((ended, n_frames), (TooLong, 0));
    assert_eq!(
        parser.push(b"\n\ndata: x\n\n", |_| n_frames += 1),
        Err(TooLong)
    );
    assert_eq!(n_frames, 0, "nothing behind it can be read");
    assert!(
        format!("{parser:?}").len() < 1_000,
        "and nothing of it is kept"
    );
}

#[test]
fn a_line_without_an_end_and_a_frame_without_an_end_are_given_up() {
    ends_by_itself(b"x");
    ends_by_itself(b"data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
}

#[test]
fn lines_that_come_for_ever_and_are_no_frame_take_no_memory() {
    let mut parser = Parser::default();
    let comments = b": keep\nid: e-7\nevent: run\n".repeat(4_000);
    for _ in 0..400 {
        assert_eq!(parser.push(&comments, |_| panic!("no frame ends")), Ok(()));
    }
    assert!(format!("{parser:?}").len() < 1_000);
}
