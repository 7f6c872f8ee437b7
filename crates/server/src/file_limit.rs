//! How many files the system lets this process open: each connection is one.

/// What the server needs beside its streams: the database, requests, Graph.
const BESIDE_STREAMS: u64 = 256;

/// Raises the limit as far as the system allows, and says what that is enough for.
pub(crate) fn raise(most_streams: usize) {
    let wanted = most_streams as u64 + BESIDE_STREAMS;
    let Some(limit) = raised(wanted) else {
        return;
    };
    if limit >= wanted {
        tracing::info!(limit, "files that may be open");
    } else {
        tracing::warn!(
            limit,
            "files that may be open: enough for about {} streams, and max_streams is {most_streams}. Raise the hard limit \
             (`ulimit -Hn {wanted}`, or LimitNOFILE={wanted} in the unit of systemd), or lower max_streams",
            limit.saturating_sub(BESIDE_STREAMS),
        );
    }
}

/// The limit from now on; `None` where the system has none.
#[cfg(unix)]
fn raised(wanted: u64) -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current?;
    let reachable = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    if current >= reachable {
        return Some(current);
    }
    let limit = Rlimit {
        current: Some(reachable),
        maximum,
    };
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => Some(reachable),
        Err(error) => {
            tracing::warn!(%error, "failed to raise the limit of open files");
            Some(current)
        }
    }
}

#[cfg(not(unix))]
fn raised(_wanted: u64) -> Option<u64> {
    None
}
