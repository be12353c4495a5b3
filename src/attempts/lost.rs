//! Attempts whose supervisor is gone: their outcome is put into the ledger, or that nobody knows it.

use super::book::{Book, BookError};
use super::files::AttemptFiles;
use super::follow;
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::{Intent, Operator, State};
use std::path::Path;

/// What the ledger should be notified of attempts that it believes running. The state must have been read before the locks
/// are looked at, which this does: a supervisor lets go of its lock only after its last record.
#[must_use]
pub fn find_orphans(state: &State, evidence: &Path) -> Vec<(AttemptNumber, Intent)> {
    let mut orphans = Vec::new();
    for attempt in state.running().map(|attempt| attempt.number) {
        let files = AttemptFiles::new(evidence, attempt);
        // A lock that cannot be looked at proves nothing, so its attempt is left alone.
        if !files.is_abandoned().unwrap_or(false) {
            continue;
        }
        let intent = match follow::outcome(&files) {
            Ok(Some(outcome)) => Intent::FinishAttempt { attempt, outcome },
            Ok(None) => lose(attempt, "its supervisor ended without leaving an outcome"),
            Err(error) => lose(attempt, &format!("its supervisor is gone and its outcome cannot be read: {error}")),
        };
        orphans.push((attempt, intent));
    }
    orphans
}

fn lose(attempt: AttemptNumber, reason: &str) -> Intent {
    Intent::LoseAttempt { attempt, reason: reason.to_owned() }
}

/// Records what became of attempts whose supervisor is gone; done when a ledger is opened. Gives the attempts complete.
///
/// # Errors
/// When the ledger cannot be read or written.
pub fn settle(book: &mut dyn Book, by: &Operator) -> Result<Vec<AttemptNumber>, BookError> {
    book.refresh()?;
    let mut completed = Vec::new();
    for (attempt, intent) in find_orphans(&book.state(), &book.evidence()) {
        match book.append(by, intent) {
            Ok(()) => completed.push(attempt),
            // Somebody else was quicker, perhaps the supervisor itself just before it ended.
            Err(BookError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(completed)
}
