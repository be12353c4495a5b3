//! `gonogo status`: where the deployment stands, for people and for scripts.

pub mod event;
mod flown;
pub mod openmetrics;
mod words;

use super::Failure;
use crate::attempts::checks::watch;
use crate::checklist::ItemId;
use crate::cli::reported::Status;
use crate::deployment::account::availability::availability_lines;
use crate::deployment::account::metrics::{Seen, see};
use crate::deployment::account::{Account, LedgerState};
use crate::deployment::watching::Period;
use crate::ledger::Ledger;
use crate::ledger::watch::Watcher;
use crate::metrics::Store;
use crate::metrics::watch::Reading;
use chrono::Utc;
use std::io::{self, Write};

/// What a watch comes to.
type Read = (ItemId, Period, Reading);

/// What is reported beside the records.
#[derive(Default)]
struct Collected {
    readings: Vec<Read>,
    seen: Seen,
}

/// How the status is reported.
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
        return Ok(tell(&ledger, form, &collected(&ledger).await, out)?);
    }
    let (_watcher, mut wakes) = Watcher::new(ledger.path()).map_err(|error| Failure::not_fine(error.to_string()))?;
    loop {
        // Each account follows the one before: a log keeps them all.
        writeln!(out, "{}", Utc::now().format("%Y-%m-%d %H:%M:%S UTC"))?;
        tell(&ledger, form, &collected(&ledger).await, out)?;
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

/// Writes where the deployment stands. The exit status is 0: it could be reported, whatever it is.
///
/// # Errors
/// Only when `out` cannot be written.
pub fn status(ledger: &Ledger, form: Form, out: &mut dyn Write) -> io::Result<u8> {
    tell(ledger, form, &Collected::default(), out)
}

/// The same with what was collected.
fn tell(ledger: &Ledger, form: Form, collected: &Collected, out: &mut dyn Write) -> io::Result<u8> {
    match form {
        Form::Text => words::tell(ledger, collected, out)?,
        Form::Json => {
            let mut account = with_seen(ledger, &collected.seen);
            for line in &mut account.watches {
                let found =
                    collected.readings.iter().find(|(item, ..)| *item == line.item).map(|(.., reading)| reading);
                line.coverage = found.map(|reading| reading.coverage);
                line.detail = found.map(|reading| reading.detail.clone());
            }
            serde_json::to_writer_pretty(&mut *out, &account)?;
            writeln!(out)?;
        }
        Form::OpenMetrics => {
            let name = ledger.path().file_name().map(|name| name.to_string_lossy());
            let account = with_seen(ledger, &collected.seen);
            let text = openmetrics::text(&account, ledger.state(), &name.unwrap_or_default());
            out.write_all(text.as_bytes())?;
        }
    }
    Ok(0)
}

/// The account with how the metrics stand by what was collected.
pub fn with_seen(ledger: &Ledger, seen: &Seen) -> Account {
    let mut account = account(ledger);
    see(&mut account.metrics, seen);
    account.availability = availability_lines(ledger.plan(), seen);
    account
}

/// What the collector's store holds: nothing where nothing was collected, or it cannot be read.
async fn collected(ledger: &Ledger) -> Collected {
    let readings = watch::under_way(ledger.evidence(), ledger.plan(), ledger.state(), Utc::now()).await;
    Collected { readings: readings.unwrap_or_default(), seen: seen(ledger).await }
}

/// How the metrics stand.
async fn seen(ledger: &Ledger) -> Seen {
    let mut seen = Seen::new();
    let Ok(Some(store)) = Store::past(ledger.evidence()).await else { return seen };
    let (plan, now) = (ledger.plan(), Utc::now());
    for pane in &plan.checklist().panes {
        let Some((environment, _)) = plan.environment_in(&pane.slot) else { continue };
        if let Ok(mut watched) = store.watched(pane, environment, now.timestamp_millis()).await {
            seen.insert(pane.id.clone(), watched.assess(plan, ledger.state(), now));
        }
    }
    store.close().await;
    seen
}

/// The account of a ledger as it is now now.
pub fn account(ledger: &Ledger) -> Account {
    Account::at(ledger.plan(), ledger.state(), ledger_state(ledger), Utc::now())
}

/// What is notified of the ledger itself.
pub fn ledger_state(ledger: &Ledger) -> LedgerState {
    LedgerState {
        records: ledger.records().len(),
        head: ledger.records().last().map(|record| record.sum.to_string()),
        intact: ledger.incomplete_bytes() == 0,
    }
}
