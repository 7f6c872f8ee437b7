//! What stands in the places of a sentence, and what its plural follows.

use crate::i18n::Text;
use crate::i18n::fill::Value::{self, Id, No, Number, Words};

impl<'a> Text<'a> {
    /// What stands in the places of the sentence, in their order: the same in every language.
    pub(super) fn values(&self) -> [Value<'a>; 3] {
        match *self {
            Text::SignedInAs(text)
            | Text::StaleSince(text)
            | Text::OfflineSince(text)
            | Text::WhatYouSeeIsOf(text)
            | Text::StartedBy(text)
            | Text::AnnouncedBy(text)
            | Text::AsOf(text)
            | Text::SinceDuration(text)
            | Text::SinceClock(text)
            | Text::GoesOnAt(text)
            | Text::Waits(text)
            | Text::NoProgressFor(text)
            | Text::NoProgressForShort(text)
            | Text::NoProgressSince(text)
            | Text::InDuration(text)
            | Text::TookDuration(text)
            | Text::AfterDuration(text)
            | Text::LeftAbout(text)
            | Text::Ago(text)
            | Text::SecondsText(text)
            | Text::NoticeReusedBody(text)
            | Text::RunsOf(text)
            | Text::AboutText(text)
            | Text::Fold(text)
            | Text::Open(text)
            | Text::DetailsOf(text)
            | Text::TimelineWaited(text)
            | Text::TimelineRan(text)
            | Text::RunsOfTenant(text)
            | Text::PoliciesOf(text)
            | Text::CaptureNamed(text)
            | Text::AlreadyRunningNamed(text)
            | Text::WhyNamed(text)
            | Text::InviteBody(text)
            | Text::ConnectionIs(text)
            | Text::CompleteAsOf(text)
            | Text::ClockAhead(text)
            | Text::ClockBehind(text)
            | Text::WhileAway(text)
            | Text::RunOfType(text)
            | Text::OpenIn(text)
            | Text::NoItemsHere(text)
            | Text::AcknowledgedByYou(text)
            | Text::SeenBy(text)
            | Text::Mute(text)
            | Text::PrefsOf(text)
            | Text::NoticeMuted(text)
            | Text::NotFoundBody(text) => [Words(text), No, No],
            Text::ReconnectingIn(n)
            | Text::NextTryIn(n)
            | Text::ServerRefuses(n)
            | Text::PercentDone(n)
            | Text::NPolicies(n)
            | Text::FailedSoFar(n)
            | Text::NDone(n)
            | Text::PerMinute(n)
            | Text::NSucceeded(n)
            | Text::NFailed(n)
            | Text::NSkipped(n)
            | Text::NUnknown(n)
            | Text::NRemaining(n)
            | Text::Milliseconds(n)
            | Text::Seconds(n)
            | Text::Minutes(n)
            | Text::Hours(n)
            | Text::Days(n)
            | Text::MoreCards(n)
            | Text::CardsWait(n)
            | Text::NotHeldFailures(n)
            | Text::NCompleted(n)
            | Text::DismissCompleted(n)
            | Text::NRuns(n)
            | Text::NTenants(n)
            | Text::MoreFailed(n)
            | Text::ShowAll(n)
            | Text::NFailedUnattended(n)
            | Text::NoticeStayed(n)
            | Text::NoticeMarksFailed(n)
            | Text::ErrorAnswered(n)
            | Text::ErrorTooMany(n)
            | Text::SayManyFailed(n)
            | Text::SayEnded(n)
            | Text::NRunsShown(n)
            | Text::NewRuns(n)
            | Text::ShowNew(n)
            | Text::AttemptN(n)
            | Text::SearchItems(n)
            | Text::VersionNew(n)
            | Text::VersionUnchanged(n)
            | Text::ShowMoreItems(n)
            | Text::TimelineAttempt(n)
            | Text::InFamilies(n)
            | Text::CaptureAllN(n)
            | Text::PasswordHelp(n)
            | Text::TenantsYouSee(n)
            | Text::NoticeNotAcknowledged(n)
            | Text::AcknowledgeN(n)
            | Text::NOlder(n)
            | Text::NDismissed(n)
            | Text::MarkAllRead(n)
            | Text::StillRunning(n) => [Number(n), No, No],
            Text::FailedInTitle { n, title } => [Number(n), Words(title), No],
            Text::ChangedStatus { run_type, status } => [Words(run_type), Words(status), No],
            Text::DismissCard {
                title,
                what,
                tenant,
            }
            | Text::BringBackCard {
                title,
                what,
                tenant,
            } => [Words(title), Words(what), Words(tenant)],
            Text::DoneStaysDone { done, total }
            | Text::DoneOf { done, total }
            | Text::EndedOf { done, total }
            | Text::CapturingOf { done, total } => [Number(done), Number(total), No],
            Text::SeenByMore { names, n } => [Words(names), Number(n), No],
            Text::AcknowledgedBy { name, clock } => [Words(name), Words(clock), No],
            Text::OfTotal(total) => [Number(total), No, No],
            Text::RangeSeconds { low, high }
            | Text::RangeMinutes { low, high }
            | Text::RangeHours { low, high } => [Number(low), Number(high), No],
            Text::BarOf { parts, total } => [Words(parts), Number(total), No],
            Text::MoreCardsFailed { n, m }
            | Text::CardsWaitFailed { n, m }
            | Text::NRunsShownOf { n, m }
            | Text::NewRunsFailed { n, m }
            | Text::NPoliciesShownOf { n, m }
            | Text::NameTooLong { n, m }
            | Text::PasswordTooShort { n, m } => [Number(n), Number(m), No],
            Text::MoreOf { what, tenant }
            | Text::RuleFor { what, tenant }
            | Text::NoticeStartFailed { what, tenant }
            | Text::NoticeStartUnknown { what, tenant } => [Words(what), Words(tenant), No],
            Text::SayFailed {
                what,
                tenant,
                title,
            } => [Words(title), Words(what), Words(tenant)],
            Text::SayEndedOne { what, title } => [Words(title), Words(what), No],
            Text::BulkOperationRun(id) | Text::RestoreRun(id) => [Id(id), No, No],
            _ => [No, No, No],
        }
    }

    /// The number that the sentence's plural follows: the first one, unless the sentence says "n of m".
    pub(super) fn counted(&self) -> u64 {
        if let Text::NPoliciesShownOf { m, .. } = *self {
            return m;
        }
        match self.values()[0] {
            Number(n) => n,
            _ => 0,
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    /// A text that is missing here would be shown with holes.
    #[test]
    fn every_sentence_with_places_has_values() {
        let english = include_str!("../../languages/en.properties");
        let values = include_str!("values.rs");
        let lines = english.split('\n').filter_map(|line| line.split_once('='));
        let with_places = lines
            .filter(|(_, words)| words.contains("{}"))
            .map(|(name, _)| name);
        let mut n = 0;
        for name in with_places {
            let is_there = values
                .split(&format!("Text::{name}"))
                .skip(1)
                .any(|rest| !rest.starts_with(char::is_alphanumeric));
            assert!(is_there, "{name}");
            n += 1;
        }
        assert!(n > 100, "the sentences are read from the source");
    }
}
