//! The rules of the store, each a test with a sentence for a name, for any database: `exercise!(make)` where `make` gives a new [`World`].

pub(crate) mod acknowledge;
pub(crate) mod announced_laws;
pub(crate) mod claim;
pub(crate) mod ends;
pub(crate) mod events;
pub(crate) mod history;
pub(crate) mod history_laws;
pub(crate) mod ingest;
pub(crate) mod items;
pub(crate) mod keys;
pub(crate) mod laws;
pub(crate) mod marks;
pub(crate) mod people;
pub(crate) mod policies;
pub(crate) mod preferences;
pub(crate) mod seen;
pub(crate) mod stalled;
pub(crate) mod start;
pub(crate) mod tenancy;
pub(crate) mod world;

/// One test for each name; a rule that is missing here is dead code, which the gate refuses.
macro_rules! tests {
    ($make:path; $($module:ident { $($name:ident)+ })+) => {$(
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    crate::conformance::$module::$name($make()).await;
                }
            )+
        }
    )+};
}
pub(crate) use tests;

macro_rules! exercise {
    ($make:path) => {
        crate::conformance::tests! {
            $make;
            start {
                a_second_start_returns_the_run_that_lives
                a_start_after_the_end_makes_a_new_run
                many_starts_at_once_make_one_run
                a_run_of_the_whole_tenant_is_reused_as_well
                another_tenant_target_or_operation_has_a_run_of_its_own
                an_idempotency_key_answers_the_same_run_after_its_end
                an_idempotency_key_of_another_request_is_refused
                an_idempotency_key_belongs_to_one_person
                who_joins_a_run_watches_it_and_who_started_it_does_not
            }
            claim {
                ten_thousand_queued_runs_delay_no_other_tenants_one
                claims_go_round_the_tenants
                a_tenant_never_runs_more_than_its_bound
                an_expired_lease_is_claimed_again_as_a_later_attempt
                a_clock_that_went_back_does_not_keep_a_dead_workers_lease
                a_heartbeat_keeps_the_lease
                a_worker_that_lost_its_lease_changes_nothing
                an_expired_lease_that_nobody_took_still_writes
                many_workers_claim_each_run_once
                a_start_wakes_a_worker_that_waits
                an_end_wakes_a_worker_that_waits
            }
            items {
                items_come_in_the_order_of_the_plan
                a_later_plan_adds_behind_what_is_there
                what_a_dead_worker_had_begun_is_unknown
                a_settled_item_stays_as_it_is
                a_settled_item_cannot_be_begun_again
                progress_tells_absolute_counts_with_a_rising_rev
                items_are_read_in_pages
            }
            ends {
                a_run_without_failures_is_completed
                a_run_with_some_failures_is_partial
                a_run_where_all_failed_is_failed
                a_run_without_items_is_completed
                the_error_of_a_run_is_the_most_frequent_of_its_items
                what_was_left_open_is_failed_as_not_done
                a_run_that_failed_by_itself_leaves_its_items_as_they_are
                an_ended_run_takes_no_more_writes
            }
            stalled {
                a_silent_worker_stalls_its_run_until_it_is_heard_again
                a_run_that_settles_nothing_is_stalled_and_never_ended
                a_run_that_its_portal_forgot_is_stalled_until_its_next_event
                a_wait_is_an_event_only_when_it_changes
            }
            events {
                every_event_has_the_next_place_in_the_log_and_in_its_tenant
                what_is_told_is_what_is_logged_in_the_same_order
                a_mark_leaves_the_status_seq_alone
                a_runs_page_has_its_timeline
                runs_are_listed_newest_first_in_pages
                every_running_run_is_known_whatever_its_tenant
                a_snapshot_has_exact_totals_and_names_each_failure
                a_snapshot_and_the_events_after_it_are_everything
                every_event_of_the_log_can_be_resumed_from
            }
            marks {
                a_dismissed_run_that_changed_since_stays
                a_dismissal_is_told_and_can_be_undone
                nothing_is_told_where_nothing_changed
                marks_are_read_in_the_order_of_their_change
                marks_of_runs_that_one_cannot_see_are_left_out
            }
            acknowledge {
                who_acknowledged_first_stays_until_it_is_taken_back
                only_the_failure_that_was_on_screen_is_acknowledged
                a_later_attempt_is_nobodys_to_look_after
                many_failures_are_acknowledged_at_once_or_none
            }
            seen {
                the_first_who_saw_a_failure_are_named_and_all_are_counted
                an_acknowledgement_keeps_who_saw_the_failure
                nobody_has_seen_a_new_status
            }
            preferences {
                rules_are_replaced_as_a_whole_and_told_by_the_counter_of_the_marks
                a_rule_is_for_a_tenant_that_the_person_can_see
            }
            history {
                it_holds_what_is_or_was_a_card_and_no_more
                a_failure_that_was_on_screen_stays_whatever_the_rules_are
                each_state_and_filter_lets_through_what_it_says
                it_is_read_in_pages_with_the_total_of_all
            }
            people {
                the_first_account_is_admin_of_every_tenant_and_there_is_one
                a_link_works_once_and_until_it_expires
                a_new_link_replaces_the_old_one
                a_new_password_ends_all_sessions
                names_differ_by_more_than_capitals_and_spaces
                an_invitation_adds_the_role_to_who_is_there
                a_session_ends_by_itself_and_by_sign_out
                memberships_are_read_anew_by_each_request
                a_new_tenant_gets_who_administers_all_others
                a_tenant_is_known_by_its_directory_and_can_be_renamed
            }
            policies {
                a_list_adds_renames_and_notices_what_is_gone
                a_family_that_was_not_listed_whole_loses_nothing
                unchanged_content_makes_no_new_version
                a_failed_capture_is_shown_until_one_succeeds
                an_unreadable_list_keeps_what_is_known
                policies_are_read_in_pages
            }
            ingest {
                an_announced_run_is_made_by_its_first_event_and_told
                each_event_is_taken_once
                a_late_event_changes_nothing_and_is_not_logged
                an_announced_end_is_left_only_by_a_later_attempt
                counts_alone_are_progress_and_not_logged
                what_an_event_leaves_out_stays_as_it_was
                a_late_event_fills_in_what_nobody_told
                a_changed_target_is_told_without_a_new_status
                no_worker_claims_an_announced_run_and_none_is_stalled_for_want_of_one
                who_started_it_there_has_a_card_if_they_are_a_member_here
                a_portals_run_is_not_ours_of_the_same_number
                an_announced_run_has_a_page_with_its_timeline_and_no_items
                an_unknown_status_is_kept_and_in_the_snapshot
                an_announced_time_is_never_ahead_of_ours
                a_tenant_that_is_not_there_takes_nothing
                an_announced_run_that_is_running_is_known_as_such
            }
            keys {
                a_key_is_known_by_its_token_until_it_is_revoked
                a_name_is_one_keys_until_that_one_is_revoked
                the_last_use_is_kept_to_the_minute
                a_key_is_for_tenants_that_are_there
            }
            tenancy {
                nothing_of_another_tenant_can_be_read
                nothing_of_another_tenant_can_be_written
                a_snapshot_holds_the_persons_tenants_alone
            }
        }

        #[test]
        fn every_order_of_announcements_ends_the_same() {
            crate::conformance::announced_laws::every_order_of_announcements_ends_the_same($make);
        }

        #[test]
        fn the_history_is_what_the_contract_says_of_all_runs() {
            crate::conformance::history_laws::the_history_is_what_the_contract_says_of_all_runs(
                $make,
            );
        }

        #[test]
        fn every_sequence_of_operations_keeps_the_laws() {
            crate::conformance::laws::every_sequence_of_operations_keeps_the_laws($make);
        }
    };
}
pub(crate) use exercise;
