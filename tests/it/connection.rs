//! The rows of `sse-scenarios` that the connection decides, and the numbers of the design: 20 s, 30 s, 2 s.

use tenant_atlas::stream::connection::{
    Connection, DEFAULT_RETRY_MS, Head, Input, Link, MAX_RETRY_MS, MIN_RETRY_MS, Output,
};

/// A connection, a clock that only moves when told, and what it did.
struct Player {
    connection: Connection,
    now_ms: f64,
    chance: f64,
    outputs: Vec<Output>,
}

impl Player {
    fn new() -> Player {
        Player {
            connection: Connection::default(),
            now_ms: 100_000.0,
            chance: 1.0,
            outputs: Vec::new(),
        }
    }

    /// After the snapshot: the request for the stream is under way.
    fn asking() -> Player {
        let mut player = Player::new();
        player.play(Input::Begin);
        player.play(Input::SnapshotTaken);
        player
    }

    /// Events arrive.
    fn live() -> Player {
        let mut player = Player::asking();
        player.answer(200, "text/event-stream");
        player.play(Input::Event);
        player
    }

    /// Plays one input and returns what it led to.
    fn play(&mut self, input: Input) -> Vec<Output> {
        self.outputs = self.connection.step(input, self.now_ms, self.chance);
        self.outputs.clone()
    }

    fn answer(&mut self, status: u16, content_type: &str) -> Vec<Output> {
        self.play(Input::Answered(Head {
            status,
            content_type: content_type.to_owned(),
            ..Head::default()
        }))
    }

    /// Lets time pass as the browser does: with a tick at each moment that the connection asked for.
    fn pass(&mut self, ms: f64) -> Vec<Output> {
        let end_ms = self.now_ms + ms;
        let mut outputs = Vec::new();
        while let Some(at_ms) = self
            .connection
            .wake_at(self.now_ms)
            .filter(|at| *at <= end_ms)
        {
            // A timer never fires early, but a moment late.
            self.now_ms = at_ms.max(self.now_ms) + 0.25;
            outputs.extend(self.play(Input::Tick));
        }
        self.now_ms = self.now_ms.max(end_ms);
        outputs
    }

    fn shown(&self) -> Link {
        self.connection.shown(self.now_ms)
    }

    /// The wait that is under way.
    fn wait_ms(&mut self) -> f64 {
        match self.connection.shown(self.now_ms + 10_000.0) {
            Link::Reconnecting {
                next_try_ms: Some(next_try_ms),
                ..
            } => next_try_ms - self.now_ms,
            other => panic!("no wait is under way: {other:?}"),
        }
    }
}

#[test]
fn it_begins_with_the_snapshot_and_goes_on_from_its_id() {
    let mut player = Player::new();
    assert_eq!(player.play(Input::Begin), [Output::TakeSnapshot]);
    assert_eq!(player.shown(), Link::Connecting);
    assert_eq!(player.play(Input::SnapshotTaken), [Output::Connect]);
    assert_eq!(player.answer(200, "text/event-stream"), []);
    assert_eq!(player.shown(), Link::Connecting, "an answer is no event");
    player.play(Input::Event);
    assert_eq!(player.shown(), Link::Live);
}

#[test]
fn the_type_is_compared_by_its_essence_and_without_case() {
    for content_type in [
        "TEXT/Event-Stream",
        " text/event-stream ; x=y",
        "text/event-stream;charset=windows-1252",
    ] {
        let mut player = Player::asking();
        player.answer(200, content_type);
        player.play(Input::Event);
        assert_eq!(player.shown(), Link::Live, "{content_type}");
    }
}

#[test]
fn a_wrong_or_missing_type_is_refused() {
    for content_type in [
        "",
        "text/plain",
        "text/html",
        "application/json",
        "text/event-streamx",
        "text/event-stream, text/html",
    ] {
        let mut player = Player::asking();
        player.answer(200, content_type);
        assert_eq!(
            player.shown(),
            Link::Refused { status: 200 },
            "{content_type}"
        );
        assert_eq!(player.pass(3_600_000.0), [], "{content_type}");
    }
}

#[test]
fn a_sign_in_page_after_a_redirect_means_signed_out() {
    let mut player = Player::asking();
    player.play(Input::Answered(Head {
        status: 200,
        content_type: "text/html; charset=utf-8".to_owned(),
        redirected: true,
        retry_after_ms: None,
    }));
    assert!(matches!(player.shown(), Link::SignedOut { .. }));
}

#[test]
fn a_204_stops_and_says_no_error() {
    let mut player = Player::asking();
    player.answer(204, "");
    assert_eq!(player.shown(), Link::Stopped);
    assert_eq!(player.pass(3_600_000.0), []);
}

#[test]
fn only_200_opens_and_what_asking_again_cannot_mend_is_refused() {
    for status in [201, 203, 205, 206, 210, 299, 304, 403, 404, 405, 410] {
        let mut player = Player::asking();
        player.answer(status, "text/event-stream");
        assert_eq!(player.shown(), Link::Refused { status });
        assert_eq!(player.pass(3_600_000.0), [], "{status}");
        assert_eq!(player.play(Input::TryNow), [Output::Connect], "{status}");
    }
}

#[test]
fn a_401_asks_for_nothing_until_somebody_signs_in() {
    let mut player = Player::live();
    player.play(Input::Ended);
    player.pass(3_001.0);
    assert_eq!(
        player.answer(401, "application/problem+json"),
        [Output::Abort]
    );
    assert!(matches!(player.shown(), Link::SignedOut { .. }));
    assert_eq!(player.pass(3_600_000.0), []);
    assert_eq!(player.play(Input::Online), []);
    assert_eq!(
        player.play(Input::Visible),
        [Output::AskWhoIAm],
        "one check"
    );
    assert_eq!(player.play(Input::Begin), [Output::TakeSnapshot]);
}

#[test]
fn a_401_to_the_snapshot_is_the_same() {
    let mut player = Player::new();
    player.play(Input::Begin);
    player.answer(401, "");
    assert!(matches!(player.shown(), Link::SignedOut { .. }));
}

#[test]
fn a_401_elsewhere_ends_the_stream() {
    let mut player = Player::live();
    assert_eq!(player.play(Input::SignedOut), [Output::Abort]);
    // The cards say of when they are.
    assert!(matches!(
        player.shown(),
        Link::SignedOut {
            last_byte_ms: Some(_)
        }
    ));
    assert_eq!(player.pass(3_600_000.0), []);
}

#[test]
fn an_id_that_the_server_refuses_is_dropped_once_and_the_state_taken_anew() {
    let mut player = Player::live();
    player.play(Input::Ended);
    player.pass(3_001.0);
    assert_eq!(
        player.answer(400, ""),
        [Output::ForgetId, Output::Abort, Output::TakeSnapshot]
    );
    player.play(Input::SnapshotTaken);
    assert_eq!(player.answer(400, ""), [Output::Abort]);
    assert_eq!(player.shown(), Link::Refused { status: 400 });
}

#[test]
fn a_busy_or_broken_server_is_asked_again_with_a_growing_delay() {
    for status in [429, 500, 502, 503, 504] {
        let mut player = Player::asking();
        let mut waits = Vec::new();
        for _ in 0..6 {
            player.answer(status, "text/html");
            let wait_ms = player.wait_ms();
            waits.push(wait_ms);
            assert_eq!(player.pass(wait_ms + 1.0), [Output::Connect], "{status}");
        }
        assert_eq!(
            waits,
            [3_000.0, 6_000.0, 12_000.0, 24_000.0, 30_000.0, 30_000.0]
        );
    }
}

#[test]
fn no_try_comes_before_retry_after() {
    for chance in [0.0, 0.5, 1.0] {
        let mut player = Player::asking();
        player.chance = chance;
        player.play(Input::Answered(Head {
            status: 503,
            retry_after_ms: Some(60_000.0),
            ..Head::default()
        }));
        assert!(player.wait_ms() >= 60_000.0);
        assert_eq!(player.pass(59_999.0), []);
        assert_eq!(
            player.pass(DEFAULT_RETRY_MS as f64 + 2.0),
            [Output::Connect]
        );
    }
}

#[test]
fn chance_spreads_the_whole_wait() {
    let wait_ms = |chance| {
        let mut player = Player::live();
        player.chance = chance;
        player.play(Input::Failed);
        player.wait_ms()
    };
    assert_eq!(wait_ms(0.0), MIN_RETRY_MS as f64);
    assert_eq!(wait_ms(0.5), 1_500.0);
    assert_eq!(wait_ms(1.0), 3_000.0);
}

#[test]
fn retry_is_the_base_with_a_floor_and_a_cap_and_can_be_taken_back() {
    let wait_ms = |retry_ms| {
        let mut player = Player::live();
        player.play(Input::Retry(Some(777)));
        player.play(Input::Retry(retry_ms));
        player.play(Input::Ended);
        player.wait_ms()
    };
    assert_eq!(wait_ms(Some(500)), 500.0);
    assert_eq!(wait_ms(Some(0)), MIN_RETRY_MS as f64);
    assert_eq!(wait_ms(Some(u64::MAX)), MAX_RETRY_MS as f64);
    assert_eq!(wait_ms(None), DEFAULT_RETRY_MS as f64);
}

#[test]
fn an_end_after_events_does_not_grow_the_delay_and_an_empty_answer_does() {
    let mut player = Player::live();
    for _ in 0..3 {
        player.play(Input::Ended);
        assert_eq!(player.wait_ms(), 3_000.0);
        player.pass(3_001.0);
        player.answer(200, "text/event-stream");
        player.play(Input::Event);
    }
    let mut waits = Vec::new();
    for _ in 0..3 {
        player.play(Input::Ended);
        waits.push(player.wait_ms());
        player.pass(waits[waits.len() - 1] + 1.0);
        player.answer(200, "text/event-stream");
        player.play(Input::Bytes);
    }
    assert_eq!(
        waits,
        [3_000.0, 3_000.0, 6_000.0],
        "the first one had events"
    );
}

#[test]
fn a_lost_network_is_asked_again_for_ever_and_an_event_resets_the_delay() {
    let mut player = Player::asking();
    for _ in 0..50 {
        player.play(Input::Failed);
        let wait_ms = player.wait_ms();
        player.pass(wait_ms + 1.0);
    }
    player.answer(200, "text/event-stream");
    player.play(Input::Event);
    assert_eq!(player.shown(), Link::Live);
    player.play(Input::Failed);
    assert_eq!(player.wait_ms(), 3_000.0);
}

#[test]
fn silence_is_stale_after_20_s_and_asked_anew_at_30_s() {
    let mut player = Player::live();
    let last_byte_ms = player.now_ms;
    player.pass(19_000.0);
    assert_eq!(player.shown(), Link::Live);
    assert_eq!(player.pass(1_001.0), []);
    assert_eq!(player.shown(), Link::Stale { last_byte_ms });
    assert_eq!(player.pass(9_000.0), []);
    assert_eq!(player.pass(1_001.0), [Output::Abort, Output::Connect]);
    let next_try_ms = None;
    assert_eq!(
        player.shown(),
        Link::Reconnecting {
            last_byte_ms,
            next_try_ms
        }
    );
}

#[test]
fn a_byte_is_enough_to_be_live() {
    let mut player = Player::live();
    for _ in 0..20 {
        player.pass(10_000.0);
        player.play(Input::Bytes);
        assert_eq!(player.shown(), Link::Live);
    }
    player.pass(25_000.0);
    player.play(Input::Bytes);
    assert_eq!(player.shown(), Link::Live, "no longer stale");
}

#[test]
fn an_answer_that_does_not_come_is_given_up_after_30_s() {
    let mut player = Player::asking();
    assert_eq!(player.pass(29_000.0), []);
    assert_eq!(player.pass(1_001.0), [Output::Abort]);
    let mut player = Player::new();
    player.play(Input::Begin);
    assert_eq!(player.pass(30_001.0), [Output::Abort]);
}

#[test]
fn a_break_of_less_than_2_s_is_not_shown() {
    let mut player = Player::live();
    player.chance = 0.5;
    player.play(Input::Ended);
    assert_eq!(player.shown(), Link::Live);
    assert_eq!(player.pass(1_600.0), [Output::Connect]);
    assert_eq!(player.shown(), Link::Live);
    player.answer(200, "text/event-stream");
    player.play(Input::Event);
    assert_eq!(player.shown(), Link::Live);
    player.chance = 1.0;
    player.play(Input::Ended);
    player.pass(2_001.0);
    assert!(matches!(player.shown(), Link::Reconnecting { .. }));
}

#[test]
fn it_wakes_when_a_break_is_long_enough_to_be_shown() {
    let mut player = Player::live();
    player.play(Input::Ended);
    assert_eq!(
        player.connection.wake_at(player.now_ms),
        Some(player.now_ms + 2_000.0)
    );
}

#[test]
fn bye_comes_back_when_the_server_said() {
    let mut player = Player::live();
    let outputs = player.play(Input::Bye {
        retry_ms: 130,
        signed_out: false,
    });
    assert_eq!(outputs, [Output::Abort]);
    assert_eq!(player.pass(129.0), []);
    assert_eq!(player.pass(2.0), [Output::Connect]);
}

#[test]
fn bye_at_sign_out_asks_for_nothing() {
    let mut player = Player::live();
    player.play(Input::Bye {
        retry_ms: 130,
        signed_out: true,
    });
    assert!(matches!(player.shown(), Link::SignedOut { .. }));
    assert_eq!(player.pass(3_600_000.0), []);
}

#[test]
fn a_reset_takes_the_snapshot_at_once_and_a_server_that_always_resets_is_asked_ever_more_rarely() {
    let mut player = Player::live();
    assert_eq!(
        player.play(Input::SnapshotNeeded),
        [Output::Abort, Output::TakeSnapshot]
    );
    let mut waits = Vec::new();
    for _ in 0..3 {
        player.play(Input::SnapshotTaken);
        player.answer(200, "text/event-stream");
        player.play(Input::Event);
        assert_eq!(player.play(Input::SnapshotNeeded), [Output::Abort]);
        waits.push(player.wait_ms());
        assert_eq!(
            player.pass(waits[waits.len() - 1] + 1.0),
            [Output::TakeSnapshot]
        );
    }
    assert_eq!(waits, [3_000.0, 6_000.0, 12_000.0]);
}

#[test]
fn a_snapshot_that_is_needed_while_waiting_comes_with_the_next_try() {
    let mut player = Player::live();
    player.play(Input::Ended);
    assert_eq!(player.play(Input::SnapshotNeeded), []);
    assert_eq!(player.pass(3_001.0), [Output::TakeSnapshot]);
}

#[test]
fn online_and_a_visible_tab_do_not_wait() {
    for input in [Input::Online, Input::Visible, Input::TryNow] {
        let mut player = Player::live();
        player.play(Input::Failed);
        assert_eq!(player.play(input), [Output::Connect]);
    }
    for input in [Input::Online, Input::Visible, Input::TryNow] {
        let mut player = Player::live();
        assert_eq!(player.play(input), [], "a live stream is left alone");
    }
}

#[test]
fn no_network_is_said_and_does_not_end_a_stream_that_still_lives() {
    let mut player = Player::live();
    player.play(Input::Offline);
    assert_eq!(player.shown(), Link::Live);
    player.pass(2_001.0);
    assert!(matches!(player.shown(), Link::Offline { .. }));
    player.play(Input::Bytes);
    assert_eq!(player.shown(), Link::Live, "the browser was wrong");
    player.play(Input::Failed);
    assert!(matches!(player.shown(), Link::Offline { .. }));
    assert_eq!(player.pass(29_000.0), [], "tries are rare");
    assert_eq!(player.play(Input::Online), [Output::Connect]);
}

#[test]
fn a_page_that_is_left_lets_go_and_asks_again_when_it_comes_back() {
    let mut player = Player::live();
    assert_eq!(player.play(Input::PageHide), [Output::Abort]);
    assert_eq!(player.pass(3_600_000.0), []);
    assert_eq!(player.play(Input::PageShow), [Output::Connect]);
    assert!(
        matches!(player.shown(), Link::Reconnecting { .. }),
        "nothing is trusted yet"
    );
    player.answer(200, "text/event-stream");
    player.play(Input::Event);
    assert_eq!(player.shown(), Link::Live);
}

#[test]
fn after_sleep_nothing_is_trusted_until_a_frame_arrives() {
    let mut player = Player::live();
    assert_eq!(player.play(Input::Woke), [Output::Abort, Output::Connect]);
    assert!(matches!(player.shown(), Link::Reconnecting { .. }));
    player.answer(200, "text/event-stream");
    player.play(Input::Bytes);
    assert!(
        matches!(player.shown(), Link::Reconnecting { .. }),
        "a byte is no frame"
    );
    player.play(Input::Event);
    assert_eq!(player.shown(), Link::Live);
}

#[test]
fn what_an_aborted_request_still_says_changes_nothing() {
    let mut player = Player::live();
    player.play(Input::SignedOut);
    for input in [
        Input::Ended,
        Input::Failed,
        Input::Bytes,
        Input::Event,
        Input::SnapshotTaken,
        Input::Tick,
        Input::SnapshotNeeded,
    ] {
        assert_eq!(player.play(input), []);
        assert!(matches!(player.shown(), Link::SignedOut { .. }));
    }
}
