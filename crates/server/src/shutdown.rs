//! How everything hears that the server goes away.

use tokio::sync::watch;

/// Cheap to clone; all clones hear of the same end.
#[derive(Clone)]
pub struct Shutdown {
    is_ending: watch::Receiver<bool>,
}

/// Ends what holds a [`Shutdown`]. Dropping it ends them as well.
pub struct End(watch::Sender<bool>);

impl Shutdown {
    /// The two ends.
    pub fn new() -> (End, Self) {
        let (sender, is_ending) = watch::channel(false);
        (End(sender), Self { is_ending })
    }

    /// Waits for the end. Safe to drop and call again.
    pub async fn ending(&self) {
        // An error means that the sender is gone: that is an end as well.
        drop(
            self.is_ending
                .clone()
                .wait_for(|is_ending| *is_ending)
                .await,
        );
    }

    /// Whether it has come.
    pub fn is_ending(&self) -> bool {
        *self.is_ending.borrow() || self.is_ending.has_changed().is_err()
    }
}

impl End {
    /// Tells all.
    pub fn now(&self) {
        self.0.send_replace(true);
    }
}

/// Listens to SIGTERM and SIGINT from this call on; the future ends with the first of them.
///
/// # Errors
/// The system does not let us listen to signals.
pub fn signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        // An error means that no signal can come.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
