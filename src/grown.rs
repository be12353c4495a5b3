//! Whether a file only grew since a moment: what stood at its beginning and before its end then stands there still.
//!
//! Name, inode and first line prove nothing: a log can be emptied and written over in place, also past its old length. A
//! file whose beginning and whose old end are the same, and that was changed between the two, is taken for the same one.

use crate::checklist::Digest;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Bytes looked at on either side.
const PART: u64 = 4096;

/// What a file was like at a moment, without its words: they may be secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Print {
    length: u64,
    sum: Digest,
}

impl Print {
    /// Of the first `length` bytes.
    pub(crate) fn of(file: &File, length: u64) -> io::Result<Self> {
        let part = length.min(PART);
        let mut bytes = vec![0; usize::try_from(part * 2).unwrap_or(0)];
        let (head, end) = bytes.split_at_mut(usize::try_from(part).unwrap_or(0));
        file.read_exact_at(head, 0)?;
        file.read_exact_at(end, length - part)?;
        Ok(Self { length, sum: Digest::of(&bytes) })
    }

    /// How long it was.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Whether the file still begins with what was in it then.
    pub(crate) fn is_of(&self, file: &File) -> bool {
        Self::of(file, self.length).is_ok_and(|now| now == *self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn a_file_that_was_written_over_in_place_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        let line = |n: u32| format!("2026-11-27T10:00:{:02}Z INFO request {n}\n", n % 60);
        let old: String = (0..500).map(line).collect();
        std::fs::write(&path, &old).unwrap();
        let file = File::open(&path).unwrap();
        let print = Print::of(&file, old.len() as u64).unwrap();
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(line(7).as_bytes()).unwrap();
        assert!(print.is_of(&file), "it grew");
        // The same inode all the time: `write` empties it and writes.
        let first = old.lines().next().unwrap();
        for (what, new) in [
            ("shorter", format!("{first}\n")),
            ("longer, with the first line of before", format!("{first}\n{}", line(9).repeat(5_000))),
            ("as long", old.replace("request 499", "request 498")),
            ("with another beginning", old.replacen("request 0", "request 1", 1)),
            ("empty", String::new()),
        ] {
            std::fs::write(&path, new).unwrap();
            assert!(!print.is_of(&file), "{what}");
        }
        std::fs::write(&path, &old).unwrap();
        assert!(print.is_of(&file));
        assert!(Print::of(&file, 0).unwrap().is_of(&file), "nothing was in it");
    }
}
