//! What the supervisor needs of a ledger.

use crate::deployment::{Fact, Intent, Operator, Plan, Refusal, State};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// A ledger as the supervisor uses it: every intent is decided again on the newest state, and an append that returns is
/// on disk.
pub trait Book: Send {
    /// The ledger's file.
    fn path(&self) -> &Path;

    /// `NAME.ledger.d`.
    fn evidence(&self) -> PathBuf;

    fn plan(&self) -> Arc<Plan>;

    /// As it was last read.
    fn state(&self) -> Arc<State>;

    /// Reads what others appended.
    ///
    /// # Errors
    /// When the ledger cannot be read or is damaged.
    fn refresh(&mut self) -> Result<(), BookError>;

    /// Appends with `prepare` called on the decided facts before they are written, under the ledger's lock. When it
    /// fails, nothing is written.
    ///
    /// # Errors
    /// When the intent is refused, the preparation fails, or the ledger cannot be written.
    fn append_with(
        &mut self,
        by: &Operator,
        intent: Intent,
        prepare: &mut dyn FnMut(&[Fact]) -> io::Result<()>,
    ) -> Result<(), BookError>;

    /// Appends.
    ///
    /// # Errors
    /// When the intent is refused or the ledger cannot be written.
    fn append(&mut self, by: &Operator, intent: Intent) -> Result<(), BookError> {
        self.append_with(by, intent, &mut |_| Ok(()))
    }
}

#[derive(Debug, Error)]
pub enum BookError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// May go well later: the disk is full, the lock is held.
    #[error("{0}")]
    Unavailable(String),
    /// Trying again will not help; `status` is the exit status that reports it.
    #[error("{sentence}")]
    Unusable { sentence: String, status: u8 },
}

impl BookError {
    /// The exit status that reports it.
    pub fn exit_status(&self) -> u8 {
        match self {
            BookError::Refused(refusal) => refusal.exit_status(),
            BookError::Unavailable(_) => 1,
            BookError::Unusable { status, .. } => *status,
        }
    }
}
