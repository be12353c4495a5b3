//! How much of an attempt's output is kept: its beginning, its end, and never the last of the disk.

use std::fs::{File, OpenOptions, remove_file};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Sets how many megabytes of an attempt's output are kept.
pub(super) const LIMIT: &str = "GONOGO_OUTPUT_LIMIT";
const DEFAULT_MB: u64 = 256;
/// Output is not kept while less than this is free, so that records still can be.
const FLOOR: u64 = 16 << 20;
/// The disk is asked after so many bytes …
const ASK_EVERY: u64 = 1 << 20;
/// … and, while it is almost full, after so long.
const ASK_AGAIN: Duration = Duration::from_secs(1);
const BLOCK: usize = 64 * 1024;

/// How many bytes are kept from the beginning, and from the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub head: u64,
    pub tail: u64,
}

impl Bounds {
    /// Half of the limit each.
    #[must_use]
    pub(super) fn from_environment() -> Self {
        let set = std::env::var(LIMIT).ok().and_then(|text| megabytes(&text));
        let half = set.unwrap_or(DEFAULT_MB).saturating_mul(1 << 20) / 2;
        Self { head: half, tail: half }
    }
}

/// `256` or `256MB`.
fn megabytes(text: &str) -> Option<u64> {
    let number = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    number.parse().ok().filter(|number| *number > 0)
}

/// The last bytes of what is written to it, in a file of its own that is gone with it.
#[derive(Debug)]
pub(super) struct Ring {
    file: File,
    path: PathBuf,
    size: u64,
    written: u64,
}

impl Ring {
    pub(super) fn create(path: &Path, size: u64) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Self { file, path: path.to_owned(), size: size.max(1), written: 0 })
    }

    /// # Errors
    /// When they cannot be written; they count as written all the same.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let skipped = bytes.len().saturating_sub(usize::try_from(self.size).unwrap_or(usize::MAX));
        self.written += skipped as u64;
        let mut rest = &bytes[skipped..];
        while !rest.is_empty() {
            let at = self.written % self.size;
            let room = usize::try_from(self.size - at).unwrap_or(usize::MAX);
            let (now, later) = rest.split_at(rest.len().min(room));
            self.written += now.len() as u64;
            rest = later;
            self.file.write_all_at(now, at)?;
        }
        Ok(())
    }

    /// How many bytes it does not hold any more.
    pub(super) fn lost(&self) -> u64 {
        self.written.saturating_sub(self.size)
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Gives what it holds, the oldest first.
    pub(super) fn read_back(&self, give: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        let mut block = vec![0; BLOCK];
        let mut at = self.lost();
        while at < self.written {
            let place = at % self.size;
            let length = (self.written - at).min(self.size - place).min(BLOCK as u64);
            let block = &mut block[..usize::try_from(length).unwrap_or(BLOCK)];
            self.file.read_exact_at(block, place)?;
            give(block);
            at += length;
        }
        Ok(())
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        let _ = remove_file(&self.path);
    }
}

/// Whether the disk has room for output.
#[derive(Debug, Default)]
pub(super) struct Room {
    since: u64,
    asked: Option<Instant>,
    full: bool,
}

impl Room {
    pub(super) fn is_there_for(&mut self, bytes: usize, file: &File) -> bool {
        self.since += bytes as u64;
        let due = if self.full {
            self.asked.is_none_or(|asked| asked.elapsed() >= ASK_AGAIN)
        } else {
            self.since >= ASK_EVERY
        };
        if due {
            self.since = 0;
            self.asked = Some(Instant::now());
            // What cannot be asked is found out by writing.
            self.full = rustix::fs::fstatvfs(file).is_ok_and(|about| about.f_bavail * about.f_frsize < FLOOR);
        }
        !self.full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_are_kept_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tail");
        for pieces in [&["ab"][..], &["abcdefg", "hij"], &["abcdefghijklmnopq"], &["abcde", "fghij", "k", "", "lm"]] {
            let mut ring = Ring::create(&path, 5).unwrap();
            for piece in pieces {
                ring.push(piece.as_bytes()).unwrap();
            }
            let mut held = Vec::new();
            ring.read_back(&mut |bytes| held.extend_from_slice(bytes)).unwrap();
            let all = pieces.concat();
            let last = &all[all.len().saturating_sub(5)..];
            assert_eq!(String::from_utf8(held).unwrap(), last, "{pieces:?}");
            assert_eq!(ring.lost(), (all.len() - last.len()) as u64);
        }
        assert!(!path.exists());
    }

    #[test]
    fn a_limit_is_read_in_megabytes() {
        assert_eq!(
            ["64", " 64MB", "64 mb", "0", "-1", "much"].map(megabytes),
            [Some(64), Some(64), Some(64), None, None, None]
        );
    }
}
