//! `gonogo status`: where the deployment stands, for people and for scripts.

mod account;
mod flight;
mod flown;
mod metrics;
mod migration;
mod words;

pub use account::Account;

use super::Failure;
use crate::cli::reading::Status;
use crate::ledger::Ledger;
use crate::ledger::watch::Watcher;
use chrono::Utc;
use std::io::{self, Write};

/// How the status is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    /// Format 1 of the status document.
    Json,
}

/// Carries `gonogo status` out.
pub async fn asked(asked: &Status, out: &mut dyn Write) -> Result<u8, Failure> {
    let form = if asked.json { Form::Json } else { Form::Text };
    let mut ledger = Ledger::open(&asked.ledger)?;
    if !asked.watch {
        return Ok(status(&ledger, form, out)?);
    }
    let (_watcher, mut wakes) = Watcher::new(ledger.path()).map_err(|error| Failure::not_fine(error.to_string()))?;
    loop {
        // Each account follows the one before: a log keeps them all.
        writeln!(out, "{}", Utc::now().format("%Y-%m-%d %H:%M:%S UTC"))?;
        status(&ledger, form, out)?;
        writeln!(out)?;
        out.flush()?;
        loop {
            if wakes.recv().await.is_none() {
                return Ok(0);
            }
            if !ledger.follow()?.is_empty() {
                break;
            }
        }
    }
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
