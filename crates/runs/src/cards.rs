//! A person's cards: which of them a page of the history is asked for.

use contract::api::CardState;
use contract::ids::TenantId;
use contract::run::RunStatus;

/// What `GET /api/me/notifications` asks for. A filter that is absent lets everything through.
#[derive(Clone, Debug, Default)]
pub struct CardQuery {
    /// The `next` of the page before.
    pub after: Option<i64>,
    /// 1 to [`contract::api::MAX_ROWS`].
    pub limit: u32,
    /// One tenant. One that is not the person's has nothing.
    pub tenant_id: Option<TenantId>,
    /// The status.
    pub status: Option<RunStatus>,
    /// The operation, to the letter.
    pub operation: Option<String>,
    /// Only what the person started or watches.
    pub mine: bool,
    /// In the operation, the target, the run's id, the tenant's name or the error's message; capitals do not count.
    pub text: Option<String>,
    /// Which of them.
    pub state: CardState,
}
