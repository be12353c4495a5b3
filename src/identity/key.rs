//! Which key signs: the one named, the person's own from `config.toml`, or the one that git signs with.

use super::AllowedSigners;
use super::signature::Signer;
use crate::config::folder;
use chrono::{DateTime, Utc};
use data_encoding::BASE64;
use ssh_key::PublicKey;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use thiserror::Error;

/// A key that `ssh-keygen` can sign with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A private key, or a public one or certificate whose private key is beside it or in the agent.
    File(PathBuf),
    /// A public key, written out, whose private key is in the agent.
    Public(String),
    /// Whichever key of the agent may sign.
    Agent,
}

#[derive(Debug, PartialEq, Eq, Error)]
pub enum NoKey {
    #[error(
        "no key to sign with: name one with --key FILE or --key agent, or set it for good in {config}: [signing] key = \"FILE\""
    )]
    Unknown { config: String },
    #[error("{} cannot be used: {why}; write [signing] and key = \"FILE\" or \"agent\"", .path.display())]
    Config { path: PathBuf, why: String },
    #[error(
        "the agent cannot be asked: {0}; start one with `eval $(ssh-agent)` and add the key with ssh-add, or name a file with --key"
    )]
    Agent(String),
    #[error(
        "the agent holds {held} keys, and none may sign as {principal}; add the key with ssh-add, or name a file with --key"
    )]
    NotInAgent { held: usize, principal: String },
}

impl fmt::Display for Key {
    /// As it is named.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Public(line) => f.write_str(line),
            Self::Agent => f.write_str("agent"),
        }
    }
}

/// The key as named, else the person's own, else git's.
///
/// # Errors
/// When there is none.
pub(crate) fn chosen(named: Option<&str>) -> Result<Key, NoKey> {
    if let Some(named) = named {
        return Ok(read(named));
    }
    let config = folder::folder().map(|folder| folder.join("config.toml"));
    if let Some(own) = config.as_deref().map_or(Ok(None), own)? {
        return Ok(read(&own));
    }
    let config = config.map_or_else(|| "~/.config/gonogo/config.toml".to_owned(), |path| path.display().to_string());
    gits().map(|key| read(&key)).ok_or(NoKey::Unknown { config })
}

fn read(named: &str) -> Key {
    let named = named.trim();
    let literal = named.strip_prefix("key::").or_else(|| PublicKey::from_openssh(named).is_ok().then_some(named));
    if let Some(public) = literal {
        return Key::Public(public.to_owned());
    }
    if named == "agent" {
        return Key::Agent;
    }
    Key::File(named.strip_prefix("~/").and_then(at_home).unwrap_or_else(|| PathBuf::from(named)))
}

fn at_home(path: &str) -> Option<PathBuf> {
    etcetera::home_dir().ok().map(|home| home.join(path))
}

/// `key` below `[signing]`; nothing where the file or the key is not there.
fn own(path: &Path) -> Result<Option<String>, NoKey> {
    let refuse = |why: String| NoKey::Config { path: path.to_owned(), why };
    let text = match crate::input::read_text(path, crate::input::DOCUMENT) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| refuse(error.to_string()))?,
    };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| refuse(error.message().to_owned()))?;
    match table.get("signing").and_then(|signing| signing.get("key")) {
        None => Ok(None),
        Some(toml::Value::String(key)) => Ok(Some(key.clone())),
        Some(_) => Err(refuse("`signing.key` is no text".to_owned())),
    }
}

/// `user.signingkey`, where git signs with SSH.
fn gits() -> Option<String> {
    let ask = |name: &str| {
        let mut git = Command::new("git");
        git.args(["config", "--get", name]).stdin(Stdio::null()).stderr(Stdio::null());
        let output = git.output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|value| !value.is_empty())
    };
    (ask("gpg.format")? == "ssh").then(|| ask("user.signingkey"))?
}

/// The first key of the agent that may sign as `principal`, or whose certificate may.
///
/// # Errors
/// When the agent cannot be asked or holds none.
pub(crate) fn in_agent(allowed: &AllowedSigners, principal: &str, at: DateTime<Utc>) -> Result<Key, NoKey> {
    let output = Command::new("ssh-add").arg("-L").stdin(Stdio::null()).output();
    let output = output.map_err(|error| NoKey::Agent(error.to_string()))?;
    // 1 is an agent without keys; 2 is no agent.
    if output.status.code().is_none_or(|code| code > 1) {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(NoKey::Agent(said.trim().to_owned()));
    }
    let text = if output.status.success() { String::from_utf8_lossy(&output.stdout) } else { "".into() };
    let signers = text.lines().filter_map(|line| Some((line, signer(line)?)));
    let may = signers.into_iter().find(|(_, signer)| allowed.permit(signer, principal, at).is_ok());
    let held = text.lines().filter(|line| !line.trim().is_empty()).count();
    may.map(|(line, _)| Key::Public(line.to_owned()))
        .ok_or_else(|| NoKey::NotInAgent { held, principal: principal.to_owned() })
}

/// The key or certificate on a line of the agent.
fn signer(line: &str) -> Option<Signer> {
    Signer::read(&BASE64.decode(line.split_whitespace().nth(1)?.as_bytes()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_file_agent_or_written_out() {
        let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1W4uoAlOcO8v1uXGzZ0b9SjYJe8kKkO3mYk3OzfFbE qa";
        assert_eq!(read("agent"), Key::Agent);
        assert_eq!(read("keys/qa"), Key::File("keys/qa".into()));
        assert_eq!(read("key::ssh-ed25519 AAAA"), Key::Public("ssh-ed25519 AAAA".into()));
        assert_eq!(read(public), Key::Public(public.into()));
        assert!(matches!(read("~/.ssh/id"), Key::File(path) if path.is_absolute()));
    }

    #[test]
    fn the_own_key_is_read_from_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        assert_eq!(own(&path), Ok(None));
        std::fs::write(&path, "[signing]\nkey = \"agent\"\n").unwrap();
        assert_eq!(own(&path), Ok(Some("agent".into())));
        std::fs::write(&path, "[signing]\nkey = 1\n").unwrap();
        assert!(own(&path).unwrap_err().to_string().contains("`signing.key` is no text"));
        std::fs::write(&path, "[signing").unwrap();
        assert!(own(&path).is_err());
    }
}
