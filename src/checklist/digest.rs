//! Digests over meaning, not layout.

use super::model::Checklist;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;

/// A SHA-256 in lower-case hexadecimal. A copy shares its text: a ledger names every sum twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Digest(Arc<str>);

impl From<String> for Digest {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.as_str().to_owned()
    }
}

impl Digest {
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(HEXLOWER.encode(&Sha256::digest(bytes)).into())
    }

    /// A digest that was read somewhere; it is compared, not trusted.
    #[must_use]
    pub fn read(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight digits, for the screen.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The digest of what a checklist means. The canonical form is JSON with sorted keys behind a version word, so that
/// reordering keys, comments and white space change nothing, and a change of this form is never taken for a change
/// of the checklist.
#[must_use]
pub fn of_checklist(checklist: &Checklist) -> Digest {
    let meaning = serde_json::to_value(checklist).unwrap_or_default();
    Digest::of(format!("gonogo-checklist-1\n{meaning}").as_bytes())
}
