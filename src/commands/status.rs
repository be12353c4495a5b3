//! `gonogo status`: where the deployment stands, for people and for scripts.

mod account;
mod flight;
mod flown;
mod metrics;
mod migration;
mod words;

pub use account::Account;

use crate::ledger::Ledger;
use std::io::{self, Write};

/// How the status is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    /// Format 1 of the status document.
    Json,
}

/// Writes where the deployment stands. The exit status is 0: it could be told, whatever it is.
///
/// # Errors
/// Only when `out` cannot be written.
pub fn status(ledger: &Ledger, form: Form, out: &mut dyn Write) -> io::Result<u8> {
    match form {
        Form::Text => words::tell(ledger, out)?,
        Form::Json => {
            serde_json::to_writer_pretty(&mut *out, &Account::of(ledger))?;
            writeln!(out)?;
        }
    }
    Ok(0)
}
