//! Errors as a run, an item or a list holds them.

use contract::run::RunError;

/// The longest message that is stored, in characters.
const MAX_MESSAGE: usize = 500;

/// Code and sentence of the client, which are safe to show; the whole of it goes to the log here, once.
pub(crate) fn run_error(error: &graph::Error) -> RunError {
    tracing::warn!(
        error.code = error.code(),
        graph.request_id = error.request_id(),
        "failed to {error}"
    );
    RunError {
        code: error.code().to_owned(),
        message: error.safe_message().chars().take(MAX_MESSAGE).collect(),
        retryable: error.retryable(),
        request_id: error.request_id().map(str::to_owned),
    }
}

/// Our own fault; the log says which.
pub(crate) fn internal() -> RunError {
    RunError {
        code: "internal".to_owned(),
        message: "Something went wrong in the server. Its log says what. Try it again; if it ends like this again, report it.".to_owned(),
        retryable: true,
        request_id: None,
    }
}
