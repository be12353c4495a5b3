//! `gonogo verify`: whether the ledger, its evidence, its signatures and its sign-offs still stand.

mod anchors;
mod attestation;
mod decisions;
mod extract;
pub(crate) mod files;
mod gates;
mod json;
pub(crate) mod policy;
mod signatures;
mod table;
mod timestamps;

use crate::cli::proof::Verify;
use crate::deployment::fact::{LedgerOpened, MISSING_HEAD};
use crate::deployment::signoff::{self, Standing};
use crate::deployment::{Fact, Plan};
use crate::identity::{AllowedSigners, Revoked};
use crate::ledger::snapshot::spoiled_snapshots;
use crate::ledger::verify::posted::Posted;
use crate::ledger::verify::{Anchored, Examination, Finding, examine, returns_hint, sound};
use crate::ledger::{Layout, Ledger, LedgerError};
use chrono::TimeDelta;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use table::{ALTERED, BAD_SIGNATURE, NO_HEAD, NOT_ALLOWED, POLICY, Row, STALE, TRUNCATED, Table};

/// What is looked at only when the ledger can be followed.
const FOLLOWED: [&str; 8] =
    ["snapshots", "signatures", "signers", "staleness", "policy", "decisions", "anchors", "timestamps"];

/// So far the clocks of two hosts may be apart.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Looks through the ledger at `path` and says what it found, worst first.
///
/// # Errors
/// Only when `out` or `err` cannot be written.
pub fn verify(path: &Path, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    verify_asked(&on(path), out, err)
}

/// [`verify`] with everything that can be asked for.
pub fn verify_asked(asked: &Verify, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    verify_with(asked, out, err, |path| Ledger::open(path))
}

/// [`verify`] with a plan made by `plan`, see [`Ledger::open_with`].
pub fn verify_with_plan<E: ToString>(
    path: &Path,
    out: &mut dyn Write,
    err: &mut dyn Write,
    plan: impl FnOnce(&str, &LedgerOpened) -> Result<Plan, E>,
) -> io::Result<u8> {
    verify_with(&on(path), out, err, |path| Ledger::open_with(path, plan))
}

fn on(path: &Path) -> Verify {
    Verify { ledger: Some(path.to_owned()), ..Verify::default() }
}

fn verify_with(
    asked: &Verify,
    out: &mut dyn Write,
    err: &mut dyn Write,
    open: impl FnOnce(&Path) -> Result<Ledger, LedgerError>,
) -> io::Result<u8> {
    let given = match Given::read(asked) {
        Ok(given) => given,
        Err(why) => {
            writeln!(err, "error: {why}")?;
            return Ok(2);
        }
    };
    let Some(path) = asked.ledger.as_deref() else { return alone(asked.json, &given, out) };
    // Read once where all is well; what is wrong is looked into from the first byte on.
    let opened = open(path);
    let sound = opened.as_ref().ok().and_then(sound);
    let examination = match sound.map_or_else(|| examine(path), Ok) {
        Ok(examination) => examination,
        // A newer gonogo can look into it, and this one cannot say a word of it.
        Err(error @ LedgerError::Format { .. }) => return unread(asked.json, path, &error, out),
        Err(error) => {
            writeln!(err, "{error}")?;
            if let Some(hint) = returns_hint(path) {
                writeln!(err, "{hint}")?;
            }
            return Ok(error.exit_status());
        }
    };
    let mut table = begun(path, &examination);
    match followed(&examination, opened) {
        Ok(ledger) => {
            look(&ledger, &given, &mut table);
            if let Some(folder) = &asked.extract {
                match extract::extract(&ledger, folder) {
                    Ok(written) => table.notes.push(written),
                    Err(error) => table.rows.push(Row::unknown("extract", format!("{}: {error}", folder.display()))),
                }
            }
        }
        Err(found) => {
            table.rows.extend(found);
            if given.attestation.is_some() {
                table.rows.push(Row::unknown("attestation", "the ledger cannot be followed".to_owned()));
            }
        }
    }
    table.settle();
    if asked.json {
        return table.write_json(out);
    }
    writeln!(out, "{}", table.headline())?;
    tell(&examination, out)?;
    if examination.finding != Finding::Intact
        && let Some(hint) = returns_hint(path)
    {
        writeln!(out, "{hint}")?;
    }
    table.write(out)?;
    Ok(table.status)
}

/// An attestation without the ledger that it speaks of.
fn alone(json: bool, given: &Given, out: &mut dyn Write) -> io::Result<u8> {
    let mut table = Table::empty(String::new());
    if let Some(attestation) = &given.attestation {
        attestation::alone(attestation, given, &mut table);
    }
    table.finish(json, out)
}

/// A ledger of a format that only a newer gonogo reads.
fn unread(json: bool, path: &Path, why: &LedgerError, out: &mut dyn Write) -> io::Result<u8> {
    let mut table = Table::empty(path.display().to_string());
    table.rows.push(Row::unknown("chain", why.to_string()));
    table.finish(json, out)
}

/// What an auditor brings along.
struct Given {
    signers: Option<(PathBuf, crate::deployment::fact::SignersRecorded, AllowedSigners)>,
    anchors: Vec<Posted>,
    attestation: Option<attestation::Attestation>,
    /// Nobody else's attestation counts; everybody's who may sign, where none is named.
    principals: Vec<String>,
    require_go: bool,
    revoked: Revoked,
    trust: Option<PathBuf>,
}

impl Given {
    fn allowed(&self) -> Option<&AllowedSigners> {
        self.signers.as_ref().map(|(_, _, allowed)| allowed)
    }

    fn read(asked: &Verify) -> Result<Self, String> {
        let signers = asked.allowed_signers.as_ref().map(|file| {
            let recorded = super::signers::read(file).map_err(|failure| failure.message)?;
            let allowed = AllowedSigners::read(&recorded.allowed_signers);
            Ok::<_, String>((file.clone(), recorded, allowed))
        });
        let mut anchors = Vec::new();
        for lines in &asked.anchor {
            anchors.extend(Posted::all(lines).map_err(|why| why.to_string())?);
        }
        let attestation = asked.attestation.as_deref().map(attestation::Attestation::read).transpose()?;
        let revoked = asked.revoked.as_deref().map(Revoked::read).transpose();
        let revoked = revoked.map_err(|why| why.to_string())?.unwrap_or_default();
        Ok(Self {
            signers: signers.transpose()?,
            anchors,
            attestation,
            principals: asked.principal.clone(),
            require_go: asked.require_go,
            revoked,
            trust: asked.tsa_ca.clone(),
        })
    }
}

/// What is known without following the ledger.
fn begun(path: &Path, examination: &Examination) -> Table {
    let Examination { records, head, finding, anchored, outputs, .. } = examination;
    let chain = Row::new("chain", finding.word(), finding.exit_status(), vec![sentence(examination)]);
    let head_row = match (finding, anchored) {
        (Finding::Truncated { anchored, .. }, _) => Row::new(
            "head",
            "missing",
            TRUNCATED,
            vec![format!("record {anchored} was acknowledged, and is not there")],
        ),
        (_, Anchored::Yes) => Row::new("head", "intact", 0, vec![format!("#{records} {head}")]),
        (_, Anchored::Missing) => {
            let file = Layout::new(path).head();
            let why = format!("{} is not there, so a cut at the end would not show", file.display());
            Row::new("head", "no head", NO_HEAD, vec![why])
        }
        (_, Anchored::Unreadable) => {
            let file = Layout::new(path).head();
            let why = match crate::input::fits(&file) {
                Ok(()) => format!("{} holds no head: it was changed, or a writer died just then", file.display()),
                Err(error) => format!("{} holds no head: {error}", file.display()),
            };
            Row::new("head", "unreadable", table::UNKNOWN, vec![why])
        }
    };
    let spoiled = files::spoiled(&Layout::new(path), outputs);
    let fine = ("intact", files_counted(outputs.len()));
    Table {
        format: 1,
        ledger: path.display().to_string(),
        about: sentence(examination),
        status: 0,
        word: "",
        records: *records,
        head: head.to_string(),
        rows: vec![chain, head_row, Row::of("evidence", fine, "altered", ALTERED, spoiled)],
        notes: files::linked(&Layout::new(path), outputs),
    }
}

fn files_counted(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// The ledger, where every record in it can be followed; else the rows that cannot be filled.
fn followed(examination: &Examination, opened: Result<Ledger, LedgerError>) -> Result<Ledger, Vec<Row>> {
    let unknown = |why: &str| FOLLOWED.map(|what| Row::unknown(what, why.to_owned())).to_vec();
    match examination.finding {
        Finding::Intact | Finding::Torn { .. } => {}
        Finding::Altered { .. } => return Err(unknown("the ledger was altered")),
        Finding::Truncated { .. } => return Err(unknown("the ledger was truncated")),
    }
    opened.map_err(|error| match error {
        LedgerError::Snapshot { .. } | LedgerError::SnapshotAltered { .. } => {
            let mut rows = unknown("the checklist cannot be read");
            rows[0] = Row::new("snapshots", "altered", ALTERED, vec![error.to_string()]);
            rows
        }
        // Neither a newer record nor a file that cannot be read proves anything.
        error => unknown(&error.to_string()),
    })
}

fn look(ledger: &Ledger, given: &Given, table: &mut Table) {
    let state = ledger.state();
    if let Some((stamp, ..)) = state.repairs.iter().find(|(_, kept, _)| kept == MISSING_HEAD)
        && let Some(row) = table.rows.iter_mut().find(|row| row.what == "head" && row.status == 0)
    {
        let why = format!(
            "record {} was written while the head file was missing: nobody can tell what was cut off before it",
            stamp.seq
        );
        *row = Row::new("head", "no head", NO_HEAD, vec![why]);
    }
    let kept = 1 + state.amendments.len();
    let fine = ("intact", if kept == 1 { "1 checklist".to_owned() } else { format!("{kept} checklists") });
    table.rows.push(Row::of("snapshots", fine, "altered", ALTERED, spoiled_snapshots(ledger)));

    let looked = signatures::look(ledger, given.allowed(), &given.revoked);
    let total = format!("{} signed, {} attested, not signed", looked.signed, looked.attested);
    let mut row = Row::of("signatures", ("intact", total), "bad signature", BAD_SIGNATURE, looked.bad);
    if row.status == 0 && !looked.unknown.is_empty() {
        row = Row { details: looked.unknown, ..Row::unknown("signatures", String::new()) };
    }
    table.rows.push(row);
    table.rows.push(signers(ledger, given, looked.signed, looked.not_allowed));

    let outdated = stale_signoffs(ledger);
    table.rows.push(Row::of("staleness", ("current", String::new()), "stale", STALE, outdated));
    let mut board = ledger.board();
    let mut unmet = looked.passed;
    unmet.extend(policy::unmet(ledger.plan(), state, &mut board));
    table.rows.push(Row::of("policy", ("met", String::new()), "not met", POLICY, unmet));
    let decisions = if looked.decided == 1 { "1 decision".to_owned() } else { format!("{} decisions", looked.decided) };
    table.rows.push(Row::of("decisions", ("intact", decisions), "altered", ALTERED, looked.misstated));
    table.rows.push(anchors::look(ledger, &given.anchors));
    table.rows.push(timestamps::look(ledger, given.trust.as_deref(), &mut table.notes));
    if let Some(attestation) = &given.attestation {
        table.rows.extend(attestation::look(ledger, given, attestation));
    }
    anchors::tell_of_clocks(ledger, &mut table.notes);
    table.notes.extend(policy::replaced(ledger.plan(), state));
    let last = signed(ledger).last().map(|(seq, _)| seq);
    let unseen = match (given.anchors.is_empty(), last) {
        (true, None) => Some(
            "nothing signed and no --anchor: a ledger that somebody made anew from its beginning would look the same"
                .to_owned(),
        ),
        (true, Some(last)) => Some(format!(
            "no --anchor: records cut off together with the head file, or rewritten after the last signature ({last}), would not show"
        )),
        (false, _) => None,
    };
    table.notes.extend(unseen);
}

fn signers(ledger: &Ledger, given: &Given, signed: usize, mut not_allowed: Vec<String>) -> Row {
    let recorded = &ledger.state().signers;
    let altered: Vec<String> = recorded
        .iter()
        .filter(|(_, known)| crate::checklist::Digest::of(known.allowed_signers.as_bytes()) != known.digest)
        .map(|(stamp, _)| format!("the allowed signers in record {} are not those of their digest", stamp.seq))
        .collect();
    if !altered.is_empty() {
        return Row::new("signers", "altered", ALTERED, altered);
    }
    let mut reported: Vec<String> = Vec::new();
    for (stamp, known) in recorded.iter().skip(1) {
        reported.push(format!("changed in record {} by {} to {}", stamp.seq, stamp.by, known.digest.short()));
    }
    if let Some((file, own, _)) = &given.signers {
        reported.push(format!("checked against {}", file.display()));
        let last = recorded.last().map(|(_, known)| &known.digest);
        if let Some(other) = last.filter(|last| **last != own.digest) {
            let text = format!("the ledger follows other allowed signers ({}) than {}", other.short(), file.display());
            if not_allowed.is_empty() { reported.push(text) } else { not_allowed.push(text) }
        }
    }
    let word = match (signed, recorded.last()) {
        (0, None) => "none",
        (0, Some((_, known))) => {
            let lines = AllowedSigners::read(&known.allowed_signers).len();
            reported.insert(0, format!("{lines} lines, and nobody has signed yet"));
            "recorded"
        }
        _ => "allowed",
    };
    Row::of("signers", (word, reported.join("; ")), "not allowed", NOT_ALLOWED, not_allowed)
}

fn tell(examination: &Examination, out: &mut dyn Write) -> io::Result<()> {
    let Examination { unknown, anchored, .. } = examination;
    for (seq, kind) in unknown {
        writeln!(out, "record {seq} is a `{kind}`, which a newer gonogo wrote; its sum and place are right")?;
    }
    if *anchored != Anchored::Yes {
        writeln!(out, "no anchored head was found, so a cut at the end of a record would not show")?;
    }
    Ok(())
}

/// What was found in the chain of records.
fn sentence(examination: &Examination) -> String {
    let Examination { records, head, finding, .. } = examination;
    match finding {
        Finding::Intact => format!("{records} records, head #{records} {head}"),
        Finding::Torn { seq, offset, bytes } => format!(
            "record {seq} at byte {offset} is not whole ({bytes} bytes); it was never acknowledged, and the next record sets it aside"
        ),
        Finding::Altered { seq, offset, why } => {
            format!("record {seq} at byte {offset}: {why}; the {records} records before it are sound")
        }
        Finding::Truncated { found, offset, anchored } => {
            format!("the ledger ends with record {found} at byte {offset}, but {anchored} was acknowledged")
        }
    }
}

fn stale_signoffs(ledger: &Ledger) -> Vec<String> {
    let mut board = ledger.board();
    let lines = signoff::lines(ledger.plan(), ledger.state(), &mut board);
    let stale = lines.iter().filter(|line| line.standing == Standing::Stale);
    let said = stale.filter_map(|line| {
        let (stamp, signed) = line.signed?;
        let what = if signed.checklist == *ledger.plan().digest() { "evidence" } else { "checklist" };
        let (role, group, name) = (&line.role.title, &line.group.title, &signed.name);
        let seq = stamp.seq;
        Some(format!(
            "{role} ({name}) signed {group} in record {seq}, and the {what} has changed since: gonogo diff LEDGER --since {}",
            seq.0
        ))
    });
    said.collect()
}

/// The records that carry a signature.
fn signed(ledger: &Ledger) -> impl Iterator<Item = (crate::deployment::Seq, &crate::deployment::fact::Signature)> {
    ledger.records().iter().filter_map(|record| match &record.fact {
        Fact::Signed(signed) => Some((record.seq, signed.signature.as_ref()?)),
        _ => None,
    })
}
