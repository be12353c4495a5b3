//! Digests over meaning, not layout.

use super::model::Checklist;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A SHA-256, written in lower-case hexadecimal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Digest(Inner);

/// A ledger of many records keeps one for each, so the bytes themselves are kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Inner {
    Sum([u8; 32]),
    /// What was read and is no SHA-256: it equals none.
    Other(Box<str>),
}

impl From<String> for Digest {
    fn from(text: String) -> Self {
        Self::read(&text)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl Digest {
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Inner::Sum(Sha256::digest(bytes).into()))
    }

    /// A digest that was read somewhere; it is compared, not trusted.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut sum = [0; 32];
        let read = text.len() == 64 && HEXLOWER.decode_mut(text.as_bytes(), &mut sum).is_ok();
        Self(if read { Inner::Sum(sum) } else { Inner::Other(text.into()) })
    }

    /// The first eight digits, for the screen.
    pub fn short(&self) -> String {
        match &self.0 {
            Inner::Sum(sum) => HEXLOWER.encode(&sum[..4]),
            Inner::Other(text) => text.get(..8).unwrap_or(text).to_owned(),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Sum(sum) => f.pad(&HEXLOWER.encode(sum)),
            Inner::Other(text) => f.pad(text),
        }
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// The digest of what a checklist means. The canonical form is JSON with sorted keys behind a version word, so that
/// reordering keys, comments and white space change nothing, and a change of this form is never taken for a change
/// of the checklist.
pub fn of_checklist(checklist: &Checklist) -> Digest {
    let meaning = serde_json::to_value(checklist).unwrap_or_default();
    Digest::of(format!("gonogo-checklist-1\n{meaning}").as_bytes())
}
