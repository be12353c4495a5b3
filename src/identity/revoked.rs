//! Keys that do not count any more, as OpenSSH lists them: a key revocation list (KRL), or public keys one a line.

use super::signature::Signer;
use crate::input;
use data_encoding::BASE64;
use ssh_key::PublicKey;
use ssh_key::public::KeyData;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The longest list that is read.
const LONGEST: u64 = 16 << 20;
/// What a KRL begins with.
const MAGIC: &[u8] = b"SSHKRL\n\0";

/// Why nobody can tell whether a key is revoked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RevokedError {
    #[error("the revoked keys in {} cannot be read: {why}", .path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("ssh-keygen could not look into the revoked keys: {0}")]
    NotAsked(io::Error),
}

/// Nobody's key, unless a file was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Revoked {
    keys: Vec<KeyData>,
    /// Its form is left to `ssh-keygen`.
    list: Option<PathBuf>,
    /// What it said of each key that was looked up.
    looked_up: RefCell<BTreeMap<Vec<u8>, bool>>,
}

impl Revoked {
    /// # Errors
    /// When the file cannot be read, or some line of it cannot: the key in that line would count.
    pub(crate) fn read(path: &Path) -> Result<Self, RevokedError> {
        let refuse = |why: String| RevokedError::Unreadable { path: path.to_owned(), why };
        let bytes = input::read(path, LONGEST).map_err(|error| refuse(error.to_string()))?;
        if bytes.starts_with(MAGIC) {
            return Ok(Self { list: Some(path.to_owned()), ..Self::default() });
        }
        let text = String::from_utf8(bytes).map_err(|_| refuse("they are neither a KRL nor text".to_owned()))?;
        let lines = text.lines().map(str::trim).enumerate();
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let keys = lines.map(|(index, line)| {
            let key =
                PublicKey::from_openssh(line).map_err(|_| refuse(format!("line {} holds no public key", index + 1)));
            key.map(|key| key.key_data().clone())
        });
        Ok(Self { keys: keys.collect::<Result<_, _>>()?, ..Self::default() })
    }

    /// Whether this key is revoked, its certificate, or the authority behind that.
    ///
    /// # Errors
    /// When nobody can tell.
    pub(crate) fn names(&self, signer: &Signer) -> Result<bool, RevokedError> {
        let authority = signer.certificate.as_ref().map(|certificate| certificate.authority.key_data());
        if [Some(signer.key.key_data()), authority].into_iter().flatten().any(|key| self.keys.contains(key)) {
            return Ok(true);
        }
        let Some(list) = &self.list else { return Ok(false) };
        if let Some(known) = self.looked_up.borrow().get(&signer.presented) {
            return Ok(*known);
        }
        let revoked = listed(list, &signer.presented)?;
        self.looked_up.borrow_mut().insert(signer.presented.clone(), revoked);
        Ok(revoked)
    }
}

/// What `ssh-keygen -Q` says of a key: 0 where it is not in the list, and on its output where it is.
fn listed(list: &Path, presented: &[u8]) -> Result<bool, RevokedError> {
    let refuse = RevokedError::NotAsked;
    let length =
        presented.get(..4).map_or(0, |length| length.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte)));
    let kind = String::from_utf8_lossy(presented.get(4..4 + length).unwrap_or_default());
    let mut file = tempfile::Builder::new().prefix("gonogo-key-").suffix(".pub").tempfile().map_err(refuse)?;
    writeln!(file, "{kind} {}", BASE64.encode(presented)).map_err(refuse)?;
    let mut command = Command::new("ssh-keygen");
    command.arg("-Q").arg("-f").arg(list).arg(file.path()).stdin(Stdio::null());
    let output = command.output().map_err(refuse)?;
    if output.status.success() {
        return Ok(false);
    }
    if String::from_utf8_lossy(&output.stdout).contains("REVOKED") {
        return Ok(true);
    }
    Err(refuse(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())))
}
