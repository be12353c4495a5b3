//! Tokens that a login of an earlier attempt handed out, known again by their digests: another process may quote one
//! later, and without a name beside it nothing shows that it is one.
//!
//! The file `learned` in the ledger's folder holds a salt and, of each token, its length and the digest of both: nothing
//! that a token could be made from, since only long ones with letters and digits are kept, which nobody can try out.

use super::MASK;
use super::forms::QUOTED;
use crate::attempts::files::Access;
use crate::input;
use data_encoding::HEXLOWER;
use percent_encoding::percent_encode;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Shorter ones could be tried out, or be words.
const SHORTEST: usize = 16;
/// Longer ones are not looked for; most of them are known by their look.
const LONGEST: usize = 512;
/// A file as long as this takes no more.
const LARGEST: u64 = 256 * 1024;

type Sum = [u8; 32];

/// What is known of earlier tokens.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    salt: Vec<u8>,
    /// By their length.
    sums: BTreeMap<usize, HashSet<Sum>>,
}

fn path(evidence: &Path) -> PathBuf {
    evidence.join("learned")
}

impl Remembered {
    /// What earlier attempts of this ledger learned; nothing where they learned nothing or it cannot be read.
    pub(crate) fn of(evidence: &Path) -> Self {
        let Ok(text) = input::read_text(&path(evidence), 2 * LARGEST) else { return Self::default() };
        let mut lines = text.lines();
        let salt = lines.next().and_then(|line| HEXLOWER.decode(line.as_bytes()).ok()).unwrap_or_default();
        let mut sums: BTreeMap<usize, HashSet<Sum>> = BTreeMap::new();
        for line in lines {
            let Some((length, sum)) = line.split_once(' ') else { continue };
            let sum = HEXLOWER.decode(sum.as_bytes()).ok().and_then(|sum| Sum::try_from(sum).ok());
            if let (Ok(length @ SHORTEST..=LONGEST), Some(sum)) = (length.parse(), sum) {
                sums.entry(length).or_default().insert(sum);
            }
        }
        Self { salt, sums }
    }

    fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    fn sum(&self, token: &[u8]) -> Sum {
        Sha256::new().chain_update(&self.salt).chain_update(token).finalize().into()
    }

    /// The length of a token that begins a word here.
    fn begins(&self, word: &[u8]) -> Option<usize> {
        let fits = |length: usize| word.get(length).is_none_or(|next| !next.is_ascii_alphanumeric());
        let lengths = self.sums.range(..=word.len()).rev().filter(|(length, _)| fits(**length));
        lengths.filter(|(length, sums)| sums.contains(&self.sum(&word[..**length]))).map(|(length, _)| *length).next()
    }
}

/// Held while one session writes: those of a process share the name of what is made beside the file.
static ONE: Mutex<()> = Mutex::new(());

/// Keeps what a login handed out for later attempts. What is short or a word is not kept.
///
/// # Errors
/// When the file cannot be written; then later attempts do not know it.
pub(crate) fn remember(evidence: &Path, token: &str) -> io::Result<()> {
    let token = token.trim();
    let has = |is: fn(&u8) -> bool| token.bytes().any(|byte| is(&byte));
    let random = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    if !(SHORTEST..=LONGEST).contains(&token.len()) || !random || !token.bytes().all(is_part) {
        return Ok(());
    }
    let path = path(evidence);
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    begin(evidence, &path)?;
    let mut file = Access::of(evidence).open(OpenOptions::new().append(true), &path)?;
    if file.metadata()?.len() >= LARGEST {
        return Ok(());
    }
    let known = Remembered::of(evidence);
    if known.salt.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} has no salt", path.display())));
    }
    let quoted = percent_encode(token.as_bytes(), QUOTED).to_string();
    let mut lines = String::new();
    for form in std::iter::once(token).chain((quoted != token).then_some(quoted.as_str())) {
        let sum = known.sum(form.as_bytes());
        if !known.sums.get(&form.len()).is_some_and(|sums| sums.contains(&sum)) {
            let _ = writeln!(lines, "{} {}", form.len(), HEXLOWER.encode(&sum));
        }
    }
    file.write_all(lines.as_bytes())
}

/// Makes the file with its salt, where it is not there: whole or not at all, whoever else does so.
fn begin(evidence: &Path, path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut salt = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut salt)?;
    let beside = path.with_extension(std::process::id().to_string());
    let mut file = Access::of(evidence).open(OpenOptions::new().write(true).create(true).truncate(true), &beside)?;
    file.write_all(format!("{}\n", HEXLOWER.encode(&salt)).as_bytes())?;
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Whether a byte may be part of a token.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.~+/=%".contains(&byte)
}

/// A stream's words, masked where one is such a token.
#[derive(Debug, Default)]
pub(super) struct Words {
    word: Vec<u8>,
    /// The word is longer than any token, and the rest of it goes by.
    long: bool,
}

impl Words {
    pub(super) fn take(&mut self, bytes: &[u8], known: &Remembered, out: &mut Vec<u8>) {
        if known.is_empty() {
            return out.extend_from_slice(bytes);
        }
        for &byte in bytes {
            if !is_part(byte) {
                self.end(known, out);
                out.push(byte);
            } else if self.long {
                out.push(byte);
            } else {
                self.word.push(byte);
                if self.word.len() > 2 * LONGEST {
                    self.end(known, out);
                    self.long = true;
                }
            }
        }
    }

    /// The word ends here.
    pub(super) fn end(&mut self, known: &Remembered, out: &mut Vec<u8>) {
        self.long = false;
        let word = std::mem::take(&mut self.word);
        if word.len() < SHORTEST {
            return out.extend_from_slice(&word);
        }
        let mut at = 0;
        while at < word.len() {
            // `a` of `=2Fa` begins a word as `=` and `F` do not.
            let begins = (at == 0 || !word[at - 1].is_ascii_alphanumeric()) && word.len() - at >= SHORTEST;
            if let Some(length) = begins.then(|| known.begins(&word[at..])).flatten() {
                out.extend_from_slice(MASK.as_bytes());
                at += length;
            } else {
                out.push(word[at]);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Redactor, Secrets};
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Arc;

    const TOKEN: &str = "q7Zp-0aK/9xW_3vTb+1Ld==";

    fn shown(evidence: &Path, text: &str, size: usize) -> String {
        let mut redactor = Redactor::new(Arc::new(Secrets::default().remembering(evidence)));
        let mut out = Vec::new();
        text.as_bytes().chunks(size).for_each(|chunk| redactor.text(chunk, &mut out));
        redactor.end(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_token_of_an_earlier_attempt_is_masked_and_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        remember(folder.path(), TOKEN).unwrap();
        remember(folder.path(), TOKEN).unwrap();
        let kept = std::fs::read_to_string(path(folder.path())).unwrap();
        assert_eq!(kept.lines().count(), 3, "a salt, the token and its quoted form: {kept}");
        assert!(!kept.contains("q7Zp"), "{kept}");
        let mode = std::fs::metadata(path(folder.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let quoted = percent_encode(TOKEN.as_bytes(), QUOTED);
        for (text, expected) in [
            (format!("session {TOKEN} opened"), "session **** opened"),
            (format!("x={TOKEN}&y=1 \"{TOKEN}\"."), "x=****&y=1 \"****\"."),
            (format!("GET /a?x={quoted}"), "GET /a?x=****"),
            (TOKEN.to_owned(), "****"),
            (format!("X{TOKEN} {}", &TOKEN[1..]), &format!("X{TOKEN} {}", &TOKEN[1..])),
            (
                "usr/lib/python3.11/site-packages/sqlalchemy/orm/session.py".to_owned(),
                "usr/lib/python3.11/site-packages/sqlalchemy/orm/session.py",
            ),
        ] {
            for size in [1, 5, 4096] {
                assert_eq!(shown(folder.path(), &text, size), expected, "in pieces of {size}");
            }
        }
        assert_eq!(Secrets::default().remembering(folder.path()).mask(&format!("got {TOKEN}")), "got ****");
    }

    #[test]
    fn what_could_be_tried_out_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        for word in ["short1", "correct-horse-battery-staple", "1234567890123456", "with blank 0123456789ab"] {
            remember(folder.path(), word).unwrap();
        }
        assert!(!path(folder.path()).exists());
    }
}
