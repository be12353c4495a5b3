//! Ending a statement from outside.

use std::sync::Arc;
use tokio::sync::watch;

/// Once set, the connection's statement ends within a moment, and none after it begins. Dropping a future alone leaves
/// the statement running in the connection's own thread, or on the server.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<watch::Sender<bool>>);

impl Default for Interrupt {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Interrupt {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn set(&self) {
        self.0.send_replace(true);
    }

    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is set.
    pub async fn wait(&self) {
        let mut seen = self.0.subscribe();
        if seen.wait_for(|set| *set).await.is_err() {
            // Nobody is left who could set it.
            std::future::pending::<()>().await;
        }
    }
}
