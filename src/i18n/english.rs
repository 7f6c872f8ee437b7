//! The words in English.
//!
//! Plain sentences, sentence case, no exclamation mark; what happened, to how many, and what to do. Each `{}` takes the next
//! value. A table and one function that fills it in, since a `format!` for each sentence is ten times its size.

use crate::i18n::Text;
use crate::i18n::fill::Value::{self, Id, No, Number, Words};

fn plain(words: &'static str) -> (&'static str, [Value<'static>; 3]) {
    (words, [No, No, No])
}

/// The sentence and what belongs in it.
pub(super) fn say(text: Text<'_>) -> (&'static str, [Value<'_>; 3]) {
    match text {
        Text::Brand => plain("tenant-atlas"),
        Text::StartPage => plain("tenant-atlas, start page"),
        Text::SkipToContent => plain("Skip to content"),
        Text::AllTenants => plain("All tenants"),
        Text::ChooseTenant => plain("Choose a tenant"),
        Text::Main => plain("Main"),
        Text::Runs => plain("Runs"),
        Text::Policies => plain("Policies"),
        Text::YourAccount => plain("Your account"),
        Text::SignedInAs(name) => ("Signed in as {}", [Words(name), No, No]),
        Text::SignOut => plain("Sign out"),
        Text::Colours => plain("Colours"),
        Text::ThemeSystem => plain("As the system"),
        Text::ThemeLight => plain("Light"),
        Text::ThemeDark => plain("Dark"),
        Text::Close => plain("Close"),
        Text::Messages => plain("Messages"),
        Text::Reload => plain("Reload"),
        Text::TryNow => plain("Try now"),
        Text::TryAgain => plain("Try again"),
        Text::Live => plain("Live"),
        Text::Connecting => plain("Connecting"),
        Text::ReconnectingIn(n) => ("Reconnecting in {} s", [Number(n), No, No]),
        Text::Reconnecting => plain("Reconnecting"),
        Text::StaleSince(clock) => ("Nothing heard since {}", [Words(clock), No, No]),
        Text::Stale => plain("Nothing heard for a while"),
        Text::OfflineSince(clock) => ("Offline since {}", [Words(clock), No, No]),
        Text::Offline => plain("Offline"),
        Text::SignedOut => plain("Signed out"),
        Text::Refused => plain("Not connected"),
        Text::ConnectionLost => plain("Connection lost."),
        Text::ConnectionSilent => plain("The connection is silent."),
        Text::NoNetwork => plain("There is no network."),
        Text::WhatYouSeeIsOf(clock) => (
            "What you see is as of {}; nothing of it is thrown away.",
            [Words(clock), No, No],
        ),
        Text::WhatYouSeeMayBeOld => plain("What you see may be old; nothing of it is thrown away."),
        Text::NextTryIn(n) => ("Next try in {} s.", [Number(n), No, No]),
        Text::TryingNow => plain("Trying now."),
        Text::YouAreSignedOut => plain("You are signed out."),
        Text::WhatYouSeeStays => plain("What you see stays, and no longer changes."),
        Text::SignIn => plain("Sign in"),
        Text::ServerRefuses(n) => (
            "The server refuses the live connection ({}).",
            [Number(n), No, No],
        ),
        Text::ServerStopped => plain("The server ended the live connection."),
        Text::ReloadToGoOn => plain("Reload to go on."),
        Text::NewVersion => plain("A new version is here."),
        Text::NewVersionBody => {
            plain("This page goes on working; it reloads by itself once it is hidden and idle.")
        }
        Text::Active(n) => ("{} active", [Number(n), No, No]),
        Text::ActiveWord => plain("active"),
        Text::StalledWord => plain("stalled"),
        Text::NActiveLabel { n, m } => ("{} active runs, {} stalled", [Number(n), Number(m), No]),
        Text::PercentDone(n) => ("{} % done", [Number(n), No, No]),
        Text::Notifications => plain("Notifications"),
        Text::Unread => plain("Unread"),
        Text::UnreadWord => plain("unread"),
        Text::FailedWord => plain("failed"),
        Text::FailedInTitle { n, title } => ("({} failed) {}", [Number(n), Words(title), No]),
        Text::RunQueued => plain("Run queued"),
        Text::RunStarted => plain("Run started"),
        Text::RunCompleted => plain("Run completed"),
        Text::RunPartial => plain("Run completed (partial)"),
        Text::RunFailed => plain("Run failed"),
        Text::RunCancelled => plain("Run cancelled"),
        Text::RunUpdated => plain("Run updated"),
        Text::Queued => plain("Queued"),
        Text::Running => plain("Running"),
        Text::Throttled => plain("Throttled"),
        Text::Stalled => plain("Stalled"),
        Text::Completed => plain("Completed"),
        Text::Partial => plain("Partial"),
        Text::Failed => plain("Failed"),
        Text::Cancelled => plain("Cancelled"),
        Text::ChangedStatus { run_type, status } => (
            "A {} run changed status to: {}.",
            [Words(run_type), Words(status), No],
        ),
        Text::CaptureAll => plain("Capture all policies"),
        Text::CapturePolicy => plain("Capture one policy"),
        Text::ExportPolicies => plain("Export policies"),
        Text::VerifySnapshots => plain("Verify snapshots"),
        Text::RestoreLive => plain("Restore (live)"),
        Text::RestorePreview => plain("Restore (preview)"),
        Text::NPolicies(1) => plain("1 policy"),
        Text::NPolicies(n) => ("{} policies", [Number(n), No, No]),
        Text::StartedByYou => plain("started by you"),
        Text::StartedBy(name) => ("started by {}", [Words(name), No, No]),
        Text::StartedBySchedule => plain("started by a schedule"),
        Text::AnnouncedBy(name) => ("announced by {}", [Words(name), No, No]),
        Text::You => plain("you"),
        Text::ASchedule => plain("a schedule"),
        Text::AsOf(clock) => ("As of {}", [Words(clock), No, No]),
        Text::AsOfUnknown => plain("May be old"),
        Text::FailedSoFar(n) => ("{} failed so far", [Number(n), No, No]),
        Text::ViewRun => plain("View run"),
        Text::DismissCard {
            title,
            what,
            tenant,
        } => (
            "Dismiss {}: {}, {}",
            [Words(title), Words(what), Words(tenant)],
        ),
        Text::WaitsForSlot => plain("Waits for a slot"),
        Text::SinceDuration(duration) => ("since {}", [Words(duration), No, No]),
        Text::SinceClock(clock) => ("since {}", [Words(clock), No, No]),
        Text::GraphAsksToWait => plain("Graph asks to wait."),
        Text::GoesOnAt(clock) => ("Goes on at {}.", [Words(clock), No, No]),
        Text::Waits(reason) => ("Waits: {}.", [Words(reason), No, No]),
        Text::NoProgressFor(duration) => ("No progress for {}.", [Words(duration), No, No]),
        Text::NoProgressForShort(duration) => ("no progress for {}", [Words(duration), No, No]),
        Text::NoProgressSince(clock) => ("No progress since {}.", [Words(clock), No, No]),
        Text::RunHasNotEnded => plain("The run has not ended."),
        Text::InDuration(duration) => ("in {}", [Words(duration), No, No]),
        Text::TookDuration(duration) => ("took {}", [Words(duration), No, No]),
        Text::AfterDuration(duration) => ("after {}", [Words(duration), No, No]),
        Text::DoneStaysDone { done, total } => (
            "{} of {} done; what is done stays done.",
            [Number(done), Number(total), No],
        ),
        Text::AcknowledgedBy { name, clock } => {
            ("Acknowledged by {} at {}", [Words(name), Words(clock), No])
        }
        Text::NMore(n) => ("and {} more", [Number(n), No, No]),
        Text::DoneOf { done, total } => ("{} of {}", [Number(done), Number(total), No]),
        Text::OfTotal(total) => ("of {}", [Number(total), No, No]),
        Text::NDone(n) => ("{} done", [Number(n), No, No]),
        Text::PerMinute(n) => ("{} per min", [Number(n), No, No]),
        Text::LeftUnknownYet => plain("time left: not known yet"),
        Text::LeftUnknown => plain("time left: not known"),
        Text::LeftAbout(text) => ("about {} left", [Words(text), No, No]),
        Text::LeftSoon => plain("a few seconds left"),
        Text::RangeSeconds { low, high } => ("{}–{} s", [Number(low), Number(high), No]),
        Text::RangeMinutes { low, high } => ("{}–{} min", [Number(low), Number(high), No]),
        Text::RangeHours { low, high } => ("{}–{} h", [Number(low), Number(high), No]),
        Text::NSucceeded(n) => ("{} succeeded", [Number(n), No, No]),
        Text::NFailed(n) => ("{} failed", [Number(n), No, No]),
        Text::NSkipped(n) => ("{} skipped", [Number(n), No, No]),
        Text::NUnknown(n) => ("{} unknown", [Number(n), No, No]),
        Text::NRemaining(n) => ("{} remaining", [Number(n), No, No]),
        Text::BarOf { parts, total } => ("{}, of {}", [Words(parts), Number(total), No]),
        Text::NothingYet => plain("nothing yet"),
        Text::JustNow => plain("just now"),
        Text::Ago(duration) => ("{} ago", [Words(duration), No, No]),
        Text::Milliseconds(n) => ("{} ms", [Number(n), No, No]),
        Text::Seconds(n) => ("{} s", [Number(n), No, No]),
        Text::SecondsText(text) => ("{} s", [Words(text), No, No]),
        Text::Minutes(n) => ("{} min", [Number(n), No, No]),
        Text::Hours(n) => ("{} h", [Number(n), No, No]),
        Text::Days(1) => plain("1 day"),
        Text::Days(n) => ("{} days", [Number(n), No, No]),
        Text::Cards => plain("Cards of runs"),
        Text::MoreCards(n) => ("{} more", [Number(n), No, No]),
        Text::MoreCardsFailed { n, m } => {
            ("{} more, of these {} failed", [Number(n), Number(m), No])
        }
        Text::OpenAll => plain("Open all"),
        Text::FoldCards => plain("Fold the cards into the bell"),
        Text::CardsWait(1) => plain("1 change waits"),
        Text::CardsWait(n) => ("{} changes wait", [Number(n), No, No]),
        Text::CardsWaitFailed { n: 1, m } => {
            ("1 change waits, of these {} failed", [Number(m), No, No])
        }
        Text::CardsWaitFailed { n, m } => (
            "{} changes wait, of these {} failed",
            [Number(n), Number(m), No],
        ),
        Text::DismissedTitle(title) => ("{} dismissed", [Words(title), No, No]),
        Text::DismissedWord => plain("dismissed"),
        Text::Undo => plain("Undo"),
        Text::CloseNotifications => plain("Close notifications"),
        Text::FilterCards => plain("Filter the cards"),
        Text::All => plain("All"),
        Text::ActiveTab => plain("Active"),
        Text::Ended => plain("Ended"),
        Text::NotHeldFailures(1) => plain("1 more failure is only known by name."),
        Text::NotHeldFailures(n) => (
            "{} more failures are only known by name.",
            [Number(n), No, No],
        ),
        Text::SeeRuns => plain("See the runs"),
        Text::DismissCompleted(n) => ("Dismiss {} completed", [Number(n), No, No]),
        Text::NFailedUnattended(1) => plain("1 failed, not acknowledged"),
        Text::NFailedUnattended(n) => ("{} failed, not acknowledged", [Number(n), No, No]),
        Text::NoCards => plain("No runs to watch"),
        Text::NoCardsBody => {
            plain("Start a capture, and its card stands here until you dismiss it.")
        }
        Text::NoCardsOfKind => plain("None of these"),
        Text::NoCardsOfKindBody => plain("No card in this view now."),
        Text::GoToPolicies => plain("Go to policies"),
        Text::NoticeStayed(1) => {
            plain("1 run has changed while it was being dismissed, so its card stays.")
        }
        Text::NoticeStayed(n) => (
            "{} runs have changed while they were being dismissed, so their cards stay.",
            [Number(n), No, No],
        ),
        Text::NoticeMarksFailed(1) => {
            plain("The server did not take it, so the card is as it was.")
        }
        Text::NoticeMarksFailed(n) => (
            "The server did not take it, so {} cards are as they were.",
            [Number(n), No, No],
        ),
        Text::NoticeStartFailed { what, tenant } => (
            "{} was not started in {}.",
            [Words(what), Words(tenant), No],
        ),
        Text::NoticeReused => plain("Already running."),
        Text::NoticeReusedBody(what) => (
            "{} was queued or running, so your click made no second run.",
            [Words(what), No, No],
        ),
        Text::NoticeUnreadable => plain(
            "The server sent something that this version does not know. The picture was taken anew.",
        ),
        Text::NoticeSignOutFailed => {
            plain("You are still signed in: the server did not answer the sign-out.")
        }
        Text::ErrorUnreachable => plain("The server did not answer. What it has stored is safe."),
        Text::ErrorAnswered(n) => (
            "The server answered {}. What it has stored is safe.",
            [Number(n), No, No],
        ),
        Text::ErrorTooMany(n) => (
            "Too many tries. The next one is possible in {} s.",
            [Number(n), No, No],
        ),
        Text::SayFailed {
            what,
            tenant,
            title,
        } => ("{}: {}, {}", [Words(title), Words(what), Words(tenant)]),
        Text::SayManyFailed(n) => ("{} runs failed", [Number(n), No, No]),
        Text::SayEnded(1) => plain("1 run ended"),
        Text::SayEnded(n) => ("{} runs ended", [Number(n), No, No]),
        Text::SayEndedOne { what, title } => ("{}: {}", [Words(title), Words(what), No]),
        Text::RunsOf(tenant) => ("Runs of {}, newest first", [Words(tenant), No, No]),
        Text::RunsOfAll => plain("Runs of all tenants, newest first"),
        Text::ColumnStatus => plain("Status"),
        Text::ColumnRun => plain("Run"),
        Text::ColumnTenant => plain("Tenant"),
        Text::ColumnProgress => plain("Progress"),
        Text::ColumnStartedBy => plain("Started by"),
        Text::ColumnStarted => plain("Started"),
        Text::ColumnTime => plain("Time"),
        Text::SearchRuns => plain("Search runs"),
        Text::NRunsShown(1) => plain("1 run, newest first"),
        Text::NRunsShown(n) => ("{} runs, newest first", [Number(n), No, No]),
        Text::NRunsShownOf { n, m } => ("{} of {} runs, newest first", [Number(n), Number(m), No]),
        Text::AndOlder(n) => ("and {} older", [Number(n), No, No]),
        Text::ShowOlder => plain("Show older"),
        Text::NewRuns(1) => plain("1 new run"),
        Text::NewRuns(n) => ("{} new runs", [Number(n), No, No]),
        Text::NewRunsFailed { n, m } => ("{} new runs, {} failed", [Number(n), Number(m), No]),
        Text::ShowNew(n) => ("Show {}", [Number(n), No, No]),
        Text::NoRuns => plain("No runs yet"),
        Text::NoRunsBody => {
            plain("Capture policies, and each run stands here with what became of every policy.")
        }
        Text::NoRunsMatch => plain("No run matches"),
        Text::NoRunsMatchBody => {
            plain("Of the runs shown here, none has these words or this state.")
        }
        Text::RunsFailedToLoad => plain("The runs could not be loaded"),
        Text::StartCapture => plain("Start a capture"),
        Text::Loading => plain("Loading"),
        Text::ViewsOfRuns => plain("Views of the runs"),
        Text::NeedsYou => plain("Failed"),
        Text::Breadcrumb => plain("Breadcrumb"),
        Text::BulkOperationRun(id) => ("Bulk operation run {}", [Id(id), No, No]),
        Text::RestoreRun(id) => ("Restore run {}", [Id(id), No, No]),
        Text::StartedByYouAt { clock, ago } => {
            ("started by you at {}, {}", [Words(clock), Words(ago), No])
        }
        Text::StartedByAt { name, clock, ago } => (
            "started by {} at {}, {}",
            [Words(name), Words(clock), Words(ago)],
        ),
        Text::StartedByScheduleAt { clock, ago } => (
            "started by a schedule at {}, {}",
            [Words(clock), Words(ago), No],
        ),
        Text::AttemptN(n) => ("attempt {}", [Number(n), No, No]),
        Text::Progress => plain("Progress"),
        Text::Done => plain("Done"),
        Text::TimeLeft => plain("Time left"),
        Text::Rate => plain("Rate"),
        Text::RunningFor => plain("Running for"),
        Text::WaitingFor => plain("Waiting for"),
        Text::Took => plain("Took"),
        Text::NotKnownYet => plain("not known yet"),
        Text::AboutText(text) => ("about {}", [Words(text), No, No]),
        Text::AFewSeconds => plain("a few seconds"),
        Text::Items => plain("Items"),
        Text::ItemsByOutcome => plain("Items by outcome"),
        Text::ItemsCaption => plain("Items of this run, failures first"),
        Text::Succeeded => plain("Succeeded"),
        Text::Skipped => plain("Skipped"),
        Text::Remaining => plain("Remaining"),
        Text::InFlight => plain("In flight"),
        Text::UnknownOutcome => plain("Being verified"),
        Text::SearchItems(1) => plain("Search 1 item"),
        Text::SearchItems(n) => ("Search {} items", [Number(n), No, No]),
        Text::SearchItemsNone => plain("Search items"),
        Text::ColumnPolicy => plain("Policy"),
        Text::ColumnFamily => plain("Family"),
        Text::ColumnOutcome => plain("Outcome"),
        Text::ColumnAttempts => plain("Attempts"),
        Text::ColumnTook => plain("Took"),
        Text::ColumnAt => plain("At"),
        Text::Fold(what) => ("Fold {}", [Words(what), No, No]),
        Text::Open(what) => ("Open {}", [Words(what), No, No]),
        Text::DetailsOf(what) => ("Details of {}", [Words(what), No, No]),
        Text::Code => plain("Code"),
        Text::WhatHappened => plain("What happened"),
        Text::GraphRequest => plain("Graph request"),
        Text::CanBeRetried => plain("Can be retried"),
        Text::RetryMayHelp => plain("Yes: the same could succeed later"),
        Text::RetryWouldNot => plain("Not by itself: it would fail again"),
        Text::AttemptsLabel => plain("Attempts"),
        Text::Version => plain("Version"),
        Text::VersionNew(n) => ("{}, new", [Number(n), No, No]),
        Text::VersionUnchanged(n) => ("{}, unchanged", [Number(n), No, No]),
        Text::Begun => plain("Begun"),
        Text::Settled => plain("Settled"),
        Text::PolicyId => plain("Policy id"),
        Text::NotYet => plain("not yet"),
        Text::CopyRequestId => plain("Copy the request id"),
        Text::CopyRunId => plain("Copy the run's id"),
        Text::Copied => plain("Copied"),
        Text::Copy => plain("Copy"),
        Text::ShowMoreItems(n) => ("Show {} more", [Number(n), No, No]),
        Text::NoItems => plain("No items yet"),
        Text::NoItemsBody => {
            plain("The items stand here as soon as a worker has read the list of policies.")
        }
        Text::NoItemsOfKind => plain("None"),
        Text::NoItemsOfKindBody => plain("No item of this run is in this view."),
        Text::ItemsOld => plain("The items could not be read again; they may be old."),
        Text::ItemsFailedToLoad => plain("The items could not be loaded"),
        Text::Timeline => plain("Timeline"),
        Text::TimelineQueued => plain("Queued"),
        Text::TimelineAttempt(n) => ("Running, attempt {}", [Number(n), No, No]),
        Text::TimelineRunning => plain("Running"),
        Text::TimelineStalled => plain("Stalled: nothing moved"),
        Text::TimelineWaited(duration) => ("Waited {} for a slot", [Words(duration), No, No]),
        Text::TimelineRan(duration) => ("Ran {}", [Words(duration), No, No]),
        Text::TimelineNewAttempt => {
            plain("A worker went on where the one before stopped; no item was done twice")
        }
        Text::TimelineEnds => plain("Ends"),
        Text::AboutThisRun => plain("About this run"),
        Text::Run => plain("Run"),
        Text::Id => plain("Id"),
        Text::Tenant => plain("Tenant"),
        Text::Operation => plain("Operation"),
        Text::Target => plain("Target"),
        Text::StartedByLabel => plain("Started by"),
        Text::RunFailedToLoad => plain("The run could not be loaded"),
        Text::LoadingRun => plain("Loading the run"),
        Text::OldPage => plain("The run could not be read again; what you see may be old."),
        Text::NotYours => {
            plain("This run does not exist, was removed, or is in a tenant that you cannot see")
        }
        Text::NotYoursBody => {
            plain("If it should be here, ask a person who administers the tenant.")
        }
        Text::AllRuns => plain("All runs"),
        Text::RunsOfTenant(tenant) => ("Runs of {}", [Words(tenant), No, No]),
        Text::PoliciesOf(tenant) => ("Policies of {}", [Words(tenant), No, No]),
        Text::PoliciesLine { n: 1, .. } => plain("1 policy"),
        Text::PoliciesLine { n, .. } => ("{} policies", [Number(n), No, No]),
        Text::InFamilies(1) => plain("in 1 family"),
        Text::InFamilies(n) => ("in {} families", [Number(n), No, No]),
        Text::ListRead => plain("list read from Graph"),
        Text::ListNeverRead => plain("list not read from Graph yet"),
        Text::Families => plain("Families"),
        Text::AllFamilies => plain("All families"),
        Text::SettingsCatalog => plain("Settings catalog"),
        Text::DeviceConfigurations => plain("Device configurations"),
        Text::SearchPolicies => plain("Search policies"),
        Text::ColumnPlatform => plain("Platform"),
        Text::ColumnVersions => plain("Versions"),
        Text::ColumnLastCaptured => plain("Last captured"),
        Text::ColumnActions => plain("Actions"),
        Text::CaptureAllN(1) => plain("Capture 1 policy"),
        Text::CaptureAllN(n) => ("Capture all {}", [Number(n), No, No]),
        Text::CaptureAllShort => plain("Capture all"),
        Text::CapturingOf { done, total } => {
            ("Capturing, {} of {}", [Number(done), Number(total), No])
        }
        Text::CapturingQueued => plain("Capture queued"),
        Text::Capture => plain("Capture"),
        Text::CaptureNamed(name) => ("Capture {}", [Words(name), No, No]),
        Text::Capturing => plain("Capturing"),
        Text::CaptureQueuedWord => plain("Queued"),
        Text::AlreadyRunning => plain("Already running"),
        Text::AlreadyRunningNamed(name) => {
            ("Already running: view the run of {}", [Words(name), No, No])
        }
        Text::Starting => plain("Starting"),
        Text::Changed => plain("changed"),
        Text::Unchanged => plain("unchanged"),
        Text::NeverCaptured => plain("Never captured"),
        Text::GoneSince => plain("Gone from Graph"),
        Text::Why => plain("Why"),
        Text::WhyNamed(name) => ("Why the capture of {} failed", [Words(name), No, No]),
        Text::MayNotStart => plain("Your role here is to look; an operator can capture."),
        Text::NoPolicies => plain("No policies known yet"),
        Text::NoPoliciesBody => {
            plain("The first capture reads the list of policies from Graph, and they stand here.")
        }
        Text::NoPoliciesMatch => plain("No policy matches"),
        Text::NoPoliciesMatchBody => plain("No name or platform of this view has these words."),
        Text::PoliciesFailedToLoad => plain("The policies could not be loaded"),
        Text::OldList => plain("The list could not be read again; it may be old."),
        Text::ListFailed => plain("The list could not be read from Graph."),
        Text::ShowMore => plain("Show more"),
        Text::NPoliciesShownOf { n, m } => ("{} of {} policies", [Number(n), Number(m), No]),
        Text::TenantNotYours => plain("This tenant does not exist, or you cannot see it"),
        Text::SignInTitle => plain("Sign in to tenant-atlas"),
        Text::SignInBody => plain("Watch and run jobs over your tenants."),
        Text::Name => plain("Name"),
        Text::Password => plain("Password"),
        Text::SigningIn => plain("Signing in"),
        Text::WrongCredentials => plain("Name or password is wrong."),
        Text::EnterName => plain("Enter your name."),
        Text::EnterPassword => plain("Enter your password."),
        Text::SetupTitle => plain("Set up tenant-atlas"),
        Text::SetupBody => plain("A minute, then you watch a real job."),
        Text::InviteTitle => plain("Choose your password"),
        Text::InviteBody(name) => ("For {}.", [Words(name), No, No]),
        Text::YourAccountLegend => plain("Your account"),
        Text::NameHelp => {
            plain("You sign in with it, and others see it on the runs that you start.")
        }
        Text::ChooseName => plain("Choose a name."),
        Text::NameTooLong { n, m } => (
            "{} characters; it takes at most {}.",
            [Number(n), Number(m), No],
        ),
        Text::PasswordHelp(n) => ("At least {} characters.", [Number(n), No, No]),
        Text::PasswordTooShort { n: 1, m } => {
            ("1 character; it takes at least {}.", [Number(m), No, No])
        }
        Text::PasswordTooShort { n, m } => (
            "{} characters; it takes at least {}.",
            [Number(n), Number(m), No],
        ),
        Text::PasswordTooLong => plain("Too long: at most 1,024 bytes."),
        Text::CreateAccount => plain("Create account"),
        Text::SetPassword => plain("Set password and sign in"),
        Text::Creating => plain("Creating"),
        Text::StepLink => plain("Link checked"),
        Text::StepLinkBody => plain("Works once"),
        Text::StepChecking => plain("Checking the link"),
        Text::StepAccount => plain("Your account"),
        Text::StepAccountBody => plain("The first account is an admin"),
        Text::StepInviteBody => plain("You will see your tenants"),
        Text::StepCapture => plain("First capture"),
        Text::StepCaptureBody => plain("You start it; you watch it"),
        Text::TenantsYouSee(1) => plain("The tenant that you will see"),
        Text::TenantsYouSee(_) => plain("The tenants that you will see"),
        Text::LinkUsed => plain("This link has been used or has expired"),
        Text::LinkUsedBody => plain(
            "A link works once. If you have an account, sign in. Otherwise ask the person who runs this server for a new link.",
        ),
        Text::LinkMissing => plain("This page needs a link"),
        Text::LinkMissingBody => plain(
            "Open the whole set-up link, from the server's first lines or from the person who invited you; its last part is missing here.",
        ),
        Text::LinkNotChecked => plain("The link could not be checked"),
        Text::GoToSignIn => plain("Go to sign-in"),
        Text::NotFound => plain("There is no such page"),
        Text::NotFoundBody(path) => (
            "Nothing is at {}. Perhaps the address was cut.",
            [Words(path), No, No],
        ),
        Text::NoTenants => plain("You see no tenant yet"),
        Text::NoTenantsBody => plain("Ask a person who administers this server to give you one."),
        Text::CannotAsk => plain("The server does not answer"),
        Text::CannotAskBody => {
            plain("Who is signed in is not known yet. It is asked again by itself.")
        }
        Text::StartPageLink => plain("Start page"),
    }
}
