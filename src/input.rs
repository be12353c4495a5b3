//! Files that people name: regular ones only, and none without an end. A named pipe would keep whoever reads it waiting,
//! and a device may never end.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

/// The longest checklist or Markdown document that is read.
pub(crate) const DOCUMENT: u64 = 64 << 20;
/// The longest ledger.
pub(crate) const LEDGER: u64 = 2 << 30;

/// The flag by which opening waits for nobody: a named pipe without its other end would be waited for.
pub(crate) fn without_waiting() -> i32 {
    rustix::fs::OFlags::NONBLOCK.bits().cast_signed()
}

/// Opens a regular file without ever waiting for it.
pub(crate) fn open(path: &Path, longest: u64) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(without_waiting()).open(path)?;
    let about = file.metadata()?;
    let kind = about.file_type();
    let refuse = |why: String| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !kind.is_file() {
        let what = match () {
            () if kind.is_fifo() => "a named pipe",
            () if kind.is_socket() => "a socket",
            () => "a device",
        };
        return refuse(format!("it is {what}; name a regular file"));
    }
    if about.len() > longest {
        return refuse(format!("it is {} MB long, and at most {} MB are read", about.len() >> 20, longest >> 20));
    }
    Ok(file)
}

/// Reads a regular file whole.
///
/// # Errors
/// As [`open`]; also when it grows beyond `longest` meanwhile.
pub(crate) fn read(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, longest)?.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("more than {} MB are in it", longest >> 20)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_a_reasonable_length_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "abc").unwrap();
        assert_eq!(read(&file, 3).unwrap(), b"abc");
        let said = |path: &Path, longest| read(path, longest).unwrap_err().to_string();
        assert!(said(&file, 2).contains("at most 0 MB are read"));
        assert!(said(Path::new("/dev/zero"), 9).contains("it is a device; name a regular file"));
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success() && said(&pipe, 9).contains("it is a named pipe"));
        let huge = folder.path().join("huge");
        File::create(&huge).unwrap().set_len(5 << 30).unwrap();
        assert!(said(&huge, LEDGER).contains("it is 5120 MB long, and at most 2048 MB are read"));
        assert_eq!(read(folder.path(), 9).unwrap_err().kind(), io::ErrorKind::IsADirectory);
    }
}
