//! Reading a spool while it grows.

use super::files::AttemptFiles;
use crate::deployment::attempt::Outcome;
use crate::deployment::progress::Progress;
use crate::input;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;

/// The longest outcome or progress.
const LONGEST: u64 = 64 << 20;

/// Reads the log of an attempt piece by piece. The file need not be there yet.
#[derive(Debug)]
pub struct SpoolReader {
    path: PathBuf,
    file: Option<File>,
    at: u64,
}

impl SpoolReader {
    /// Reads from a byte of the log.
    #[must_use]
    pub fn from_offset(files: &AttemptFiles, at: u64) -> Self {
        Self { path: files.log(), file: None, at }
    }

    /// Reads from so many bytes before the log's end, at the beginning of a line where there is one: what a screen
    /// needs of a log that may be large.
    ///
    /// # Errors
    /// When the log is there and cannot be read.
    pub fn from_tail(files: &AttemptFiles, bytes: u64) -> io::Result<Self> {
        let mut reader = Self::from_offset(files, 0);
        if reader.open()? {
            let length = reader.file.as_ref().map_or(Ok(0), |file| file.metadata().map(|metadata| metadata.len()))?;
            reader.at = length.saturating_sub(bytes);
            if reader.at > 0 {
                let start = reader.at;
                let piece = reader.read_new(usize::try_from(bytes).unwrap_or(usize::MAX))?;
                let line = piece.iter().position(|byte| *byte == b'\n').map_or(0, |end| end as u64 + 1);
                reader.at = start + line;
            }
        }
        Ok(reader)
    }

    /// The byte that is read next.
    pub fn offset(&self) -> u64 {
        self.at
    }

    /// What has come since the last time, at most `most` bytes; empty when nothing has.
    ///
    /// # Errors
    /// When the log is there and cannot be read.
    pub fn read_new(&mut self, most: usize) -> io::Result<Vec<u8>> {
        if !self.open()? {
            return Ok(Vec::new());
        }
        let Some(file) = &mut self.file else { return Ok(Vec::new()) };
        file.seek(SeekFrom::Start(self.at))?;
        let mut bytes = Vec::new();
        file.take(most as u64).read_to_end(&mut bytes)?;
        self.at += bytes.len() as u64;
        Ok(bytes)
    }

    fn open(&mut self) -> io::Result<bool> {
        if self.file.is_none() {
            self.file = match input::open(&self.path, u64::MAX) {
                Ok(file) => Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            };
        }
        Ok(self.file.is_some())
    }
}

/// How far a running attempt has come; `None` when it has not said so.
pub fn progress(files: &AttemptFiles) -> Option<Progress> {
    serde_json::from_slice(&input::read(&files.progress(), LONGEST).ok()?).ok()
}

/// The outcome that a supervisor left, whether or not the ledger knows it yet.
///
/// # Errors
/// When it is there and cannot be read.
pub fn outcome(files: &AttemptFiles) -> io::Result<Option<Outcome>> {
    match input::read(&files.outcome(), LONGEST) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::attempt::AttemptNumber;
    use std::io::Write as _;

    #[test]
    fn what_comes_is_read_once_and_a_tail_begins_with_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let files = AttemptFiles::new(folder.path(), AttemptNumber(1));
        let mut reader = SpoolReader::from_offset(&files, 0);
        assert!(reader.read_new(100).unwrap().is_empty());
        let _lock = files.take_lock().unwrap();
        let mut log = files.create(&files.log()).unwrap();
        log.write_all(b"first line\nsecond").unwrap();
        assert_eq!(reader.read_new(6).unwrap(), b"first ");
        assert_eq!(reader.read_new(100).unwrap(), b"line\nsecond");
        log.write_all(b" line\n").unwrap();
        assert_eq!(reader.read_new(100).unwrap(), b" line\n");
        assert!(reader.read_new(100).unwrap().is_empty());
        let mut tail = SpoolReader::from_tail(&files, 14).unwrap();
        assert_eq!(tail.read_new(100).unwrap(), b"second line\n");
        assert_eq!(progress(&files), None);
        assert_eq!(outcome(&files).unwrap(), None);
    }
}
