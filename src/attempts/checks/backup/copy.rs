//! Files copied, checksummed and synced, with how far that has come.

use super::super::account::Trouble;
use super::Desk;
use crate::checklist::Digest;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const BLOCK: usize = 1 << 20;

impl Desk<'_> {
    /// Reads a file whole; gives its length and SHA-256. Writes what it reads to `to`, if given.
    pub(super) async fn read_file(
        &mut self,
        path: &Path,
        stage: &str,
        mut to: Option<&mut File>,
    ) -> Result<(u64, Digest), Trouble> {
        let mut from = File::open(path).map_err(|error| trouble(path, &error))?;
        let total = from.metadata().map_err(|error| trouble(path, &error))?.len();
        self.stages.begin(stage, "bytes", Some(total));
        let mut hash = Sha256::new();
        let mut block = vec![0; BLOCK];
        let mut done = 0;
        loop {
            self.go_on()?;
            let length = match from.read(&mut block) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(trouble(path, &error)),
            };
            hash.update(&block[..length]);
            if let Some(to) = to.as_deref_mut() {
                to.write_all(&block[..length]).map_err(|error| Trouble::Open(format!("copying failed: {error}")))?;
            }
            done += length as u64;
            self.stages.at(done, "");
            tokio::task::yield_now().await;
        }
        Ok((done, Digest::read(&HEXLOWER.encode(&hash.finalize()))))
    }
}

/// Makes a new, empty file that only its owner may read; never one that is there already.
pub(super) fn create_new(path: &Path) -> Result<File, Trouble> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map_err(|error| Trouble::NotStarted(format!("{} cannot be made: {error}", path.display())))
}

/// Makes sure that a file and its name are on disk.
pub(super) fn sync(path: &Path) -> Result<(), Trouble> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let synced = File::open(path).and_then(|file| file.sync_all());
    let synced = synced.and_then(|()| File::open(folder)?.sync_all());
    synced.map_err(|error| Trouble::Open(format!("{} could not be brought to disk: {error}", path.display())))
}

pub(super) fn trouble(path: &Path, error: &io::Error) -> Trouble {
    if error.kind() == ErrorKind::NotFound {
        return Trouble::Wrong(format!("the file {} is not there", path.display()));
    }
    Trouble::Open(format!("{} cannot be read: {error}", path.display()))
}

/// Removes a database file and what SQLite keeps beside it when dropped, unless asked to keep it.
pub(super) struct Throwaway {
    path: Option<PathBuf>,
}

impl Throwaway {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: Some(path.to_path_buf()) }
    }

    pub(super) fn keep(mut self) {
        self.path = None;
    }

    pub(super) fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(""))
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        let Some(path) = &self.path else { return };
        for ending in ["", "-journal", "-wal", "-shm"] {
            let mut name = path.clone().into_os_string();
            name.push(ending);
            // What is not there need not be removed; what cannot be removed is only litter.
            let _ = std::fs::remove_file(name);
        }
    }
}
