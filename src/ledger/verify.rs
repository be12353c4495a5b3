//! Proves a ledger: every sum, the chain, and that the head that was acknowledged last is still there.

pub(crate) mod posted;

use super::Ledger;
use super::anchor;
use super::chain::{Head, header};
use super::error::LedgerError;
use super::frame::{self, Next};
use super::layout::Layout;
use super::reading::{open_file, reading};
use super::text::HEADER;
use crate::deployment::attempt::{AttemptNumber, Output};
use crate::deployment::{Fact, Seq};
use std::io::Read as _;
use std::path::Path;

/// What was found. Each kind of damage has its word and its exit status.
#[derive(Debug, Clone, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Finding {
    Intact,
    /// The last record is not whole. It was never acknowledged; the next record sets it aside.
    Torn {
        seq: Seq,
        offset: u64,
        bytes: u64,
    },
    /// A record is not what was written, or not where it was written.
    Altered {
        seq: Seq,
        offset: u64,
        why: String,
    },
    /// Acknowledged records are gone from the end.
    Truncated {
        found: Seq,
        offset: u64,
        anchored: Seq,
    },
}

impl Finding {
    pub fn exit_status(&self) -> u8 {
        match self {
            Finding::Intact => 0,
            Finding::Torn { .. } => 10,
            Finding::Altered { .. } => 11,
            Finding::Truncated { .. } => 12,
        }
    }

    pub fn word(&self) -> &'static str {
        self.into()
    }
}

/// A ledger looked through from the first byte to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// Sound records before the first damage.
    pub records: u64,
    /// The sum of the last of them.
    pub head: crate::checklist::Digest,
    pub finding: Finding,
    /// Records of a kind that only a newer gonogo knows; their sums and places were checked all the same.
    pub unknown: Vec<(Seq, String)>,
    /// What was anchored, to hold the end against.
    pub anchored: Anchored,
    /// Every file that finished attempts left as evidence.
    pub outputs: Vec<(Seq, AttemptNumber, Output)>,
}

/// The file with the head that was acknowledged last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchored {
    Yes,
    /// It is not there; a cut at the end of a record would not show.
    Missing,
    /// It is there and does not say a head.
    Unreadable,
}

/// Looks through a ledger without taking a lock.
///
/// # Errors
/// When there is no ledger that could be looked through.
pub fn examine(path: &Path) -> Result<Examination, LedgerError> {
    let layout = Layout::new(path);
    // The anchor first: others may append meanwhile.
    let anchored = anchor::read(&layout);
    let mut bytes = Vec::new();
    open_file(path)?.read_to_end(&mut bytes).map_err(reading(path))?;
    let mut examination = examine_bytes(path, &bytes, anchored.as_ref())?;
    if anchored.is_none() && std::fs::symlink_metadata(layout.head()).is_ok() {
        examination.anchored = Anchored::Unreadable;
    }
    Ok(examination)
}

/// The same of a ledger that was just read whole, without reading it once more; nothing where there is anything to look
/// into.
pub fn sound(ledger: &Ledger) -> Option<Examination> {
    let anchored = anchor::read(ledger.layout())?;
    let records = ledger.records();
    let acknowledged = records.get(usize::try_from(anchored.seq.0).ok()?.checked_sub(1)?)?;
    let mut header = [0; HEADER.len()];
    open_file(ledger.path()).ok()?.read_exact(&mut header).ok()?;
    let begins = ledger.offsets.first() == Some(&(HEADER.len() as u64)) && header == *HEADER.as_bytes();
    if ledger.incomplete_bytes() > 0 || acknowledged.sum != anchored.sum || !begins {
        return None;
    }
    let outputs = records.iter().filter_map(|record| match &record.fact {
        Fact::AttemptFinished { attempt, outcome, .. } => Some((record.seq, *attempt, outcome.output.clone()?)),
        _ => None,
    });
    let Head { seq, sum } = ledger.head();
    Some(Examination {
        records: seq.0,
        head: sum,
        finding: Finding::Intact,
        unknown: Vec::new(),
        anchored: Anchored::Yes,
        outputs: outputs.collect(),
    })
}

/// What to do about a ledger whose every sum holds once the carriage returns before its line ends are taken out: git with
/// `autocrlf`, or an editor, put them there. That is no forgery, and can be put right.
pub fn returns_hint(path: &Path) -> Option<String> {
    holds_without_returns(path).then(|| {
        let shown = path.display();
        format!(
            "its sums hold once the carriage returns are taken out: git (autocrlf) or an editor rewrote the line ends; put them \
             right with `sed -i 's/\\r$//' {shown}`, and keep `*.ledger.toml -text` in .gitattributes"
        )
    })
}

fn holds_without_returns(path: &Path) -> bool {
    let mut bytes = Vec::new();
    if !open_file(path).is_ok_and(|mut file| file.read_to_end(&mut bytes).is_ok()) {
        return false;
    }
    let plain: Vec<u8> = bytes
        .iter()
        .enumerate()
        .filter(|(at, byte)| !(**byte == b'\r' && bytes.get(at + 1) == Some(&b'\n')))
        .map(|(_, byte)| *byte)
        .collect();
    let anchored = anchor::read(&Layout::new(path));
    plain.len() < bytes.len()
        && examine_bytes(path, &plain, anchored.as_ref()).is_ok_and(|found| found.finding == Finding::Intact)
}

fn examine_bytes(path: &Path, bytes: &[u8], anchored: Option<&Head>) -> Result<Examination, LedgerError> {
    let length = match header(path, bytes, anchored) {
        Err(LedgerError::Truncated { found, offset, anchored, .. }) => {
            let finding = Finding::Truncated { found, offset, anchored };
            return Ok(Examination {
                records: 0,
                head: Head::start().sum,
                finding,
                unknown: Vec::new(),
                anchored: Anchored::Yes,
                outputs: Vec::new(),
            });
        }
        Err(LedgerError::Altered { seq, offset, why, .. }) => {
            let anchored = if anchored.is_some() { Anchored::Yes } else { Anchored::Missing };
            let (head, finding) = (Head::start().sum, Finding::Altered { seq, offset, why });
            let (unknown, outputs) = (Vec::new(), Vec::new());
            return Ok(Examination { records: 0, head, finding, unknown, anchored, outputs });
        }
        other => other?,
    };
    let (mut offset, mut rest) = (length as u64, &bytes[length..]);
    let mut head = Head::start();
    // No sum covers it, and every gonogo wrote the same.
    let strange_header = bytes[..length] != *HEADER.as_bytes();
    let (mut unknown, mut outputs) = (Vec::new(), Vec::new());
    // The record at the anchor's place, if it is not the one that was acknowledged.
    let mut replaced = None;
    let finding = loop {
        let (seq, at) = (head.next_seq(), offset);
        let step = frame::next(rest).and_then(|next| match next {
            Next::Record(frame) => {
                let envelope = head.link(&frame)?;
                let kind = envelope.kind.clone();
                if envelope.is_known() {
                    let record = envelope.into_record(frame.sum)?;
                    if let Fact::AttemptFinished { attempt, outcome, .. } = record.fact
                        && let Some(output) = &outcome.output
                    {
                        outputs.push((seq, attempt, output.clone()));
                    }
                } else {
                    unknown.push((seq, kind));
                }
                Ok(Some(frame.length))
            }
            Next::Incomplete | Next::End => Ok(None),
        });
        match step {
            Err(why) => break Finding::Altered { seq, offset: at, why },
            Ok(None) if rest.is_empty() => break Finding::Intact,
            Ok(None) => break Finding::Torn { seq, offset: at, bytes: rest.len() as u64 },
            Ok(Some(length)) => {
                if anchored.is_some_and(|anchor| anchor.seq == seq && anchor.sum != head.sum) {
                    replaced = Some(at);
                }
                rest = &rest[length..];
                offset += length as u64;
            }
        }
    };
    let missing = anchored.filter(|anchor| anchor.seq > head.seq);
    let finding = match (finding, missing, replaced) {
        (Finding::Intact | Finding::Torn { .. }, None, None) if strange_header => {
            let why = "the lines above it are not those that every ledger begins with".to_owned();
            Finding::Altered { seq: Seq(1), offset: 0, why }
        }
        (altered @ Finding::Altered { .. }, _, _) => altered,
        (_, Some(anchor), _) => Finding::Truncated { found: head.seq, offset, anchored: anchor.seq },
        (_, None, Some(at)) => {
            let seq = anchored.map_or(head.seq, |anchor| anchor.seq);
            let why = "it is not the record that was acknowledged".to_owned();
            Finding::Altered { seq, offset: at, why }
        }
        (finding, None, None) => finding,
    };
    let anchored = if anchored.is_some() { Anchored::Yes } else { Anchored::Missing };
    Ok(Examination { records: head.seq.0, head: head.sum, finding, unknown, anchored, outputs })
}
