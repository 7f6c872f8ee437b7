//! From a click to the server and back: what a person does, what the feed shows meanwhile, and how the answer settles it.

use contract::api::{
    Acknowledge, AcknowledgeMany, FailureOnScreen, MAX_ROWS, PutMarks, StartRun, Started,
};
use contract::ids::TenantId;
use contract::preferences::{PutPreferences, Tell};
use yew::Callback;

use crate::api::{self, ApiError};
use crate::feed::{Event, NoticeKind};
use crate::live::{Action, Live, RunSeq};
use crate::session::SessionEvent;

impl Live {
    /// Does what the person asked for.
    pub fn send(&self, action: Action) {
        #[cfg(feature = "gallery")]
        if crate::gallery::answers(self, &action) {
            return;
        }
        match action {
            Action::Dismiss(seq) => self.dismiss(vec![seq]),
            Action::DismissAll(seqs) => self.dismiss(seqs),
            Action::Undo(restored) => {
                let change = self.0.marks.next_change();
                for key in restored.iter().cloned() {
                    self.apply(Event::Undo { key, change });
                }
                let put = PutMarks {
                    restored,
                    ..PutMarks::default()
                };
                self.put_marks(&put, change);
            }
            Action::Seen(seen) => {
                let change = self.0.marks.next_change();
                for RunSeq { run, seq } in seen.iter().cloned() {
                    self.apply(Event::Seen { key: run, seq });
                }
                let put = PutMarks {
                    seen,
                    ..PutMarks::default()
                };
                self.put_marks(&put, change);
            }
            Action::Acknowledge(runs, acknowledged) => self.acknowledge(&runs, acknowledged),
            Action::Prefer(rules) => {
                let live = self.clone();
                // A rule that is new stands last.
                let muted = rules.last().filter(|rule| {
                    rule.tell == Tell::None && !self.0.feed.borrow().rules().contains(rule)
                });
                let muted = muted.and_then(|rule| rule.operation.clone());
                api::put_preferences(&PutPreferences { rules }).then(move |answer| match answer {
                    Ok(preferences) => {
                        live.apply(Event::Preferred(preferences));
                        if let Some(operation) = muted {
                            live.apply(Event::Notice(NoticeKind::Muted { operation }));
                        }
                    }
                    Err(error) => {
                        live.heed(&error);
                        live.apply(Event::Notice(NoticeKind::PreferFailed {
                            detail: error.detail().map(str::to_owned),
                        }));
                    }
                });
            }
            Action::Start {
                tenant_id,
                body,
                then,
            } => self.start(tenant_id, body, then),
            Action::SignedIn(me) => self.signed_in(&me),
            Action::SignOut => self.sign_out(),
            Action::Failed(error) => self.heed(&error),
            Action::Bodies(runs) => {
                for run in runs {
                    self.apply(Event::Body(Box::new(run)));
                }
            }
            Action::ReadAway => {
                self.apply(Event::AwayRead);
                self.keep_here();
            }
            Action::ReadNotice(id) => self.apply(Event::NoticeRead(id)),
            Action::TryNow => {
                if let Some(stream) = self.0.stream.borrow().as_ref() {
                    stream.try_now();
                } else {
                    self.ask_who_i_am();
                }
            }
        }
    }

    /// A 401 anywhere keeps what is on screen and asks to sign in again.
    pub(super) fn heed(&self, error: &ApiError) {
        if error.is_signed_out() {
            self.session_event(SessionEvent::Lost);
            if let Some(stream) = self.0.stream.borrow().as_ref() {
                stream.signed_out();
            }
        }
    }

    fn dismiss(&self, dismissed: Vec<RunSeq>) {
        let change = self.0.marks.next_change();
        for RunSeq { run, seq } in dismissed.iter().cloned() {
            let attempt = self
                .0
                .feed
                .borrow()
                .run(&run)
                .map_or(1, |held| held.attempt);
            self.apply(Event::Dismiss {
                key: run,
                seq,
                attempt,
                change,
            });
        }
        let put = PutMarks {
            dismissed,
            ..PutMarks::default()
        };
        self.put_marks(&put, change);
    }

    /// Nothing is shown before the server has said it: who looks after a failure is a fact of the tenant.
    fn acknowledge(&self, runs: &[RunSeq], acknowledged: bool) {
        if let [RunSeq { run, seq }] = runs {
            let body = Acknowledge {
                tenant_seq: *seq,
                acknowledged,
            };
            let live = self.clone();
            api::acknowledge(run, &body).then(move |answer| match answer {
                Ok(run) => live.apply(Event::Body(Box::new(run))),
                Err(error) => live.not_acknowledged(1, &error),
            });
            return;
        }
        let mut left: Vec<&RunSeq> = runs.iter().collect();
        while let Some(first) = left.first() {
            let tenant_id = first.run.tenant_id;
            let mut of_tenant = AcknowledgeMany::default();
            left.retain(|RunSeq { run, seq }| {
                let fits = run.tenant_id == tenant_id && of_tenant.runs.len() < MAX_ROWS as usize;
                if fits {
                    of_tenant.runs.push(FailureOnScreen {
                        source: run.source.clone(),
                        run_type: run.run_type.clone(),
                        run_id: run.run_id,
                        tenant_seq: *seq,
                    });
                }
                !fits
            });
            let live = self.clone();
            api::acknowledge_many(tenant_id, &of_tenant).then(move |answer| match answer {
                // The failures themselves come by the stream.
                Ok(answer) if answer.changed == 0 => {}
                Ok(answer) => live.apply(Event::Notice(NoticeKind::NotAcknowledged {
                    n_runs: answer.changed as usize,
                    detail: None,
                })),
                Err(error) => live.not_acknowledged(of_tenant.runs.len(), &error),
            });
        }
    }

    fn not_acknowledged(&self, n_runs: usize, error: &ApiError) {
        self.heed(error);
        self.apply(Event::Notice(NoticeKind::NotAcknowledged {
            n_runs,
            detail: error.detail().map(str::to_owned),
        }));
    }

    fn start(
        &self,
        tenant_id: TenantId,
        body: StartRun,
        then: Callback<Result<Started, ApiError>>,
    ) {
        let live = self.clone();
        // One for each click: a click is an intent of its own, and the server joins what is still under way.
        let idempotency_key = api::fresh_key();
        api::start(tenant_id, &body, &idempotency_key).then(move |answer| {
            match &answer {
                Ok(started) => {
                    live.apply(Event::Body(Box::new(started.run.clone())));
                    if started.reused {
                        live.apply(Event::Notice(NoticeKind::Reused(started.run.key())));
                    }
                }
                Err(error) => {
                    live.heed(error);
                    live.apply(Event::Notice(NoticeKind::StartFailed {
                        tenant_id,
                        operation: body.operation,
                        code: error.code().to_owned(),
                        detail: error.detail().map(str::to_owned),
                    }));
                }
            }
            then.emit(answer);
        });
    }

    fn sign_out(&self) {
        let live = self.clone();
        api::sign_out().then(move |answer| match answer {
            Ok(()) => live.leave_everywhere(),
            // The session was gone already.
            Err(error) if error.is_signed_out() => live.leave_everywhere(),
            Err(error) => live.apply(Event::Notice(NoticeKind::SignOutFailed {
                code: error.code().to_owned(),
                detail: error.detail().map(str::to_owned),
            })),
        });
    }

    fn leave_everywhere(&self) {
        if let Some(stream) = self.0.stream.borrow().as_ref() {
            stream.leave_everywhere();
        }
        self.left();
    }

    pub(super) fn left(&self) {
        self.0.stream.take();
        self.session_event(SessionEvent::Left);
        self.apply(Event::Wiped);
    }
}
