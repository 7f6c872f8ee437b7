//! Seen, dismissed and undone: sent one after another, so that no undo overtakes its dismissal.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use contract::api::{MAX_ROWS, MarksPut, PutMarks};
use contract::ids::RunKey;

use crate::api::{self, ApiError};
use crate::clock::local_ms;
use crate::feed::{Event, NoticeKind};
use crate::live::Live;

/// After a failure the missing marks are asked for again this much later.
const FETCH_AGAIN_MS: f64 = 10_000.0;

/// What is to be sent, and what is under way.
#[derive(Default)]
pub(super) struct MarksQueue {
    waiting: RefCell<VecDeque<(PutMarks, u64)>>,
    is_sending: Cell<bool>,
    is_fetching: Cell<bool>,
    fetch_not_before_ms: Cell<f64>,
    n_changes: Cell<u64>,
}

impl MarksQueue {
    /// Names the next change; rises.
    pub(super) fn next_change(&self) -> u64 {
        let change = self.n_changes.get() + 1;
        self.n_changes.set(change);
        change
    }
}

impl Live {
    pub(super) fn put_marks(&self, put: &PutMarks, change: u64) {
        {
            let mut waiting = self.0.marks.waiting.borrow_mut();
            waiting.extend(in_pages(put).into_iter().map(|page| (page, change)));
        }
        if self.0.marks.is_sending.replace(true) {
            return;
        }
        self.send_next();
    }

    fn send_next(&self) {
        let next = self.0.marks.waiting.borrow_mut().pop_front();
        let Some((put, change)) = next else {
            self.0.marks.is_sending.set(false);
            return;
        };
        let live = self.clone();
        api::put_marks(&put).then(move |answer| {
            live.marks_put(&put, change, answer);
            live.send_next();
        });
    }

    fn marks_put(&self, put: &PutMarks, change: u64, answer: Result<MarksPut, ApiError>) {
        let runs: Vec<RunKey> = put
            .dismissed
            .iter()
            .map(|seq| &seq.run)
            .chain(&put.restored)
            .cloned()
            .collect();
        match answer {
            Ok(answer) => {
                self.apply(Event::MarksPut {
                    put: answer,
                    change,
                });
                // A run that the answer does not name is gone from the server: nothing to wait for.
                self.settle(runs, change);
            }
            Err(error) => {
                self.heed(&error);
                let n_runs = runs.len();
                self.settle(runs, change);
                if n_runs > 0 {
                    self.apply(Event::Notice(NoticeKind::MarksFailed {
                        n_runs,
                        code: error.code().to_owned(),
                        detail: error.detail().map(str::to_owned),
                    }));
                }
            }
        }
    }

    fn settle(&self, runs: Vec<RunKey>, change: u64) {
        for key in runs {
            self.apply(Event::DismissFailed { key, change });
        }
    }

    /// Fetches what changed while nobody listened, unless that is under way.
    pub(super) fn fetch_marks(&self, after: i64) {
        let queue = &self.0.marks;
        if local_ms() < queue.fetch_not_before_ms.get() || queue.is_fetching.replace(true) {
            return;
        }
        self.fetch_page(after);
    }

    fn fetch_page(&self, after: i64) {
        let live = self.clone();
        api::marks(after).then(move |answer| {
            let queue = &live.0.marks;
            match answer {
                Ok(rows) => {
                    let next = rows.next;
                    queue.is_fetching.set(next.is_some());
                    live.apply(Event::MarkRows(rows));
                    if let Some(after) = next {
                        live.fetch_page(after);
                    }
                }
                Err(error) => {
                    queue.fetch_not_before_ms.set(local_ms() + FETCH_AGAIN_MS);
                    queue.is_fetching.set(false);
                    live.heed(&error);
                }
            }
        });
    }
}

/// As many requests as the server's limit asks for.
fn in_pages(put: &PutMarks) -> Vec<PutMarks> {
    let size = MAX_ROWS as usize;
    let mut pages = Vec::new();
    for seen in put.seen.chunks(size) {
        pages.push(PutMarks {
            seen: seen.to_vec(),
            ..PutMarks::default()
        });
    }
    for dismissed in put.dismissed.chunks(size) {
        pages.push(PutMarks {
            dismissed: dismissed.to_vec(),
            ..PutMarks::default()
        });
    }
    for restored in put.restored.chunks(size) {
        pages.push(PutMarks {
            restored: restored.to_vec(),
            ..PutMarks::default()
        });
    }
    pages
}
