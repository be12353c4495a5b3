//! `collect.lock` in the ledger's folder: locked by the collector for as long as it lives, and holding what it has to say.
//!
//! The lock alone says whether there is one. What is in the file is written over in place and always of the same
//! length, so that it can still be said when the disk is full.

use crate::input;
use crate::ledger::storage::Sharing;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The file's name in the folder of the ledger.
pub const FILE: &str = "collect.lock";

/// The length of what is in it.
const LENGTH: usize = 2_048;

/// Whoever only looks holds the lock for an instant; that must not keep a collector from taking it.
const INSTANT: Duration = Duration::from_millis(500);

/// Bytes of what is wrong that fit beside the rest.
const LONGEST_TROUBLE: usize = 600;

/// What the collector says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Says {
    pub pid: u32,
    /// Why it can write nothing at the moment.
    pub trouble: Option<String>,
}

/// The right to collect, held until this is dropped or the process ends.
#[derive(Debug)]
pub struct Lease {
    file: File,
    trouble: Option<String>,
}

/// What is to be seen of the collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    Free,
    /// It lives; what it says may not be there yet.
    Held(Option<Says>),
}

pub fn path(evidence: &Path) -> PathBuf {
    evidence.join(FILE)
}

impl Lease {
    /// Takes it; `None` when another collector lives.
    ///
    /// # Errors
    /// When the file cannot be made or locked.
    pub async fn take(evidence: &Path) -> io::Result<Option<Self>> {
        let path = path(evidence);
        drop(Sharing::of_folder(evidence).open_or_create(&path)?);
        // Not for appending: what it says is written over.
        let file = input::regular(OpenOptions::new().read(true).write(true), &path)?;
        let until = Instant::now() + INSTANT;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() >= until => return Ok(None),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(INSTANT / 20).await,
            }
        }
        let lease = Self { file, trouble: None };
        lease.write();
        Ok(Some(lease))
    }

    /// Says why nothing can be written, or that all is well again.
    pub fn tell(&mut self, trouble: Option<String>) {
        self.trouble = trouble;
        self.write();
    }

    fn write(&self) {
        let trouble = self.trouble.as_ref().map(|why| clip(why));
        let says = Says { pid: std::process::id(), trouble };
        let mut text = serde_json::to_vec(&says).unwrap_or_default();
        text.resize(LENGTH, b' ');
        // Whether or not it can be said: the lock is what counts.
        let _ = self.file.write_all_at(&text, 0);
    }
}

/// Escaped, a letter may take six bytes.
fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_TROUBLE / 2).collect()
}

/// Looks whether a collector lives, and what it says.
pub fn look(evidence: &Path) -> Standing {
    let Ok(file) = input::open(&path(evidence), u64::MAX) else { return Standing::Free };
    match file.try_lock_shared() {
        Ok(()) => Standing::Free,
        // Whoever cannot look must not conclude that it is free.
        Err(_) => Standing::Held(says(&file)),
    }
}

/// Whether collectors ran here, and none does now.
pub fn is_abandoned(evidence: &Path) -> bool {
    path(evidence).exists() && look(evidence) == Standing::Free
}

fn says(file: &File) -> Option<Says> {
    let mut text = vec![0; LENGTH];
    let read = file.read_at(&mut text, 0).ok()?;
    serde_json::from_slice(&text[..read]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_collects_and_others_see_it_and_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!((look(folder.path()), is_abandoned(folder.path())), (Standing::Free, false));
        let mut lease = Lease::take(folder.path()).await.unwrap().unwrap();
        assert!(Lease::take(folder.path()).await.unwrap().is_none());
        let pid = std::process::id();
        assert_eq!(look(folder.path()), Standing::Held(Some(Says { pid, trouble: None })));
        lease.tell(Some("the disk is full\u{1b}".repeat(200)));
        let length = std::fs::metadata(path(folder.path())).unwrap().len();
        assert_eq!(length, LENGTH as u64);
        let Standing::Held(Some(says)) = look(folder.path()) else { panic!("it lives") };
        assert!(says.trouble.unwrap().starts_with("the disk is fullthe disk"));
        lease.tell(None);
        assert_eq!(look(folder.path()), Standing::Held(Some(Says { pid, trouble: None })));
        assert!(!is_abandoned(folder.path()));
        drop(lease);
        assert_eq!((look(folder.path()), is_abandoned(folder.path())), (Standing::Free, true));
        assert!(Lease::take(folder.path()).await.unwrap().is_some());
    }
}
