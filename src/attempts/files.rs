//! The files of one attempt in `NAME.ledger.d/attempts/`, and how they are made.

use crate::deployment::attempt::AttemptNumber;
use crate::input;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Where the files of one attempt are.
#[derive(Debug, Clone)]
pub struct AttemptFiles {
    evidence: PathBuf,
    number: AttemptNumber,
}

impl AttemptFiles {
    /// `evidence` is the folder `NAME.ledger.d`.
    #[must_use]
    pub fn new(evidence: &Path, number: AttemptNumber) -> Self {
        Self { evidence: evidence.to_owned(), number }
    }

    /// The output, sanitised and masked.
    pub fn log(&self) -> PathBuf {
        self.path("log")
    }

    /// Lines `ELAPSED_MS BYTES`: so many more bytes of the log had come by then.
    pub fn times(&self) -> PathBuf {
        self.path("times")
    }

    /// Locked for as long as the supervisor lives.
    pub fn lock(&self) -> PathBuf {
        self.path("lock")
    }

    /// One JSON object, replaced as the attempt goes.
    pub fn progress(&self) -> PathBuf {
        self.path("progress")
    }

    /// The outcome as JSON, on disk before the ledger says that the attempt is finished.
    pub fn outcome(&self) -> PathBuf {
        self.path("outcome")
    }

    /// What the fingerprints of the attempt's tables were made up of, as JSON: where a difference is looked for later.
    pub fn ranges(&self) -> PathBuf {
        self.path("ranges")
    }

    /// What the logs that later checks ask about were like when the attempt began, as JSON.
    pub(crate) fn logs(&self) -> PathBuf {
        self.path("logs")
    }

    /// The log's name as records give it, relative to `NAME.ledger.d`.
    pub fn log_name(&self) -> String {
        format!("attempts/{}.log", self.number)
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.evidence.join("attempts").join(format!("{}.{ending}", self.number))
    }

    /// Makes the folder and opens and takes the lock. What an attempt that never came to be recorded left under this
    /// number is put aside, never read as this one's.
    ///
    /// # Errors
    /// When the folder or the file cannot be made, or somebody else holds the lock.
    pub fn take_lock(&self) -> io::Result<File> {
        let folder = self.evidence.join("attempts");
        let access = Access::of(&self.evidence);
        std::fs::DirBuilder::new().recursive(true).mode(access.folder()).create(&folder)?;
        let lock = access.open(OpenOptions::new().create(true).truncate(false).write(true), &self.lock())?;
        lock.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => {
                io::Error::other(format!("another supervisor holds {}", self.lock().display()))
            }
            std::fs::TryLockError::Error(error) => error,
        })?;
        for stale in [self.outcome(), self.progress(), self.log(), self.times(), self.ranges(), self.logs()] {
            if stale.exists() {
                let mut aside = stale.clone().into_os_string();
                aside.push(".stale");
                std::fs::rename(&stale, aside)?;
            }
        }
        Ok(lock)
    }

    /// Whether no supervisor holds the lock any more. The lock is taken before the start is recorded, so a free lock, or
    /// none at all, means gone.
    ///
    /// # Errors
    /// When the file is there and cannot be opened or locked.
    pub fn is_abandoned(&self) -> io::Result<bool> {
        let file = match input::open(&self.lock(), u64::MAX) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(error),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(true),
            Err(std::fs::TryLockError::WouldBlock) => Ok(false),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Opens a new file that takes what is appended.
    ///
    /// # Errors
    /// When it exists or cannot be made.
    pub fn create(&self, path: &Path) -> io::Result<File> {
        Access::of(&self.evidence).open(OpenOptions::new().create_new(true).append(true), path)
    }

    /// Replaces a file in one step; with `Durable` it is on disk afterwards.
    ///
    /// # Errors
    /// When it cannot be written; what stood there before stays.
    pub fn replace(&self, path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
        let mut new = path.to_owned().into_os_string();
        new.push(".new");
        let new = PathBuf::from(new);
        let mut options = OpenOptions::new();
        let mut file = Access::of(&self.evidence).open(options.create(true).truncate(true).write(true), &new)?;
        let written = file.write_all(bytes).and_then(|()| match durability {
            Durability::Durable => file.sync_all(),
            Durability::Passing => Ok(()),
        });
        if let Err(error) = written.and_then(|()| std::fs::rename(&new, path)) {
            // Half a file would take the place that the next try needs.
            let _ = std::fs::remove_file(&new);
            return Err(error);
        }
        if durability == Durability::Durable
            && let Some(folder) = path.parent()
        {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Synced, file and folder.
    Durable,
    /// May be lost with the machine.
    Passing,
}

/// Who may read and write: the owner, or the team when the evidence folder is the team's.
#[derive(Debug, Clone, Copy)]
pub(in crate::attempts) enum Access {
    Owner,
    Team,
}

impl Access {
    pub(in crate::attempts) fn of(evidence: &Path) -> Self {
        let team = std::fs::metadata(evidence).is_ok_and(|metadata| metadata.mode() & 0o020 != 0);
        if team { Access::Team } else { Access::Owner }
    }

    fn folder(self) -> u32 {
        match self {
            Access::Owner => 0o700,
            Access::Team => 0o2770,
        }
    }

    pub(in crate::attempts) fn open(self, options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        match self {
            Access::Owner => input::regular(options.mode(0o600), path),
            Access::Team => {
                let file = input::regular(options.mode(0o660), path)?;
                // The umask may have taken the team's right away; only the owner of the file can give it back.
                let _ = file.set_permissions(Permissions::from_mode(0o660));
                Ok(file)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_reports_whether_its_supervisor_lives() {
        let folder = tempfile::tempdir().unwrap();
        let files = AttemptFiles::new(folder.path(), AttemptNumber(1));
        assert!(files.is_abandoned().unwrap());
        let lock = files.take_lock().unwrap();
        assert!(!files.is_abandoned().unwrap());
        assert!(files.take_lock().is_err());
        drop(lock);
        assert!(files.is_abandoned().unwrap());
        assert_eq!(std::fs::metadata(files.lock()).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_an_unrecorded_attempt_left_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let files = AttemptFiles::new(folder.path(), AttemptNumber(1));
        drop(files.take_lock().unwrap());
        files.replace(&files.outcome(), b"{}", Durability::Durable).unwrap();
        let _lock = files.take_lock().unwrap();
        assert!(!files.outcome().exists());
        assert!(folder.path().join("attempts/0001.outcome.stale").exists());
    }
}
