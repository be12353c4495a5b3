//! This program as a file, to start it once more: for supervisors, for services, and in commands.
//!
//! An update may replace the file while it runs. On Linux the running image stays reachable, so that a cockpit in
//! mid-flight goes on with the program it began with.

use std::io;
use std::path::{Path, PathBuf};

/// The running image, on Linux.
const IMAGE: &str = "/proc/self/exe";

/// What to start this program by.
///
/// # Errors
/// When its file was replaced or removed and the running image cannot be reached: says what to do.
pub(crate) fn to_start() -> io::Result<PathBuf> {
    if Path::new(IMAGE).exists() {
        return Ok(PathBuf::from(IMAGE));
    }
    let file = std::env::current_exe()?;
    if file.exists() { Ok(file) } else { Err(replaced(&file)) }
}

/// The path by which commands that this process starts find this program, for as long as this process lives.
pub(crate) fn for_commands() -> Option<PathBuf> {
    let file = std::env::current_exe().ok();
    let image = PathBuf::from(format!("/proc/{}/exe", std::process::id()));
    file.filter(|file| file.exists()).or_else(|| Some(image).filter(|image| image.exists()))
}

fn replaced(file: &Path) -> io::Error {
    let file = file.display();
    io::Error::other(format!(
        "the program file {file} was replaced or removed since this gonogo was started; leave it and start it again, what \
         runs keeps running"
    ))
}

/// From here on a write beyond the limit on file sizes (`ulimit -f`) is an error like that of a full disk, and not the end of
/// the process. Called within a runtime; programs that are started have the limit's own way again.
pub(crate) fn outlive_size_limits() {
    let kind = tokio::signal::unix::SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    // Once listened for it never ends the process again, though nobody listens any more.
    drop(tokio::signal::unix::signal(kind));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_and_its_loss_is_reported() {
        assert!(to_start().unwrap().exists());
        assert!(for_commands().unwrap().exists());
        let sentence = replaced(Path::new("/opt/gonogo")).to_string();
        assert!(sentence.starts_with("the program file /opt/gonogo was replaced or removed"), "{sentence}");
        assert!(sentence.contains("start it again"));
    }
}
