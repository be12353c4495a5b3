//! `gonogo status --json --follow`: one line of JSON an event, as it is recorded.

use crate::cockpit::sentence::{Bearing, sentence};
use crate::commands::Failure;
use crate::deployment::{Plan, Record, Seq};
use crate::ledger::watch::Watcher;
use crate::ledger::{Ledger, LedgerError};
use crate::printed;
use crate::report::words::{Time, Tone};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

/// How often is looked whether anybody still reads.
const LOOK: Duration = Duration::from_secs(1);

/// An event of format 1. Scripts rely on it: fields are added, never changed or taken away.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Event {
    pub format: u32,
    /// Where to resume: `--since` with this number begins with the next one.
    pub seq: u64,
    pub at: Time,
    pub by: By,
    /// `item-checked`, `attempt-finished`, `decided` …
    pub kind: String,
    /// In words.
    pub text: String,
    pub tone: Tone,
    /// As the ledger holds it: `kind` and its fields.
    pub fact: serde_json::Map<String, Value>,
    /// The checksum of the record.
    pub sum: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct By {
    /// As stated.
    pub name: String,
    /// The operating system's user.
    pub user: String,
    pub host: String,
    /// A rehearsal answered for a person.
    pub simulated: bool,
}

impl Event {
    /// What a record shows.
    ///
    /// # Errors
    /// When the fact cannot be written as JSON.
    pub fn of(plan: &Plan, record: &Record) -> serde_json::Result<Self> {
        let reported = sentence(plan, record);
        let Value::Object(fact) = serde_json::to_value(&record.fact)? else {
            return Err(serde::ser::Error::custom("a fact is no object"));
        };
        Ok(Self {
            format: 1,
            seq: record.seq.0,
            at: Time(record.at),
            by: By {
                name: record.by.says.clone(),
                user: record.by.user.clone(),
                host: record.by.host.clone(),
                simulated: record.by.simulated.is_some(),
            },
            kind: fact.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned(),
            text: reported.text,
            tone: match reported.bearing {
                Bearing::Plain | Bearing::Begins => Tone::Plain,
                Bearing::Good => Tone::Good,
                Bearing::Bad => Tone::Bad,
                Bearing::Doubtful => Tone::Doubtful,
            },
            fact,
            sum: record.sum.to_string(),
        })
    }
}

/// Writes what a record shows as one line.
pub fn write(plan: &Plan, record: &Record, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", serde_json::to_string(&Event::of(plan, record)?)?)
}

/// The JSON schema of an event.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Event>();
    schema.insert("title".to_owned(), "gonogo event, format 1".into());
    schema.to_value()
}

/// Reads on; where something else happened to the file than an append, the whole chain is looked through once more.
fn follow_on(ledger: &mut Ledger, changed: &mut Option<SystemTime>) -> Result<(), LedgerError> {
    let now = modified(ledger);
    if ledger.follow()?.is_empty() && now != *changed {
        let (known, found) = (ledger.records(), Ledger::open(ledger.path())?);
        // Others may have appended meanwhile.
        let last = known.last().zip(known.len().checked_sub(1).and_then(|at| found.records().get(at)));
        if let Some((known, _)) = last.filter(|(known, found)| known.sum != found.sum) {
            let (path, seq, why) = (ledger.path().to_owned(), known.seq, "it is not the record that was here before");
            return Err(LedgerError::Altered { path, seq, offset: 0, why: why.to_owned() });
        }
    }
    *changed = now;
    Ok(())
}

fn modified(ledger: &Ledger) -> Option<SystemTime> {
    std::fs::metadata(ledger.path()).and_then(|about| about.modified()).ok()
}

fn stopped(error: &LedgerError, seen: Seq) -> Failure {
    Failure {
        status: error.exit_status(),
        message: format!(
            "stopped after record {seen}: {error}\nhint: once the ledger is put right, resume with --since {}",
            seen.0
        ),
    }
}

/// Writes every event after `since`, and each one that comes, until the deployment is closed. What was written follows from
/// a chain of records that holds: where the file is changed in any other way than by appending, this ends.
///
/// # Errors
/// When the ledger is damaged or cannot be read any more, with the number to resume after; when nobody reads the output.
pub async fn follow(mut ledger: Ledger, since: Option<u64>, out: &mut dyn Write) -> Result<u8, Failure> {
    let mut seen = Seq(since.unwrap_or(0));
    let records = ledger.records().len() as u64;
    if seen.0 > records {
        let text = format!(
            "nothing follows record {}: the ledger has {records}; resume with the seq of an event of this ledger, or leave --since out",
            seen.0
        );
        return Err(Failure::usage(text));
    }
    // Watched from before it is read, so that nothing comes unseen in between.
    let (_watcher, mut wakes) = Watcher::new(ledger.path())?;
    let mut changed = modified(&ledger);
    loop {
        let look = follow_on(&mut ledger, &mut changed);
        look.map_err(|error| stopped(&error, seen))?;
        let plan = ledger.plan().clone();
        for record in ledger.records_after(seen) {
            write(&plan, record, out)?;
        }
        out.flush()?;
        seen = Seq(ledger.records().len() as u64);
        if ledger.state().closed.is_some() {
            return Ok(0);
        }
        // Nothing may come for hours; somebody who reads no more is noticed all the same.
        loop {
            tokio::select! {
                wake = wakes.recv() => match wake {
                    Some(()) => break,
                    None => return Ok(0),
                },
                () = tokio::time::sleep(LOOK) => {
                    if printed::is_abandoned() {
                        return Ok(0);
                    }
                }
            }
        }
    }
}
