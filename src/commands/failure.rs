//! Why a command ended without doing what was asked: one sentence and an exit status.

use crate::attempts::BookError;
use crate::deployment::Refusal;
use crate::ledger::verify::returns_hint;
use crate::ledger::{AppendError, LedgerError};
use crate::rehearsal::RehearsalError;
use std::fmt;
use std::io;

#[derive(Debug)]
pub struct Failure {
    /// The exit status: 1 failed, 2 usage, 3 damaged ledger, 4 refused, 5 not reached, 6 NO-GO or inconclusive.
    pub status: u8,
    pub message: String,
}

impl Failure {
    pub fn not_fine(message: impl Into<String>) -> Self {
        Self { status: 1, message: message.into() }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self { status: 2, message: message.into() }
    }

    /// What to do next where the message does not say it itself.
    pub fn hint(&self) -> &'static str {
        match self.status {
            2 => "`gonogo COMMAND --help` shows what can be asked",
            3 => "`gonogo verify LEDGER` says what is damaged; work on a copy",
            4 => "`gonogo status LEDGER` shows what is open, and who drives",
            5 => "`gonogo doctor CHECKLIST` checks variables, addresses and rights",
            _ => "`GONOGO_LOG=FILE gonogo …` keeps a log of what it does",
        }
    }

    pub fn refused(message: impl Into<String>) -> Self {
        Self { status: 4, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let status = error.exit_status();
        let hint = match &error {
            LedgerError::Altered { path, .. } => returns_hint(path),
            _ => None,
        };
        let hint = hint.map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        Self { status, message: format!("{error}{hint}") }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { status: refusal.exit_status(), message: refusal.to_string() }
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Refused(refusal) => refusal.into(),
            AppendError::Ledger(error) => error.into(),
        }
    }
}

impl From<BookError> for Failure {
    fn from(error: BookError) -> Self {
        Self { status: error.exit_status(), message: error.to_string() }
    }
}

impl From<RehearsalError> for Failure {
    fn from(error: RehearsalError) -> Self {
        Self { status: error.exit_status(), message: error.to_string() }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // A reader that has seen enough (`| head`) is no failure worth a sentence.
        let message = if error.kind() == io::ErrorKind::BrokenPipe { String::new() } else { error.to_string() };
        Self { status: 1, message }
    }
}
