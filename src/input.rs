//! Files that people name, and those of a ledger's folder: regular ones only, and none without an end. A named pipe would
//! keep whoever opens it waiting, and a device may never end. This is the one place where such files are opened.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;

/// The longest checklist or Markdown document that is read.
pub(crate) const DOCUMENT: u64 = 64 << 20;
/// The longest ledger.
pub(crate) const LEDGER: u64 = 2 << 30;

/// The flag by which opening waits for nobody: a named pipe without its other end would be waited for.
pub(crate) fn without_waiting() -> i32 {
    (rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits().cast_signed()
}

/// Opens a regular file without ever waiting for it.
pub(crate) fn open(path: &Path, longest: u64) -> io::Result<File> {
    let file = regular(OpenOptions::new().read(true), path)?;
    let length = file.metadata()?.len();
    if length > longest {
        let why = format!("it is {} MB long, and at most {} MB are read", length >> 20, longest >> 20);
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    Ok(file)
}

/// Opens a regular file as `options` say, without ever waiting for it: also to write, where a named pipe would be waited
/// for until somebody reads it.
pub(crate) fn regular(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // Looked at before it is opened, because opening alone may set a device going; and again, because it may have changed.
    fits(path)?;
    let file = options.custom_flags(without_waiting()).open(path)?;
    refuse_odd(&file.metadata()?)?;
    Ok(file)
}

/// Whether a regular file is there, or nothing yet.
///
/// # Errors
/// A sentence for what is no regular file.
pub(crate) fn fits(path: &Path) -> io::Result<()> {
    fs::metadata(path).map_or(Ok(()), |about| refuse_odd(&about))
}

fn refuse_odd(about: &Metadata) -> io::Result<()> {
    let kind = about.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        () if kind.is_fifo() => "a named pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}; name a regular file")))
}

/// Whether opening failed because of what the file is, not because it is missing or may not be used.
pub(crate) fn is_odd(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory)
}

/// Reads a regular file of text whole.
///
/// # Errors
/// As [`read`]; also when it is not UTF-8.
pub(crate) fn read_text(path: &Path, longest: u64) -> io::Result<String> {
    String::from_utf8(read(path, longest)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Reads a regular file whole.
///
/// # Errors
/// As [`open`]; also when it grows beyond `longest` meanwhile.
pub(crate) fn read(path: &Path, longest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, longest)?.take(longest.saturating_add(1)).read_to_end(&mut bytes)?;
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
        for options in [OpenOptions::new().append(true), OpenOptions::new().write(true), OpenOptions::new().read(true)]
        {
            assert!(is_odd(&regular(options, &pipe).unwrap_err()), "not waited for");
            assert!(is_odd(&regular(options, Path::new("/dev/zero")).unwrap_err()));
            assert!(is_odd(&regular(options, folder.path()).unwrap_err()));
        }
        assert!(fits(&folder.path().join("nothing")).is_ok());
        let huge = folder.path().join("huge");
        File::create(&huge).unwrap().set_len(5 << 30).unwrap();
        assert!(said(&huge, LEDGER).contains("it is 5120 MB long, and at most 2048 MB are read"));
        assert_eq!(read(folder.path(), 9).unwrap_err().kind(), io::ErrorKind::IsADirectory);
    }
}
