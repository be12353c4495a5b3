//! Time stamps that were recorded: whether each is what was recorded, of the line it was made for, and whose.

use super::table::{ALTERED, BAD_SIGNATURE, Row};
use crate::checklist::Digest;
use crate::deployment::fact::{Anchored, Timestamp};
use crate::deployment::{Fact, Record};
use crate::identity::timestamp::{NoStamp, Stamp, check};
use crate::input;
use crate::ledger::Ledger;
use crate::ledger::verify::posted::Posted;
use chrono::TimeDelta;
use std::path::Path;

const WHAT: &str = "timestamps";
/// The longest that is kept.
const LONGEST: u64 = 1 << 20;
/// So far a clock may be off.
const SLACK: TimeDelta = TimeDelta::minutes(1);

/// Looks at all of them, with the certificate that the auditor trusts.
pub(super) fn look(ledger: &Ledger, trust: Option<&Path>, notes: &mut Vec<String>) -> Row {
    let stamped = ledger.records().iter().filter_map(|record| match &record.fact {
        Fact::Anchored(anchored) => Some((record, anchored, anchored.timestamp.as_ref()?)),
        _ => None,
    });
    let (mut altered, mut bad, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    let mut fine = Vec::new();
    for (record, anchored, timestamp) in stamped {
        let what = format!("the time stamp in record {}, {},", record.seq, timestamp.file);
        match one(ledger, record, anchored, timestamp, trust) {
            Ok(Looked::Fine(stamp, own)) => {
                if stamp.at + SLACK < own.at {
                    let at = stamp.at.format("%Y-%m-%d %H:%M:%S UTC");
                    notes.push(format!(
                        "record {} was stamped at {at}, before its own time: a clock was wrong",
                        own.seq
                    ));
                }
                fine.push(stamp);
            }
            Ok(Looked::Altered(why)) => altered.push(format!("{what} {why}")),
            Err(NoStamp::Missing) => unknown.push(NoStamp::Missing.to_string()),
            Err(NoStamp::Io(error)) => unknown.push(error.to_string()),
            Err(NoStamp::Mismatch) => altered.push(format!("{what} is of another line")),
            Err(why @ (NoStamp::Refused(_) | NoStamp::Bad(_))) => bad.push(format!("{what} does not count: {why}")),
        }
    }
    if !altered.is_empty() {
        return Row::new(WHAT, "altered", ALTERED, altered);
    }
    if !bad.is_empty() {
        return Row::new(WHAT, "bad signature", BAD_SIGNATURE, bad);
    }
    if let Some(why) = unknown.into_iter().next() {
        return Row::unknown(WHAT, why);
    }
    let count = fine.len();
    match fine.last() {
        None => Row::new(WHAT, "none", 0, Vec::new()),
        Some(last) if last.verified => Row::new(
            WHAT,
            "verified",
            0,
            vec![format!("{count}, the last one of {}", last.at.format("%Y-%m-%d %H:%M:%S UTC"))],
        ),
        Some(_) => {
            Row::new(WHAT, "unverified", 0, vec![format!("{count}; whose they are is checked with --tsa-ca FILE")])
        }
    }
}

enum Looked<'a> {
    /// What it says, and the record that was stamped.
    Fine(Stamp, &'a Record),
    Altered(String),
}

fn one<'a>(
    ledger: &'a Ledger,
    record: &Record,
    anchored: &Anchored,
    timestamp: &Timestamp,
    trust: Option<&Path>,
) -> Result<Looked<'a>, NoStamp> {
    let altered = |why: &str| Ok(Looked::Altered(why.to_owned()));
    let index = usize::try_from(anchored.head.0).ok().and_then(|seq| seq.checked_sub(1));
    let own = index.and_then(|index| ledger.records().get(index)).filter(|own| own.seq < record.seq);
    let Some(own) = own.filter(|own| own.sum == anchored.head_sum) else {
        return altered("is of a record that is not there");
    };
    let Some(posted) = index.and_then(|index| Posted::of(ledger.records().get(..=index)?)) else {
        return altered("is of a record that is not there");
    };
    // A name with a path in it was not written by this program.
    let name = timestamp.file.strip_prefix("timestamps/").filter(|name| !name.contains('/') && !name.starts_with('.'));
    let Some(name) = name else { return altered("has no name of ours") };
    let path = crate::commands::anchor::folder(ledger.layout()).join(name);
    let answer = match input::read(&path, LONGEST) {
        Ok(answer) => answer,
        Err(error) => return altered(&format!("cannot be read: {error}")),
    };
    if Digest::of(&answer) != timestamp.sha256 {
        return altered("is not what was recorded");
    }
    let stamp = check(format!("{posted}\n").as_bytes(), None, &answer, trust)?;
    if (stamp.at - timestamp.at).abs() > TimeDelta::seconds(1) {
        return altered("shows another time than was recorded");
    }
    Ok(Looked::Fine(stamp, own))
}
