//! The anchor: the head that was acknowledged last, kept beside the ledger so that a ledger cut back at the end of a
//! record is noticed.

use super::chain::Head;
use super::layout::Layout;
use super::storage::Sharing;
use crate::checklist::Digest;
use crate::deployment::Seq;
use std::fs;
use std::io::{self, Write as _};

/// The anchored head; `None` when there is none, as after a crash that left it empty. It is replaced after the record
/// is on disk and not synced, so it may lag behind the ledger, and is never ahead of a whole one.
#[must_use]
pub fn read(layout: &Layout) -> Option<Head> {
    let text = fs::read_to_string(layout.head()).ok()?;
    let (seq, sum) = text.trim_end().split_once(' ')?;
    Some(Head { seq: Seq(seq.parse().ok()?), sum: Digest::read(sum) })
}

/// Replaces the anchor as a whole. Call it under the lock.
///
/// # Errors
/// As the operating system says; the record stands all the same.
pub fn write(layout: &Layout, head: &Head) -> io::Result<()> {
    let new = layout.evidence().join("head.new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = Sharing::of_folder(layout.evidence()).create_file(&new)?;
    let written = file.write_all(format!("{} {}\n", head.seq.0, head.sum).as_bytes());
    let replaced = written.and_then(|()| fs::rename(&new, layout.head()));
    if replaced.is_err() {
        // A full disk leaves half of it, which the next writer would have to clear away.
        let _ = fs::remove_file(&new);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_anchor_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path().join("a.ledger.toml"));
        fs::create_dir(layout.evidence()).unwrap();
        let new = layout.evidence().join("head.new");
        let head = Head { seq: Seq(3), sum: Digest::read("abc") };
        // What a writer left that the disk had no room for.
        fs::write(&new, "2 a").unwrap();
        write(&layout, &head).unwrap();
        assert!(!new.exists());
        assert_eq!(read(&layout).map(|head| head.seq), Some(Seq(3)));
        // One that cannot get into its place leaves nothing either.
        fs::remove_file(layout.head()).unwrap();
        fs::create_dir(layout.head()).unwrap();
        write(&layout, &head).unwrap_err();
        assert!(!new.exists());
    }
}
