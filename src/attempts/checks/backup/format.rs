//! What kind of file a backup is, by what it begins and ends with.

use super::super::account::Trouble;
use super::copy;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The last words of `pg_dump` may be followed by a line or two.
const TAIL: i64 = 4_096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// An archive of `pg_dump`: custom or tar.
    Archive,
    /// Statements for psql; whether its last words are there.
    Plain {
        complete: bool,
    },
    Compressed,
    Unknown,
}

impl Format {
    pub(super) fn of(path: &Path) -> Result<Self, Trouble> {
        let mut file = File::open(path).map_err(|error| copy::trouble(path, &error))?;
        let mut head = [0; 512];
        let length = file.read(&mut head).map_err(|error| copy::trouble(path, &error))?;
        let head = &head[..length];
        if head.starts_with(b"PGDMP") || head.get(257..262) == Some(b"ustar") {
            return Ok(Format::Archive);
        }
        if [&[0x1f, 0x8b][..], b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ"].iter().any(|magic| head.starts_with(magic)) {
            return Ok(Format::Compressed);
        }
        let text = String::from_utf8_lossy(head);
        if !["-- PostgreSQL database dump", "SET ", "CREATE ", "\\restrict"].iter().any(|words| text.contains(words)) {
            return Ok(Format::Unknown);
        }
        let end = file.metadata().map_err(|error| copy::trouble(path, &error))?.len();
        let tail = TAIL.min(i64::try_from(end).unwrap_or(TAIL));
        let mut last = Vec::new();
        let read = file.seek(SeekFrom::End(-tail)).and_then(|_| file.read_to_end(&mut last));
        read.map_err(|error| copy::trouble(path, &error))?;
        let complete = String::from_utf8_lossy(&last).contains("PostgreSQL database dump complete");
        Ok(Format::Plain { complete })
    }

    /// Why a file of this kind is no backup that can be proved, and what to do instead.
    pub(super) fn mistake(self) -> Option<&'static str> {
        match self {
            Format::Archive => None,
            Format::Plain { complete: true } => Some(
                "the backup is a plain-text dump: `pg_restore --list` refuses such a file, and nothing but running it \
                 whole can tell whether it is any good; make it with `pg_dump --format=custom --file=…`",
            ),
            Format::Plain { complete: false } => Some(
                "the backup is a plain-text dump that was cut off: its last words, `PostgreSQL database dump complete`, \
                 are missing; make it with `pg_dump --format=custom --file=…`, which can be verified",
            ),
            Format::Compressed => Some(
                "the backup is compressed by another program: in `pg_dump … | gzip > FILE` the exit status is gzip's, so \
                 that a failed dump looks like a good one; make it with `pg_dump --format=custom --file=…`, which \
                 compresses too",
            ),
            Format::Unknown => {
                Some("the backup is no dump of PostgreSQL's; make it with `pg_dump --format=custom --file=…`")
            }
        }
    }
}
