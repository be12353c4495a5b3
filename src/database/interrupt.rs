//! Ending a statement from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Once set, the connection's statement ends within a moment, and none after it begins. Dropping a future alone leaves
/// the statement running in the connection's own thread.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
