//! Follows the chain from record to record.

use super::error::LedgerError;
use super::frame::{self, Frame, Next};
use super::text::{Envelope, HEADER};
use crate::checklist::Digest;
use crate::deployment::{Record, Seq};
use std::path::Path;
use std::sync::Arc;

/// The place and sum of the last record, which the next one must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub seq: Seq,
    pub sum: Digest,
}

impl Head {
    /// The head of a ledger without a record.
    #[must_use]
    pub(super) fn start() -> Self {
        Self { seq: Seq(0), sum: Digest::of(b"") }
    }

    #[must_use]
    pub(super) fn next_seq(&self) -> Seq {
        Seq(self.seq.0.saturating_add(1))
    }

    /// Checks that a frame is sound and is the next link, and moves on to it.
    ///
    /// # Errors
    /// A sentence that says in what it is not.
    pub(super) fn link(&mut self, frame: &Frame<'_>) -> Result<Envelope, String> {
        let envelope = Envelope::read(frame.fields()?)?;
        self.follow(envelope.seq, &envelope.prev, &frame.sum)?;
        Ok(envelope)
    }

    fn follow(&mut self, seq: Seq, prev: &Digest, sum: &Digest) -> Result<(), String> {
        let next = self.next_seq();
        if seq != next {
            return Err(format!("record {seq} is in its place: one was removed, moved or added"));
        }
        if *prev != self.sum {
            return Err(format!("it does not follow from record {}", self.seq));
        }
        *self = Head { seq: next, sum: sum.clone() };
        Ok(())
    }
}

/// What was read from a part of a ledger.
#[derive(Debug)]
pub(super) struct Replayed {
    pub records: Vec<Arc<Record>>,
    /// Where each record begins in the file.
    pub offsets: Vec<u64>,
    /// Where the last whole record ends in the file.
    pub end: u64,
    /// Bytes after that which are no whole record yet.
    pub incomplete: u64,
}

/// Records from which on several threads read them sooner than one.
const MANY: usize = 1_000;
const THREADS: usize = 4;

/// Reads the records in `bytes`, which begin at `offset` in the file and follow `head`.
///
/// # Errors
/// Damage with its place, or a kind of record that only a newer program knows.
pub(super) fn replay(path: &Path, bytes: &[u8], offset: u64, mut head: Head) -> Result<Replayed, LedgerError> {
    let (mut frames, mut rest) = (Vec::new(), bytes);
    // What ends the reading is reported only after everything before it was found sound.
    let incomplete = loop {
        match frame::next(rest) {
            Ok(Next::End) => break Ok(0),
            Ok(Next::Incomplete) => break Ok(rest.len() as u64),
            Ok(Next::Record(frame)) => {
                rest = &rest[frame.length..];
                frames.push(frame);
            }
            Err(why) => break Err(why),
        }
    };
    let capacity = frames.len();
    let mut replayed = Replayed {
        records: Vec::with_capacity(capacity),
        offsets: Vec::with_capacity(capacity),
        end: offset,
        incomplete: 0,
    };
    for (frame, link) in frames.iter().zip(read_all(&frames)) {
        let (seq, at) = (head.next_seq(), replayed.end);
        let altered = |why| LedgerError::Altered { path: path.to_owned(), seq, offset: at, why };
        let link = link.map_err(altered)?;
        let before = head.sum.clone();
        head.follow(link.seq, &link.prev, &frame.sum).map_err(altered)?;
        let Some(record) = link.record else {
            return Err(LedgerError::Newer { path: path.to_owned(), seq, kind: link.kind });
        };
        // The same text as the sum of the record before, kept once.
        replayed.records.push(Arc::new(Record { prev: before, ..record.map_err(altered)? }));
        replayed.offsets.push(at);
        replayed.end += frame.length as u64;
    }
    let (seq, at) = (head.next_seq(), replayed.end);
    replayed.incomplete =
        incomplete.map_err(|why| LedgerError::Altered { path: path.to_owned(), seq, offset: at, why })?;
    Ok(replayed)
}

/// One record, read but not yet held against the one before it.
struct Link {
    seq: Seq,
    prev: Digest,
    kind: String,
    /// `None` when only a newer program knows the kind.
    record: Option<Result<Record, String>>,
}

impl Link {
    fn read(frame: &Frame<'_>) -> Result<Self, String> {
        let envelope = Envelope::read(frame.fields()?)?;
        let (seq, prev, kind) = (envelope.seq, envelope.prev.clone(), envelope.kind.clone());
        let record = envelope.is_known().then(|| envelope.into_record(frame.sum.clone()));
        Ok(Self { seq, prev, kind, record })
    }
}

/// Reads every frame by itself, many of them on several threads, and gives them in their order.
fn read_all(frames: &[Frame<'_>]) -> Vec<Result<Link, String>> {
    if frames.len() < MANY {
        return frames.iter().map(Link::read).collect();
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> = frames
            .chunks(frames.len().div_ceil(THREADS))
            .map(|part| (part, scope.spawn(|| part.iter().map(Link::read).collect::<Vec<_>>())))
            .collect();
        // A thread that did not come to its end leaves its part to be read here.
        parts
            .into_iter()
            .flat_map(|(part, thread)| thread.join().unwrap_or_else(|_| part.iter().map(Link::read).collect()))
            .collect()
    })
}

/// Reads the lines before the first record and gives their length. `anchored` is the head that was acknowledged last.
///
/// # Errors
/// When this is no ledger, or one of another format, or so little of one that even its header is cut.
pub(super) fn header(path: &Path, bytes: &[u8], anchored: Option<&Head>) -> Result<usize, LedgerError> {
    if let Some(anchored) = anchored.filter(|_| bytes.len() < HEADER.len() && HEADER.as_bytes().starts_with(bytes)) {
        let (found, offset) = (Seq(0), bytes.len() as u64);
        return Err(LedgerError::Truncated { path: path.to_owned(), found, offset, anchored: anchored.seq });
    }
    let strange = |why: &str| LedgerError::NotALedger { path: path.to_owned(), why: why.to_owned() };
    let mut length = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        length += line.len();
        if line.starts_with(b"#") || line == b"\n" {
            continue;
        }
        let format = std::str::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n')?.strip_prefix("format = "));
        return match format.map(str::trim) {
            Some("1") if anchored.is_none() && !holds_records(&bytes[length..]) => {
                let checklist = holds(bytes, b"[[phase]]");
                Err(strange(if checklist { "it is a checklist; `gonogo open` runs it" } else { "no record is in it" }))
            }
            Some("1") => Ok(length),
            Some(format) if format.parse::<u32>().is_ok_and(|format| format > 1) => {
                Err(LedgerError::Format { path: path.to_owned(), format: format.to_owned() })
            }
            _ => Err(strange("it does not begin with `format = 1`")),
        };
    }
    Err(strange(if bytes.is_empty() { "it is empty" } else { "it has no `format`" }))
}

/// Whether what stands below the header could be records, or nothing yet. Only asked where no head was anchored: where one
/// was, this is a ledger, and anything else in it is damage.
fn holds_records(below: &[u8]) -> bool {
    below.iter().all(u8::is_ascii_whitespace) || holds(below, b"[[record]]") || b"\n[[record]]".starts_with(below)
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
