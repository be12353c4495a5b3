//! Starting a collector that outlives the program that started it.

use crate::program;
use std::io::{self, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Bytes that are read of what a collector says when it ends.
const LONGEST: u64 = 4_096;

/// Starts `gonogo collect` in a session of its own. `ended` hears the exit status and what was said, from a thread of its
/// own, if this program lives that long.
///
/// # Errors
/// When the process cannot be started.
pub(crate) fn spawn(ledger: &Path, ended: impl FnOnce(Option<i32>, String) + Send + 'static) -> io::Result<()> {
    let mut command = Command::new(program::to_start()?);
    // Whoever looks at the processes sees what was called, not how it was found.
    command.arg0("gonogo").arg("collect").arg("--detached").arg(std::path::absolute(ledger)?);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn()?;
    std::thread::Builder::new().name("collector".into()).spawn(move || listen(child, ended))?;
    Ok(())
}

fn listen(mut child: Child, ended: impl FnOnce(Option<i32>, String)) {
    let mut said = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let _ = stderr.take(LONGEST).read_to_end(&mut said);
    }
    let status = child.wait().ok().and_then(|status| status.code());
    ended(status, String::from_utf8_lossy(&said).trim().to_owned());
}
