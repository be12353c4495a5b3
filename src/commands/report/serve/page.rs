//! The page as it is shown now: made anew when something was recorded, and while somebody watches as time passes.

use crate::commands::Failure;
use crate::ledger::Ledger;
use crate::ledger::watch::Watcher;
use crate::report::Report;
use hyper::body::Bytes;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::watch;

/// Versions are at least so far apart, and four times as far as one takes to make.
const APART: Duration = Duration::from_secs(1);
const SHARE: u32 = 4;
/// Clocks and lengths in the page go on without a record.
const AGE: Duration = Duration::from_secs(30);

/// One version of the page.
pub(super) struct Shown {
    pub html: Bytes,
    /// What browsers are notified of it, as a server-sent event.
    pub event: Bytes,
    version: u64,
    /// What it was made of.
    report: Arc<Report>,
    closed: bool,
    trouble: Option<String>,
}

impl Shown {
    /// With a trouble the page says it itself, so that whoever has no scripts and reloads never takes what was for what is.
    fn new(report: Arc<Report>, version: u64, closed: bool, trouble: Option<String>) -> Result<Self, Failure> {
        let html = report.live_html(version, trouble.as_deref());
        let html = Bytes::from(html.map_err(|error| Failure::not_fine(error.to_string()))?);
        let records = report.ledger.records;
        let reported = json!({ "version": version, "records": records, "closed": closed, "trouble": trouble });
        let event = Bytes::from(format!("retry: 3000\nevent: report\ndata: {reported}\n\n"));
        Ok(Self { html, event, version, report, closed, trouble })
    }
}

/// Reads the ledger and makes the page of it, on a thread that may take its time.
pub(super) async fn make(path: PathBuf, version: u64) -> Result<Shown, Box<Failure>> {
    let runtime = Handle::current();
    let made = tokio::task::spawn_blocking(move || {
        let ledger = Ledger::open(&path)?;
        let report = runtime.block_on(super::super::read(&ledger));
        Shown::new(Arc::new(report), version, ledger.state().closed.is_some(), None)
    });
    made.await.unwrap_or_else(|error| Err(Failure::not_fine(error.to_string()))).map_err(Box::new)
}

/// Keeps what is shown up to date until the program ends.
pub(super) async fn keep(path: PathBuf, sender: watch::Sender<Arc<Shown>>) {
    let mut wakes = Watcher::new(&path).ok();
    loop {
        let old = Arc::clone(&sender.borrow());
        let begun = Instant::now();
        let new = make(path.clone(), old.version + 1).await;
        let took = begun.elapsed();
        match new {
            // A deployment that was closed does not change any more.
            Ok(new)
                if new.closed
                    && old.closed
                    && old.trouble.is_none()
                    && new.report.ledger.records == old.report.ledger.records => {}
            Ok(new) => _ = sender.send_replace(Arc::new(new)),
            Err(failure) => {
                let trouble = failure.to_string();
                if old.trouble.as_ref() != Some(&trouble)
                    && let Ok(new) = Shown::new(Arc::clone(&old.report), old.version + 1, old.closed, Some(trouble))
                {
                    sender.send_replace(Arc::new(new));
                }
            }
        }
        tokio::time::sleep(APART.max(took * SHARE)).await;
        loop {
            let recorded = async {
                let reported = match &mut wakes {
                    Some((_, wakes)) => wakes.recv().await.is_some(),
                    None => false,
                };
                // Where nobody shows it is looked at by time alone.
                if !reported {
                    tokio::time::sleep(AGE).await;
                }
            };
            tokio::select! {
                () = recorded => break,
                // One receiver is the door's own.
                () = tokio::time::sleep(AGE) => if sender.receiver_count() > 1 && !sender.borrow().closed {
                    break;
                },
            }
        }
    }
}
