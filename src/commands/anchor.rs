//! `gonogo anchor`: the ledger's head as one line, to be posted where it cannot be taken back; stamped by an authority and
//! recorded where that is asked for, once or again and again.

mod stamp;

use super::{Failure, acting, tell};
use crate::cli::proof;
use crate::deployment::fact::{Anchored, Fact};
use crate::deployment::{Intent, Operator, Record};
use crate::ledger::Ledger;
use crate::ledger::verify::posted::Posted;
use crate::ledger::watch::Watcher;
use crate::printed;
use std::io::Write;
use std::time::Duration;
use tokio::time::Instant;

pub(crate) use stamp::folder;

/// How often is looked whether anybody still reads the lines.
const LOOK: Duration = Duration::from_secs(2);

/// Prints the line; with `--timestamp` has it stamped; with `--every` goes on until the deployment is closed.
///
/// # Errors
/// When the ledger cannot be read, or the line not be stamped.
pub(crate) async fn anchor(asked: &proof::Anchor, out: &mut dyn Write) -> Result<u8, Failure> {
    let mut ledger = Ledger::open(&asked.on.ledger)?;
    let by = acting(&asked.on.by);
    let authority = if asked.timestamp { Some(stamp::Authority::asked(asked)?) } else { None };
    let Some(every) = asked.every else {
        match &authority {
            None => print(&ledger, out)?,
            Some(authority) => record(&mut ledger, &by, Some(authority), out).await?,
        }
        return Ok(0);
    };
    let every = every.duration();
    let (_watcher, mut wakes) = Watcher::new(&asked.on.ledger).map_err(|error| Failure::not_fine(error.to_string()))?;
    // What was anchored last, and how many records were looked at.
    let (mut last, mut due) = (None, Instant::now());
    let mut seen = ledger.records().len();
    loop {
        let fresh = ledger.follow().map(|_| ledger.records().get(seen..).unwrap_or_default().to_vec())?;
        seen = ledger.records().len();
        let telling = fresh.iter().any(|record| reports(record));
        if telling || Instant::now() >= due {
            if last != Some(seen) {
                // It fails for a while, as a network does; the next one covers all of it.
                if let Err(failure) = record(&mut ledger, &by, authority.as_ref(), out).await {
                    writeln!(printed::err(), "not stamped: {failure}; the next one covers these records too")?;
                    print(&ledger, out)?;
                }
                out.flush()?;
                seen = ledger.records().len();
                last = Some(seen);
            }
            due = Instant::now() + every;
        }
        if ledger.state().closed.is_some() {
            return Ok(0);
        }
        tokio::select! {
            wake = wakes.recv() => if wake.is_none() {
                return Ok(0);
            },
            () = tokio::time::sleep_until(due) => {}
            () = tokio::time::sleep(LOOK) => if printed::is_abandoned() {
                return Ok(0);
            },
        }
    }
}

/// Whether a record is one that is anchored at once.
fn reports(record: &Record) -> bool {
    matches!(
        record.fact,
        Fact::Decided(_) | Fact::Closed { .. } | Fact::Aborted { .. } | Fact::Failed { .. } | Fact::RolledBack(_)
    )
}

fn posted(ledger: &Ledger) -> Result<Posted, Failure> {
    Posted::of(ledger.records()).ok_or_else(|| Failure::not_fine("the ledger holds no record yet"))
}

fn print(ledger: &Ledger, out: &mut dyn Write) -> Result<(), Failure> {
    Ok(writeln!(out, "{}", posted(ledger)?)?)
}

/// Prints the line, records that it was given out, and shows those who are notified of things.
async fn record(
    ledger: &mut Ledger,
    by: &Operator,
    authority: Option<&stamp::Authority>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let posted = posted(ledger)?;
    let timestamp = match authority {
        None => None,
        Some(authority) => Some(authority.stamp(ledger, &posted).await?),
    };
    writeln!(out, "{posted}")?;
    if let Some(timestamp) = &timestamp {
        let at = timestamp.at.format("%Y-%m-%d %H:%M:%S UTC");
        writeln!(printed::err(), "stamped by {} at {at}: {}", timestamp.authority, timestamp.file)?;
    }
    let since = tell::Since::of(ledger, by);
    ledger.append(by, Intent::RecordAnchor(Anchored { head: posted.seq, head_sum: posted.sum, timestamp }))?;
    since.tell(&mut printed::err()).await
}
