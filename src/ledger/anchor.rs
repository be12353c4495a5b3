//! The anchor: the head that was acknowledged last, kept beside the ledger so that a ledger cut back at the end of a
//! record is noticed.
//!
//! One line of a fixed length, `SEQ SUM CHECK`, written over in place: a file renamed into its place would cost the next
//! record's sync twice what the record itself costs, and would need room on a disk that may be full. `CHECK` tells a
//! line that is just being written, or was left half written, from a whole one.

use super::chain::Head;
use super::layout::Layout;
use super::storage::Sharing;
use crate::checklist::Digest;
use crate::deployment::Seq;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;

/// How often a line that does not check is read again: a writer needs microseconds for it.
const LOOKS: u32 = 16;

/// The anchored head; `None` when there is none, as after a crash that left it half written. It is written after the
/// record is on disk and not synced, so it may lag behind the ledger, and is never ahead of a whole one.
#[must_use]
pub fn read(layout: &Layout) -> Option<Head> {
    for _ in 0..LOOKS {
        let text = fs::read_to_string(layout.head()).ok()?;
        if let Some(head) = parse(&text) {
            return Some(head);
        }
        std::thread::yield_now();
    }
    None
}

fn parse(text: &str) -> Option<Head> {
    let (line, _) = text.split_once('\n')?;
    let mut parts = line.split_whitespace();
    let (seq, sum, check) = (parts.next()?, parts.next()?, parts.next()?);
    let head = Head { seq: Seq(seq.parse().ok()?), sum: Digest::read(sum) };
    (check == self::check(&head)).then_some(head)
}

fn check(head: &Head) -> String {
    Digest::of(format!("{} {}", head.seq.0, head.sum).as_bytes()).short().to_owned()
}

/// Writes the anchor over the one before. Call it under the lock.
///
/// # Errors
/// As the operating system says; the record stands all the same.
pub fn write(layout: &Layout, head: &Head) -> io::Result<()> {
    let path = layout.head();
    let file = match OpenOptions::new().write(true).open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // One opened for appending would write at its end wherever it is told to.
            Sharing::of_folder(layout.evidence()).create_file(&path)?;
            OpenOptions::new().write(true).open(&path)?
        }
        opened => opened?,
    };
    file.write_all_at(format!("{:>20} {} {}\n", head.seq.0, head.sum, check(head)).as_bytes(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

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
