//! `ssh-keygen -Y sign`: makes a signature. It asks for a passphrase on the terminal by itself, and for a touch.

use super::NAMESPACE;
use super::key::Key;
use crate::input;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use thiserror::Error;
use tokio::io::AsyncWriteExt as _;

/// How long a signature may take where nobody sees what is waited for.
const APART: Duration = Duration::from_mins(1);

#[derive(Debug, Error)]
pub enum NotSigned {
    #[error("ssh-keygen is not there: install OpenSSH's client (openssh-client on Debian)")]
    Missing,
    #[error("ssh-keygen could not be used: {0}")]
    Io(#[from] io::Error),
    #[error("the key {} is not there; name another with --key", .0.display())]
    NoSuchKey(PathBuf),
    #[error(
        "the key asks for a passphrase, which is not taken here: add it with ssh-add and name `agent`, or use gonogo sign in \
         another terminal"
    )]
    Passphrase,
    #[error("ssh-keygen did not sign: {0}")]
    Refused(String),
}

/// The signature of `message`, armored. What `ssh-keygen` says meanwhile goes to `err`.
///
/// # Errors
/// When there is no signature: the passphrase was wrong, the key is not in the agent, nobody touched it.
pub(crate) fn sign(key: &Key, message: &[u8], err: &mut dyn Write) -> Result<String, NotSigned> {
    match key {
        Key::File(path) => run(usable(path)?, message, err),
        // Only the agent may be meant, and which of its keys was complete before.
        Key::Agent => Err(NotSigned::Refused("no key of the agent was chosen".to_owned())),
        Key::Public(line) => {
            let file = PublicFile::write(line)?;
            run(&file.0, message, err)
        }
    }
}

/// [`sign`] where nobody can be asked on a terminal, because something else is drawn there. An agent signs, a key without a
/// passphrase, and one whose passphrase a program of the person's own asks for on their desktop.
///
/// # Errors
/// As [`sign`]; also when it takes longer than a minute.
pub(crate) async fn sign_apart(key: &Key, message: &[u8]) -> Result<String, NotSigned> {
    let file;
    let path = match key {
        Key::File(path) => usable(path)?,
        Key::Agent => return Err(NotSigned::Refused("no key of the agent was chosen".to_owned())),
        Key::Public(line) => {
            file = PublicFile::write(line)?;
            &file.0
        }
    };
    let mut command = tokio::process::Command::from(command(path));
    // Whatever it would ask, it asks this program, and never the terminal.
    command.env("SSH_ASKPASS_REQUIRE", "force").kill_on_drop(true);
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if !desktop || std::env::var_os("SSH_ASKPASS").is_none() {
        command.env("SSH_ASKPASS", "false");
    }
    let mut child = command.spawn().map_err(not_started)?;
    let input = child.stdin.take();
    let ended = tokio::time::timeout(APART, async {
        if let Some(mut input) = input {
            // One that ended meanwhile says why by itself.
            let _ = input.write_all(message).await;
        }
        child.wait_with_output().await
    });
    let late = |_| NotSigned::Refused(format!("no answer within {} s", APART.as_secs()));
    let output = ended.await.map_err(late)??;
    let signature = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() && !signature.trim().is_empty() {
        return Ok(signature);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
    if said.contains("passphrase") {
        return Err(NotSigned::Passphrase);
    }
    Err(NotSigned::Refused(if last.is_empty() { output.status.to_string() } else { last }))
}

/// `ssh-keygen` would wait for a named pipe.
fn usable(path: &Path) -> Result<&Path, NotSigned> {
    if !path.exists() {
        return Err(NotSigned::NoSuchKey(path.to_owned()));
    }
    let odd = |error| NotSigned::Refused(format!("the key {} cannot be used: {error}", path.display()));
    input::fits(path).map(|()| path).map_err(odd)
}

fn command(key: &Path) -> Command {
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "sign", "-q", "-n", NAMESPACE, "-f"]).arg(key);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn not_started(error: io::Error) -> NotSigned {
    match error.kind() {
        io::ErrorKind::NotFound => NotSigned::Missing,
        _ => NotSigned::Io(error),
    }
}

fn run(key: &Path, message: &[u8], err: &mut dyn Write) -> Result<String, NotSigned> {
    let mut child = command(key).spawn().map_err(not_started)?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    // A signature is far shorter than a pipe holds, so one after the other never blocks.
    let fed = input.map_or(Ok(()), |mut input| input.write_all(message));
    let said = child.stderr.take().map(|errors| repeat(errors, err)).transpose()?.unwrap_or_default();
    let mut signature = String::new();
    output.map_or(Ok(0), |mut output| output.read_to_string(&mut signature))?;
    let status = child.wait()?;
    if status.success() && !signature.trim().is_empty() {
        return Ok(signature);
    }
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned());
    match (last, fed) {
        (Some(last), _) => Err(NotSigned::Refused(last)),
        (None, Err(error)) => Err(error.into()),
        (None, Ok(())) => Err(NotSigned::Refused(status.to_string())),
    }
}

/// Passes on what comes as it comes, so that a request to touch a key is seen, and keeps it.
fn repeat(mut from: impl io::Read, to: &mut dyn Write) -> io::Result<String> {
    let (mut kept, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(String::from_utf8_lossy(&kept).into_owned());
        }
        // It ends its lines for a terminal in raw mode.
        let came: Vec<u8> = buffer[..read].iter().copied().filter(|byte| *byte != b'\r').collect();
        to.write_all(&came)?;
        to.flush()?;
        kept.extend(came);
    }
}

/// A public key as a file, for as long as `ssh-keygen` needs it.
struct PublicFile(PathBuf);

impl PublicFile {
    fn write(line: &str) -> io::Result<Self> {
        let folder = std::env::temp_dir();
        for number in 0_u32.. {
            let path = folder.join(format!("gonogo-key-{}-{number}.pub", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => {}
                Err(error) => return Err(error),
                Ok(mut file) => {
                    let written = Self(path);
                    writeln!(file, "{line}")?;
                    return Ok(written);
                }
            }
        }
        Err(io::Error::other("no name is free"))
    }
}

impl Drop for PublicFile {
    fn drop(&mut self) {
        // What is left is a public key.
        let _ = fs::remove_file(&self.0);
    }
}
