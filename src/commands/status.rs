//! `gonogo status`: where the deployment stands, for people and for scripts.

pub mod event;
mod flown;
mod openmetrics;
mod words;

use super::Failure;
use crate::attempts::checks::watch;
use crate::checklist::ItemId;
use crate::cli::told::Status;
use crate::deployment::account::{Account, LedgerState};
use crate::deployment::watching::Period;
use crate::ledger::Ledger;
use crate::ledger::watch::Watcher;
use crate::metrics::watch::Reading;
use chrono::Utc;
use std::io::{self, Write};

/// What a watch comes to.
type Read = (ItemId, Period, Reading);

/// How the status is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    /// Format 1 of the status document.
    Json,
    /// Numbers for Prometheus.
    OpenMetrics,
}

/// Carries `gonogo status` out.
pub async fn asked(asked: &Status, out: &mut dyn Write) -> Result<u8, Failure> {
    let form = match (asked.json, asked.openmetrics) {
        (_, true) => Form::OpenMetrics,
        (true, false) => Form::Json,
        (false, false) => Form::Text,
    };
    let mut ledger = Ledger::open(&asked.ledger)?;
    if asked.follow {
        return event::follow(ledger, asked.since, out).await;
    }
    if !asked.watch {
        let readings = watch::under_way(ledger.evidence(), ledger.plan(), ledger.state(), Utc::now()).await;
        return Ok(tell(&ledger, form, &readings.unwrap_or_default(), out)?);
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
    tell(ledger, form, &[], out)
}

/// The same with what the watches under way come to.
fn tell(ledger: &Ledger, form: Form, readings: &[Read], out: &mut dyn Write) -> io::Result<u8> {
    match form {
        Form::Text => words::tell(ledger, readings, out)?,
        Form::Json => {
            let mut account = account(ledger);
            for line in &mut account.watches {
                let found = readings.iter().find(|(item, ..)| *item == line.item).map(|(.., reading)| reading);
                line.coverage = found.map(|reading| reading.coverage);
                line.detail = found.map(|reading| reading.detail.clone());
            }
            serde_json::to_writer_pretty(&mut *out, &account)?;
            writeln!(out)?;
        }
        Form::OpenMetrics => {
            let name = ledger.path().file_name().map(|name| name.to_string_lossy());
            let text = openmetrics::text(&account(ledger), ledger.state(), &name.unwrap_or_default());
            out.write_all(text.as_bytes())?;
        }
    }
    Ok(0)
}

/// The account of a ledger as it stands now.
pub fn account(ledger: &Ledger) -> Account {
    Account::at(ledger.plan(), ledger.state(), ledger_state(ledger), Utc::now())
}

/// What is told of the ledger itself.
pub fn ledger_state(ledger: &Ledger) -> LedgerState {
    LedgerState {
        records: ledger.records().len(),
        head: ledger.records().last().map(|record| record.sum.to_string()),
        intact: ledger.incomplete_bytes() == 0,
    }
}
