//! Follows the chain from record to record.

use super::error::LedgerError;
use super::frame::{self, Frame, Next};
use super::own::{Own, OwnReader};
use super::reading::reading;
use super::text::{Envelope, HEADER};
use crate::checklist::Digest;
use crate::deployment::{Record, Seq};
use std::fs::File;
use std::io::{Read as _, Seek as _};
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

/// What was read of a ledger.
#[derive(Debug)]
pub(super) struct Replayed {
    pub records: Vec<Arc<Record>>,
    /// Where each record begins in the file.
    pub offsets: Vec<u64>,
    /// Where the last whole record ends in the file.
    pub end: u64,
    /// Bytes after that which are no whole record yet.
    pub incomplete: u64,
    head: Head,
}

/// What some editors put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Records from which on several threads read them sooner than one.
const MANY: usize = 1_000;
const THREADS: usize = 4;
/// So much of a file is in memory at once, beside the records themselves.
const BLOCK: u64 = 4 << 20;

/// Reads the records in `bytes`, which begin at `offset` in the file and follow `head`.
///
/// # Errors
/// Damage with its place, or a kind of record that only a newer program knows.
pub(super) fn replay(path: &Path, bytes: &[u8], offset: u64, head: Head) -> Result<Replayed, LedgerError> {
    let mut replayed = Replayed::new(offset, head);
    let whole = replayed.take_in(path, bytes)?;
    replayed.incomplete = (bytes.len() - whole) as u64;
    Ok(replayed)
}

/// Reads a ledger from its first byte. `anchored` is the head that was acknowledged last.
///
/// # Errors
/// As [`replay`] and [`header`]; what the operating system says.
pub(super) fn replay_file(path: &Path, file: &mut File, anchored: Option<&Head>) -> Result<Replayed, LedgerError> {
    let failed = reading(path);
    let mut block = Vec::new();
    file.rewind().and_then(|()| file.by_ref().take(BLOCK).read_to_end(&mut block)).map_err(&failed)?;
    let length = header(path, &block, anchored)?;
    block.drain(..length);
    let mut replayed = Replayed::new(length as u64, Head::start());
    loop {
        let whole = replayed.take_in(path, &block)?;
        block.drain(..whole);
        // As much again as what is no record yet, so that one without an end is not looked through for ever.
        let more = file.by_ref().take(BLOCK.max(block.len() as u64)).read_to_end(&mut block).map_err(&failed)?;
        if more == 0 {
            replayed.incomplete = block.len() as u64;
            return Ok(replayed);
        }
    }
}

impl Replayed {
    fn new(end: u64, head: Head) -> Self {
        Self { records: Vec::new(), offsets: Vec::new(), end, incomplete: 0, head }
    }

    /// Takes in the whole records at the beginning of `bytes` and gives their length.
    fn take_in(&mut self, path: &Path, bytes: &[u8]) -> Result<usize, LedgerError> {
        let (mut frames, mut rest) = (Vec::new(), bytes);
        // What ends the reading is reported only after everything before it was found sound.
        let end = loop {
            match frame::next(rest) {
                Ok(Next::End | Next::Incomplete) => break Ok(bytes.len() - rest.len()),
                Ok(Next::Record(frame)) => {
                    rest = &rest[frame.length..];
                    frames.push(frame);
                }
                Err(why) => break Err(why),
            }
        };
        for (frame, link) in frames.iter().zip(read_all(&frames)) {
            let (seq, offset) = (self.head.next_seq(), self.end);
            let altered = |why| LedgerError::Altered { path: path.to_owned(), seq, offset, why };
            let link = link.map_err(altered)?;
            self.head.follow(link.seq, &link.prev, &frame.sum).map_err(altered)?;
            let record = link.record.map_err(|kind| LedgerError::Newer { path: path.to_owned(), seq, kind })?;
            self.records.push(Arc::new(record.map_err(altered)?));
            self.offsets.push(offset);
            self.end += frame.length as u64;
        }
        let (seq, offset) = (self.head.next_seq(), self.end);
        end.map_err(|why| LedgerError::Altered { path: path.to_owned(), seq, offset, why })
    }
}

/// One record, read but not yet compared with the one before it.
struct Link {
    seq: Seq,
    prev: Digest,
    /// The kind alone, where only a newer program knows it.
    record: Result<Result<Record, String>, String>,
}

impl Link {
    fn read<'a>(reader: &mut OwnReader<'a>, frame: &Frame<'a>) -> Result<Self, String> {
        let text = frame.fields()?;
        if let Some(Own { record, prev }) = reader.read(text, &frame.sum) {
            return Ok(Self { seq: record.seq, prev: Digest::read(prev), record: Ok(Ok(record)) });
        }
        let envelope = Envelope::read(text)?;
        let (seq, prev) = (envelope.seq, envelope.prev.clone());
        let known = envelope.is_known();
        let record = if known { Ok(envelope.into_record(frame.sum.clone())) } else { Err(envelope.kind) };
        Ok(Self { seq, prev, record })
    }

    fn read_part(frames: &[Frame<'_>]) -> Vec<Result<Self, String>> {
        let mut reader = OwnReader::default();
        frames.iter().map(|frame| Self::read(&mut reader, frame)).collect()
    }
}

/// Reads every frame by itself, many of them on several threads, and gives them in their order.
fn read_all(frames: &[Frame<'_>]) -> Vec<Result<Link, String>> {
    if frames.len() < MANY {
        return Link::read_part(frames);
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> = frames
            .chunks(frames.len().div_ceil(THREADS))
            .map(|part| (part, scope.spawn(move || Link::read_part(part))))
            .collect();
        // A thread that did not come to its end leaves its part to be read here.
        parts.into_iter().flat_map(|(part, thread)| thread.join().unwrap_or_else(|_| Link::read_part(part))).collect()
    })
}

/// Reads the lines before the first record and gives their length. `anchored` is the head that was acknowledged last.
///
/// # Errors
/// When this is no ledger, or one of another format, or so little of one that even its header is cut; damage where it is a
/// ledger, because a head was acknowledged or a record is in it, and begins with something else.
pub(super) fn header(path: &Path, bytes: &[u8], anchored: Option<&Head>) -> Result<usize, LedgerError> {
    if let Some(anchored) = anchored.filter(|_| bytes.len() < HEADER.len() && HEADER.as_bytes().starts_with(bytes)) {
        let (found, offset) = (Seq(0), bytes.len() as u64);
        return Err(LedgerError::Truncated { path: path.to_owned(), found, offset, anchored: anchored.seq });
    }
    let strange = |why: &str| {
        let (path, why) = (path.to_owned(), why.to_owned());
        if bytes.is_empty() || (anchored.is_none() && !is_record(bytes)) {
            return LedgerError::NotALedger { path, why };
        }
        let marked = bytes.starts_with(BYTE_ORDER_MARK);
        let why = if marked { "it begins with a byte order mark, as some editors write".to_owned() } else { why };
        LedgerError::Altered { path, seq: Seq(1), offset: 0, why }
    };
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
                let why = if checklist { "it is a checklist; `gonogo open` runs it" } else { "no record is in it" };
                Err(LedgerError::NotALedger { path: path.to_owned(), why: why.to_owned() })
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

/// Whether a record of ours is somewhere in it, whatever stands before.
fn is_record(bytes: &[u8]) -> bool {
    holds(bytes, b"[[record]]\nseq = ") && holds(bytes, b"\nsum = \"")
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
