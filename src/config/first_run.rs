//! Whether a person has seen the cockpit before: an empty file in the folder of states says so.

use super::recent;
use std::io;
use std::path::PathBuf;

fn file() -> Option<PathBuf> {
    recent::file().map(|recent| recent.with_file_name("first-run-read"))
}

/// Whether the card of a first run is still to be read. Somebody without a home is not shown it again and again.
pub(crate) fn is() -> bool {
    file().is_some_and(|file| !file.exists())
}

/// Remembers that it was read.
///
/// # Errors
/// What kept the file from being written.
pub(crate) fn read() -> io::Result<()> {
    let Some(file) = file() else { return Ok(()) };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, "")
}
