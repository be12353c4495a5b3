//! The anchor: the head that was acknowledged last, kept beside the ledger so that a ledger cut back at the end of a
//! record is noticed.
//!
//! One line of a fixed length, `SEQ SUM CHECK`, written over in place: a file renamed into its place would cost the next
//! record's sync twice what the record itself costs, and would need room on a disk that may be full. `CHECK` shows a
//! line that is just being written, or was left half written, from a whole one.

use super::chain::Head;
use super::error::LedgerError;
use super::layout::Layout;
use super::reading::reading;
use super::storage::Sharing;
use crate::checklist::Digest;
use crate::deployment::Seq;
use crate::input;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// How often a line that does not check is read again: a writer needs microseconds for it.
const LOOKS: u32 = 16;

/// No head is longer; a named pipe in its place is not waited for.
const LONGEST: u64 = 1 << 20;

/// The anchor's file, opened once for an append: what it says, and what it shall say.
pub(super) struct Anchor {
    layout: Layout,
    file: Option<File>,
}

impl Anchor {
    /// Opens it for both; where it is not there yet, or may not be written, writing tries again. Call it under the lock.
    pub(super) fn open(layout: &Layout) -> Result<Self, LedgerError> {
        fits(layout)?;
        Ok(Self { layout: layout.clone(), file: opened(&layout.head()).ok() })
    }

    /// As [`read`].
    pub(super) fn head(&self) -> Option<Head> {
        self.file.as_ref().map_or_else(|| read(&self.layout), looked)
    }

    /// Writes it over the one before.
    pub(super) fn write(&mut self, head: &Head) -> io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => made(&self.layout)?,
        };
        file.write_all_at(line(head).as_bytes(), 0)
    }
}

/// Whether the head's file is one that could hold a head, or not there: no crash leaves a pipe or a folder in its place.
///
/// # Errors
/// A sentence that says what is there instead.
pub(super) fn fits(layout: &Layout) -> Result<(), LedgerError> {
    input::fits(&layout.head()).map_err(reading(&layout.head()))
}

fn opened(path: &Path) -> io::Result<File> {
    // A file opened for appending would write at its end wherever it is asked to.
    input::regular(OpenOptions::new().read(true).write(true), path)
}

/// The anchored head; `None` when there is none, as after a crash that left it half written. It is written after the
/// record is on disk and not synced, so it may lag behind the ledger, and is never ahead of a whole one.
pub(super) fn read(layout: &Layout) -> Option<Head> {
    looked(&input::open(&layout.head(), LONGEST).ok()?)
}

fn looked(file: &File) -> Option<Head> {
    // More than a line of ours, so that a longer one is seen to be none.
    let mut bytes = [0; 256];
    for _ in 0..LOOKS {
        let length = file.read_at(&mut bytes, 0).ok()?;
        if let Some(head) = std::str::from_utf8(&bytes[..length]).ok().and_then(parse) {
            return Some(head);
        }
        std::thread::yield_now();
    }
    None
}

fn parse(text: &str) -> Option<Head> {
    let mut parts = text.split_whitespace();
    let (seq, sum) = (parts.next()?, parts.next()?);
    let head = Head { seq: Seq(seq.parse().ok()?), sum: Digest::read(sum) };
    (text == line(&head)).then_some(head)
}

/// As it is written, and always as long.
fn line(head: &Head) -> String {
    format!("{:>20} {} {}\n", head.seq.0, head.sum, check(head))
}

fn check(head: &Head) -> String {
    Digest::of(format!("{} {}", head.seq.0, head.sum).as_bytes()).short()
}

fn made(layout: &Layout) -> io::Result<File> {
    let path = layout.head();
    if let Err(error) = Sharing::of_folder(layout.evidence()).create_file(&path)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    opened(&path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn write(layout: &Layout, head: &Head) -> io::Result<()> {
        Anchor::open(layout).map_err(io::Error::other)?.write(head)
    }

    fn place() -> (tempfile::TempDir, Layout) {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path().join("a.ledger.toml"));
        fs::create_dir(layout.evidence()).unwrap();
        (folder, layout)
    }

    fn head(seq: u64) -> Head {
        Head { seq: Seq(seq), sum: Digest::of(&seq.to_le_bytes()) }
    }

    #[test]
    fn the_anchor_is_the_head_written_last_and_never_grows() {
        let (_folder, layout) = place();
        assert_eq!(read(&layout), None);
        for seq in [1, 9, 10, 12_345] {
            write(&layout, &head(seq)).unwrap();
            assert_eq!(read(&layout), Some(head(seq)));
        }
        let length = fs::metadata(layout.head()).unwrap().len();
        write(&layout, &head(u64::MAX)).unwrap();
        assert_eq!(fs::metadata(layout.head()).unwrap().len(), length);
    }

    #[test]
    fn a_line_that_is_half_new_and_half_old_is_no_anchor() {
        let (_folder, layout) = place();
        write(&layout, &head(1)).unwrap();
        let old = fs::read(layout.head()).unwrap();
        write(&layout, &head(2)).unwrap();
        let new = fs::read(layout.head()).unwrap();
        for cut in 20..old.len() - 1 {
            let torn = [&new[..cut], &old[cut..]].concat();
            fs::write(layout.head(), &torn).unwrap();
            let found = read(&layout);
            assert!(found.is_none() || torn == old || torn == new, "{cut}: {found:?}");
        }
        // The next writer makes it whole.
        write(&layout, &head(3)).unwrap();
        assert_eq!(read(&layout), Some(head(3)));
    }
}
