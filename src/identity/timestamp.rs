//! Time stamps of RFC 3161: an authority says that it saw some bytes at a time. `openssl ts` words the question and checks
//! the answer.

use crate::input;
use chrono::{DateTime, NaiveDateTime, Utc};
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use thiserror::Error;

/// What a stamp says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// When the authority saw the bytes, by its clock.
    pub at: DateTime<Utc>,
    /// Whether the authority's signature was checked up to a certificate that was given.
    pub verified: bool,
}

#[derive(Debug, Error)]
pub(crate) enum NoStamp {
    #[error("openssl is not there: install it (openssl on Debian)")]
    Missing,
    #[error("openssl could not be used: {0}")]
    Io(#[from] io::Error),
    #[error("it is no granted time stamp: {0}")]
    Refused(String),
    #[error("it was made of other bytes")]
    Mismatch,
    #[error("its signature does not hold: {0}")]
    Bad(String),
}

/// The question for an authority: SHA-256 of `message`, a nonce, and please the certificate too.
///
/// # Errors
/// When `openssl` cannot be used.
pub(crate) fn question(message: &[u8]) -> Result<Vec<u8>, NoStamp> {
    let folder = Folder::of(&[("data", message)])?;
    let made = folder.openssl(&["ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "question"])?;
    if !made.fine {
        return Err(NoStamp::Refused(made.said()));
    }
    Ok(std::fs::read(folder.0.path().join("question"))?)
}

/// What an authority answered about `message`; its signature is checked where a certificate to trust is given, and where
/// the question is at hand that the answer is to this one.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check(
    message: &[u8],
    question: Option<&[u8]>,
    answer: &[u8],
    trust: Option<&Path>,
) -> Result<Stamp, NoStamp> {
    let folder = Folder::of(&[("data", message), ("answer", answer), ("question", question.unwrap_or_default())])?;
    let reported = folder.openssl(&["ts", "-reply", "-in", "answer", "-text"])?;
    if !reported.fine {
        return Err(NoStamp::Refused(reported.said()));
    }
    let Read { status, sum, at } = read(&reported.out);
    if !status.starts_with("Granted") {
        return Err(NoStamp::Refused(if status.is_empty() { "it has no status".to_owned() } else { status }));
    }
    let at = at.ok_or_else(|| NoStamp::Refused("it says no time".to_owned()))?;
    if sum != Sha256::digest(message).as_slice() {
        return Err(NoStamp::Mismatch);
    }
    let Some(trust) = trust else { return Ok(Stamp { at, verified: false }) };
    // `openssl` would wait for a named pipe.
    input::fits(trust)?;
    let trust = std::path::absolute(trust)?;
    let trust = trust.to_str().ok_or_else(|| io::Error::other("the certificate's path is no UTF-8"))?;
    // The authority's certificate has to have been valid when it stamped, not now.
    let (then, asked) = (at.timestamp().to_string(), question.is_some());
    let about = if asked { ["-queryfile", "question"] } else { ["-data", "data"] };
    let [how, what] = about;
    let checked = folder.openssl(&["ts", "-verify", how, what, "-in", "answer", "-CAfile", trust, "-attime", &then])?;
    if checked.fine { Ok(Stamp { at, verified: true }) } else { Err(NoStamp::Bad(checked.said())) }
}

/// What `openssl ts -reply -text` says.
struct Read {
    status: String,
    sum: Vec<u8>,
    at: Option<DateTime<Utc>>,
}

fn read(text: &str) -> Read {
    let after = |key: &str| text.lines().find_map(|line| line.trim().strip_prefix(key).map(str::trim));
    let status = after("Status:").unwrap_or_default().trim_end_matches('.').to_owned();
    // `    0000 - 1f 2e … -…   letters`
    let rows = text.lines().skip_while(|line| line.trim() != "Message data:").skip(1);
    let rows = rows.map_while(|line| line.trim().split_once(" - ").filter(|(place, _)| place.len() == 4));
    let sum = rows.flat_map(|(_, row)| row.get(..47).unwrap_or(row).split([' ', '-']));
    let sum = sum.filter_map(|byte| u8::from_str_radix(byte, 16).ok()).collect();
    let at = after("Time stamp:").and_then(|at| at.strip_suffix("GMT"));
    let at = at.and_then(|at| NaiveDateTime::parse_from_str(at.trim(), "%b %e %H:%M:%S%.f %Y").ok());
    Read { status, sum, at: at.map(|at| at.and_utc()) }
}

/// Files for `openssl`, for as long as it needs them.
struct Folder(TempDir);

/// What a run came to.
struct Run {
    fine: bool,
    out: String,
    err: String,
}

impl Run {
    /// The line that says most.
    fn said(&self) -> String {
        let lines = || self.err.lines().chain(self.out.lines()).map(str::trim).filter(|line| !line.is_empty());
        let telling = lines().find(|line| line.contains("error:") || line.contains("verify error"));
        telling.or_else(|| lines().next()).unwrap_or("openssl says nothing").to_owned()
    }
}

impl Folder {
    fn of(files: &[(&str, &[u8])]) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("gonogo-stamp-").tempdir()?;
        files.iter().try_for_each(|(name, bytes)| std::fs::write(folder.path().join(name), bytes))?;
        Ok(Self(folder))
    }

    fn openssl(&self, arguments: &[&str]) -> Result<Run, NoStamp> {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null()).env("LC_ALL", "C");
        let output = command.output().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => NoStamp::Missing,
            _ => NoStamp::Io(error),
        })?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Run { fine: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_openssl_prints_is_read() {
        let text = "Status info:\nStatus: Granted.\nStatus description: unspecified\nFailure info: unspecified\n\nTST info:\n\
                    Version: 1\nPolicy OID: 1.2.3.4.1\nHash Algorithm: sha256\nMessage data:\n    \
                    0000 - 36 63 2d 34 00 01 02 03-04 05 06 07 08 09 0a ff   6c-4............\n    \
                    0010 - aa bb cc dd ee ff 00 11-22 33 44 55 66 77 88 99   ........\"3DUfw..\nSerial number: 0x01\n\
                    Time stamp: Nov  7 02:10:39.25 2026 GMT\nAccuracy: unspecified\n";
        let read = read(text);
        assert_eq!(read.status, "Granted");
        assert_eq!((read.sum.len(), read.sum[0], read.sum[31]), (32, 0x36, 0x99));
        assert_eq!(read.at, Some("2026-11-07T02:10:39.250Z".parse().unwrap()));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for bytes in [b"".as_slice(), b"<html>", &[0x30, 0x03, 0x02, 0x01, 0x02]] {
            assert!(matches!(check(b"x", None, bytes, None), Err(NoStamp::Refused(_))), "{bytes:?}");
        }
    }
}
