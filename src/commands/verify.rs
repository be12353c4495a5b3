//! `gonogo verify`: whether the ledger, its evidence and its sign-offs still stand.

use crate::deployment::fact::LedgerOpened;
use crate::deployment::signoff::{self, Standing};
use crate::deployment::{Fact, Plan};
use crate::input;
use crate::ledger::snapshot::spoiled_snapshots;
use crate::ledger::verify::{Examination, Finding, examine, returns_hint};
use crate::ledger::{Ledger, LedgerError};
use chrono::{TimeDelta, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::io::{self, Read as _, Write};
use std::path::Path;

/// Sign-off given for something that has changed since.
const STALE: u8 = 15;
const ALTERED: u8 = 11;

/// Looks through the ledger at `path` and says what it found, worst first.
///
/// # Errors
/// Only when `out` or `err` cannot be written.
pub fn verify(path: &Path, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    verify_with(path, out, err, |path| Ledger::open(path))
}

/// [`verify`] with a plan made by `plan`, see [`Ledger::open_with`].
///
/// # Errors
/// As [`verify`].
pub fn verify_with_plan<E: ToString>(
    path: &Path,
    out: &mut dyn Write,
    err: &mut dyn Write,
    plan: impl FnOnce(&str, &LedgerOpened) -> Result<Plan, E>,
) -> io::Result<u8> {
    verify_with(path, out, err, |path| Ledger::open_with(path, plan))
}

fn verify_with(
    path: &Path,
    out: &mut dyn Write,
    err: &mut dyn Write,
    open: impl FnOnce(&Path) -> Result<Ledger, LedgerError>,
) -> io::Result<u8> {
    let examination = match examine(path) {
        Ok(examination) => examination,
        Err(error) => {
            writeln!(err, "{error}")?;
            if let Some(hint) = returns_hint(path) {
                writeln!(err, "{hint}")?;
            }
            return Ok(error.exit_status());
        }
    };
    tell(&examination, out)?;
    if examination.finding != Finding::Intact {
        if let Some(hint) = returns_hint(path) {
            writeln!(out, "{hint}")?;
        }
        return Ok(examination.finding.exit_status());
    }
    let ledger = match open(path) {
        Ok(ledger) => ledger,
        Err(error @ (LedgerError::Newer { .. } | LedgerError::Io { .. })) => {
            writeln!(out, "evidence and sign-offs were not looked at: {error}")?;
            return Ok(0);
        }
        Err(error) => {
            writeln!(out, "altered: {error}")?;
            return Ok(ALTERED);
        }
    };
    tell_of_clocks(&ledger, out)?;
    let mut spoiled = spoiled_outputs(&ledger);
    spoiled.extend(spoiled_snapshots(&ledger).iter().map(ToString::to_string));
    for why in &spoiled {
        writeln!(out, "altered: {why}")?;
    }
    let stale = stale_signatures(&ledger);
    for who in &stale {
        writeln!(out, "stale: {who}")?;
    }
    Ok(match (spoiled.is_empty(), stale.is_empty()) {
        (false, _) => ALTERED,
        (true, false) => STALE,
        (true, true) => 0,
    })
}

/// Times that run backwards, or that are still to come: the records hold, and a clock was set.
fn tell_of_clocks(ledger: &Ledger, out: &mut dyn Write) -> io::Result<()> {
    let slack = TimeDelta::seconds(1);
    for pair in ledger.records().windows(2) {
        let (before, record) = (&pair[0], &pair[1]);
        if record.at + slack < before.at {
            let back = (before.at - record.at).num_seconds();
            writeln!(
                out,
                "note: record {} is dated {back} s before the one in front of it: a clock was set",
                record.seq
            )?;
        }
    }
    if let Some(last) = ledger.records().last().filter(|last| last.at > Utc::now() + TimeDelta::minutes(1)) {
        writeln!(
            out,
            "note: record {} is dated {}, which is still to come",
            last.seq,
            last.at.format("%Y-%m-%d %H:%M:%S UTC")
        )?;
    }
    Ok(())
}

fn tell(examination: &Examination, out: &mut dyn Write) -> io::Result<()> {
    let Examination { records, head, finding, unknown, anchored } = examination;
    let word = finding.word();
    match finding {
        Finding::Intact => writeln!(out, "{word}: {records} records, head #{records} {head}")?,
        Finding::Torn { seq, offset, bytes } => writeln!(
            out,
            "{word}: record {seq} at byte {offset} is not whole ({bytes} bytes); it was never acknowledged, and the next record sets it aside"
        )?,
        Finding::Altered { seq, offset, why } => {
            writeln!(out, "{word}: record {seq} at byte {offset}: {why}; the {records} records before it are sound")?;
        }
        Finding::Truncated { found, offset, anchored } => writeln!(
            out,
            "{word}: the ledger ends with record {found} at byte {offset}, but {anchored} was acknowledged"
        )?,
    }
    for (seq, kind) in unknown {
        writeln!(out, "record {seq} is a `{kind}`, which a newer gonogo wrote; its sum and place are right")?;
    }
    if !anchored {
        writeln!(out, "no anchored head was found, so a cut at the end of a record would not show")?;
    }
    Ok(())
}

/// Outputs of finished attempts that are gone or not what was recorded.
fn spoiled_outputs(ledger: &Ledger) -> Vec<String> {
    let outcomes = ledger.records().iter().filter_map(|record| match &record.fact {
        Fact::AttemptFinished { attempt, outcome, .. } => Some((record.seq, attempt, outcome.output.as_ref()?)),
        _ => None,
    });
    let spoiled = outcomes.filter_map(|(seq, attempt, output)| {
        let path = ledger.evidence().join(&output.file);
        let why = match sum_of(&path, output.bytes) {
            Ok(Some(_)) if is_longer(&path, output.bytes) => "is longer than what was recorded".to_owned(),
            Ok(Some(sum)) if sum == output.sha256.as_str() => return None,
            Ok(Some(_)) => "is not what was recorded".to_owned(),
            Ok(None) => "is shorter than what was recorded".to_owned(),
            Err(error) => format!("cannot be read: {error}"),
        };
        Some(format!("the output of attempt {attempt} (record {seq}), {}, {why}", path.display()))
    });
    spoiled.collect()
}

fn is_longer(path: &Path, bytes: u64) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > bytes)
}

/// The SHA-256 of a file's first `bytes`; `None` when it has fewer.
fn sum_of(path: &Path, bytes: u64) -> io::Result<Option<String>> {
    let mut file = input::open(path, u64::MAX)?.take(bytes);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut left = bytes;
    while left > 0 {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(None);
        }
        hasher.update(&buffer[..read]);
        left -= read as u64;
    }
    Ok(Some(HEXLOWER.encode(&hasher.finalize())))
}

fn stale_signatures(ledger: &Ledger) -> Vec<String> {
    let mut board = ledger.board();
    let lines = signoff::lines(ledger.plan(), ledger.state(), &mut board);
    let stale = lines.iter().filter(|line| line.standing == Standing::Stale);
    let said = stale.filter_map(|line| {
        let (stamp, signed) = line.signed?;
        let what = if signed.checklist == *ledger.plan().digest() { "evidence" } else { "checklist" };
        let (role, group, name) = (&line.role.title, &line.group.title, &signed.name);
        Some(format!("{role} ({name}) signed {group} in record {}, and the {what} has changed since", stamp.seq))
    });
    said.collect()
}
