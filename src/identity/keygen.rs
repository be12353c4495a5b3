//! `ssh-keygen -Y sign`: makes a signature. It asks for a passphrase on the terminal by itself, and for a touch.

use super::NAMESPACE;
use super::key::Key;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum NotSigned {
    #[error("ssh-keygen is not there: install OpenSSH's client (openssh-client on Debian)")]
    Missing,
    #[error("ssh-keygen could not be used: {0}")]
    Io(#[from] io::Error),
    #[error("the key {} is not there; name another with --key", .0.display())]
    NoSuchKey(PathBuf),
    #[error("ssh-keygen did not sign: {0}")]
    Refused(String),
}

/// The signature of `message`, armored. What `ssh-keygen` says meanwhile goes to `err`.
///
/// # Errors
/// When there is no signature: the passphrase was wrong, the key is not in the agent, nobody touched it.
pub fn sign(key: &Key, message: &[u8], err: &mut dyn Write) -> Result<String, NotSigned> {
    match key {
        Key::File(path) if !path.exists() => Err(NotSigned::NoSuchKey(path.clone())),
        Key::File(path) => run(path, message, err),
        // Only the agent may be meant, and which of its keys was settled before.
        Key::Agent => Err(NotSigned::Refused("no key of the agent was chosen".to_owned())),
        Key::Public(line) => {
            let file = PublicFile::write(line)?;
            run(&file.0, message, err)
        }
    }
}

fn run(key: &Path, message: &[u8], err: &mut dyn Write) -> Result<String, NotSigned> {
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "sign", "-q", "-n", NAMESPACE, "-f"]).arg(key);
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => NotSigned::Missing,
        _ => NotSigned::Io(error),
    })?;
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
