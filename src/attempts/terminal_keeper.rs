//! Keeps a command's terminal open for what the command left running: output that nobody reads any more would fail or
//! block it. A small program of its own reads on until the last one has let go, also when this one ends.

use portable_pty::MasterPty;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

const READ_ON: &str = "trap '' HUP INT TERM; exec cat >/dev/null 2>&1";

/// Hands the terminal over.
///
/// # Errors
/// When there is no way to; then its output fails from here on.
pub(crate) fn hand_over(master: &dyn MasterPty) -> io::Result<()> {
    let mut command = Command::new("sh");
    command.args(["-c", READ_ON, "gonogo"]).stdin(own(master)?).stdout(Stdio::null()).stderr(Stdio::null());
    let mut reader = command.current_dir("/").process_group(0).spawn()?;
    // Whoever starts it notices its end, for as long as it lives.
    std::thread::spawn(move || reader.wait());
    Ok(())
}

#[cfg(target_os = "linux")]
fn own(master: &dyn MasterPty) -> io::Result<Stdio> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    let number = master.as_raw_fd().ok_or_else(|| io::Error::other("the terminal has no number"))?;
    let this = pidfd_open(getpid(), PidfdFlags::empty())?;
    Ok(Stdio::from(pidfd_getfd(this, number, PidfdGetfdFlags::empty())?))
}

#[cfg(not(target_os = "linux"))]
fn own(_: &dyn MasterPty) -> io::Result<Stdio> {
    Err(io::Error::other("this system cannot hand a terminal over"))
}
